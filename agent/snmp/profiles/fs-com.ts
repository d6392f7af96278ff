/** FS.com: data-centre and campus switches (FS-MIB below 52642.1.1.10), BDCOM-made ones, PDUs, optical units. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar } from "./rules.ts";

export const fsSwitch = defineProfile({
  name: "fs-switch",
  sysObjectID: "E.52642.1.1",
  vendor: "FS",
  type: "switch",
  osName: "FSOS",
  model: [column("E.52642.1.1.10.2.21.1.2.1.2"), descr(/\(([^)]+)\) By FS/)],
  osVersion: [column("E.52642.1.1.10.2.21.1.2.1.8")],
  serialNumber: [column("E.52642.1.1.10.2.21.1.2.1.10")],
});
export const fsBdcom = defineProfile({
  name: "fs-bdcom",
  sysObjectID: "E.52642",
  vendor: "FS",
  type: "switch",
  model: [scalar("E.52642.3.6.10.1.3.0"), descr(/Software[ ,]+(\S+)/)],
  osVersion: [scalar("E.52642.3.6.10.1.6.0"), descr(/Version (\S+?),/)],
  serialNumber: [scalar("E.52642.3.6.10.1.4.0")],
});
export const fsOptical = defineProfile({
  name: "fs-optical",
  sysDescr: /GLCY SNMP/,
  vendor: "FS",
  type: "optical",
  model: [scalar("E.40989.10.16.20.1.0")],
  osVersion: [scalar("E.40989.10.16.20.13.0")],
  serialNumber: [scalar("E.40989.10.16.20.15.0")],
});
