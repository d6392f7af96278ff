/** Makers' firmware on a net-snmp agent, known by a subtree, by the kernel's name or by an extend: Tomato, OpenWrt, Asuswrt and kin. */
import { defineProfile } from "./profile.ts";
import { column, descr, entity, scalar } from "./rules.ts";

export const tomato = defineProfile({
  name: "tomato",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.8072.1.3.2.2.1.3.6.100.101.118.105.99.101"],
  type: "router",
  osName: "FreshTomato",
  model: [scalar("E.8072.1.3.2.2.1.3.6.100.101.118.105.99.101")],
  osVersion: [scalar("E.8072.1.3.2.2.1.3.7.118.101.114.115.105.111.110", /(\d{4}\.\d+|\d+\.\d+\S*)/)],
});
export const asuswrtMerlin = defineProfile({
  name: "asuswrt-merlin",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.2021.7890.1.101"],
  vendor: "ASUS",
  type: "router",
  osName: "Asuswrt-Merlin",
  model: [
    column("E.2021.7890.1.101", /^(?:ASUSWRT-Merlin )?((?:RT|GT|DSL|TUF|ZenWiFi)-\S+)/i),
    column("E.2021.7890.1.101", /((?:RT|GT|DSL)-\w+)/),
  ],
  osVersion: [column("E.2021.7890.1.101", /(\d{3}\.\d+_\S+?)(?: |$)/)],
});
export const openwrt = defineProfile({
  name: "openwrt",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /OpenWrt|LEDE/i,
  vendor: "OpenWrt",
  type: "router",
  osName: "OpenWrt",
});
export const esphome = defineProfile({
  name: "esphome",
  sysDescr: /^ESPHome /,
  vendor: "Espressif",
  type: "iot",
  osName: "ESPHome",
  model: [descr(/Board (\S+)/)],
  osVersion: [descr(/version (\S+)/)],
});
export const synology = defineProfile({
  name: "synology",
  sysObjectID: ["E.8072.3.2.10", "E.6574"],
  present: ["E.6574.1.5"],
  vendor: "Synology",
  type: "storage",
  osName: "DSM",
  model: [scalar("E.6574.1.5.1.0")],
  osVersion: [scalar("E.6574.1.5.3.0", /^(?:DSM |SRM )?(\d\S*)/)],
  serialNumber: [scalar("E.6574.1.5.2.0")],
});
const qnapFields = {
  vendor: "QNAP",
  type: "storage",
  osName: "QTS",
  model: [
    entity("model"),
    scalar("E.24681.1.4.1.1.1.1.1.2.1.3.1"),
    scalar("E.24681.1.2.12.0"),
    scalar("E.55062.1.12.3.0"),
  ],
  osVersion: [entity("firmwareRev", /(\d+\.\d+\.\d+)/), scalar("E.55062.1.12.6.0"), descr(/^Linux \S+ (\d\S+)$/)],
  serialNumber: [entity("serial"), scalar("E.24681.1.4.1.1.1.1.1.2.1.4.1"), scalar("E.55062.1.12.5.0")],
} as const;
export const qnap = defineProfile({ name: "qnap", sysObjectID: ["E.24681", "E.55062"], ...qnapFields });
export const qnapLinux = defineProfile({
  name: "qnap-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.24681.1.2", "E.55062.1"],
  ...qnapFields,
});
export const qnapByDescription = defineProfile({
  name: "qnap-by-description",
  sysDescr: /^Linux (TS|TVS|TES|SS)-\S+ \d\.\d\.\d$/,
  ...qnapFields,
});
export const truenas = defineProfile({
  name: "truenas",
  sysObjectID: "E.50536.3",
  vendor: "TrueNAS",
  type: "storage",
  osName: "TrueNAS",
  model: [descr(/Hardware: ([^.]+?)\. Software/)],
  osVersion: [descr(/(?:TrueNAS|FreeNAS)-(\S+)/), descr(/Software: FreeBSD (\S+)/)],
});
export const truenasByDescription = defineProfile({
  name: "truenas-by-description",
  sysDescr: /(TrueNAS|FreeNAS)/i,
  vendor: "TrueNAS",
  type: "storage",
  osName: "TrueNAS",
  osVersion: [descr(/(?:TrueNAS|FreeNAS)-(\S+)/i)],
});
export const infoblox = defineProfile({
  name: "infoblox",
  sysObjectID: "E.7779",
  vendor: "Infoblox",
  type: "dns",
  osName: "NIOS",
  model: [scalar("E.7779.3.1.1.2.1.4.0")],
  osVersion: [scalar("E.7779.3.1.1.2.1.7.0")],
  serialNumber: [scalar("E.7779.3.1.1.2.1.6.0")],
});
export const endrun = defineProfile({
  name: "endrun",
  sysObjectID: ["E.8072.3.2.10", "E.13827"],
  present: ["E.13827"],
  vendor: "EndRun",
  type: "time-server",
  model: [
    ...["E.13827.5.0.11.0", "E.13827.14.1.16.0", "E.13827.12.1.16.0"].map((oid) =>
      scalar(oid, /^(.+?) v(?:er)?\.? ?\d/i),
    ),
  ],
  osVersion: ["E.13827.5.0.11.0", "E.13827.14.1.16.0", "E.13827.12.1.16.0"].map((oid) =>
    scalar(oid, /v\.? ?(\d+\.\d+)/i),
  ),
  features: [scalar("E.13827.5.1.13.0")],
});
export const primekey = defineProfile({
  name: "primekey",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.22408.1"],
  vendor: "PrimeKey",
  type: "hsm",
  osVersion: [scalar("E.22408.1.4.1.4.1.0"), scalar("E.22408.1.1.2.1.7.118.101.114.115.105.111.110.1")],
  serialNumber: [scalar("E.22408.1.1.2.2.4.104.115.109.54.1")],
  model: [],
});
export const quantastor = defineProfile({
  name: "quantastor",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.39324.1"],
  vendor: "OSNEXUS",
  type: "storage",
  osName: "QuantaStor",
  osVersion: [scalar("E.39324.1.1.9.1.1.20.0"), column("E.39324.1.1.9.1.1.20")],
  serialNumber: [scalar("E.39324.1.1.9.1.1.19.0"), column("E.39324.1.1.9.1.1.19")],
  model: [],
});
export const abbUps = defineProfile({
  name: "abb-ups",
  sysObjectID: ["E.8072.3.2.10", "E.53973"],
  present: ["E.53973.1"],
  vendor: "ABB",
  type: "ups",
  model: [column("E.53973.1.1.1.1.1.2"), scalar("E.53973.1.1.1.1.1.2.0")],
  osVersion: [scalar("E.53973.1.1.1.1.1.3.0")],
  serialNumber: [scalar("E.53973.1.1.1.1.1.5.0", /^(\w{6,})$/)],
});
export const supermicroBmcLinux = defineProfile({
  name: "supermicro-bmc-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.21317.1"],
  vendor: "Supermicro",
  type: "bmc",
  model: [scalar("E.21317.1.16.3.4.0"), scalar("E.21317.1.16.3.3.0")],
  osVersion: [scalar("E.21317.1.16.3.1.0", /(\d+\.\d+\S*)/), scalar("E.21317.1.4.0", /^(?=.*\d)(.{2,20})$/)],
  serialNumber: [scalar("E.21317.1.16.3.6.0")],
});
export const socomecNetvisionLinux = defineProfile({
  name: "socomec-netvision-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.4555.1.1.7"],
  vendor: "Socomec",
  type: "ups",
  model: [scalar("E.4555.1.1.7.1.1.1.0")],
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.4.0", /v?(\d+\.\d+\S*)/i), scalar("E.4555.1.1.7.1.1.5.0")],
  serialNumber: [scalar("E.4555.1.1.7.1.1.2.0")],
});
export const orvaldi = defineProfile({
  name: "orvaldi",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.21111.1.1.1"],
  vendor: "Orvaldi",
  type: "ups",
  model: [scalar("E.21111.1.1.1.3.0")],
  osVersion: [scalar("E.21111.1.1.1.6.0")],
  serialNumber: [scalar("E.21111.1.1.1.4.0")],
});
export const procera = defineProfile({
  name: "procera",
  sysObjectID: "E.15397",
  vendor: "Procera",
  type: "network",
  osName: "PacketLogic",
  model: [scalar("E.15397.2.40.1.1.1.1.0")],
  osVersion: [scalar("E.15397.2.40.1.1.4.1.0")],
  serialNumber: [scalar("E.15397.2.40.1.1.3.1.0")],
});
