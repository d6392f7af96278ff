/** Forcepoint (Stonesoft) NGFW: STONESOFT-FIREWALL-MIB, STONESOFT-NETNODE-MIB. */
import { defineProfile } from "./profile.ts";
import { scalar } from "./rules.ts";

export const forcepointNgfw = defineProfile({
  name: "forcepoint-ngfw",
  sysObjectID: "E.1369",
  vendor: "Forcepoint",
  type: "firewall",
  model: [scalar("E.1369.6.1.1.9.0")],
  osVersion: [scalar("E.1369.5.2.1.1.0", /(\d+\.\d+\.\d+[\d.]*)/)],
  serialNumber: [scalar("E.1369.6.1.1.11.0"), scalar("E.1369.6.1.1.13.0")],
});
export const forcepointFlexedge = defineProfile({
  name: "forcepoint-flexedge",
  sysObjectID: "E.47565",
  vendor: "Forcepoint",
  type: "firewall",
  model: [scalar("E.47565.1.1.1.19.9.0")],
  osVersion: [scalar("E.47565.1.1.1.1.0")],
  serialNumber: [scalar("E.47565.1.1.1.19.11.0"), scalar("E.47565.1.1.1.19.13.0")],
});
