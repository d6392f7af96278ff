/** Wireless: Mimosa, Siklu, SAF, RAy, Radwin, Ceragon, Tachyon, Trango, Xirrus, Meru, Proxim, EnGenius, Baicells, LigoWave and others. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, entity, macScalar, scalar, when, wholeDescr } from "./rules.ts";

export const mimosa = defineProfile({
  name: "mimosa",
  sysObjectID: "E.43356",
  vendor: "Mimosa",
  type: "radio",
  model: [bySysObjectID("E.43356.1.1", { "1": "B5", "2": "B5Lite", "3": "A5", "4": "C5" })],
  osVersion: [scalar("E.43356.2.1.2.1.3.0")],
  serialNumber: [scalar("E.43356.2.1.2.1.2.0")],
});
export const siklu = defineProfile({
  name: "siklu",
  sysObjectID: "E.31926",
  vendor: "Siklu",
  type: "radio",
  model: [entity("model"), scalar("E.31926.1.1.0"), descr(/^((?:EH|MH|EtherHaul)\S*)/)],
  osVersion: [entity("softwareRev"), column("E.31926.4.1.1.4"), column("E.31926.4.1.1.3")],
  serialNumber: [entity("serial")],
});
export const saf = defineProfile({
  name: "saf",
  sysObjectID: "E.7571",
  vendor: "SAF",
  type: "radio",
  model: [descr(/Prod: ?([^;]+)/), descr(/radio;(\S+(?: \S+)*?) v\d/), descr(/^SAF (?:microwave radio;)?(\S+)/)],
  osVersion: [descr(/Vers: ?([^;]+)/), descr(/ v(\d+\.[\d.]+)/)],
  serialNumber: [descr(/(?:S\/N|SN): ?(\w+)/)],
});
const ray = (root: string) =>
  ({
    vendor: "Racom",
    type: "radio",
    model: [scalar(`${root}.1.1.0`)],
    osVersion: [scalar(`${root}.2.2.0`)],
    serialNumber: [scalar(`${root}.1.2.0`)],
    features: [scalar(`${root}.1.3.0`)],
  }) as const;
export const racomRay2 = defineProfile({ name: "racom-ray2", sysObjectID: "E.33555.1", ...ray("E.33555.1.1") });
export const racomRay3 = defineProfile({ name: "racom-ray3", sysObjectID: "E.33555.4", ...ray("E.33555.4.1") });
export const radwin = defineProfile({
  name: "radwin",
  sysObjectID: "E.4458",
  vendor: "Radwin",
  type: "radio",
  model: [scalar("E.4458.1000.1.1.30.0")],
  osVersion: [scalar("E.4458.1000.1.1.3.0")],
  hardwareRevision: [scalar("E.4458.1000.1.1.2.0")],
  serialNumber: [scalar("E.4458.1000.1.1.29.0")],
});
export const ceragon = defineProfile({
  name: "ceragon",
  sysObjectID: "E.2281",
  vendor: "Ceragon",
  type: "radio",
  model: [
    entity("model"),
    scalar("E.2281.10.1.2.3.0"),
    descr(/((?:IP|FibeAir|Evolution)[- ]?\S+)/),
    bySysObjectID("E.2281.1", { "7": "FibeAir IP-10", "20": "FibeAir IP-20" }),
  ],
  osVersion: [column("E.2281.10.4.1.13.1.1.4"), scalar("E.2281.10.4.1.13.1.1.4.1")],
  // genEquipInventory of the main board, which has index 127.
  serialNumber: [scalar("E.2281.10.1.2.10.1.1.6.127")],
});
export const aviat = defineProfile({
  name: "aviat",
  sysObjectID: "E.2509",
  vendor: "Aviat",
  type: "radio",
  model: [entity("model"), entity("descr"), descr(/((?:WTM|Eclipse|CTR|INUe?)[ \w]*)/)],
  osVersion: [column("E.2509.9.3.1.1.1.2"), scalar("E.2509.8.3.1.1.1.2.1"), entity("softwareRev")],
  serialNumber: [entity("serial"), scalar("E.2509.9.5.2.1.1.7.1")],
});
export const dragonwave = defineProfile({
  name: "dragonwave",
  sysObjectID: "E.7262",
  vendor: "DragonWave",
  type: "radio",
  model: [scalar("E.7262.2.3.1.1.1.1.0"), descr(/(Horizon\S*(?: \S+)?)/)],
  osVersion: [column("E.7262.2.3.1.1.5"), scalar("E.7262.2.4.1.1.1.2.0")],
  serialNumber: [scalar("E.7262.2.3.1.1.1.3.0")],
});
export const siae = defineProfile({
  name: "siae",
  sysObjectID: "E.3373",
  vendor: "SIAE",
  type: "radio",
  model: [scalar("E.3373.1103.1.4.0"), descr(/(AL\S*|ALFOplus\S*)/i)],
  osVersion: [column("E.3373.1103.1.12"), column("E.3373.1103.6.1.1.5")],
});
export const tachyon = defineProfile({
  name: "tachyon",
  sysObjectID: "E.57344",
  vendor: "Tachyon",
  type: "radio",
  model: [column("E.57344.1.2.6.1.18"), scalar("E.57344.1.3.1.0")],
  osVersion: [scalar("E.57344.1.3.4.0")],
  serialNumber: [scalar("E.57344.1.3.2.0")],
});
export const trango = defineProfile({
  name: "trango",
  sysObjectID: "E.5454",
  vendor: "Trango",
  type: "radio",
  model: [scalar("E.5454.1.60.1.1.1.2.0"), wholeDescr],
  osVersion: [scalar("E.5454.1.80.1.1.2.0"), scalar("E.5454.1.60.1.1.1.6.0")],
});
export const trangoByDescription = defineProfile({
  name: "trango-by-description",
  sysDescr: /^Apex ?(Lynx|Plus|Orion)|^(StrataLink|Giga)/i,
  vendor: "Trango",
  type: "radio",
  model: [wholeDescr],
  osVersion: [scalar("E.5454.1.80.1.1.2.0"), scalar("E.5454.1.60.1.1.2.0")],
});
export const xirrus = defineProfile({
  name: "xirrus",
  sysObjectID: "E.21013",
  vendor: "Xirrus",
  type: "access-point",
  osName: "ArrayOS",
  model: [descr(/(?:Model|Xirrus) ([A-Z]+-?\d+\w*)/)],
  osVersion: [column("E.21013.1.2.2.1.2", /^(\d+\.\d\S+)/), descr(/(?:ArrayOS Version|Version) ([\d.-]+)/)],
});
export const meru = defineProfile({
  name: "meru",
  sysObjectID: "E.15983",
  vendor: "Meru",
  type: "wireless-controller",
  // mwConfigController: model, software version, serial number.
  model: [scalar("E.15983.1.1.4.1.1.19.0")],
  osVersion: [scalar("E.15983.1.1.4.1.1.27.0")],
  serialNumber: [scalar("E.15983.1.1.4.1.1.32.0")],
});
export const proxim = defineProfile({
  name: "proxim",
  sysObjectID: "E.11898",
  vendor: "Proxim",
  type: "wireless",
  model: [descr(/^((?:Tsunami|ORiNOCO|AP|MP|QB)[^,]*?)[, ]+v?\d/i), scalar("E.11898.2.1.33.1.2.0")],
  osVersion: [descr(/[Vv](\d+\.\d+\.\d+)/)],
  serialNumber: [descr(/SN-? ?(\w+)/)],
});
export const engenius = defineProfile({
  name: "engenius",
  sysObjectID: "E.14125",
  vendor: "EnGenius",
  type: "access-point",
  model: [scalar("E.14125.100.1.1.0"), scalar("E.14125.3.1.1.5.0")],
  osVersion: [scalar("E.14125.2.1.1.5.0", /(\d+\.\d+\.\d+\S*)/), scalar("E.14125.100.1.4.0")],
});
export const engeniusSwitch = defineProfile({
  name: "engenius-switch",
  sysObjectID: "E.44194",
  vendor: "EnGenius",
  type: "switch",
  model: [descr(/EnGenius (\S+)/), entity("name", /^(E\S+\d\S*)$/)],
  osVersion: [entity("softwareRev"), entity("firmwareRev")],
  serialNumber: [entity("serial")],
});
export const engeniusByDescription = defineProfile({
  name: "engenius-by-description",
  sysObjectID: ["E.8072.3.2.10"],
  sysDescr: /^Wireless Access Point$/,
  vendor: "EnGenius",
  type: "access-point",
});
export const baicells = defineProfile({
  name: "baicells",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.53058"],
  vendor: "Baicells",
  type: "wireless",
  model: [scalar("E.53058.150.4.0")],
  hardwareRevision: [scalar("E.53058.2.1.7.0")],
  osVersion: [scalar("E.53058.2.1.8.0"), scalar("E.53058.150.5.0")],
  serialNumber: [scalar("E.53058.2.1.6.0"), scalar("E.53058.150.3.0")],
});
export const albentia = defineProfile({
  name: "albentia",
  sysObjectID: "E.28087",
  vendor: "Albentia",
  type: "wireless",
  model: [scalar("E.28087.12.10.1.5.0"), wholeDescr],
  osVersion: [scalar("E.28087.12.10.1.2.0")],
  serialNumber: [macScalar("E.28087.12.10.1.4.0")],
});
export const ligowave = defineProfile({
  name: "ligowave",
  sysObjectID: "E.10002.1",
  sysDescr: /^(NFT|LigoPTP|DLB|LigoDLB|PTP|APC|Infinity)\b/,
  vendor: "LigoWave",
  type: "wireless",
  model: [descr(/^(.+?)(?: v\d\S*)?$/)],
  osVersion: [descr(/ (v\d\S+)$/), column("1.2.840.10036.3.1.2.1.4")],
});
export const altaLabs = defineProfile({
  name: "alta-labs",
  sysDescr: /^Alta [A-Z]\w+ \d/,
  vendor: "Alta Labs",
  type: [when(/^Alta AP/, "access-point"), when(/^Alta S/, "switch"), fixed("router")],
  model: [descr(/^Alta (\S+)/)],
  osVersion: [descr(/^Alta \S+ (\S+)/)],
});
export const telradAlvarion = defineProfile({
  name: "telrad-alvarion",
  sysObjectID: "E.12394",
  vendor: "Alvarion",
  type: "wireless",
  model: [scalar("E.12394.1.1.1.1.0"), descr(/^(Breeze\w+(?: \w+)?)/i)],
  osVersion: [scalar("E.12394.1.1.1.2.0")],
});
export const exalt = defineProfile({
  name: "exalt",
  sysObjectID: "E.25651",
  vendor: "Exalt",
  type: "radio",
  model: [column("E.25651.1.1.3.1.1"), descr(/^(?:Exalt )?(\S+)/)],
  osVersion: [column("E.25651.1.1.3.1.2")],
});
export const bridgewave = defineProfile({
  name: "bridgewave",
  sysObjectID: "E.6080",
  vendor: "BridgeWave",
  type: "radio",
  model: [column("E.6080.3.1.1.7"), descr(/((?:AR|GE|FE|FL4G|2X80X)\S*)/)],
  osVersion: [column("E.6080.3.1.1.2")],
  serialNumber: [column("E.6080.3.1.1.4")],
});
export const ericssonMiniLink = defineProfile({
  name: "ericsson-mini-link",
  sysObjectID: "E.193",
  vendor: "Ericsson",
  type: "radio",
  model: [scalar("1.3.6.1.2.1.47.1.1.1.1.2.1"), descr(/(MINI-LINK \S+)/)],
  osVersion: [column("E.193.81.2.7.1.2.1.3"), descr(/CXP\S+_(R\S+)/)],
  serialNumber: [entity("serial")],
});
export const ericssonIpos = defineProfile({
  name: "ericsson-ipos",
  sysObjectID: ["E.193.218", "E.2352"],
  vendor: "Ericsson",
  type: "router",
  osName: [when(/SEOS|SmartEdge/, "SEOS"), fixed("IPOS")],
  model: [
    scalar("1.3.6.1.2.1.47.1.1.1.1.2.1", /^(.+?)(?:,|$)/),
    bySysObjectID("E.2352.1", {
      "1": "SMS 1800",
      "2": "SMS 1000",
      "4": "SMS 500",
      "7": "SmartEdge 800",
      "10": "SmartEdge 400",
      "11": "SmartEdge 100",
      "12": "SmartEdge 1200",
      "15": "SmartEdge 600",
    }),
  ],
  osVersion: [descr(/^(Ericsson IPOS-\S+)/), descr(/Version (\S+)/)],
  serialNumber: [
    scalar("1.3.6.1.2.1.47.1.1.1.1.2.2", /serial#?:? ?(\w+)/i),
    entity("serial"),
    column("1.3.6.1.2.1.47.1.1.1.1.2", /(?:s\/n|serial|SN)\D{0,4}(\w{8,})/i),
  ],
});
export const lastMileGear = defineProfile({
  name: "last-mile-gear",
  sysObjectID: "E.25868",
  vendor: "Last Mile Gear",
  type: "wireless",
  model: [wholeDescr],
  osVersion: [scalar("E.25868.1.1.0")],
});
