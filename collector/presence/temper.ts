import type { DeviceType } from "../../shared/protocol/device-types.ts";
import { type Temper, weightOf } from "./rhythm.ts";
import type { Track } from "./track.ts";

const steadyTypes: ReadonlySet<DeviceType> = new Set([
  "server",
  "virtual-machine",
  "container",
  "hypervisor",
  "switch",
  "router",
  "firewall",
  "access-point",
  "wireless-controller",
  "ups",
  "pdu",
  "storage",
  "camera",
  "phone",
  "sensor",
  "modem",
  "olt",
  "radio",
  "load-balancer",
  "management-controller",
  "appliance",
]);

/** Hours that must have been learned before behaviour outweighs kind. */
const LEARNED_HOURS = 84;

/** Whether a device is judged by minutes or by its habits: by its kind first, by its behaviour once that is known. */
export const temperOf = (track: Track): Temper => {
  const bySort: Temper = steadyTypes.has(track.deviceType) ? "steady" : "rhythmic";
  // A kind we can't tell is believed steady until it stays away for the first time.
  if (track.deviceType === "unknown" && track.absences < 0.5) return "steady";
  // What it has done so far leaves nothing to weigh: asked of every device at every look.
  if (bySort === "steady" ? track.absences < 3 : track.absences >= 1) return bySort;
  const { looks, hits } = weightOf(track.rhythm);
  if (looks < LEARNED_HOURS) return bySort;
  if (bySort === "steady") return hits < 0.9 * looks ? "rhythmic" : "steady";
  return hits >= 0.985 * looks ? "steady" : "rhythmic";
};
