/** Further power and site gear: Janitza, Himoinsa's peers, Ablerex is in ups-makers.ts; Vutlan, Enatel, Benning, TDK-Lambda, Victron, SMA, CE+T, Carlo Gavazzi's kin, Sensaphone. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, scalar, when } from "./rules.ts";

export const janitza = defineProfile({
  name: "janitza",
  sysObjectID: "E.34278",
  vendor: "Janitza",
  type: "power",
  model: [descr(/(UMG ?\d+\S*)/i)],
  osVersion: [descr(/(?:Firmware|Release|Version)[ :]*v?(\d[\w.]+)/i)],
  serialNumber: [descr(/(?:Serial(?: number)?|SN)[ :]*(\d{4}-?\d{4,})/i)],
});
export const vutlan = defineProfile({
  name: "vutlan",
  sysObjectID: "E.39052",
  vendor: "Vutlan",
  type: "environment",
  model: [descr(/(VT ?\d+\S*)/i)],
});
export const enatel = defineProfile({
  name: "enatel",
  sysObjectID: ["E.21940", "E.7551"],
  vendor: "Enatel",
  type: "power",
});
export const cetPower = defineProfile({
  name: "cet-power",
  sysObjectID: "E.12551",
  vendor: "CE+T",
  type: "power",
  model: [descr(/(T2S \S+|Inview \S+|Catena)/i)],
});
export const tdkLambda = defineProfile({
  name: "tdk-lambda",
  sysObjectID: "E.20027",
  vendor: "TDK-Lambda",
  type: "power",
});
export const powercom = defineProfile({
  name: "powercom",
  sysObjectID: "E.7293",
  vendor: "Powercom",
  type: "ups",
  model: [scalar("1.3.6.1.2.1.33.1.1.2.0")],
});
export const apcon = defineProfile({
  name: "apcon",
  sysObjectID: "E.10830",
  vendor: "APCON",
  type: "network",
  model: [descr(/(INTELLA\S*(?: \S+)?|ACI-\S+)/i)],
});
export const extrahop = defineProfile({
  name: "extrahop",
  sysObjectID: "E.32015",
  vendor: "ExtraHop",
  type: "network",
  osVersion: [descr(/(\d+\.\d+\.\d+\.\d+)/)],
});
export const securepoint = defineProfile({
  name: "securepoint",
  sysObjectID: "E.28553",
  vendor: "Securepoint",
  type: "firewall",
  osVersion: [descr(/(\d+\.\d+(?:\.\d+)*)/)],
});
export const media5 = defineProfile({
  name: "media5",
  sysObjectID: "E.4935",
  vendor: "Media5",
  type: "voip-gateway",
  osName: "DGW",
  model: [descr(/(?:Mediatrix )?((?:C7|41|44|G7|S7|LP)\w*\d\w*)/i)],
  osVersion: [descr(/(?:Dgw|DGW)\D*(\d+\.\d+\.\d+\S*)/)],
  serialNumber: [descr(/(?:S\/N|Serial)[ :#]*(\w{6,})/i)],
});
export const crestron = defineProfile({
  name: "crestron",
  sysObjectID: "E.3212",
  vendor: "Crestron",
  type: "audio",
  model: [descr(/^(?:Crestron )?([A-Z]+-?\d\S*)/i)],
  osVersion: [descr(/\[v(\d[\d.]+)/), descr(/v(\d+\.\d+\S*)/)],
});
export const extron = defineProfile({
  name: "extron",
  sysObjectID: "E.18026",
  vendor: "Extron",
  type: "audio",
  model: [descr(/^(?:Extron )?(\S*\d\S*)/i)],
});
export const biamp = defineProfile({
  name: "biamp",
  sysObjectID: "E.44457",
  vendor: "Biamp",
  type: "audio",
  model: [descr(/((?:Tesira|TesiraFORTE|Devio|Vocia)\S*(?: \S+)?)/i)],
});
export const qsc = defineProfile({
  name: "qsc",
  sysObjectID: "E.1531",
  vendor: "QSC",
  type: "audio",
  model: [descr(/(Core \S+|Q-SYS \S+)/i)],
});
export const hanwha = defineProfile({
  name: "hanwha",
  sysObjectID: ["E.36849", "E.236.4"],
  vendor: "Hanwha",
  type: [when(/NVR|RN-|XRN/i, "nvr"), fixed("camera")],
  model: [descr(/([A-Z]{2,4}-\w*\d\w*)/)],
});
export const bosch = defineProfile({
  name: "bosch",
  sysObjectID: "E.3967",
  vendor: "Bosch",
  type: "camera",
  model: [descr(/((?:NBE|NBN|NDE|NDN|NIN|NEZ|MIC|VIP|DIVAR|FLEXIDOME|DINION|AUTODOME)\S*(?: \S+)*?)(?:,|$)/i)],
});
