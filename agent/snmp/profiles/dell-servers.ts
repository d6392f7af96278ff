/** Dell management: iDRAC (IDRAC-MIB-SMIv2), DRAC 5 and CMC (DELL-RAC-MIB), remote console switches, laser printers, rack PDUs, UPS. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar } from "./rules.ts";

export const dellIdrac = defineProfile({
  name: "dell-idrac",
  sysObjectID: ["E.674.10892.5", "E.674.10892.2"],
  vendor: "Dell",
  type: "bmc",
  osName: "iDRAC",
  model: [scalar("E.674.10892.5.1.3.12.0"), scalar("E.674.10892.2.1.1.2.0")],
  osVersion: [scalar("E.674.10892.5.1.1.8.0"), scalar("E.674.10892.2.1.2.1.0")],
  serialNumber: [scalar("E.674.10892.5.1.3.2.0"), scalar("E.674.10892.2.1.1.11.0")],
});
export const dellRemoteConsole = defineProfile({
  name: "dell-remote-console",
  sysObjectID: "E.10418.18",
  vendor: "Dell",
  type: "kvm",
  model: [descr(/^\\?"?(\d+\S+)/)],
  osVersion: [scalar("E.10418.18.7.2.1.2.0")],
});
export const dellLaser = defineProfile({
  name: "dell-laser",
  sysObjectID: "E.674.10898",
  vendor: "Dell",
  type: "printer",
  osVersion: [
    descr(/Controller (?:Version|V)?:? ?(\S+?)[;,]/),
    scalar("E.674.10898.100.1.1.1.1.3.1"),
    descr(/(?:Firmware|version) (\S+)/i),
  ],
  model: [descr(/^(Dell .*?)[;,/]/), scalar("1.3.6.1.2.1.25.3.2.1.3.1")],
  serialNumber: [scalar("E.674.10898.100.2.1.2.1.6.1"), scalar("1.3.6.1.2.1.43.5.1.1.17.1")],
});
export const dellLaserByDescription = defineProfile({
  name: "dell-laser-by-description",
  sysDescr: /^Dell (Color )?(Laser|MFP|\d{4}\w*)/,
  vendor: "Dell",
  type: "printer",
});
export const dellRackPdu = defineProfile({
  name: "dell-rack-pdu",
  sysObjectID: "E.674.10903.200",
  vendor: "Dell",
  type: "pdu",
  model: [column("E.674.10903.200.2.200.100.2.1.7"), descr(/MN:(\S+)/)],
  hardwareRevision: [column("E.674.10903.200.2.200.100.2.1.4"), descr(/HR:(\S+)/)],
  osVersion: [column("E.674.10903.200.2.200.100.2.1.5"), descr(/AF1:(\S+)/)],
  serialNumber: [column("E.674.10903.200.2.200.100.2.1.8"), descr(/SN: ?(\w+)/)],
});
export const dellUps = defineProfile({
  name: "dell-ups",
  sysObjectID: "E.674.10902",
  vendor: "Dell",
  type: "ups",
  model: [scalar("E.674.10902.2.120.1.1.0")],
  osVersion: [scalar("E.674.10902.2.120.1.4.0")],
  serialNumber: [scalar("E.674.10902.2.120.1.5.0"), scalar("E.674.10902.2.120.1.3.0")],
});
