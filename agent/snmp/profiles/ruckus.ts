/** Ruckus: access points (RUCKUS-HWINFO-MIB, RUCKUS-SWINFO-MIB), ZoneDirector, SmartZone. */
import { defineProfile } from "./profile.ts";
import { column, compose, scalar } from "./rules.ts";

export const ruckusAccessPoint = defineProfile({
  name: "ruckus-access-point",
  sysObjectID: "E.25053",
  vendor: "Ruckus",
  type: "access-point",
  model: [scalar("E.25053.1.1.2.1.1.1.1.0")],
  osVersion: [
    compose("{} ({})", scalar("E.25053.1.1.3.1.1.1.1.1.3.1"), scalar("E.25053.1.1.2.1.1.1.5.0")),
    column("E.25053.1.1.3.1.1.1.1.1.3"),
    scalar("E.25053.1.1.3.1.1.1.1.1.3.1"),
  ],
  serialNumber: [scalar("E.25053.1.1.2.1.1.1.2.0")],
});
/** The system groups of RUCKUS-ZD-SYSTEM-MIB and RUCKUS-UNLEASHED-SYSTEM-MIB are alike; SmartZone lists its nodes (RUCKUS-CTRL-MIB). */
const controller = {
  vendor: "Ruckus",
  type: "wireless-controller",
  model: [scalar("E.25053.1.2.1.1.1.1.9.0"), scalar("E.25053.1.15.1.1.1.1.9.0"), column("E.25053.1.8.1.1.1.1.1.1.3")],
  osVersion: [
    scalar("E.25053.1.2.1.1.1.1.18.0"),
    scalar("E.25053.1.15.1.1.1.1.18.0"),
    column("E.25053.1.8.1.1.1.1.1.1.9"),
  ],
  serialNumber: [
    scalar("E.25053.1.2.1.1.1.1.15.0"),
    scalar("E.25053.1.15.1.1.1.1.15.0"),
    column("E.25053.1.8.1.1.1.1.1.1.1"),
  ],
} as const;
export const ruckusController = defineProfile({
  name: "ruckus-controller",
  sysObjectID: "E.25053.3.1",
  present: ["E.25053.1.2.1.1.1.1", "E.25053.1.8.1.1.1", "E.25053.1.15.1.1.1"],
  ...controller,
});
export const ruckusZonedirector = defineProfile({
  name: "ruckus-zonedirector",
  sysObjectID: ["E.25053.3.1.5", "E.25053.3.1.10"],
  ...controller,
});
