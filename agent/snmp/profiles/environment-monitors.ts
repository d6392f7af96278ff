/** Sensors and environment monitors: Geist/Vertiv, AKCP, Avtech, NetBotz's peers, HW group, NTI, W&T, Papouch, Teracom, Comet, Rittal, Asentria, Kentix, Jacarta, ServersCheck. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, ownScalar, scalar, sysName, when, wholeDescr } from "./rules.ts";

const geistUnit = ["E.21239.5.1.1", "E.21239.5.2.1", "E.21239.2.1", "E.21239.42.1.1"];
export const geist = defineProfile({
  name: "geist",
  sysObjectID: "E.21239",
  vendor: [bySysObjectID("E.21239", { "42": "Vertiv" }), fixed("Geist")],
  type: [
    when(/PDU|RCM|RCX|RCU/i, "pdu"),
    bySysObjectID("E.21239", { "5.2": "pdu", "2": "environment", "5.1": "environment" }),
    fixed("environment"),
  ],
  model: [
    descr(/^(Watchdog \d+\S*|WD\d+)/),
    ...geistUnit.slice(2, 3).map((root) => scalar(`${root}.1.0`)),
    scalar("E.21239.5.2.1.8.0"),
    scalar("E.21239.5.1.1.9.0"),
  ],
  osVersion: geistUnit.map((root) => scalar(`${root}.2.0`, /^[vV]?(\d+\.\d+\S*)/)),
  serialNumber: [scalar("E.21239.5.2.1.10.0"), ...geistUnit.map((root) => scalar(`${root}.3.0`, /^(\w{6,})$/))],
});
export const itWatchdogs = defineProfile({
  name: "it-watchdogs",
  sysObjectID: ["E.17373", "E.901"],
  vendor: "ITWatchDogs",
  type: "environment",
  model: [scalar("E.17373.4.1.1.1.0"), scalar("E.17373.3.1.1.0")],
  osVersion: [scalar("E.17373.4.1.1.2.0", /v?(\d\S*)/)],
  serialNumber: [scalar("E.17373.4.1.1.3.0", /^(\w{6,})$/)],
});
export const akcp = defineProfile({
  name: "akcp",
  sysObjectID: "E.3854",
  vendor: "AKCP",
  type: "environment",
  model: [descr(/^(sensorProbe\d*\+?|securityProbe\S*|SP2\+|SP\w+)/i)],
  osVersion: [descr(/(?:SP\d+ ?|v|SP2\+ )(\d+(?:\.\d+)+|\d{6})/)],
});
export const avtech = defineProfile({
  name: "avtech",
  sysObjectID: "E.20916",
  vendor: "AVTECH",
  type: "environment",
  model: [descr(/(Room ?Alert ?\w+)/i), descr(/(TemPageR ?\w+)/i)],
  osVersion: [descr(/v(\d+\.\d\S*)/i)],
});
export const hwGroup = defineProfile({
  name: "hw-group",
  sysObjectID: "E.21796",
  vendor: "HW group",
  type: "environment",
  model: [wholeDescr],
  osVersion: [],
});
export const nti = defineProfile({
  name: "nti",
  sysObjectID: "E.3699",
  vendor: "NTI",
  type: "environment",
  model: [10, 11, 1]
    .map((n) => scalar(`E.3699.1.1.${n}.1.1.9.0`))
    .concat([scalar("E.3699.1.1.12.1.100.2.0"), descr(/^(E(?:NVIROMUX)?-\S+)/)]),
  osVersion: [10, 11, 1].map((n) => scalar(`E.3699.1.1.${n}.1.1.8.0`)).concat([scalar("E.3699.1.1.12.1.100.4.0")]),
  serialNumber: [10, 11, 1].map((n) => scalar(`E.3699.1.1.${n}.1.1.11.0`)).concat([scalar("E.3699.1.1.12.1.100.3.0")]),
});
export const wut = defineProfile({
  name: "wut",
  sysObjectID: "E.5040",
  vendor: "W&T",
  type: "environment",
  /* One group below each product's arc: name and order number. */ model: [
    ownScalar(4, "3.3.5.0"),
    ownScalar(4, "3.3.6.0"),
  ],
});
export const papouchByDescription = defineProfile({
  name: "papouch-by-description",
  sysDescr: /^(SNMP )?TME$|^Quidos? SNMP|Papago/i,
  vendor: "Papouch",
  type: "environment",
});
export const papouch = defineProfile({
  name: "papouch",
  sysObjectID: ["E.18248", "0.9.43.6.1.4.1"],
  vendor: "Papouch",
  type: "environment",
});
export const teracom = defineProfile({
  name: "teracom",
  sysObjectID: "E.38783",
  vendor: "Teracom",
  type: "environment",
  model: [scalar("E.38783.3.2.1.2.0"), column("E.38783", /^(TCW\d+\S*)$/)],
  osVersion: [scalar("E.38783.3.1.2.0", /(v\d+\.\d+)/), column("E.38783", /-(v\d+\.\d+)$/)],
});
export const comet = defineProfile({
  name: "comet",
  sysObjectID: "E.22626",
  vendor: "Comet",
  type: "sensor",
  model: [column("E.22626.1.5", /^([TH]\d{4})$/)],
  serialNumber: [scalar("E.22626.1.5.1.2.0")],
});
export const rittal = defineProfile({
  name: "rittal",
  sysObjectID: "E.2606",
  vendor: "Rittal",
  type: "environment",
  model: [descr(/Rittal (.+?)(?: SN| HW| SW|,|$)/i), scalar("E.2606.7.4.1.2.1.2.1"), scalar("E.2606.4.1.1.1.0")],
  osVersion: [descr(/(?:SW |OS |V)(\d\S+)/), scalar("E.2606.7.2.5.0")],
  serialNumber: [descr(/SN (\S+)/), scalar("E.2606.7.4.1.2.1.18.1")],
});
export const asentria = defineProfile({
  name: "asentria",
  sysObjectID: "E.3052",
  vendor: "Asentria",
  type: [bySysObjectID("E.3052", { "23": "server", "14": "power" }), fixed("environment")],
  model: [descr(/^(SiteBoss \S+)/), descr(/^(\S+)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+(?: STD)?)/)],
  serialNumber: [],
});
export const kentix = defineProfile({
  name: "kentix",
  sysObjectID: "E.37954",
  vendor: "Kentix",
  type: "environment",
  model: [descr(/(Kentix\S*(?: \S+)?)/i)],
  osVersion: [descr(/(\d+\.\d+\.\d+)/)],
});
export const jacarta = defineProfile({
  name: "jacarta",
  sysObjectID: "E.19011",
  vendor: "Jacarta",
  type: "environment",
});
export const serversCheck = defineProfile({
  name: "servers-check",
  sysObjectID: "E.17095",
  vendor: "ServersCheck",
  type: "environment",
  model: [sysName(/((?:SC|SD)-?[A-Z]*\d+)/)],
  osVersion: [scalar("E.17095.1.2.0", /(\d+\.\d+\S*)/)],
});
export const snrErd = defineProfile({
  name: "snr-erd",
  sysObjectID: "E.40418.2",
  vendor: "SNR",
  type: "network",
  model: [descr(/^(SNR-ERD-\S+?);/)],
  osVersion: [descr(/SW: ?(\S+)/)],
  hardwareRevision: [descr(/HW: ?(\S+?);/)],
});
export const netping = defineProfile({
  name: "netping",
  sysObjectID: "E.25728",
  vendor: "NetPing",
  type: "environment",
  model: [descr(/^(.+?),/)],
  osVersion: [descr(/FW v(\S+)/)],
});
export const carel = defineProfile({
  name: "carel",
  sysObjectID: "E.9839",
  vendor: "Carel",
  type: "cooling",
  model: [descr(/CAREL (\S+)/)],
});
export const carelPcoweb = defineProfile({
  name: "carel-pcoweb",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.9839"],
  vendor: "Carel",
  type: "cooling",
  model: [],
  osVersion: [],
});
export const dantel = defineProfile({
  name: "dantel",
  sysObjectID: "E.994",
  vendor: "Dantel",
  type: "environment",
  osVersion: [scalar("E.994.3.4.7.1.82.0.0")],
  model: [wholeDescr],
});
export const innovaphone = defineProfile({
  name: "innovaphone",
  sysObjectID: "E.6666",
  vendor: "innovaphone",
  type: "environment",
  model: [descr(/(IP\d+\w*)\[/)],
  osVersion: [descr(/IP\d+\w*\[([\d.]+)\]/), descr(/^(\d+r\d+ sr\d+)/)],
});
export const controlbyweb = defineProfile({
  name: "controlbyweb",
  sysObjectID: "E.30586",
  vendor: "ControlByWeb",
  type: "environment",
});
export const sensatronics = defineProfile({
  name: "sensatronics",
  sysObjectID: "E.16174",
  vendor: "Sensatronics",
  type: "environment",
  model: [scalar("E.16174.1.1.1.1.1.0", /^(\S+)/), descr(/^(\S+)/)],
});
export const dpsTelecom = defineProfile({
  name: "dps-telecom",
  sysObjectID: "E.2682",
  vendor: "DPS Telecom",
  type: "environment",
  model: [descr(/^((?:NetGuardian|TempDefender|RAB)\S*(?: \S+)?)/)],
  osVersion: [descr(/v(\d+\.\d\S*)/i)],
});
export const stulz = defineProfile({
  name: "stulz",
  sysObjectID: "E.29462",
  vendor: "Stulz",
  type: "cooling",
  model: [descr(/(WIB\d*\S*)/)],
  osVersion: [scalar("E.29462.10.1.1.1.65540.0"), descr(/(?:Firmware|Version) V?(\d\S+)/i)],
});
