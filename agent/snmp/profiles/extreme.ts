/** Extreme Networks: EXOS (EXTREME-SYSTEM-MIB), VOSS/Fabric Engine (RAPID-CITY), ERS (S5-CHASSIS-MIB), SLX, Enterasys, WiNG, Aerohive. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, scalar, when } from "./rules.ts";

const exos = {
  vendor: "Extreme",
  type: "switch",
  osName: "EXOS",
  model: [descr(/\(([A-Za-z0-9][^()]*(?:\([^)]*\))?)\) version/), entity("model")],
  osVersion: [descr(/version (\d\S+)/), scalar("E.1916.1.1.1.13.0")],
  serialNumber: [entity("serial"), scalar("E.1916.1.1.1.43.0")],
  features: [descr(/version \S+ (v\S+)/)],
} as const;
export const extremeExos = defineProfile({ name: "extreme-exos", sysObjectID: "E.1916.2", ...exos });
export const extremeware = defineProfile({
  name: "extremeware",
  sysObjectID: "E.1916",
  vendor: "Extreme",
  type: "switch",
  model: [descr(/^(\S+) -/)],
  osVersion: [descr(/Version ([\d.]+)/)],
  serialNumber: [entity("serial")],
});
const voss = {
  vendor: "Extreme",
  type: "switch",
  osName: "VOSS",
  model: [
    entity("name", /^((?:VSP|XA|\d{4}).*\d.*)$/),
    descr(/^((?:VSP-|XA)?[\w+-]*\d[\w+-]*)(?: \(|$)/),
    entity("descr"),
  ],
  osVersion: [descr(/\((\d+\.\d+\.\d+[\w.]*)\)/), scalar("E.2272.1.1.7.0"), entity("softwareRev")],
  serialNumber: [scalar("E.2272.1.4.2.0"), entity("serial")],
} as const;
export const extremeVoss = defineProfile({ name: "extreme-voss", sysObjectID: "E.2272", ...voss });
export const extremeFabricEngine = defineProfile({
  name: "extreme-fabric-engine",
  sysObjectID: "E.1916.2",
  sysDescr: /^(VSP-|XA\d|\d{4}-\S*FabricEngine|\S+-FabricEngine)/,
  ...voss,
});
export const extremeSlx = defineProfile({
  name: "extreme-slx",
  sysObjectID: "E.1916.2",
  sysDescr: /SLX(-OS| Operating System)?/,
  vendor: "Extreme",
  type: "switch",
  osName: "SLX-OS",
  model: [entity("name"), descr(/(SLX\S+)/)],
  osVersion: [descr(/Version ([\w.]*\w)/)],
  serialNumber: [entity("serial")],
});
export const nortelErs = defineProfile({
  name: "nortel-ers",
  sysObjectID: ["E.45", "E.1916.2"],
  sysDescr: /HW:\S+ +FW:\S+ +SW:v/,
  vendor: "Extreme",
  type: "switch",
  osName: "BOSS",
  model: [descr(/^(?:Ethernet Routing Switch |BayStack |Ethernet Switch )?(\S+)/), scalar("E.45.1.6.3.1.2.0")],
  osVersion: [descr(/SW:v(\S+)/), scalar("E.45.1.6.3.1.5.0")],
  serialNumber: [scalar("E.45.1.6.3.1.6.0"), entity("serial")],
});
export const enterasys = defineProfile({
  name: "enterasys",
  sysObjectID: ["E.5624", "E.52"],
  vendor: "Enterasys",
  type: "switch",
  model: [descr(/Inc\. (\S+) Rev/), entity("model")],
  osVersion: [descr(/Rev (\S+)/)],
  serialNumber: [entity("serial")],
});
export const symbolWing = defineProfile({
  name: "symbol-wing",
  sysObjectID: "E.388",
  vendor: "Symbol",
  type: [when(/AP\d/, "access-point"), fixed("wireless-controller")],
  osName: "WiNG",
  model: [descr(/^((?:RFS|AP|NX|VX|WS)\S*\d\w*)/), scalar("E.388.14.2.2.1.1.0")],
  osVersion: [descr(/(?:Revision|Version):? ([\d.]+\S*)/i)],
  serialNumber: [scalar("E.388.50.1.4.2.1.1.4"), entity("serial")],
});
export const aerohive = defineProfile({
  name: "aerohive",
  sysObjectID: "E.26928",
  vendor: "Aerohive",
  type: "access-point",
  osName: "HiveOS",
  // ahSystem: 3 is a processor's load, 5 the serial number, 6 the model, 12 the firmware.
  model: [scalar("E.26928.1.2.6.0"), descr(/^(AP\w+|SR\w+|BR\w+)/)],
  osVersion: [descr(/HiveOS (\S+)/), scalar("E.26928.1.2.12.0", /(\d+\.\d+\S*)/)],
  serialNumber: [scalar("E.26928.1.2.5.0")],
});
