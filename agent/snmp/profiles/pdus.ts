/** Rack PDUs: Raritan, Server Technology, Panduit, Schleifenbauer, Gude, Enlogic, Geist, Riedo, Digital Loggers, BayTech, Bachmann, WTI, Synaccess and kin. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, compose, descr, entity, macScalar, scalar, when, wholeDescr } from "./rules.ts";

const px2 = "E.13742.6.3.2.1.1";
export const raritanPx2 = defineProfile({
  name: "raritan-px2",
  sysObjectID: ["E.13742.6", "E.13742.8"],
  vendor: "Raritan",
  type: [when(/EMX/, "environment"), fixed("pdu")],
  model: [column(`${px2}.3`), column("E.13742.8.2.1.1.1.3"), descr(/MD:(\S+)/)],
  osVersion: [column("E.13742.6.3.2.3.1.6"), descr(/FW:(\S+)/), descr(/(?:PX2|EMX) (\d{6})/)],
  serialNumber: [column(`${px2}.4`)],
});
export const raritan = defineProfile({
  name: "raritan",
  sysObjectID: "E.13742",
  vendor: "Raritan",
  type: [when(/DSX|DKX|KX|Dominion (SX|KX)|KVM/, "kvm"), fixed("pdu")],
  model: [scalar("E.13742.4.1.1.12.0"), descr(/^((?:DSX|DKX|DPX|DPC|DSAM)\S+)/)],
  osVersion: [scalar("E.13742.4.1.1.1.0"), descr(/Firmware Version (\S+)/)],
  serialNumber: [scalar("E.13742.4.1.1.2.0")],
});
export const serverTechnologySentry3 = defineProfile({
  name: "server-technology-sentry3",
  sysObjectID: "E.1718.3",
  vendor: "Server Technology",
  type: "pdu",
  model: [column("E.1718.3.2.1.1.7")],
  osVersion: [scalar("E.1718.3.1.1.0", /Version (\S+)/)],
  serialNumber: [column("E.1718.3.2.1.1.6")],
});
export const serverTechnologySentry4 = defineProfile({
  name: "server-technology-sentry4",
  sysObjectID: "E.1718.4",
  vendor: "Server Technology",
  type: "pdu",
  model: [column("E.1718.4.1.2.2.1.5")],
  osVersion: [scalar("E.1718.4.1.1.1.3.0")],
  serialNumber: [column("E.1718.4.1.2.2.1.6", /^([A-Z0-9]{6,})$/)],
});
export const panduit = defineProfile({
  name: "panduit",
  sysObjectID: "E.19536.10",
  vendor: "Panduit",
  type: "pdu",
  model: [column("E.19536.10.1.1.2.1.7"), descr(/Device Model:(\S+)/)],
  osVersion: [column("E.19536.10.1.1.2.1.5")],
  serialNumber: [column("E.19536.10.1.1.2.1.8")],
  features: [descr(/^SN:(.+?) PN:/)],
});
export const sineticaEagle = defineProfile({
  name: "sinetica-eagle",
  sysObjectID: "E.3711",
  vendor: "Panduit",
  type: "pdu",
  model: [descr(/Sinetica (\S+?)\./)],
  osVersion: [descr(/App\. (\d\S+?),/)],
});
export const schleifenbauer = defineProfile({
  name: "schleifenbauer",
  sysObjectID: "E.31034",
  vendor: "Schleifenbauer",
  type: "pdu",
  model: [
    column("E.31034.12.1.1.2.1.1.1.5"),
    column("E.31034.1.1.2.1.1.1.5"),
    column("E.31034.12.1.1.2.1.1.1.2", /^([A-Z].*)$/),
  ],
  osVersion: [compose("{} ({})", column("E.31034.12.1.1.2.1.1.1.2"), column("E.31034.12.1.1.2.1.1.1.3"))],
  serialNumber: [column("E.31034.12.1.1.2.1.1.1.6"), column("E.31034.1.1.2.1.1.1.6")],
});
export const gude = defineProfile({
  name: "gude",
  sysObjectID: "E.28507",
  vendor: "Gude",
  type: [when(/sensor/i, "environment"), fixed("pdu")],
  model: [wholeDescr],
});
export const enlogic = defineProfile({
  name: "enlogic",
  sysObjectID: "E.38446",
  vendor: "Enlogic",
  type: "pdu",
});
export const riedo = defineProfile({
  name: "riedo",
  sysObjectID: ["E.55108", "E.21695"],
  vendor: "Riedo",
  type: "pdu",
  model: [descr(/^RNX UPDU (\S+)/), descr(/^E3METER (IPS \d+)/)],
  osVersion: [descr(/Version (\S+)/), descr(/\(H\d+, F([\d.]+)/)],
  serialNumber: [descr(/S\/N: ?(\w+)/), descr(/#(\d+)/)],
});
export const digipower = defineProfile({
  name: "digipower",
  sysObjectID: "E.17420",
  vendor: "Digipower",
  type: "pdu",
  model: [scalar("E.17420.1.2.9.1.19.0"), wholeDescr],
  osVersion: [scalar("E.17420.1.2.4.0")],
  serialNumber: [macScalar("E.17420.1.2.3.0")],
});
export const baytech = defineProfile({
  name: "baytech",
  sysObjectID: "E.4779",
  vendor: "BayTech",
  type: "pdu",
  model: [scalar("E.4779.1.3.5.2.1.3.1"), scalar("E.4779.1.1.1.0")],
  osVersion: [scalar("E.4779.1.1.2.0")],
  serialNumber: [scalar("E.4779.1.1.3.0")],
});
export const bachmann = defineProfile({
  name: "bachmann",
  sysObjectID: "E.31770",
  vendor: "Bachmann",
  type: "pdu",
  model: [column("E.31770.2.2.8.2.1.4")],
  osVersion: [scalar("E.31770.2.1.2.0")],
  serialNumber: [scalar("E.31770.2.1.3.0")],
});
export const wti = defineProfile({
  name: "wti",
  sysObjectID: "E.2634",
  vendor: "WTI",
  type: [bySysObjectID("E.2634", { "1": "console-server", "3": "power", "6": "power" })],
  model: [scalar("E.2634.1.200.10.1.2.1"), scalar("E.2634.3.200.10.1.2.1")],
  osVersion: [scalar("E.2634.1.200.10.1.28.1"), scalar("E.2634.3.200.10.1.28.1")],
  serialNumber: [scalar("E.2634.1.200.10.1.27.1"), scalar("E.2634.3.200.10.1.27.1")],
});
export const cleverPdu = defineProfile({
  name: "clever-pdu",
  sysObjectID: "E.30966",
  vendor: "Clever",
  type: "pdu",
});
export const bladeshelter = defineProfile({
  name: "bladeshelter",
  sysObjectID: "E.42610",
  vendor: "BladeShelter",
  type: "pdu",
  osVersion: [descr(/_v(\S+)/)],
});
export const dataprobe = defineProfile({
  name: "dataprobe",
  sysObjectID: "E.1418",
  vendor: "Dataprobe",
  type: "pdu",
  model: [descr(/^(iBoot\S*)/i), wholeDescr],
});
export const nventSchroff = defineProfile({
  name: "nvent-schroff",
  sysObjectID: "E.16394",
  vendor: "nVent",
  type: "pdu",
  model: [entity("model")],
});
export const ingrasysIpoman = defineProfile({
  name: "ingrasys-ipoman",
  sysObjectID: "E.2468.1.4",
  vendor: "Ingrasys",
  type: "pdu",
  model: [scalar("E.2468.1.4.2.1.1.1.0")],
  osVersion: [scalar("E.2468.1.4.2.1.1.4.0", /(\d\S+)/)],
});
export const netio = defineProfile({
  name: "netio",
  sysObjectID: "E.47952",
  vendor: "NETIO",
  type: "pdu",
  model: [descr(/NETIO (\S+)/i)],
  osVersion: [descr(/FW:? ?(\S+)/i)],
});
export const digitalLoggers = defineProfile({
  name: "digital-loggers",
  sysObjectID: "E.45770",
  vendor: "Digital Loggers",
  type: "pdu",
});
