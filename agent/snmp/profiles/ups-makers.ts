/** UPS: CyberPower, Tripp Lite, Vertiv/Liebert, Generex, Socomec, Riello, Delta, GE, Gamatronic, Huawei, Phoenixtec, Megatec, iStars, Salicru and others on UPS-MIB. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, compose, descr, scalar, when, wholeDescr } from "./rules.ts";

export const cyberpower = defineProfile({
  name: "cyberpower",
  sysObjectID: "E.3808",
  vendor: "CyberPower",
  type: [when(/PDU/i, "pdu"), when(/ATS/, "ats"), fixed("ups")],
  model: [
    scalar("E.3808.1.1.1.1.1.1.0"),
    scalar("E.3808.1.1.3.1.5.0"),
    scalar("E.3808.1.1.6.1.3.0"),
    scalar("1.3.6.1.2.1.33.1.1.2.0"),
  ],
  osVersion: [scalar("E.3808.1.1.1.1.2.1.0"), scalar("E.3808.1.1.3.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.3.0")],
  serialNumber: [scalar("E.3808.1.1.1.1.2.3.0"), scalar("E.3808.1.1.3.1.6.0")],
});
export const trippLite = defineProfile({
  name: "tripp-lite",
  sysObjectID: "E.850",
  vendor: "Tripp Lite",
  type: [when(/B09[0-9]|Console/i, "console-server"), when(/PDU/, "pdu"), when(/ATS/, "ats"), fixed("ups")],
  osName: [when(/PowerAlert/, "PowerAlert")],
  model: [
    descr(/TrippLite (B\S+?),/),
    scalar("1.3.6.1.2.1.33.1.1.2.0"),
    column("E.850.1.1.1.2.1.5"),
    scalar("E.850.100.1.1.2.0"),
  ],
  osVersion: [
    descr(/Version (\d+\.\d+\.\d+)/),
    descr(/PowerAlert (\d[\d.]+) \(Build (\d+)\)/, "$1.$2"),
    scalar("1.3.6.1.2.1.33.1.1.4.0"),
    scalar("E.850.100.1.1.4.0"),
  ],
  serialNumber: [column("E.850.1.1.1.2.1.6"), scalar("E.850.100.1.1.4.0", /^(\w{10,})$/)],
});
export const liebert = defineProfile({
  name: "liebert",
  sysObjectID: "E.476",
  vendor: "Vertiv",
  type: [when(/FPC|PPC|PDU|MPH|MPX|ZeroU/, "pdu"), when(/Challenger|DS|CW|CRV|PCW|iCOM/, "cooling"), fixed("ups")],
  model: [scalar("E.476.1.42.2.1.2.0"), scalar("1.3.6.1.2.1.33.1.1.2.0"), descr(/^Liebert (\S+)/)],
  osVersion: [scalar("E.476.1.42.2.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.3.0")],
  serialNumber: [
    scalar("E.476.1.42.2.1.4.0"),
    column("E.476.1.42.2.4.2.1.4", /^([A-Z0-9]{8,})$/),
    scalar("E.476.1.42.3.8.20.1.50.1"),
  ],
});
export const vertiv = defineProfile({
  name: "vertiv",
  sysObjectID: ["E.13400", "E.6302"],
  vendor: "Vertiv",
  type: [when(/NetSure|Rectifier|ACU|NCU/i, "power"), fixed("ups")],
  model: [scalar("E.13400.2.54.1.2.0"), scalar("E.6302.2.1.1.2.0")],
  osVersion: [scalar("E.6302.2.1.1.3.0")],
  serialNumber: [scalar("E.13400.2.54.1.3.0"), scalar("E.6302.2.1.1.4.0", /^(\w{6,})$/)],
});
export const netsure = defineProfile({
  name: "netsure",
  sysObjectID: "E.885",
  vendor: "Vertiv",
  type: "power",
  osVersion: [scalar("E.885.3.1.1.0")],
});
/** upsIdentManufacturer with the model, as Generex's and others' adapters serve any maker's UPS. */
const upsIdent = {
  model: [
    compose("{} {}", scalar("1.3.6.1.2.1.33.1.1.1.0"), scalar("1.3.6.1.2.1.33.1.1.2.0")),
    scalar("1.3.6.1.2.1.33.1.1.2.0"),
  ],
} as const;
export const generex = defineProfile({
  name: "generex",
  sysDescr: /\bCS1[24]1\b/i,
  vendor: "Generex",
  type: "ups",
  ...upsIdent,
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.4.0"), wholeDescr],
});
export const upsMib = defineProfile({
  name: "ups-mib",
  sysObjectID: "1.3.6.1.2.1.33",
  vendor: [when(/\bABB\b/, "ABB"), scalar("1.3.6.1.2.1.33.1.1.1.0", /^([A-Z].*)$/), fixed("Generex")],
  type: "ups",
  ...upsIdent,
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.4.0"), scalar("1.3.6.1.2.1.33.1.1.3.0")],
});
export const socomec = defineProfile({
  name: "socomec",
  sysObjectID: "E.4555",
  vendor: "Socomec",
  type: [
    bySysObjectID("E.4555", { "1.1.1": "ups", "1.1.5": "ups", "1.1.7": "ups", "2.30": "pdu", "10": "power" }),
    fixed("ups"),
  ],
  model: [
    scalar("E.4555.1.1.7.1.1.1.0"),
    scalar("E.4555.2.30.1.2.0"),
    scalar("E.4555.1.1.1.1.1.1.0"),
    scalar("E.4555.1.1.5.1.1.1.0"),
  ],
  osVersion: [
    scalar("E.4555.1.1.7.1.1.5.0", /(\d+\.\d+\S*)/),
    compose("FW {} / SW {}", scalar("E.4555.2.30.1.4.0"), scalar("E.4555.2.30.1.5.0")),
    scalar("E.4555.1.1.1.1.1.3.0"),
  ],
  serialNumber: [scalar("E.4555.1.1.7.1.1.2.0"), scalar("E.4555.2.30.1.3.0"), scalar("E.4555.1.1.1.1.1.4.0")],
});
export const riello = defineProfile({
  name: "riello",
  sysObjectID: "E.5491",
  vendor: "Riello",
  type: "ups",
  model: [scalar("E.5491.10.1.1.2.0"), scalar("1.3.6.1.2.1.33.1.1.2.0")],
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.4.0")],
});
export const delta = defineProfile({
  name: "delta",
  sysObjectID: ["E.2254", "E.20246"],
  vendor: "Delta",
  type: [when(/Orion|Rectifier|Power System/i, "power"), fixed("ups")],
  model: [scalar("E.2254.2.4.1.2.0"), scalar("E.2254.2.5.1.2.0")],
  osVersion: [scalar("E.20246.2.3.1.1.1.2.1.4.0"), scalar("E.2254.2.4.1.3.0"), scalar("E.2254.2.4.1.4.0")],
  serialNumber: [scalar("E.2254.2.4.1.5.0", /^(\w{6,})$/)],
});
export const geUps = defineProfile({
  name: "ge-ups",
  sysObjectID: "E.818",
  vendor: "GE",
  type: "ups",
  model: [scalar("E.818.1.1.11.1.2.0"), scalar("1.3.6.1.2.1.33.1.1.2.0")],
  osVersion: [scalar("E.818.1.1.11.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.3.0")],
  serialNumber: [scalar("E.818.1.1.11.2.2.1.3.0")],
});
export const imco = defineProfile({
  name: "imco",
  sysObjectID: ["E.818.32", "E.2185"],
  vendor: "IMCO",
  type: "ups",
  model: [scalar("E.2185.1.3.11.1.2.0")],
  osVersion: [scalar("E.2185.1.3.11.1.3.0")],
  serialNumber: [scalar("E.2185.1.3.11.2.1.1.3.0")],
});
export const gamatronic = defineProfile({
  name: "gamatronic",
  sysObjectID: "E.6050",
  vendor: "Gamatronic",
  type: "ups",
  model: [scalar("E.6050.1.1.1.0"), scalar("1.3.6.1.2.1.33.1.1.2.0")],
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.3.0")],
});
export const phoenixtec = defineProfile({
  name: "phoenixtec",
  sysObjectID: "E.935",
  vendor: [scalar("1.3.6.1.2.1.33.1.1.1.0", /^([A-Z]\w{2,}.*)$/), fixed("Phoenixtec")],
  type: "ups",
  model: [scalar("E.935.1.1.1.1.1.1.0"), scalar("E.935.10.1.1.1.2.0", /^(\S+)/), scalar("1.3.6.1.2.1.33.1.1.2.0")],
  osVersion: [
    compose("FW: {}, NMC: {}", scalar("E.935.10.1.1.1.3.0"), scalar("E.935.10.1.1.1.6.0")),
    scalar("E.935.1.1.1.1.2.1.0"),
    scalar("E.935.1.1.1.1.2.4.0"),
  ],
  serialNumber: [scalar("E.935.1.1.1.1.2.3.0"), scalar("E.935.10.1.1.1.5.0", /^(\w{6,})$/)],
});
export const istars = defineProfile({
  name: "istars",
  sysObjectID: "E.40614",
  vendor: "iStars",
  type: "ups",
  model: [],
  osVersion: [compose("{} {}", descr(/^(iStars_\S+)/), column("E.40614", /^(R\d\S*)$/)), descr(/_SWV?(\S+)/)],
});
export const salicru = defineProfile({
  name: "salicru",
  sysObjectID: "E.26272",
  vendor: "Salicru",
  type: "ups",
  ...upsIdent,
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.4.0")],
});
export const ablerex = defineProfile({
  name: "ablerex",
  sysObjectID: "E.37662",
  vendor: "Ablerex",
  type: "ups",
  ...upsIdent,
});
export const legrand = defineProfile({
  name: "legrand",
  sysObjectID: ["E.7239", "E.50138"],
  vendor: "Legrand",
  type: "ups",
  ...upsIdent,
});
export const chloride = defineProfile({
  name: "chloride",
  sysObjectID: "E.1364",
  vendor: "Chloride",
  type: "ups",
  ...upsIdent,
});
export const alphaCxc = defineProfile({
  name: "alpha-cxc",
  sysObjectID: "E.7309",
  vendor: "Alpha",
  type: "power",
  model: [scalar("E.7309.5.1.5.0"), scalar("E.7309.4.1.2.8.0"), descr(/HW: (\S+?),/)],
  osVersion: [scalar("E.7309.5.1.3.0"), scalar("E.7309.4.1.2.11.0"), descr(/SW: (v\S+?),/)],
  serialNumber: [scalar("E.7309.5.2.1.2.1.6.1.1"), descr(/SN: (\w+)/)],
});
export const alphaCompas = defineProfile({
  name: "alpha-compas",
  sysObjectID: "E.26854",
  vendor: "Alpha",
  type: "power",
  osVersion: [scalar("E.26854.3.2.1.10.3.91.0")],
  model: [],
});
export const eltek = defineProfile({
  name: "eltek",
  sysObjectID: ["E.12148", "E.13858"],
  vendor: "Eltek",
  type: "power",
  model: [],
  osVersion: [
    column("E.12148.9.1.18.7", /^(\d+\.\d+)/),
    scalar("E.12148.9.1.18.7.0"),
    scalar("E.12148.10.2.7.0"),
    descr(/\) (\d+\.\d+)/),
  ],
  serialNumber: [scalar("E.12148.9.2.1.3.7.0"), scalar("E.12148.10.2.6.0", /^(\w{6,})$/)],
});
export const ictPower = defineProfile({
  name: "ict-power",
  sysObjectID: "E.39145",
  vendor: "ICT",
  type: [bySysObjectID("E.39145", { "10": "pdu" }), fixed("power")],
  model: [10, 11, 13].map((line) => scalar(`E.39145.${line}.1.0`)),
  osVersion: [12]
    .map((line) => scalar(`E.39145.${line}.4.0`))
    .concat([10, 11, 13].map((line) => scalar(`E.39145.${line}.4.0`))),
});
export const samlex = defineProfile({
  name: "samlex",
  sysObjectID: "E.49075",
  vendor: "Samlex",
  type: "power",
  model: [scalar("E.49075.1.1.1.0")],
  osVersion: [scalar("E.49075.1.1.2.0")],
});
export const majorpower = defineProfile({
  name: "majorpower",
  sysObjectID: "E.40865",
  vendor: "Majorpower",
  type: "power",
  model: [scalar("E.40865.1.2.0")],
  osVersion: [scalar("E.40865.1.3.0")],
});
export const packetflux = defineProfile({
  name: "packetflux",
  sysObjectID: "E.32050",
  vendor: "PacketFlux",
  type: "appliance",
  model: [descr(/(SiteMonitor Base \S+(?: \S+)?)/)],
  osVersion: [scalar("E.32050.2.1.26.4.0", /^v?(\d\S*)/)],
});
