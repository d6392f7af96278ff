/** TP-Link: TPLINK-SYSINFO-MIB; router families with a firmware line as sysDescr. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, scalar, when } from "./rules.ts";

export const tpLinkJetstream = defineProfile({
  name: "tp-link-jetstream",
  sysObjectID: "E.11863",
  vendor: "TP-Link",
  type: [when(/EAP|Access Point/i, "access-point"), when(/Router|Gateway/i, "router"), fixed("switch")],
  model: [scalar("E.11863.6.1.1.5.0"), descr(/^((?:TL-|T\d|SG|EAP|SX|ER)\S+)/)],
  osVersion: [scalar("E.11863.6.1.1.6.0"), descr(/^(\d+\.\d+\.\d+ Build \d+)/)],
  serialNumber: [scalar("E.11863.6.1.1.8.0")],
});
export const tpLinkRouter = defineProfile({
  name: "tp-link-router",
  sysObjectID: "E.16972",
  vendor: "TP-Link",
  type: "router",
  osVersion: [descr(/^(\d+\.\d+\.\d+ \d+\.\d+\.\d+ v\S+ Build \d+ Rel\.\S+)/)],
});
