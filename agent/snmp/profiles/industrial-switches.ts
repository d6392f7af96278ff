/** Industrial switches: Moxa, Hirschmann, Siemens Scalance and RuggedCom, Advantech EKI, Westermo, N-Tron, Kyland, Phoenix Contact, EtherWAN, Planet, Perle and kin. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, entity, ownScalar, scalar, when, wholeDescr } from "./rules.ts";

/** Moxa repeats one layout below each product line's arc, 8691.7.<line>.1: 2 model, 4 firmware, 78 serial number. */
const moxaField = (field: number) => ownScalar(3, `1.${field}.0`);

export const moxaEtherdevice = defineProfile({
  name: "moxa-etherdevice",
  sysObjectID: "E.8691.7",
  vendor: "Moxa",
  type: "switch",
  model: [moxaField(2), wholeDescr],
  osVersion: [moxaField(4)],
  serialNumber: [moxaField(78)],
});
export const moxa = defineProfile({
  name: "moxa",
  sysObjectID: "E.8691",
  vendor: "Moxa",
  type: [
    when(/NPort|CN2|UC-|MGate/i, "console-server"),
    when(/AWK/, "access-point"),
    when(/EDR|OnCell/, "router"),
    fixed("switch"),
  ],
  model: [column("E.8691.8.3.1.1.1"), column("E.8691.15.1.1.2"), descr(/^(\S+)/)],
});
export const hirschmann = defineProfile({
  name: "hirschmann",
  sysObjectID: "E.248",
  vendor: "Hirschmann",
  type: [when(/BAT|Wireless/, "access-point"), when(/EAGLE|Tofino/i, "firewall"), fixed("switch")],
  model: [
    scalar("E.248.14.2.16.1.4.0"),
    scalar("E.248.11.20.1.1.2.0"),
    scalar("E.248.14.1.1.9.1.3.1"),
    scalar("E.248.11.10.1.1.2.0"),
    entity("descr"),
  ],
  osVersion: [scalar("E.248.14.2.16.1.6.0"), scalar("E.248.11.10.1.2.1.0"), scalar("E.248.14.1.1.2.0")],
  serialNumber: [scalar("E.248.14.1.1.9.1.10.1"), scalar("E.248.11.10.1.1.3.0"), scalar("E.248.11.20.1.1.3.0")],
});
export const siemensScalance = defineProfile({
  name: "siemens-scalance",
  sysObjectID: ["E.4329", "E.4196"],
  vendor: "Siemens",
  type: [
    when(/W\d|IWLAN/, "access-point"),
    when(/S6\d\d|M8/, "router"),
    when(/SCALANCE|SIMATIC NET, X/, "switch"),
    fixed("network"),
  ],
  model: [
    descr(/(SCALANCE \S+?),/),
    descr(/SIMATIC NET, (?:SCALANCE )?(\S+?),/),
    descr(/Siemens, SIMATIC[^,]*, (.+?), 6/),
    descr(/^Siemens, (.+?),/),
  ],
  osVersion: [descr(/(?:FW|Firmware): ?(?:Version )?(V[\d.]+)/), descr(/(?:FW|Firmware):? V?([\d.]+)/)],
  serialNumber: [descr(/, S ([A-Z]\S*\d{4,}\S*)/), descr(/(VP[A-Z]\d{7,}|S[A-Z]* ?\S*\d{7})/)],
  hardwareRevision: [descr(/HW: ?(?:Version )?(\w+)/)],
});
export const ruggedcom = defineProfile({
  name: "ruggedcom",
  sysObjectID: "E.15004",
  vendor: "Siemens",
  type: "switch",
  osName: "ROS",
  // rcDeviceInfo: serial number, boot loader, main software, ...
  model: [descr(/(RS\w*\d\S*|RX\d\S*)/)],
  osVersion: [scalar("E.15004.4.2.3.3.0", /v?(\d+\.\d+\.\d+)/)],
  serialNumber: [scalar("E.15004.4.2.3.1.0")],
});
export const advantechEki = defineProfile({
  name: "advantech-eki",
  sysObjectID: "E.10297",
  vendor: "Advantech",
  type: "switch",
  model: [scalar("E.10297.100.1.1.0"), descr(/(EKI-\S+)/)],
  osVersion: [scalar("E.10297.100.1.3.0", /(\d+\.\d+\.\d+.*)/), scalar("E.10297.100.1.2.0", /(\d+\.\d+\.\d+.*)/)],
  serialNumber: [scalar("E.10297.100.1.6.0", /^(\w{8,})$/)],
});
export const westermo = defineProfile({
  name: "westermo",
  sysObjectID: "E.16177",
  vendor: "Westermo",
  type: "switch",
  osName: "WeOS",
  model: [descr(/Westermo (\S+)/i), entity("model")],
  osVersion: [descr(/(?:WeOS|firmware:?|primary:? v?)\s?v?(\d+\.[\d.]+)/i), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const nTron = defineProfile({
  name: "n-tron",
  sysObjectID: "E.28381",
  vendor: "Red Lion",
  type: "switch",
  model: [descr(/^N-TRON (\d\S+)/i)],
});
export const kyland = defineProfile({
  name: "kyland",
  sysObjectID: "E.26067",
  vendor: "Kyland",
  type: "switch",
  model: [descr(/(SICOM\S+|Aquam\S+|Opal\S+)/i)],
  osVersion: [descr(/(?:Version|V)(\d\S+)/)],
});
export const phoenixContact = defineProfile({
  name: "phoenix-contact",
  sysObjectID: "E.4346",
  vendor: "Phoenix Contact",
  type: [when(/mGuard/i, "firewall"), fixed("switch")],
  model: [scalar("E.4346.11.1.2.1.1.0"), descr(/(FL \S+(?: \S+)*)/)],
  osVersion: [scalar("E.4346.11.1.3.1.1.0")],
  serialNumber: [scalar("E.4346.11.1.2.1.3.0")],
});
export const etherwan = defineProfile({
  name: "etherwan",
  sysObjectID: "E.2736",
  vendor: "EtherWAN",
  type: "switch",
  osVersion: [descr(/Firmware rev: ?(\S+)/)],
});
export const planet = defineProfile({
  name: "planet",
  sysObjectID: "E.10456",
  vendor: "Planet",
  type: [when(/Wireless|WAP|WDAP/i, "access-point"), when(/IP ?cam|ICA/i, "camera"), fixed("switch")],
  model: [descr(/\b([A-Z]{2,5}-\d+\w*(?:-\w+)*)/)],
  osVersion: [entity("softwareRev"), scalar("E.10456.2.100.1.3.0")],
});
export const bitstream = defineProfile({
  name: "bitstream",
  sysObjectID: "E.6603",
  vendor: "Bitstream",
  type: "switch",
  model: [wholeDescr],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const ctcUnion = defineProfile({
  name: "ctc-union",
  sysObjectID: "E.4756",
  vendor: "CTC Union",
  type: "switch",
  model: [descr(/^(\S+)/)],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const trendnet = defineProfile({
  name: "trendnet",
  sysObjectID: "E.28866",
  vendor: "TRENDnet",
  type: "switch",
  model: [descr(/^(?:TRENDnet )?(T\w+-\S+)/i)],
});
export const netonix = defineProfile({
  name: "netonix",
  sysObjectID: "E.46242",
  vendor: "Netonix",
  type: "switch",
  model: [descr(/Netonix (\S+)/)],
  osVersion: [scalar("E.46242.1.0", /^(\d+\.\d+\.\d+\w*)/)],
});
export const ifotec = defineProfile({
  name: "ifotec",
  sysObjectID: "E.21362",
  vendor: "iFotec",
  type: "switch",
  model: [descr(/^(\S+) :/)],
});
export const tailyn = defineProfile({
  name: "tailyn",
  sysObjectID: "E.5833",
  vendor: "Tailyn",
  type: "switch",
  model: [entity("model")],
  osVersion: [scalar("E.5833.2017.3.11.2.0"), entity("softwareRev")],
  features: [scalar("E.5833.2017.3.11.1.0")],
});
export const waystream = defineProfile({
  name: "waystream",
  sysObjectID: ["E.9303"],
  vendor: "Waystream",
  type: "switch",
  osName: "iBOS",
  model: [scalar("E.9303.4.1.1.2.0", /^(\S+)/), descr(/((?:ASR|MS|MPC|BGA)\d+\w*)/)],
  osVersion: [scalar("E.9303.4.1.1.1.0", /(\d+\.\S+)/), descr(/(?:iBOS|Version)\D*(\d\S+)/)],
  serialNumber: [entity("serial")],
});
export const cts = defineProfile({
  name: "cts",
  sysObjectID: "E.9304",
  vendor: "CTS",
  type: "switch",
  model: [column("E.9304.100.1.1.3"), descr(/((?:HES|HET|IPS|MCT|GES)-?\d\S*)/)],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const quanta = defineProfile({
  name: "quanta",
  sysObjectID: ["E.7244", "E.4413"],
  sysDescr: /^(Quanta|QuantaMesh|LB\w|LY\w)/,
  vendor: "Quanta",
  type: "switch",
  model: [descr(/^(?:Quanta )?(\S*\d\S*),/), scalar("E.4413.1.1.1.1.1.3.0"), scalar("E.7244.2.1.1.1.1.3.0")],
  osVersion: [scalar("E.4413.1.1.1.1.1.13.0"), scalar("E.7244.2.1.1.1.1.13.0")],
  serialNumber: [scalar("E.4413.1.1.1.1.1.4.0"), scalar("E.7244.2.1.1.1.1.4.0")],
});
export const broadcomFastpath = defineProfile({
  name: "broadcom-fastpath",
  sysObjectID: "E.4413",
  vendor: [descr(/^(Quanta|Ubiquiti|UBNT|Dell|Netgear|Lenovo|FS|Edgecore)/i)],
  type: "switch",
  model: [scalar("E.4413.1.1.1.1.1.3.0"), scalar("E.4413.1.1.1.1.1.2.0"), descr(/^([^,]+),/)],
  osVersion: [scalar("E.4413.1.1.1.1.1.13.0"), descr(/, (\d+\.\d+\.\d+[\d.]*)/)],
  serialNumber: [scalar("E.4413.1.1.1.1.1.4.0"), entity("serial")],
});
export const threeCom = defineProfile({
  name: "three-com",
  sysObjectID: "E.43",
  vendor: "3Com",
  type: "switch",
  model: [
    compose("{} {}", descr(/3Com (.+)$/), column("E.43.10.27.1.1.1.5", /(Switch \w+)/)),
    descr(/3Com (.+?)(?: Software Version.*)?$/),
  ],
  osVersion: [column("E.43.10.27.1.1.1.12"), descr(/Version (\S+)/), scalar("E.43.10.27.1.1.1.12.1")],
  serialNumber: [column("E.43.10.27.1.1.1.13"), entity("serial")],
});
export const ibmNos = defineProfile({
  name: "ibm-nos",
  sysObjectID: ["E.20301", "E.26543", "E.1872", "E.19046.2"],
  vendor: [when(/Lenovo/, "Lenovo"), when(/Blade Network|BNT/, "BNT"), fixed("IBM")],
  type: "switch",
  osName: "Networking OS",
  model: [descr(/(?:IBM|Lenovo) (?:Networking Operating System )?(.+?)(?:,|$)/), entity("model"), wholeDescr],
  osVersion: [
    scalar("E.20301.2.5.1.2.1.1.1.10.0"),
    column("E.26543.2.5.1.1.1.10"),
    scalar("E.26543.2.5.1.1.1.10.0"),
    descr(/(?:version|Ver) ([\d.]+)/i),
  ],
  serialNumber: [scalar("E.26543.2.5.1.3.1.18.0"), entity("serial"), scalar("E.20301.2.5.1.3.1.18.0")],
});
export const bntByDescription = defineProfile({
  name: "bnt-by-description",
  sysDescr: /^(Blade Network Technologies|BNT )/,
  vendor: "BNT",
  type: "switch",
});
export const fujitsuSwitch = defineProfile({
  name: "fujitsu-switch",
  sysDescr: /(PY CB|PRIMERGY).*(Switch|Eth|IBP)/,
  vendor: "Fujitsu",
  type: "switch",
  model: [descr(/^(.+?)(?:,|$)/)],
  osVersion: [descr(/Runtime Code (\S+)/)],
});
export const supermicroSwitch = defineProfile({
  name: "supermicro-switch",
  sysDescr: /^(Supermicro Switch|SuperSwitch|SBM-|SSE-|MBM-)/,
  vendor: "Supermicro",
  type: "switch",
  model: [descr(/((?:SSE|SBM|MBM)-\S+)/)],
  osVersion: [descr(/(?:Firmware revision|Version):? (\S+)/)],
});
export const perle = defineProfile({
  name: "perle",
  sysObjectID: "E.1966",
  vendor: "Perle",
  type: [
    when(/SCS|STS|SDS|IOLAN/i, "console-server"),
    when(/MCR|CM-/, "media-converter"),
    when(/IDS/, "switch"),
    fixed("console-server"),
  ],
  model: [descr(/^(?:Perle )?([A-Z]\S+?),/), descr(/^(?:Perle )?(\S+)/)],
  osVersion: [descr(/, (\d\S+)/)],
  serialNumber: [scalar("E.1966.21.1.1.1.1.3.0")],
});
export const perleByDescription = defineProfile({
  name: "perle-by-description",
  sysDescr: /^Perle /,
  vendor: "Perle",
  type: [when(/MCR/, "media-converter"), fixed("console-server")],
});
export const kti = defineProfile({
  name: "kti",
  sysDescr: /^K(GS|GD|GC)-\d/,
  vendor: "KTI",
  type: "switch",
  model: [descr(/^(\S+)/)],
});
