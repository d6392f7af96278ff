/** Aruba: AOS-CX (ENTITY-MIB), ArubaOS controllers (WLSX-SYSTEMEXT-MIB), Instant (AI-AP-MIB), ClearPass. */
import { defineProfile } from "./profile.ts";
import { column, descr, entity, scalar } from "./rules.ts";

export const arubaOsCx = defineProfile({
  name: "aruba-os-cx",
  sysObjectID: "E.47196.4.1",
  vendor: "Aruba",
  type: "switch",
  osName: "AOS-CX",
  model: [scalar("1.3.6.1.2.1.47.1.1.1.1.2.1"), entity("descr"), descr(/^Aruba (\S+ .+) [A-Z]{2}\.\d/)],
  osVersion: [descr(/([A-Z]{2}\.\d+\.\d+\.\d+\w*)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const arubaOs = defineProfile({
  name: "aruba-os",
  sysObjectID: ["E.14823", "E.674.10895.5027"],
  vendor: "Aruba",
  type: "wireless-controller",
  osName: "ArubaOS",
  model: [descr(/MODEL: ([^)]+)\)/), scalar("E.14823.2.2.1.2.1.3.0")],
  osVersion: [descr(/Version ([^ ,]+)/), scalar("E.14823.2.2.1.2.1.28.0")],
  serialNumber: [scalar("E.14823.2.2.1.1.1.12.0"), scalar("E.14823.2.2.1.2.1.29.0")],
});
export const arubaInstant = defineProfile({
  name: "aruba-instant",
  sysObjectID: "E.14823.1.2",
  vendor: "Aruba",
  type: "access-point",
  osName: "Aruba Instant",
  model: [column("E.14823.2.3.3.1.2.1.1.6"), descr(/MODEL: ([^)]+)\)/)],
  osVersion: [descr(/Version ([^ ,]+)/), scalar("E.14823.2.3.3.1.1.4.0")],
  serialNumber: [column("E.14823.2.3.3.1.2.1.1.4")],
});
export const arubaClearpass = defineProfile({
  name: "aruba-clearpass",
  sysObjectID: "E.14823.1.6",
  vendor: "Aruba",
  type: "appliance",
  osName: "ClearPass",
  model: [scalar("E.14823.1.6.1.1.1.1.1.1.0"), descr(/Model: ([^,]+)/)],
  osVersion: [scalar("E.14823.1.6.1.1.1.1.1.3.0"), descr(/Policy Manager ([\d.]+)/)],
  serialNumber: [scalar("E.14823.1.6.1.1.1.1.1.2.0")],
});
