/** Access networks: Dasan, Ubiquoss, Zhone, Calix, Adtran, Eltex, GW, C-Data, V-SOL, Fiberhome, Icotera, DKT, Genexis, Huahuan. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when, wholeDescr } from "./rules.ts";

export const dasan = defineProfile({
  name: "dasan",
  sysObjectID: "E.6296",
  vendor: "Dasan",
  type: [when(/^V(58|8|61)/, "olt"), fixed("switch")],
  osName: "NOS",
  model: [descr(/^(\S+(?: \S+)*?) NOS/)],
  osVersion: [descr(/NOS ([\w.]+)/)],
  serialNumber: [scalar("E.6296.9.1.1.1.10.0")],
});
export const ubiquoss = defineProfile({
  name: "ubiquoss",
  sysObjectID: "E.7800",
  vendor: "Ubiquoss",
  type: "olt",
  model: [wholeDescr],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const zhone = defineProfile({
  name: "zhone",
  sysObjectID: "E.5504",
  vendor: "Zhone",
  type: "olt",
  osName: "SLMS",
  model: [column("E.5504.3.1.2.1.4"), descr(/((?:MX|MXK|zNID)[-\w]*\d\w*)/)],
  osVersion: [descr(/(?:SLMS|MX[K]?) (\d\S+)/), column("E.5504.6.1.2.1.1.4")],
});
export const calix = defineProfile({
  name: "calix",
  sysObjectID: ["E.6321", "E.6066"],
  vendor: "Calix",
  type: "olt",
  model: [descr(/^(?:Calix )?(E\d-?\w*|C7|B6\S*|AXOS \S+|\d{3}\w*)/), entity("model")],
  osVersion: [entity("softwareRev"), descr(/(\d+\.\d+\.\d+\S*)/)],
  serialNumber: [scalar("E.6321.1.2.2.2.1.1.3.0"), entity("serial"), scalar("E.6321.1.2.3.4.1.3.0")],
});
export const adtran = defineProfile({
  name: "adtran",
  sysObjectID: "E.664",
  vendor: "Adtran",
  type: [when(/TA ?5|Total Access 5|OLT|SDX/, "olt"), when(/NetVanta (1[2-7])/, "switch"), fixed("router")],
  osName: "AOS",
  model: [
    scalar("E.664.3.1.1.1.1.1.0"),
    scalar("E.664.5.1.1.1.1.2.0"),
    descr(/^((?:NetVanta|TA|Total Access|Optiswitch) ?\d*\w*)/),
    descr(/(NetVanta \S+?),/),
  ],
  osVersion: [scalar("E.664.3.1.1.1.1.8.0"), scalar("E.664.5.1.1.1.1.4.0"), descr(/Version: ?([\w.]+)/)],
  serialNumber: [scalar("E.664.3.1.1.1.1.4.0"), scalar("E.664.5.1.1.1.1.5.0", /^([A-Z0-9]{6,})$/)],
});
export const eltex = defineProfile({
  name: "eltex",
  sysObjectID: "E.35265",
  vendor: "Eltex",
  type: [
    when(/LTP|LTE|OLT|MA4000/, "olt"),
    when(/ESR|Router/, "router"),
    when(/WEP|WOP|Access Point/, "access-point"),
    when(/SMG|TAU/, "voip-gateway"),
    fixed("switch"),
  ],
  model: [
    descr(/^(MES\w+(?: AC| DC)?)/),
    descr(/^(ESR-?\w+)/),
    scalar("E.35265.1.22.1.1.1.0"),
    entity("name", /^((?:MES|ESR)\S+)/),
  ],
  osVersion: [
    entity("firmwareRev", /^(\d+\.\d+\S*)$/),
    entity("softwareRev"),
    scalar("E.35265.1.22.1.1.2.0"),
    descr(/Version: ?(\S+)/),
  ],
  serialNumber: [scalar("E.2076.81.1.120.0"), scalar("E.35265.1.22.1.1.3.0"), entity("serial")],
});
export const gwTechnologies = defineProfile({
  name: "gw-technologies",
  sysObjectID: "E.10072",
  vendor: "GWD",
  type: "olt",
  hardwareRevision: [column("E.10072.2.20.1.1.1.1.1.9")],
  osVersion: [column("E.10072.2.20.1.1.1.1.1.8")],
  serialNumber: [column("E.10072.2.20.1.1.2.1.1.18")],
});
export const cData = defineProfile({
  name: "c-data",
  sysObjectID: ["E.34592", "E.17409"],
  vendor: "C-Data",
  type: "olt",
  model: [column("E.17409.2.3.1.2.1.1.3"), descr(/(FD\d+\w*)/)],
  osVersion: [column("E.17409.2.3.1.2.1.1.7", /^V?(\d+\.\d\S*)$/), descr(/V(\d\S+)/)],
});
export const vSol = defineProfile({
  name: "v-sol",
  sysObjectID: "E.37950",
  vendor: "V-SOL",
  type: "olt",
  model: [descr(/(V\d{4}\w*)/)],
  osVersion: [scalar("E.37950.1.1.5.10.12.5.4.0", /V?(\d\S+)/)],
});
export const fiberhome = defineProfile({
  name: "fiberhome",
  sysObjectID: "E.5875",
  vendor: "FiberHome",
  type: [when(/Switch|S\d{4}/, "switch"), fixed("olt")],
  model: [descr(/(AN\d+\S*|S\d{4}\S*)/)],
  osVersion: [descr(/(?:Version|software version):? ?(\S+)/i)],
});
export const icotera = defineProfile({
  name: "icotera",
  sysObjectID: "E.29865",
  vendor: "Icotera",
  type: "router",
  model: [descr(/ICOTERA (\S+)/)],
  osVersion: [descr(/ICOTERA \S+ (\S+)/)],
});
export const dktComega = defineProfile({
  name: "dkt-comega",
  sysObjectID: "E.27304",
  vendor: "DKT",
  type: "router",
  model: [scalar("E.27304.10.1.0")],
  osVersion: [scalar("E.27304.10.2.0")],
});
export const genexis = defineProfile({
  name: "genexis",
  sysObjectID: "E.25167",
  vendor: "Genexis",
  type: "router",
  model: [descr(/^(\S+)/)],
});
export const paradyne = defineProfile({
  name: "paradyne",
  sysObjectID: "E.1795",
  vendor: "Paradyne",
  type: "modem",
  model: [descr(/Model: ?([^;]+)/)],
  osVersion: [descr(/S\/W Release: ?([^;]+)/)],
  serialNumber: [descr(/Serial number: ?([^;]+)/i)],
});
