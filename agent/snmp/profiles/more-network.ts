/** Further network makers: Radware and RADLAN's old number, Lenovo CNOS, 4RF, Keenetic, Maipu, Nexans, Telco Systems, Infinet, IgniteNet, Airspan. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when } from "./rules.ts";

export const radware = defineProfile({
  name: "radware",
  sysObjectID: "E.89",
  vendor: [
    when(/DefensePro|AppDirector|LinkProof|Alteon|Radware|AppWall|DefenseFlow|ODS/i, "Radware"),
    fixed("Radlan"),
  ],
  type: [
    when(/DefensePro|AppWall/i, "security"),
    when(/AppDirector|LinkProof|Alteon/i, "load-balancer"),
    fixed("switch"),
  ],
  model: [descr(/^((?:DefensePro|AppDirector|LinkProof|AppWall)\S*(?: x?\d\S*)?)/)],
  osVersion: [scalar("E.89.2.4.0"), column("E.89.53.14.1.2")],
  serialNumber: [column("E.89.53.14.1.5")],
});
export const lenovoCnos = defineProfile({
  name: "lenovo-cnos",
  sysObjectID: "E.19046.1.7",
  vendor: "Lenovo",
  type: "switch",
  osName: "CNOS",
  model: [entity("model"), descr(/^Lenovo (?:ThinkSystem )?(\S+(?: RackSwitch)?)/)],
  osVersion: [descr(/version (\d+(?:\.\d+)+)/i), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const aprisa = defineProfile({
  name: "aprisa",
  sysObjectID: "E.14817",
  vendor: "4RF",
  type: "radio",
  model: [descr(/(Aprisa \S+)/i)],
});
export const keenetic = defineProfile({
  name: "keenetic",
  sysObjectID: "E.52573",
  vendor: "Keenetic",
  type: "router",
  osName: "KeeneticOS",
  model: [descr(/(Keenetic[^,;(]*?)(?:,| v?\d+\.\d|$)/i)],
});
export const maipu = defineProfile({
  name: "maipu",
  sysObjectID: "E.5651",
  vendor: "Maipu",
  type: [when(/switch|S\d{4}/i, "switch"), fixed("router")],
  osName: "MyPower OS",
  model: [descr(/^(?:Maipu )?(?:MyPower )?([A-Z]+\d{3,5}\S*)/i)],
  osVersion: [descr(/Version (?:V)?(\d[\w.()-]+)/i)],
});
export const nexans = defineProfile({
  name: "nexans",
  sysObjectID: "E.266",
  vendor: "Nexans",
  type: "switch",
  model: [descr(/((?:GigaSwitch|FiberSwitch|iGigaSwitch|XGigaSwitch)\S*(?: \S*\d\S*)*)/i)],
  osVersion: [descr(/(?:Firmware|FW|SW)[ :-]*V?(\d[\w.]+)/i)],
});
export const telcoSystems = defineProfile({
  name: "telco-systems",
  sysObjectID: ["E.738", "E.564"],
  vendor: "Telco Systems",
  type: "switch",
  osName: [when(/BiNOX/i, "BiNOX"), fixed("BiNOS")],
  model: [descr(/((?:T-Marc|T-Metro|T5C|T\d+)[- ]?\S*\d\S*)/i)],
  osVersion: [descr(/(?:Version|BiNO[SX]):? ?v?(\d[\w.]+)/i)],
});
export const infinet = defineProfile({
  name: "infinet",
  sysObjectID: "E.3942",
  vendor: "InfiNet",
  type: "radio",
  osName: "WANFleX",
  model: [descr(/(?:InfiNet Wireless )?(R\d{4,5}\S*)/i)],
  osVersion: [descr(/WANFleX H\d+S\d+v(\d[\w.]+)/i), descr(/v(\d+\.\d+\.\d+)/)],
  serialNumber: [descr(/(?:SN|S\/N):? ?(\d{5,})/i)],
});
export const ignitenet = defineProfile({
  name: "ignitenet",
  sysObjectID: "E.47307",
  vendor: "IgniteNet",
  type: "wireless",
  model: [descr(/(?:IgniteNet )?(\S*\d\S*)/i)],
});
export const airspan = defineProfile({ name: "airspan", sysObjectID: "E.19454", vendor: "Airspan", type: "wireless" });
export const cambridgeBroadband = defineProfile({
  name: "cambridge-broadband",
  sysObjectID: "E.5419",
  vendor: "Cambridge Broadband",
  type: "radio",
  osName: "VectaStar",
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const vubiq = defineProfile({ name: "vubiq", sysObjectID: "E.46330", vendor: "Vubiq", type: "radio" });
export const deliberant = defineProfile({
  name: "deliberant",
  sysObjectID: "E.32761",
  vendor: "LigoWave",
  type: "wireless",
  model: [column("E.32761.3.1.1"), descr(/(?:Deliberant|LigoDLB) (\S+)/i)],
});
export const fujitsuPrimergy = defineProfile({
  name: "fujitsu-primergy",
  sysObjectID: "E.231.1",
  vendor: "Fujitsu",
  type: "server",
  model: [column("E.231.2.10.2.2.10.2.3.1.5")],
  serialNumber: [column("E.231.2.10.2.2.10.2.3.1.7")],
});
export const yamaha = defineProfile({
  name: "yamaha",
  sysObjectID: "E.1182",
  vendor: "Yamaha",
  type: [when(/SWX|SWR|SWP/, "switch"), when(/WLX/, "access-point"), fixed("router")],
  model: [descr(/^(\S+) Rev/), descr(/^((?:RTX?|NVR|FWX|SWX|SWR|SWP|WLX)\S+)/)],
  osVersion: [descr(/Rev\.? ?(\d[\d.]+)/)],
});
export const furukawa = defineProfile({
  name: "furukawa",
  sysObjectID: ["E.246", "E.10428"],
  vendor: "Furukawa",
  type: [when(/OLT|LW\d|GPON/i, "olt"), fixed("router")],
  model: [descr(/(FITELnet \S+|FX\d+\S*|LW\d+\S*)/i)],
  osVersion: [descr(/V(\d\d[.(]\d\d\S*)/)],
});
export const intelbras = defineProfile({
  name: "intelbras",
  sysObjectID: "E.26138",
  vendor: "Intelbras",
  type: [when(/OLT/i, "olt"), when(/WOM|AP ?\d/i, "wireless"), fixed("switch")],
  model: [descr(/((?:SG|SF|S\d|OLT|WOM)\s?\d\S*)/i)],
});
export const parks = defineProfile({
  name: "parks",
  sysObjectID: "E.3893",
  vendor: "Parks",
  type: [when(/Fiberlink|OLT/i, "olt"), fixed("network")],
  model: [descr(/((?:Fiberlink|Netway) ?\S*\d\S*)/i)],
});
export const iskratel = defineProfile({
  name: "iskratel",
  sysObjectID: "E.1332",
  vendor: "Iskratel",
  type: "olt",
  model: [descr(/(SI3000 \S+|\S*BAN\S*)/i)],
});
