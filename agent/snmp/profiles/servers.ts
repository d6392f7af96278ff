/** Server management: Supermicro, Fujitsu iRMC, Lenovo XCC and IBM IMM, Oracle ILOM, ServeRAID; Quantum and other libraries. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, entity, scalar, when, wholeDescr } from "./rules.ts";

export const supermicroBmc = defineProfile({
  name: "supermicro-bmc",
  sysObjectID: "E.21317",
  vendor: "Supermicro",
  type: "bmc",
  model: [scalar("E.21317.1.16.3.4.0"), scalar("E.21317.1.16.3.3.0")],
  osVersion: [scalar("E.21317.1.16.3.1.0", /(\d+\.\d+\S*)/)],
  serialNumber: [scalar("E.21317.1.16.3.6.0")],
});
export const fujitsuIrmc = defineProfile({
  name: "fujitsu-irmc",
  sysObjectID: "E.231.1.28",
  vendor: "Fujitsu",
  type: "bmc",
  osName: "iRMC",
  model: [column("E.231.2.10.2.2.10.2.3.1.5")],
  osVersion: [scalar("E.231.2.10.2.2.10.3.4.1.3.1.1"), descr(/(iRMC S\d)/)],
  serialNumber: [column("E.231.2.10.2.2.10.2.3.1.7")],
});
const lenovo = "E.19046.11.1.1.5";
export const lenovoXcc = defineProfile({
  name: "lenovo-xcc",
  sysObjectID: "E.19046.11",
  vendor: "Lenovo",
  type: "bmc",
  osName: "XClarity Controller",
  model: [scalar(`${lenovo}.2.1.5.0`), column(`${lenovo}.2.1.5`), scalar(`${lenovo}.2.1.1.0`)],
  osVersion: [
    compose("{} {}", column(`${lenovo}.1.1.3`, /^"?(\w+)/), column(`${lenovo}.1.1.4`, /(\d+\.\d+)/)),
    scalar(`${lenovo}.1.1.3.1`),
  ],
  serialNumber: [scalar(`${lenovo}.2.1.3.0`), column(`${lenovo}.2.1.3`)],
});
export const ibmImm = defineProfile({
  name: "ibm-imm",
  sysObjectID: ["E.2.3.51.3", "E.2.6.158.3"],
  vendor: "IBM",
  type: "bmc",
  osName: "IMM",
  model: [scalar("E.2.3.51.3.1.5.2.1.5.0"), column("E.2.3.51.3.1.5.2.1.1")],
  osVersion: [column("E.2.3.51.3.1.5.1.1.3"), column("E.2.3.51.3.1.5.1.1.4")],
  serialNumber: [scalar("E.2.3.51.3.1.5.2.1.3.0")],
});
export const ibmBladecenter = defineProfile({
  name: "ibm-bladecenter",
  sysObjectID: "E.2.6.158",
  vendor: "IBM",
  type: "chassis",
  model: [column("E.2.3.51.2.2.21.1.1.1")],
  osVersion: [column("E.2.3.51.2.2.21.3.1.1.4")],
  serialNumber: [column("E.2.3.51.2.2.21.1.1.3")],
});
export const oracleIlom = defineProfile({
  name: "oracle-ilom",
  sysObjectID: ["E.42.2.200", "E.42.2.195"],
  vendor: "Oracle",
  type: "bmc",
  osName: "ILOM",
  model: [descr(/^(.+?), ILOM/), entity("model")],
  osVersion: [descr(/ILOM v?(\d\S+)/)],
  serialNumber: [entity("serial")],
});
export const ibmTapeLibrary = defineProfile({
  name: "ibm-tape-library",
  sysObjectID: "E.14851",
  vendor: "IBM",
  type: "tape-library",
  model: [scalar("E.14851.3.1.4.2.0")],
  osVersion: [scalar("E.14851.3.1.3.4.0")],
  serialNumber: [scalar("E.14851.3.1.3.2.0")],
});
export const quantum = defineProfile({
  name: "quantum",
  sysObjectID: "E.3764",
  vendor: "Quantum",
  type: "server",
  model: [scalar("E.3764.1.1.10.3.0")],
  osVersion: [scalar("E.3764.1.1.10.7.0")],
  serialNumber: [scalar("E.3764.1.1.10.10.0")],
});
export const bdt = defineProfile({
  name: "bdt",
  sysObjectID: "E.20884",
  vendor: "BDT",
  type: "tape-library",
  model: [scalar("E.20884.10893.2.101.4.3.0"), wholeDescr],
  serialNumber: [scalar("E.20884.10893.2.101.4.1.0")],
  osVersion: [scalar("E.20884.10893.2.101.4.4.0")],
});
export const overland = defineProfile({
  name: "overland",
  sysObjectID: ["E.3351", "E.3073"],
  vendor: [when(/magnum|tandberg/i, "Tandberg"), fixed("Overland")],
  type: "tape-library",
  model: [scalar("E.3351.1.3.2.1.1.1.0"), wholeDescr],
  serialNumber: [scalar("E.3351.1.3.2.1.1.4.0")],
});
