/** Further servers, storage and virtual platforms: IBM Storwize, Inspur, xFusion, ASRock Rack, DDN, Dot Hill, Promise, Panasas, Nexsan, Tintri, Rubrik, Cohesity, Thecus, Proware. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar, wholeDescr } from "./rules.ts";

export const ibmStorwize = defineProfile({
  name: "ibm-storwize",
  sysObjectID: "E.2.6.190",
  vendor: "IBM",
  type: "storage",
  osName: "Spectrum Virtualize",
});
export const ibmDsStorage = defineProfile({
  name: "ibm-ds-storage",
  sysObjectID: "E.2.6.212",
  vendor: "IBM",
  type: "storage",
});
export const inspurBmc = defineProfile({ name: "inspur-bmc", sysObjectID: "E.37945", vendor: "Inspur", type: "bmc" });
export const xfusionIbmc = defineProfile({
  name: "xfusion-ibmc",
  sysObjectID: "E.58132",
  vendor: "xFusion",
  type: "bmc",
  osName: "iBMC",
  model: [scalar("E.58132.2.235.1.1.1.6.0")],
  osVersion: [scalar("E.58132.2.235.1.1.1.3.0")],
  serialNumber: [scalar("E.58132.2.235.1.1.1.7.0")],
});
export const asrockRack = defineProfile({
  name: "asrock-rack",
  sysObjectID: "E.49622",
  vendor: "ASRock Rack",
  type: "bmc",
});
export const ddn = defineProfile({
  name: "ddn",
  sysObjectID: "E.6894",
  vendor: "DDN",
  type: "storage",
  osName: "SFA OS",
});
export const dotHill = defineProfile({
  name: "dot-hill",
  sysObjectID: ["E.2294", "E.6520"],
  vendor: "Dot Hill",
  type: "storage",
  model: [wholeDescr],
  serialNumber: [column("1.3.6.1.3.94.1.6.1.8")],
});
export const promise = defineProfile({
  name: "promise",
  sysObjectID: "E.7933",
  vendor: "Promise",
  type: "storage",
  model: [descr(/(VTrak \S+|Vess \S+|VessRAID \S+)/i), column("E.7933.1.20.1.2.1.1.4")],
  osVersion: [column("E.7933.1.20.1.3.1.1.8")],
  serialNumber: [column("E.7933.1.20.1.2.1.1.5", /^(\w{8,})$/)],
});
export const panasas = defineProfile({
  name: "panasas",
  sysObjectID: "E.10159",
  vendor: "Panasas",
  type: "storage",
  osName: "PanFS",
});
export const nexsan = defineProfile({
  name: "nexsan",
  sysObjectID: "E.7247",
  vendor: "Nexsan",
  type: "storage",
});
export const tintri = defineProfile({
  name: "tintri",
  sysObjectID: "E.41456",
  vendor: "Tintri",
  type: "storage",
  osName: "Tintri OS",
});
export const rubrik = defineProfile({
  name: "rubrik",
  sysObjectID: "E.49929",
  vendor: "Rubrik",
  type: "storage",
  osName: "CDM",
});
export const cohesity = defineProfile({
  name: "cohesity",
  sysObjectID: "E.47421",
  vendor: "Cohesity",
  type: "storage",
  osName: "DataPlatform",
});
export const thecus = defineProfile({ name: "thecus", sysObjectID: "E.38243", vendor: "Thecus", type: "storage" });
export const proware = defineProfile({
  name: "proware",
  sysObjectID: ["E.14752", "E.35687"],
  vendor: "Proware",
  type: "storage",
  model: [scalar("E.14752.1.3.1.1.0")],
  osVersion: [scalar("E.14752.1.3.1.3.0")],
  serialNumber: [scalar("E.14752.1.3.1.2.0", /^(\w{6,})$/)],
});
export const stratus = defineProfile({
  name: "stratus",
  sysObjectID: "E.458",
  vendor: "Stratus",
  type: "server",
  model: [descr(/(ft\w* \S+|everRun|ztC \S+)/i)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const openbsd = defineProfile({
  name: "openbsd",
  sysObjectID: ["E.30155.23", "E.8072.3.2.12"],
  vendor: "OpenBSD",
  type: "server",
  osName: "OpenBSD",
  osVersion: [descr(/^OpenBSD \S+ (\d\S*)/), descr(/OpenBSD (\d+\.\d+)/)],
  model: [descr(/(amd64|i386|arm64|sparc64)$/)],
});
export const netbsd = defineProfile({
  name: "netbsd",
  sysObjectID: "E.8072.3.2.7",
  vendor: "NetBSD",
  type: "server",
  osName: "NetBSD",
  osVersion: [descr(/^NetBSD \S+ (\d\S*)/)],
});
