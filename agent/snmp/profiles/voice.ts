/** Telephony: AudioCodes, Avaya, Patton, Sangoma, Polycom, Grandstream, Yealink, Snom, Mitel, Ribbon/Sonus, Oracle SBC, NEC, Panasonic, Ericsson-LG, Ascom. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when } from "./rules.ts";

export const audiocodes = defineProfile({
  name: "audiocodes",
  sysObjectID: "E.5003",
  vendor: "AudioCodes",
  type: "voip-gateway",
  model: [scalar("E.5003.9.10.10.2.3.1.0"), descr(/Product: ?([^;]+?) ?;/)],
  osVersion: [scalar("E.5003.9.10.10.2.2.1.0"), descr(/SW Version: ?([\w.]+)/)],
  serialNumber: [entity("serial"), scalar("E.5003.9.10.10.2.1.7.0")],
});
export const avayaIpOffice = defineProfile({
  name: "avaya-ip-office",
  sysObjectID: "E.6889.1.2.1",
  vendor: "Avaya",
  type: "voip-gateway",
  osName: "IP Office",
  model: [descr(/^(.+?) \d+\.\d/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\.\d+ build \d+)/)],
});
export const avaya = defineProfile({
  name: "avaya",
  sysObjectID: "E.6889",
  vendor: "Avaya",
  type: [when(/9[46]\d\d|J1\d\d|phone/i, "phone"), fixed("pbx")],
  model: [entity("model"), scalar("E.6889.2.69.2.1.43.0"), scalar("E.6889.2.69.5.1.43.0")],
  osVersion: [scalar("E.6889.2.69.2.1.1.0"), entity("softwareRev")],
  serialNumber: [scalar("E.6889.2.69.2.1.46.0"), entity("serial")],
});
export const patton = defineProfile({
  name: "patton",
  sysObjectID: "E.1768",
  vendor: "Patton",
  type: "voip-gateway",
  osName: "SmartWare",
  model: [descr(/^(SN\S+?)Hardware/), descr(/^(\S+)/)],
  osVersion: [scalar("E.1768.100.1.5.0"), descr(/Software (R?\d\S+)/)],
  serialNumber: [scalar("E.1768.100.1.1.0")],
});
export const sangoma = defineProfile({
  name: "sangoma",
  sysObjectID: ["E.4686", "E.35987"],
  vendor: "Sangoma",
  type: "voip-gateway",
  model: [descr(/(Vega ?\d\S*)/i)],
});
export const polycom = defineProfile({
  name: "polycom",
  sysObjectID: "E.13885",
  vendor: "Polycom",
  type: [when(/phone|SoundPoint|VVX|Trio/i, "phone"), fixed("collaboration")],
  model: [
    descr(/(VVX ?\d+|SoundPoint IP ?\d+|RealPresence \w+(?: \w+)?|HDX \d+|Trio \S+)/),
    scalar("E.13885.110.1.1.1.1.0"),
  ],
  osVersion: [scalar("E.13885.101.1.3.2.0"), descr(/(?:Version|v)(\d+\.\d\S+)/)],
  serialNumber: [scalar("E.13885.101.1.3.4.0")],
});
export const lifesize = defineProfile({
  name: "lifesize",
  sysObjectID: "E.20341",
  vendor: "Lifesize",
  type: "collaboration",
});
export const scopia = defineProfile({
  name: "scopia",
  sysObjectID: "E.903",
  vendor: "Avaya",
  type: "collaboration",
  model: [descr(/^(Scopia \S+)/i)],
});
export const grandstream = defineProfile({
  name: "grandstream",
  sysObjectID: "E.42397",
  vendor: "Grandstream",
  type: [when(/GWN/, "access-point"), when(/UCM/, "pbx"), when(/HT|GXW/, "voip-gateway"), fixed("phone")],
  model: [descr(/((?:GXP|GRP|GXV|HT|UCM|GWN|GXW|DP)\d+\w*)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\.\d+)/)],
});
export const yealink = defineProfile({
  name: "yealink",
  sysObjectID: "E.37459",
  vendor: "Yealink",
  type: "phone",
  model: [descr(/(SIP-\S+|T\d\d\w*)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\.\d+)/)],
});
export const snom = defineProfile({
  name: "snom",
  sysObjectID: "E.7526",
  vendor: "Snom",
  type: "phone",
  model: [scalar("E.7526.2.4.0", /(snom\S+)/i), descr(/(snom ?\w+)/i)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const mitel = defineProfile({
  name: "mitel",
  sysObjectID: "E.1027",
  vendor: "Mitel",
  type: "pbx",
  model: [descr(/(MiVoice \S+|3300|Mitel \S+)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const acmePacket = defineProfile({
  name: "acme-packet",
  sysObjectID: "E.9148",
  vendor: "Acme Packet",
  type: "sbc",
  model: [descr(/Acme Packet (?:Net-Net )?(\S+)/), entity("model")],
  osVersion: [descr(/(?:Patch|GA|MR|SCZ|S-CX?|E-?CZ)[\w. -]*?(\d\S*)/), descr(/ ([SE]\w*C[XZ]\d\S*)/)],
  serialNumber: [entity("serial")],
});
export const sonus = defineProfile({
  name: "sonus",
  sysObjectID: ["E.2879", "E.177", "E.7569"],
  vendor: "Sonus",
  type: "sbc",
  model: [entity("model"), column("E.2879.2.1.6.1.1.10.1.7"), descr(/(SBC ?\S+|GSX\S*|PSX)/)],
  osVersion: [scalar("E.2879.2.1.6.6.1.0"), descr(/V(\d+\.\d\S+)/)],
  serialNumber: [entity("serial")],
});
export const nec = defineProfile({
  name: "nec",
  sysObjectID: "E.119",
  vendor: "NEC",
  type: [when(/SV\d{4}|UNIVERGE/i, "pbx"), when(/IX\d{4}/, "router"), when(/iPASOLINK/i, "radio"), fixed("network")],
  model: [descr(/^(NEC_\S+|UNIVERGE \S+|IX\d+\S*|iPASOLINK\S*)/i)],
  osVersion: [descr(/(?:Version|Ver\.) ?(\d\S+?),?(?: |$)/i)],
});
export const panasonic = defineProfile({
  name: "panasonic",
  sysObjectID: "E.258",
  vendor: "Panasonic",
  type: [when(/WV-|BB-/, "camera"), fixed("pbx")],
  model: [descr(/^(KX-\S+)/), descr(/^((?:WV|BB)-\S+)/)],
  osVersion: [descr(/(Ver\d+)/), descr(/(\d+\.\d+\S*)/)],
});
export const ericssonLg = defineProfile({
  name: "ericsson-lg",
  sysObjectID: "E.572",
  vendor: "Ericsson-LG",
  type: [when(/switch/i, "switch"), fixed("pbx")],
  model: [descr(/^(ES-\S+)/), descr(/,(UCP\d+)/)],
  osVersion: [descr(/UCP-R([\d.]+)/)],
});
export const ascom = defineProfile({
  name: "ascom",
  sysObjectID: "E.27614",
  vendor: "Ascom",
  type: "access-point",
  model: [descr(/Hardware\[([^\]]+)\]/)],
  osVersion: [descr(/^(.+?), Hardware/)],
});
export const broadsoft = defineProfile({
  name: "broadsoft",
  sysObjectID: "E.6431",
  vendor: "BroadSoft",
  type: "server",
  osName: "BroadWorks",
  osVersion: [scalar("E.6431.1.1.1.1.1.0", /(Rel_\S+)/)],
  model: [],
});
export const unify = defineProfile({
  name: "unify",
  sysObjectID: ["E.4329.2", "E.231.7.2"],
  vendor: "Unify",
  type: "pbx",
  model: [descr(/(OpenScape \S+|HiPath \S+)/i)],
  osVersion: [descr(/V(\d+ ?R\d\S*)/)],
});
