/** Cisco ASA, PIX, FWSM, Firepower Threat Defense and FXOS: sysDescr, ENTITY-MIB. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when } from "./rules.ts";

export const ciscoAsa = defineProfile({
  name: "cisco-asa",
  sysObjectID: "E.9.1",
  sysDescr: /Adaptive Security Appliance|Cisco PIX|Firewall Services Module/,
  vendor: "Cisco",
  type: "firewall",
  osName: [when(/PIX/, "PIX OS"), fixed("ASA")],
  model: [entity("model"), descr(/Cisco (PIX[^ ]*|Firewall Services Module)/)],
  osVersion: [descr(/Version ([^ ,]+)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});

export const ciscoFirepower = defineProfile({
  name: "cisco-firepower",
  sysObjectID: "E.9.1",
  sysDescr: /Firepower Threat Defense|Cisco FX-?OS|Firepower|Secure Firewall/,
  vendor: "Cisco",
  type: "firewall",
  osName: [when(/Threat Defense/, "FTD"), fixed("FXOS")],
  model: [entity("model")],
  osVersion: [descr(/Version (\d[^ ,]*(?: \(Build \d+\))?)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});

export const ciscoFirewallByDescription = defineProfile({
  name: "cisco-firewall-by-description",
  sysDescr: /^Cisco (PIX|FX-?OS|Adaptive Security|Firepower|Intrusion Prevention|IPS)/,
  vendor: "Cisco",
  type: "firewall",
  model: [entity("model"), descr(/Platform: (\S+)/)],
  osVersion: [descr(/Version ([^ ,]+)/)],
  serialNumber: [entity("serial")],
});
