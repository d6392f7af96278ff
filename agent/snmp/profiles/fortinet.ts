/** Fortinet: FORTINET-CORE-MIB (fnSysSerial), FORTINET-FORTIGATE-MIB and those of the other products. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, descr, entity, scalar } from "./rules.ts";

const serial = scalar("E.12356.100.1.1.1.0");
/** ENTITY-MIB names models "FGT_100E", "FWF_60D"; the software revision spells them out, "FortiGate-100E v5.4.4...". */
const entityModel = [
  entity("softwareRev", /^(Forti[A-Za-z]+)[-_ ]?(\S*?) v?\d/, "$1 $2"),
  entity("model", /^FGT_(\S+)$/, "FortiGate $1"),
  entity("model", /^FWF_(\S+)$/, "FortiWiFi $1"),
];
export const fortinetFortigate = defineProfile({
  name: "fortinet-fortigate",
  sysObjectID: "E.12356.101",
  vendor: "Fortinet",
  type: "firewall",
  osName: "FortiOS",
  model: [...entityModel, entity("model"), descr(/^(?:FORTIGATE|FortiGate)[- ](\S+)$/i, "FortiGate $1")],
  osVersion: [scalar("E.12356.101.4.1.1.0")],
  serialNumber: [serial, entity("serial")],
});
export const fortinetFortimanager = defineProfile({
  name: "fortinet-fortimanager",
  sysObjectID: "E.12356.103",
  vendor: "Fortinet",
  type: "appliance",
  osName: [bySysObjectID("E.12356.103", { "1": "FortiManager", "3": "FortiAnalyzer" })],
  model: [
    bySysObjectID("E.12356.103", {
      "1.64": "FortiManager (FMG) VM",
      "3.64": "FortiAnalyzer (FAZ) VM",
      "1": "FortiManager",
      "3": "FortiAnalyzer",
    }),
  ],
  osVersion: [scalar("E.12356.103.2.1.7.0")],
  serialNumber: [serial],
});
export const fortinet = defineProfile({
  name: "fortinet",
  sysObjectID: "E.12356",
  vendor: "Fortinet",
  type: [
    bySysObjectID("E.12356", {
      "105": "mail",
      "106": "switch",
      "107": "firewall",
      "108": "appliance",
      "109": "load-balancer",
      "110": "appliance",
      "112": "load-balancer",
      "113": "security",
      "118": "security",
      "120": "access-point",
      "121": "router",
    }),
    fixed("firewall"),
  ],
  model: [...entityModel, entity("model")],
  osVersion: [entity("softwareRev", /(v?\d+\.\d+[^ ]*)/)],
  serialNumber: [serial, entity("serial")],
});
export const fortinetFortiweb = defineProfile({
  name: "fortinet-fortiweb",
  sysObjectID: "E.12356.107",
  vendor: "Fortinet",
  type: "firewall",
  osName: "FortiWeb",
  model: [scalar("E.12356.107.2.1.2.0", /^(FortiWeb-\S+)/), entity("model")],
  osVersion: [scalar("E.12356.107.2.1.2.0", /(\d+\.\d+(?:\.\d+)?)/)],
  serialNumber: [serial, entity("serial")],
});
export const fortinetFortiauthenticator = defineProfile({
  name: "fortinet-fortiauthenticator",
  sysObjectID: "E.12356.113",
  vendor: "Fortinet",
  type: "security",
  osName: "FortiAuthenticator",
  model: [scalar("E.12356.113.1.1.0")],
  osVersion: [scalar("E.12356.113.1.3.0")],
  serialNumber: [scalar("E.12356.113.1.2.0"), serial],
});
export const fortinetFortiap = defineProfile({
  name: "fortinet-fortiap",
  sysObjectID: "E.12356.120",
  vendor: "Fortinet",
  type: "access-point",
  osName: "FortiAP",
  model: [
    scalar("E.12356.120.1.1.0", /^FP(\d+\w*)-/, "FortiAP $1"),
    scalar("E.12356.120.1.1.0", /^FAP(\d+\w*)-/, "FortiAP $1"),
    scalar("E.12356.120.1.1.0", /^FW?U?(\d+\w*)-/, "FortiAP U$1"),
  ],
  osVersion: [scalar("E.12356.120.1.1.0")],
  serialNumber: [scalar("E.12356.120.1.2.0"), serial],
});
export const fortinetFortiextender = defineProfile({
  name: "fortinet-fortiextender",
  sysObjectID: "E.12356.121",
  vendor: "Fortinet",
  type: "router",
  osName: "FortiExtender",
  model: [scalar("E.12356.121.21.1.1.3.0")],
  osVersion: [scalar("E.12356.121.21.1.1.1.0", /v?(\d+\.\d+\.\d+)/), scalar("E.12356.121.21.1.1.1.0")],
  serialNumber: [scalar("E.12356.121.21.1.1.5.0"), serial],
});
export const fortinetFortiswitch = defineProfile({
  name: "fortinet-fortiswitch",
  sysObjectID: "E.12356.106",
  vendor: "Fortinet",
  type: "switch",
  osName: "FortiSwitch",
  model: [entity("model"), scalar("E.12356.106.4.1.1.0", /^(\S+) v/)],
  osVersion: [scalar("E.12356.106.4.1.1.0", /(v\d.*)$/), scalar("E.12356.106.4.1.1.0")],
  serialNumber: [serial, entity("serial")],
});
export const fortinetFortimail = defineProfile({
  name: "fortinet-fortimail",
  sysObjectID: "E.12356.105",
  vendor: "Fortinet",
  type: "mail",
  osName: "FortiMail",
  model: [scalar("E.12356.105.1.1.0")],
  osVersion: [scalar("E.12356.105.1.3.0")],
  serialNumber: [scalar("E.12356.105.1.2.0"), serial],
});
export const fortinetFortiadc = defineProfile({
  name: "fortinet-fortiadc",
  sysObjectID: "E.12356.112",
  vendor: "Fortinet",
  type: "load-balancer",
  osName: "FortiADC",
  model: [scalar("E.12356.112.1.1.0")],
  osVersion: [scalar("E.12356.112.1.3.0", /(\d+\.\d+.*)/)],
  serialNumber: [scalar("E.12356.112.1.2.0", /^([A-Z0-9-]{8,})$/), serial],
});
export const fortinetFortisandbox = defineProfile({
  name: "fortinet-fortisandbox",
  sysObjectID: "E.12356.118",
  vendor: "Fortinet",
  type: "security",
  osName: "FortiSandbox",
  osVersion: [scalar("E.12356.118.3.1.1.0")],
  serialNumber: [serial],
});
