/** Optical transport: ADVA, Ciena, Infinera, Smartoptics, PacketLight, Ekinops, Pan Dacom, MRV, Cube Optics, Fibrolan, Transmode, Microsens. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, entity, scalar, when, wholeDescr } from "./rules.ts";

export const adva = defineProfile({
  name: "adva",
  sysObjectID: "E.2544",
  vendor: "ADVA",
  type: "optical",
  model: [descr(/^((?:FSP|F\d)\S*.*?)$/), scalar("E.2544.1.11.2.2.1.3.1.2.1"), entity("name"), entity("model")],
  osVersion: [scalar("1.3.6.1.2.1.16.19.2.0"), entity("softwareRev"), scalar("E.2544.1.12.4.1.1.1.2.1")],
  serialNumber: [entity("serial"), scalar("1.3.6.1.2.1.47.1.1.1.1.11.1")],
});
export const mrv = defineProfile({
  name: "mrv",
  sysObjectID: ["E.629", "E.33"],
  vendor: "MRV",
  type: [when(/OptiSwitch|OS\d/, "switch"), when(/LX-|In-Reach/, "console-server"), fixed("optical")],
  model: [
    scalar("E.629.200.6.1.1.3.1"),
    scalar("E.629.1.50.11.1.1.1.1.0"),
    descr(/^(\S+ OptiSwitch \S+)/),
    descr(/((?:OS|OD|LD|LX)\S*)/),
  ],
  osVersion: [scalar("E.629.200.2.2.0"), descr(/Ver\. (\S+(?: \(\d+\))?)/)],
  serialNumber: [scalar("E.629.200.6.1.1.48.1"), scalar("E.629.1.50.16.4.3.2.0")],
});
export const advaXg300 = defineProfile({
  name: "adva-xg300",
  sysObjectID: "E.629.22",
  sysDescr: /^FSP150/,
  vendor: "ADVA",
  type: "switch",
  model: [descr(/^(.+?) Ver/)],
  osVersion: [descr(/Ver\. (\S+(?: \(\d+\))?)/)],
  serialNumber: [scalar("E.629.1.50.16.4.3.2.0")],
});
export const cienaSaos = defineProfile({
  name: "ciena-saos",
  sysObjectID: ["E.6141", "E.1271.1.2"],
  vendor: "Ciena",
  type: "switch",
  osName: "SAOS",
  model: [descr(/(?:,|^) ?(CN\d+|\d{4}) /), descr(/^(\d{4}\S*) /), column("E.1271.2.1.2.1.2.1.1.4")],
  osVersion: [descr(/Version saos-(\S+)/), scalar("E.6141.2.60.10.1.1.3.1.2.1", /saos-(\S+)/), descr(/saos-([\w.-]+)/)],
  serialNumber: [scalar("E.6141.2.60.11.1.1.1.46.0"), scalar("E.1271.2.1.2.1.2.1.1.7.1.1.1"), entity("serial")],
});
export const ciena = defineProfile({
  name: "ciena",
  sysObjectID: ["E.1271", "E.562"],
  vendor: "Ciena",
  type: "optical",
  model: [descr(/(6500\S*|\d{4}-?\S* Waveserver\S*|Waveserver\S*)/i)],
  osVersion: [descr(/(?:Release|Version) (\S+)/i)],
});
export const infinera = defineProfile({
  name: "infinera",
  sysObjectID: ["E.21296", "E.8708"],
  vendor: "Infinera",
  type: "optical",
  model: [entity("model"), column("E.21296.2.2.1.2.1.1.10"), descr(/^(?:Infinera )?(\S+)/)],
  osVersion: [scalar("E.21296.2.2.2.1.2.1.1.3.1"), column("E.8708.2.1.2.2.1.1.8"), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const ekinops = defineProfile({
  name: "ekinops",
  sysObjectID: "E.20044",
  vendor: "Ekinops",
  type: "optical",
  model: [entity("descr", /^(\S+)/), descr(/(Ekinops \S+|C\d{3}\w*)/i)],
  osVersion: [entity("softwareRev"), descr(/(\d+\.\d+\.\d+)/)],
  serialNumber: [entity("serial")],
});
export const smartoptics = defineProfile({
  name: "smartoptics",
  sysObjectID: "E.30826",
  vendor: "Smartoptics",
  type: "optical",
  osName: "SmartOS",
  model: [entity("model"), descr(/Smartoptics, (?:M-Series )?([^, ]+)/i)],
  osVersion: [descr(/SmartOS v?(\S+)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const packetlight = defineProfile({
  name: "packetlight",
  sysObjectID: "E.4515",
  vendor: "PacketLight",
  type: "optical",
  model: [compose("{} rev {}", descr(/^(PL-\S+)/), scalar("E.4515.1.3.6.1.1.1.4.0")), descr(/^(\S+)$/)],
  osVersion: [scalar("E.4515.1.3.6.1.1.1.5.0")],
  serialNumber: [scalar("E.4515.1.3.6.1.1.1.7.0")],
});
export const smartopticsT = defineProfile({
  name: "smartoptics-t",
  sysObjectID: "E.4515.100.1.1000",
  vendor: "Smartoptics",
  type: "optical",
  model: [wholeDescr],
  osVersion: [scalar("E.4515.1.3.6.1.1.1.5.0")],
  serialNumber: [scalar("E.4515.1.3.6.1.1.1.7.0")],
});
export const pandacom = defineProfile({
  name: "pandacom",
  sysObjectID: "E.3652",
  vendor: "Pan Dacom",
  type: "optical",
  model: [scalar("1.3.6.1.2.1.47.1.1.1.1.2.1"), entity("name")],
  serialNumber: [scalar("E.3652.3.2.1.13.0"), entity("serial")],
  osVersion: [],
});
export const cubeOptics = defineProfile({
  name: "cube-optics",
  sysObjectID: "E.27894",
  vendor: "HUBER+SUHNER",
  type: "optical",
  model: [],
  osVersion: [scalar("E.27894.11.241.1.1.1.1.5.0")],
  serialNumber: [scalar("E.27894.11.241.1.1.1.1.2.0")],
});
export const fibrolan = defineProfile({
  name: "fibrolan",
  sysObjectID: "E.4467",
  vendor: "Fibrolan",
  type: "switch",
  osVersion: [
    scalar("1.0.8802.1.1.2.1.3.4.0", /firmware (.+)$/),
    scalar("1.0.8802.1.1.2.1.3.4.0", /(\d+\.\d+\.\d+.*)$/),
    descr(/firmware (\S+)/),
  ],
  model: [descr(/^([^,]+),/)],
});
export const microsens = defineProfile({
  name: "microsens",
  sysObjectID: "E.3181",
  vendor: "Microsens",
  type: "switch",
  model: [scalar("E.3181.10.6.1.32.1.0"), descr(/^MICROSENS (.+?),/)],
  osVersion: [
    compose("{} Build:{}", scalar("E.3181.10.6.1.30.106.1.2.0"), scalar("E.3181.10.6.1.30.106.1.4.0")),
    descr(/Version: ?(\d\S+)/),
  ],
  serialNumber: [scalar("E.3181.10.6.1.32.2.0")],
  hardwareRevision: [scalar("E.3181.10.6.1.32.5.0")],
});
export const alpineOptoelectronics = defineProfile({
  name: "alpine-optoelectronics",
  sysObjectID: "E.52326",
  vendor: "Alpine Optoelectronics",
  type: "optical",
  model: [],
  osVersion: [],
  serialNumber: [],
});
export const accedian = defineProfile({
  name: "accedian",
  sysObjectID: "E.22420",
  vendor: "Accedian",
  type: "network",
  model: [scalar("E.22420.1.1.1.0", /^((?:AMN|AEN|AMO|GT|GX|LT)\S*)/), descr(/^((?:AMN|AEN|AMO|GT|GX|LT)-\S+)/)],
  osVersion: [scalar("E.22420.1.1.3.0")],
  serialNumber: [scalar("E.22420.1.1.4.0"), scalar("E.22420.1.1.5.0")],
});
export const accedianByDescription = defineProfile({
  name: "accedian-by-description",
  sysDescr: /^(AMN|AEN|AMO)-/,
  vendor: "Accedian",
  type: "network",
});
export const transmode = defineProfile({
  name: "transmode",
  sysObjectID: "E.11857",
  vendor: "Transmode",
  type: "optical",
  model: [entity("model"), descr(/^(\S+)/)],
  osVersion: [entity("softwareRev")],
});
export const omnitron = defineProfile({
  name: "omnitron",
  sysObjectID: "E.7342",
  vendor: "Omnitron",
  type: "media-converter",
  model: [descr(/iConverter (\S+ \S+) v/)],
  osVersion: [descr(/ v(\d[\d.]+)/)],
  serialNumber: [descr(/s\/n (\w+)/), scalar("E.7342.1.1.1.7.1.1")],
});
export const transitionNetworks = defineProfile({
  name: "transition-networks",
  sysObjectID: "E.868",
  vendor: "Transition Networks",
  type: [when(/switch/i, "switch"), fixed("media-converter")],
  model: [scalar("1.0.8802.1.1.2.1.3.3.0", /^([A-Z]\w+\d\w*)$/), descr(/^(\S+)/), entity("name")],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const gigamon = defineProfile({
  name: "gigamon",
  sysObjectID: "E.26866",
  vendor: "Gigamon",
  type: "network",
  osName: "GigaVUE-OS",
  model: [scalar("E.26866.2.2.0"), descr(/(GigaVUE-\d\w*|GigaVUE-[A-Z]{2}\w*)/), scalar("E.26866.2.1.0")],
  osVersion: [scalar("E.26866.2.6.0"), descr(/GigaVUE-OS (\S+)/), descr(/ v(\d\S+)/)],
  serialNumber: [scalar("E.26866.2.4.0")],
});
export const rad = defineProfile({
  name: "rad",
  sysObjectID: "E.164",
  vendor: "RAD",
  type: [when(/ETX|Switch/, "switch"), fixed("network")],
  model: [descr(/^((?:ETX|RICi|IPmux|Megaplex|ASMi|SecFlow|LA|MP|Egate|FCD)-?\S*)/i), entity("name")],
  hardwareRevision: [descr(/H[Ww]:? ?(?:Ver:)? ?([\d./A-Z]+)/)],
  osVersion: [descr(/S[Ww](?: Ver)?:? ?([\w.()]+)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
