/** HPE iLO (CPQSINFO-MIB, CPQSM2-MIB), Virtual Connect, Onboard Administrator, OneView, intelligent PDUs, MSA and MSL storage. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar, wholeDescr } from "./rules.ts";

export const hpeIlo = defineProfile({
  name: "hpe-ilo",
  sysObjectID: "E.232.9.4",
  vendor: "HPE",
  type: "bmc",
  osName: "iLO",
  model: [scalar("E.232.2.2.4.2.0")],
  osVersion: [descr(/Integrated Lights-Out \d+ (\S+)/), scalar("E.232.9.2.2.2.0"), column("E.232.11.2.14.1.1.5")],
  serialNumber: [scalar("E.232.2.2.2.1.0"), scalar("E.232.2.2.4.4.0")],
});
export const hpeVirtualConnect = defineProfile({
  name: "hpe-virtual-connect",
  sysObjectID: "E.11.5.7.5",
  vendor: "HPE",
  type: "switch",
  model: [descr(/^(HP VC \S+)/), column("E.11.5.7.5.2.1.1.1.7.1.5")],
  osVersion: [descr(/Module (\d+\.\d+)/)],
});
export const hpeBladesystem = defineProfile({
  name: "hpe-bladesystem",
  sysObjectID: ["E.11.5.7.1", "E.232.22"],
  vendor: "HPE",
  type: "chassis",
  model: [column("E.232.22.2.3.1.1.1.3"), descr(/^(\S.*?),/)],
  osVersion: [column("E.232.22.2.3.1.6.1.12"), column("E.232.22.2.3.1.1.1.8")],
  serialNumber: [column("E.232.22.2.3.1.1.1.7")],
});
export const hpePdu = defineProfile({
  name: "hpe-pdu",
  sysObjectID: "E.232.165",
  vendor: "HPE",
  type: "pdu",
  model: [scalar("E.232.165.1.2.2.0"), column("E.232.165.7.1.2.1.4"), descr(/^(HPE? Intelligent[^,]*?) ?,/)],
  osVersion: [scalar("E.232.165.1.2.3.0"), descr(/firmware version ([\d.]+)/), column("E.232.165.7.1.2.1.5")],
  serialNumber: [scalar("E.232.165.1.2.7.0"), scalar("E.232.165.1.2.4.0"), column("E.232.165.7.1.2.1.7")],
});
export const hpeMsa = defineProfile({
  name: "hpe-msa",
  sysObjectID: "E.11.2.51",
  vendor: "HPE",
  type: "storage",
  model: [wholeDescr],
  serialNumber: [scalar("E.232.2.2.2.1.0"), column("1.3.6.1.3.94.1.6.1.8")],
});
export const hpeMsl = defineProfile({
  name: "hpe-msl",
  sysObjectID: ["E.11.10.2.1.3.25", "E.11.10.2.1.3.20"],
  vendor: "HPE",
  type: "tape-library",
  model: [scalar("E.11.2.36.1.1.5.1.1.9.1"), descr(/^(HPE? MSL.*)$/)],
  osVersion: [scalar("E.11.2.36.1.1.5.1.1.11.1")],
  serialNumber: [scalar("E.11.2.36.1.1.5.1.1.10.1")],
});
export const hpeJetdirect = defineProfile({
  name: "hpe-jetdirect",
  sysObjectID: ["E.11.2.3.9", "E.11.1"],
  vendor: "HP",
  type: "printer",
  osName: "JetDirect",
  model: [
    scalar("E.11.2.3.9.1.1.7.0", /(?:MDL|MODEL):(?:HP )?([^;]+)/i, "HP $1"),
    scalar("1.3.6.1.2.1.25.3.2.1.3.1"),
    descr(/PID:(.+?)(?:,|$)/),
    descr(/^(HP [^,;]*\d[^,;]*)/),
  ],
  osVersion: [
    scalar("E.11.2.3.9.4.2.1.1.3.6.0"),
    scalar("E.11.2.3.9.4.2.1.1.3.5.0", /(\d{6,8}\S*)/),
    descr(/EEPROM (\S+?),/),
  ],
  serialNumber: [
    scalar("1.3.6.1.2.1.43.5.1.1.17.1"),
    scalar("E.11.2.3.9.4.2.1.1.3.3.0"),
    scalar("E.11.2.3.9.1.1.7.0", /(?:SN|SERN):([^;]+)/),
  ],
});
