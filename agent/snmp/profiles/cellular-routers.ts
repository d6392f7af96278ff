/** Cellular and branch routers: Cradlepoint, Sierra, Digi, Peplink, NetModule, Advantech ICR, Robustel, InHand, bintec elmeg, Viprinet. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when, wholeDescr } from "./rules.ts";

export const cradlepoint = defineProfile({
  name: "cradlepoint",
  sysObjectID: "E.20992",
  vendor: "Cradlepoint",
  type: "router",
  osName: "NetCloud OS",
  model: [descr(/Cradlepoint (\S+?),/i)],
  osVersion: [descr(/Firmware Version (\d+\.\d+\.\d+)/), scalar("E.20992.1.1.2.0")],
  serialNumber: [scalar("E.20992.1.1.5.0")],
});
export const sierraAleos = defineProfile({
  name: "sierra-aleos",
  sysObjectID: "E.20542",
  vendor: "Sierra Wireless",
  type: "router",
  osName: "ALEOS",
  model: [descr(/(?:AirLink )?(\w*\d\w*)/)],
});
export const digiTransport = defineProfile({
  name: "digi-transport",
  sysObjectID: "E.16378",
  vendor: "Digi",
  type: "router",
  model: [scalar("E.16378.10000.3.15.0"), descr(/^(?:Digi )?(\S+)/)],
  osVersion: [scalar("E.16378.10000.3.16.0"), descr(/Ver(?:sion)? ([\d.]+)/)],
  serialNumber: [scalar("E.16378.10000.3.14.0", /^([A-Z0-9]{5,})$/)],
});
export const peplink = defineProfile({
  name: "peplink",
  sysObjectID: ["E.23695", "E.27662"],
  vendor: "Peplink",
  type: [when(/AP One|\bAP\b/, "access-point"), when(/FusionHub/, "router"), fixed("router")],
  model: [
    scalar("E.23695.200.1.1.1.1.1.0"),
    scalar("E.27662.200.1.1.1.1.1.0"),
    descr(/^(?:Peplink|Pepwave)\s?(.+)$/),
    wholeDescr,
  ],
  osVersion: [scalar("E.23695.200.1.1.1.1.3.0"), scalar("E.27662.200.1.1.1.1.3.0")],
  serialNumber: [scalar("E.23695.200.1.1.1.1.2.0"), scalar("E.27662.200.1.1.1.1.2.0")],
});
export const netmodule = defineProfile({
  name: "netmodule",
  sysObjectID: "E.31496",
  vendor: "NetModule",
  type: "router",
  model: [scalar("E.31496.10.40.1.1.0"), wholeDescr],
  osVersion: [scalar("E.31496.10.40.1.2.0")],
  serialNumber: [scalar("E.31496.10.40.1.3.0")],
});
export const advantechIcr = defineProfile({
  name: "advantech-icr",
  sysObjectID: "E.30140",
  vendor: "Advantech",
  type: "router",
  osName: "ICR-OS",
  model: [scalar("E.30140.6.1.0"), descr(/^(\S+) \d/)],
  osVersion: [scalar("E.30140.6.2.0"), descr(/(\d+\.\d+\.\d+ \([\d-]+\))/)],
  serialNumber: [scalar("E.30140.6.3.0")],
});
export const robustel = defineProfile({
  name: "robustel",
  sysObjectID: "E.39699",
  vendor: "Robustel",
  type: "router",
  model: [column("E.39699.1.1.2"), descr(/(R\d{4}\w*)/)],
});
export const bintecElmeg = defineProfile({
  name: "bintec-elmeg",
  sysObjectID: "E.272",
  vendor: "bintec elmeg",
  type: "router",
  osName: "BOSS",
  model: [wholeDescr],
  osVersion: [scalar("E.272.4.1.26.0", /(V\.\d+[\d.]*)/)],
  serialNumber: [column("E.272.4.1.17.1.8", /^([A-Z0-9]{10,})$/), column("E.272.4.1.17.1")],
});
export const viprinet = defineProfile({
  name: "viprinet",
  sysObjectID: "E.35424",
  vendor: "Viprinet",
  type: "router",
  osVersion: [scalar("E.35424.1.1.4.0")],
  serialNumber: [scalar("E.35424.1.1.2.0")],
});
export const viprinetByDescription = defineProfile({
  name: "viprinet-by-description",
  sysDescr: /^Viprinet/,
  vendor: "Viprinet",
  type: "router",
});
export const velocloud = defineProfile({
  name: "velocloud",
  sysDescr: /^VeloCloud/,
  vendor: "VeloCloud",
  type: "router",
  model: [descr(/^VeloCloud (\S+)/)],
});
export const oneaccess = defineProfile({
  name: "oneaccess",
  sysObjectID: "E.13191",
  vendor: "OneAccess",
  type: "router",
  osName: "OneOS",
  model: [entity("model"), scalar("E.13191.10.3.3.2.2.2.1.8.0")],
  osVersion: [descr(/^ONEOS\d*-(\S+)/i), scalar("E.13191.10.3.3.2.1.5.0")],
  serialNumber: [entity("serial"), scalar("E.13191.10.3.3.2.2.2.1.5.0")],
});
export const teldat = defineProfile({
  name: "teldat",
  sysObjectID: "E.2007",
  vendor: "Teldat",
  type: "router",
  osName: "CIT",
  model: [descr(/Router model (\S+(?: BASE)?)/)],
  osVersion: [scalar("E.2007.1.2.1.6.0"), entity("softwareRev")],
  serialNumber: [descr(/S\/N: ([\w/]*\d[\w/]*)/), entity("serial")],
});
export const firebrick = defineProfile({
  name: "firebrick",
  sysObjectID: "E.24693",
  vendor: "FireBrick",
  type: "firewall",
  model: [descr(/^(\S+)/)],
  osVersion: [descr(/\((V\S+)/)],
  serialNumber: [scalar("E.24693.1.1.2.0")],
});
