/** Eaton: MG-SNMP-UPS-MIB, XUPS-MIB (Powerware), EATON-EPDU-MIB, EATON-OIDS; MGE PDUs; Pulizzi. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, scalar, when, wholeDescr } from "./rules.ts";

export const eatonMgeUps = defineProfile({
  name: "eaton-mge-ups",
  sysObjectID: "E.705.1",
  vendor: "Eaton",
  type: [when(/\bATS\b/, "ats"), fixed("ups")],
  model: [wholeDescr, compose("{} {}", scalar("E.705.1.1.1.0"), scalar("E.705.1.1.2.0"))],
  osVersion: [scalar("E.705.1.1.4.0")],
  serialNumber: [scalar("E.705.1.1.7.0")],
  features: [scalar("1.3.6.1.2.1.33.1.1.4.0")],
});
export const eatonMgePdu = defineProfile({
  name: "eaton-mge-pdu",
  sysObjectID: "E.705.2",
  vendor: "Eaton",
  type: "pdu",
  model: [wholeDescr],
});
export const eatonXups = defineProfile({
  name: "eaton-xups",
  sysObjectID: ["E.534.1", "E.534.2"],
  vendor: "Eaton",
  type: "ups",
  model: [scalar("E.534.1.1.2.0"), scalar("1.3.6.1.2.1.33.1.1.2.0"), wholeDescr],
  osVersion: [scalar("E.534.1.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.3.0")],
  serialNumber: [scalar("E.534.1.1.6.0"), scalar("E.534.1.1.5.0", /^(\w{8,})$/)],
});
export const eatonEpdu = defineProfile({
  name: "eaton-epdu",
  sysObjectID: ["E.534.6.6", "E.534"],
  vendor: "Eaton",
  type: "pdu",
  model: [
    scalar("E.534.6.6.6.1.1.12.0"),
    column("E.534.6.6.7.1.2.1.3", /^(\S.*)$/),
    column("E.534.6.6.7.1.2.1.2"),
    descr(/^(ePDU.+?),/),
  ],
  osVersion: [scalar("E.534.6.6.6.1.1.1.0"), column("E.534.6.6.7.1.2.1.5")],
  serialNumber: [scalar("E.534.6.6.6.1.1.2.0"), column("E.534.6.6.7.1.2.1.4")],
});
export const pulizzi = defineProfile({
  name: "pulizzi",
  sysObjectID: "E.20677",
  vendor: "Eaton",
  type: "pdu",
  model: [scalar("E.20677.1.1.1.0")],
});
