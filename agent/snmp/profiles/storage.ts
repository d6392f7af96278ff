/** Storage: NetApp, Nimble, Pure, Areca, Tegile, Nexenta, Infortrend, QSAN, ETERNUS, Seagate, DDN, Exagrid, LenovoEMC. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, scalar, when } from "./rules.ts";

export const netapp = defineProfile({
  name: "netapp",
  sysObjectID: "E.789",
  vendor: "NetApp",
  type: "storage",
  osName: [when(/Cluster-Mode|Release 9/, "ONTAP"), fixed("Data ONTAP")],
  model: [scalar("E.789.1.1.5.0"), column("E.789.1.25.2.1.5")],
  osVersion: [
    descr(/NetApp Release (\S+?)(?: (?:7-Mode|Cluster-Mode))?:/),
    scalar("E.789.1.1.2.0", /Release (\S+?)(?: |:)/),
  ],
  serialNumber: [scalar("E.789.1.1.9.0")],
});
export const nimble = defineProfile({
  name: "nimble",
  sysObjectID: "E.37447",
  vendor: "Nimble",
  type: "storage",
  osName: "NimbleOS",
  osVersion: [descr(/version (\S+)/), scalar("E.37447.1.2.1.11.0")],
  model: [],
  serialNumber: [],
});
export const pureStorage = defineProfile({
  name: "pure-storage",
  sysObjectID: "E.40482",
  vendor: "Pure Storage",
  type: "storage",
  osName: "Purity",
  model: [descr(/Pure Storage (\S+?),/), descr(/Purity\S* \S+ (FA-\S+)/)],
  osVersion: [descr(/(Purity\/\/\w+ \S+)/)],
});
export const areca = defineProfile({
  name: "areca",
  sysObjectID: ["E.18928", "E.5257"],
  vendor: "Areca",
  type: "storage",
  model: [scalar("E.18928.1.1.1.1.0"), scalar("E.18928.1.2.1.1.0"), scalar("E.18928.1.2.1.2.0")],
  osVersion: [scalar("E.18928.1.1.1.4.0"), scalar("E.18928.1.2.1.4.0", /V?(\d\S+)/)],
  serialNumber: [scalar("E.18928.1.1.1.3.0"), scalar("E.18928.1.2.1.3.0")],
});
export const tegile = defineProfile({
  name: "tegile",
  sysObjectID: "E.43906",
  vendor: "Tegile",
  type: "storage",
  osName: "IntelliFlash",
  osVersion: [descr(/IntelliFlash \((\S+)\)/)],
  model: [],
});
export const fujitsuEternus = defineProfile({
  name: "fujitsu-eternus",
  sysObjectID: ["E.211.1.21.1", "E.211.4.1.1"],
  vendor: "Fujitsu",
  type: "storage",
  model: [scalar("E.211.1.21.1.150.14.3.0"), column("1.3.6.1.3.94.1.6.1.7")],
  osVersion: [column("1.3.6.1.3.94.1.7.1.4")],
  serialNumber: [scalar("E.211.1.21.1.150.14.4.0"), column("1.3.6.1.3.94.1.6.1.8")],
});
export const seagateExos = defineProfile({
  name: "seagate-exos",
  sysObjectID: "E.347",
  vendor: "Seagate",
  type: "storage",
  model: [descr(/^SEAGATE (.+)$/i)],
  serialNumber: [column("1.3.6.1.3.94.1.6.1.8")],
});
export const infortrend = defineProfile({
  name: "infortrend",
  sysObjectID: "E.1714",
  vendor: "Infortrend",
  type: "storage",
  // The system group stands one arc deeper on newer firmware.
  model: [scalar("E.1714.1.1.1.1.13.0"), scalar("E.1714.1.1.1.13.0")],
  osVersion: ["E.1714.1.1.1.1", "E.1714.1.1.1"].map((group) =>
    compose("{}.{}", scalar(`${group}.4.0`), scalar(`${group}.5.0`)),
  ),
  serialNumber: [scalar("E.1714.1.1.1.1.10.0"), scalar("E.1714.1.1.1.10.0")],
});
export const qsan = defineProfile({
  name: "qsan",
  sysObjectID: "E.22274",
  vendor: "QSAN",
  type: "storage",
  model: [scalar("E.22274.1.1.1.0")],
  osVersion: [scalar("E.22274.1.1.2.0")],
  serialNumber: [scalar("E.22274.1.1.3.0")],
});
export const exagrid = defineProfile({
  name: "exagrid",
  sysObjectID: "E.14941",
  vendor: "ExaGrid",
  type: "storage",
  osVersion: [descr(/(\d+\.\d+\S*)/)],
});
export const lenovoEmc = defineProfile({
  name: "lenovo-emc",
  sysDescr: /SOHO-NAS|LenovoEMC|Iomega/i,
  vendor: "Lenovo",
  type: "storage",
});
export const fujitsuCelvin = defineProfile({
  name: "fujitsu-celvin",
  sysObjectID: "1.3.6.1.6.3.11.2.3.1.1",
  vendor: "Fujitsu",
  type: "storage",
});
export const hitachiNas = defineProfile({
  name: "hitachi-nas",
  sysObjectID: "E.11096",
  vendor: "Hitachi",
  type: "storage",
  model: [descr(/Model: (.+?)(?:,|$)/), column("E.11096.6.1.1.1.1.4")],
  osVersion: [descr(/(?:Version|FW:?) (\d\S+)/)],
});
export const asustor = defineProfile({
  name: "asustor",
  sysObjectID: "E.44738",
  vendor: "ASUSTOR",
  type: "storage",
  model: [scalar("E.44738.2.1.0")],
});
