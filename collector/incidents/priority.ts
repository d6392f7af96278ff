import type { Criticality } from "../../shared/model/asset.ts";
import type { DeviceType } from "../../shared/protocol/device-types.ts";

export type Level = "high" | "medium" | "low";

/** Impact × urgency (ITIL): 1 is the highest. */
const matrix: Record<Level, Record<Level, number>> = {
  high: { high: 1, medium: 2, low: 3 },
  medium: { high: 2, medium: 3, low: 4 },
  low: { high: 3, medium: 4, low: 5 },
};
export const priorityOf = (impact: Level, urgency: Level): number => matrix[impact][urgency];

const highImpact: ReadonlySet<DeviceType> = new Set([
  ...([
    "server",
    "hypervisor",
    "switch",
    "router",
    "firewall",
    "storage",
    "load-balancer",
    "wireless-controller",
  ] as const),
]);
const mediumImpact: ReadonlySet<DeviceType> = new Set([
  ...([
    "virtual-machine",
    "access-point",
    "printer",
    "camera",
    "ups",
    "pdu",
    "management-controller",
    "phone",
  ] as const),
]);

/** By what the device is for, unless somebody said how critical it is. */
export const impactOf = (deviceType: DeviceType, criticality: Criticality): Level => {
  if (criticality === "critical" || criticality === "high") return "high";
  if (criticality === "low") return "low";
  return highImpact.has(deviceType) ? "high" : mediumImpact.has(deviceType) ? "medium" : "low";
};

/** One level up for every tenfold of things hit. */
export const impactOfMany = (single: Level, count: number): Level =>
  count >= 10 || single === "high" ? "high" : count >= 2 && single === "low" ? "medium" : single;
