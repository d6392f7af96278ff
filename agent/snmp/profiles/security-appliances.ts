/** Security and traffic appliances: Blue Coat, McAfee, Arbor, Corero, Sandvine, Riverbed, Silver Peak, Exinda, NSFOCUS, Hillstone, Sangfor, Topsec, Venustech, SecurePoint, Clavister, Ixia, NetScout, Infoblox's peers. */
import { defineProfile } from "./profile.ts";
import { descr, entity, scalar, wholeDescr } from "./rules.ts";

export const blueCoat = defineProfile({
  name: "blue-coat",
  sysObjectID: "E.3417",
  vendor: "Blue Coat",
  type: "proxy",
  osName: "SGOS",
  model: [descr(/Blue Coat (\S+?)(?: Series|,)/)],
  osVersion: [descr(/Version: ?(?:SGOS )?([\d.]+)/), scalar("E.3417.2.11.1.3.0", /SGOS ([\d.]+)/)],
  serialNumber: [scalar("E.3417.2.11.1.4.0"), scalar("E.3417.2.16.1.1.1.4.0")],
});
export const packetshaper = defineProfile({
  name: "packetshaper",
  sysObjectID: "E.2334",
  vendor: "Blue Coat",
  type: "wan-optimizer",
  osName: "PacketWise",
  model: [descr(/(PacketShaper \S+|PS\d+)/i)],
  osVersion: [descr(/(?:PacketWise|v) ?(\d+\.\d\S+)/)],
  serialNumber: [scalar("E.2334.2.1.1.4.0")],
});
export const mcafee = defineProfile({
  name: "mcafee",
  sysObjectID: ["E.1230", "E.23128", "E.8962"],
  vendor: "McAfee",
  type: "security",
  model: [entity("model"), scalar("E.1230.2.4.1.2.2.1.2.0")],
  osVersion: [scalar("E.1230.2.4.1.2.2.1.3.0"), scalar("E.8962.2.1.2.1.1.1.0")],
  serialNumber: [scalar("E.1230.2.4.1.2.2.1.5.0"), scalar("E.8962.2.1.2.1.1.4.0")],
});
export const arbor = defineProfile({
  name: "arbor",
  sysObjectID: "E.9694",
  vendor: "Arbor",
  type: "network",
  osName: "ArbOS",
  model: [descr(/Model: ?(\S+)/)],
  osVersion: [descr(/(?:TMS|SP|APS|AED|Sightline) v?(\d\S+)/)],
  serialNumber: [descr(/Serial: ?(\S+)/)],
});
export const corero = defineProfile({ name: "corero", sysObjectID: "E.41036", vendor: "Corero", type: "security" });
export const riverbed = defineProfile({
  name: "riverbed",
  sysObjectID: "E.17163",
  vendor: "Riverbed",
  type: "wan-optimizer",
  osName: "RiOS",
  model: [scalar("E.17163.1.1.1.1.0"), scalar("E.17163.1.51.1.1.0")],
  osVersion: [scalar("E.17163.1.1.1.3.0", /(\d+\.\d+\S*)/), scalar("E.17163.1.51.1.3.0", /(\d+\.\d+\S*)/)],
  serialNumber: [scalar("E.17163.1.1.1.2.0"), scalar("E.17163.1.51.1.2.0")],
});
export const silverPeak = defineProfile({
  name: "silver-peak",
  sysObjectID: "E.23867",
  vendor: "Silver Peak",
  type: "wan-optimizer",
  osName: "VXOA",
  model: [scalar("E.23867.3.1.1.1.2.0"), descr(/((?:EC|NX|VX)-\S+)/)],
  osVersion: [scalar("E.23867.3.1.1.1.1.0", /(\d+\.\d+\.\d+\S*)/), descr(/VXOA (\d\S+)/)],
  serialNumber: [scalar("E.23867.3.1.1.1.6.0")],
});
export const exinda = defineProfile({
  name: "exinda",
  sysObjectID: "E.21091",
  vendor: "Exinda",
  type: "wan-optimizer",
  model: [descr(/hw_type=(\S+)/)],
  osVersion: [descr(/sw_version=(\S+)/), descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const juniperWx = defineProfile({
  name: "juniper-wx",
  sysObjectID: "E.8239",
  vendor: "Juniper",
  type: "network",
  osName: "JWOS",
  model: [scalar("E.8239.1.1.1.0")],
  osVersion: [scalar("E.8239.1.1.2.0")],
});
export const nsfocus = defineProfile({
  name: "nsfocus",
  sysObjectID: ["E.19849", "1.3.6.1.4.19849"],
  vendor: "NSFOCUS",
  type: "security",
});
export const hillstone = defineProfile({
  name: "hillstone",
  sysObjectID: "E.28557",
  vendor: "Hillstone",
  type: "firewall",
  osName: "StoneOS",
  model: [descr(/(SG-\S+|E\d{4}\S*)/)],
  osVersion: [scalar("E.28557.2.2.1.2.0", /Version (\S+?),?(?: |$)/), descr(/Version (\S+?),?(?: |$)/)],
  serialNumber: [scalar("E.28557.2.2.1.1.0")],
});
export const sangfor = defineProfile({ name: "sangfor", sysObjectID: "E.35047", vendor: "Sangfor", type: "security" });
export const topsec = defineProfile({
  name: "topsec",
  sysObjectID: "E.14331",
  vendor: "Topsec",
  type: "firewall",
  osName: "TOS",
});
export const venustech = defineProfile({
  name: "venustech",
  sysObjectID: "E.15227",
  vendor: "Venustech",
  type: "firewall",
  osName: "VSOS",
  osVersion: [descr(/VSOS-(\S+)/)],
});
export const netentsec = defineProfile({
  name: "netentsec",
  sysObjectID: "E.30803",
  sysDescr: /Netentsec/i,
  vendor: "Netentsec",
  type: "firewall",
});
export const clavister = defineProfile({
  name: "clavister",
  sysObjectID: "E.5089",
  vendor: "Clavister",
  type: "firewall",
  osName: "cOS",
  model: [descr(/(?:Clavister )?([EPW]\d+|SG\d+)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const ixiaAnue = defineProfile({
  name: "ixia-anue",
  sysObjectID: "E.32620",
  vendor: "Ixia",
  type: "network",
  model: [descr(/^(Anue \d+|Ixia \S+)/)],
  osVersion: [descr(/\d{4} (\d+\.\d\S+)/)],
});
export const openSystems = defineProfile({
  name: "open-systems",
  sysObjectID: "E.3996",
  vendor: "Open Systems",
  type: "firewall",
  osVersion: [],
  model: [],
});
export const velocloudVmware = defineProfile({
  name: "velocloud-vmware",
  sysObjectID: "E.45346",
  vendor: "VeloCloud",
  type: "appliance",
  model: [descr(/VeloCloud (\S+)/), scalar("E.45346.1.1.1.1.0")],
  osVersion: [scalar("E.45346.1.1.1.4.0")],
  serialNumber: [scalar("E.45346.1.1.1.3.0", /^(\w{6,})$/)],
});
export const halon = defineProfile({
  name: "halon",
  sysDescr: /^Halon /,
  vendor: "Halon",
  type: "mail",
  osVersion: [descr(/^Halon (\d+\.\d+\S*)/)],
});
export const endian = defineProfile({
  name: "endian",
  sysDescr: /^Linux endian/i,
  vendor: "Endian",
  type: "firewall",
  osName: "Endian Firewall",
});
export const ucopia = defineProfile({
  name: "ucopia",
  sysObjectID: "E.31218",
  vendor: "UCOPIA",
  type: "network",
  model: [],
  osVersion: [],
});
export const benu = defineProfile({
  name: "benu",
  sysObjectID: "E.39406",
  vendor: "Benu",
  type: "network",
  osName: "BenuOS",
  model: [descr(/Chassis Type : (.+?)(?:,|$)/)],
  osVersion: [descr(/BenuOS, (\S+)/)],
});
export const endace = defineProfile({
  name: "endace",
  sysObjectID: "E.18418",
  vendor: "Endace",
  type: "appliance",
  osName: "OSm",
});
export const bluecat = defineProfile({
  name: "bluecat",
  sysObjectID: "E.13315",
  vendor: "BlueCat",
  type: "dns",
});
export const efficientip = defineProfile({
  name: "efficientip",
  sysObjectID: "E.2440",
  vendor: "EfficientIP",
  type: "dns",
  osName: "SOLIDserver",
  model: [descr(/(SOLIDserver-\S+|SOLIDserver \S+)/)],
  osVersion: [descr(/(?:version|rel\w*) (\d\S+)/i)],
});
export const trendMicroTippingpoint = defineProfile({
  name: "trend-micro-tippingpoint",
  sysObjectID: "E.10734",
  vendor: "TippingPoint",
  type: "security",
  osName: "TOS",
  model: [entity("model"), descr(/(\d+(?:NX?|T|TX|TPS)\b)/)],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const hatteras = defineProfile({
  name: "hatteras",
  sysObjectID: "E.8550",
  vendor: "Hatteras",
  type: "network",
  model: [wholeDescr],
});
export const cxr = defineProfile({
  name: "cxr",
  sysObjectID: "E.1425",
  vendor: "CXR",
  type: "network",
  model: [scalar("E.1425.1040.1.1.0"), descr(/^(TS \d+)/)],
  osVersion: [scalar("E.1425.1040.1.2.0")],
  serialNumber: [descr(/SN: ?(\w+)/)],
});
export const tycon = defineProfile({
  name: "tycon",
  sysObjectID: "E.45621",
  vendor: "Tycon Systems",
  type: "appliance",
  model: [descr(/^(TPDIN\d*)/)],
});
