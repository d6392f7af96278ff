/** Dell and EMC storage: PowerVault, EqualLogic (EQLMEMBER-MIB), Compellent, Data Domain, Isilon OneFS, VNX/CLARiiON, Unity. */
import { defineProfile } from "./profile.ts";
import { column, compose, descr, scalar } from "./rules.ts";

export const dellPowervault = defineProfile({
  name: "dell-powervault",
  sysObjectID: ["E.674.10893", "E.674.11000.2000"],
  vendor: "Dell",
  type: "storage",
  model: [scalar("E.674.10893.2.31.500.1.5.0"), descr(/DELL (?:EMC )?(\S+)/)],
  osVersion: [scalar("E.674.10893.2.31.500.1.4.0")],
  serialNumber: [scalar("E.674.10893.2.31.500.1.1.0"), scalar("E.674.10893.2.31.500.1.3.0")],
});
export const dellPowervaultMe = defineProfile({
  name: "dell-powervault-me",
  sysObjectID: "E.674",
  sysDescr: /DELL EMC ME\d|PowerVault|DELL MD/,
  vendor: "Dell",
  type: "storage",
  model: [descr(/^(DELL (?:EMC )?ME\S+)/)],
  serialNumber: [column("1.3.6.1.3.94.1.6.1.8")],
  osVersion: [column("1.3.6.1.3.94.1.7.1.4", /^([A-Z]{2}\d+\S*)$/)],
});
export const dellEquallogic = defineProfile({
  name: "dell-equallogic",
  sysObjectID: "E.12740",
  vendor: "Dell",
  type: "storage",
  osName: "EqualLogic",
  model: [column("E.12740.2.1.11.1.1.9"), column("E.12740.2.1.11.1.1.1.1")],
  osVersion: [
    column("E.12740.2.1.1.1.22.1"),
    compose("{}.{}.{}", column("E.12740.2.1.1.1.21"), column("E.12740.2.1.1.1.22"), column("E.12740.2.1.1.1.23")),
  ],
  serialNumber: [column("E.12740.2.1.11.1.2.1"), column("E.12740.2.1.11.1.4.1")],
});
export const dellCompellent = defineProfile({
  name: "dell-compellent",
  sysObjectID: "E.674.11000.2000.500",
  vendor: "Dell",
  type: "storage",
  osName: "Storage Center",
  model: [column("E.674.11000.2000.500.1.2.13.1.7"), scalar("E.16139.2.13.1.7.1")],
  osVersion: [scalar("E.674.11000.2000.500.1.2.1.0"), column("E.674.11000.2000.500.1.2.13.1.5")],
  serialNumber: [column("E.674.11000.2000.500.1.2.23.1.4"), scalar("E.674.11000.2000.500.1.2.6.0")],
});
export const dataDomain = defineProfile({
  name: "data-domain",
  sysObjectID: "E.19746",
  vendor: "EMC",
  type: "storage",
  osName: "DD OS",
  model: [scalar("E.19746.1.13.1.4.0")],
  osVersion: [descr(/Data Domain OS (\S+)/), scalar("E.19746.1.13.1.3.0")],
  serialNumber: [scalar("E.19746.1.13.1.1.0")],
});
const isilon = {
  vendor: "EMC",
  type: "storage",
  osName: "OneFS",
  model: [column("E.12124.2.51.1.4")],
  osVersion: [descr(/OneFS v(\S+)/)],
  serialNumber: [column("E.12124.2.51.1.3")],
} as const;
export const isilonOnefs = defineProfile({ name: "isilon-onefs", sysObjectID: "E.12124", ...isilon });
export const isilonByDescription = defineProfile({
  name: "isilon-by-description",
  sysDescr: /Isilon OneFS/,
  ...isilon,
});
export const emcClariion = defineProfile({
  name: "emc-clariion",
  sysObjectID: ["E.1981", "E.1139"],
  vendor: "EMC",
  type: "storage",
  model: [descr(/^((?:CX|VNX|AX|Unity|VMAX)\S*(?: \d\S*)?)/), scalar("E.1139.103.1.1.2.0")],
  osVersion: [descr(/Flare (\S+)/), scalar("E.1139.103.1.1.5.0")],
  serialNumber: [scalar("E.1139.103.1.1.1.0")],
});
