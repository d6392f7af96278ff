/** BDCOM: NMS-MIB below 3320.3.6.10.1, sysDescr; PBN and others relabel it. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, scalar, when, wholeDescr } from "./rules.ts";

export const bdcom = defineProfile({
  name: "bdcom",
  sysObjectID: "E.3320",
  vendor: "BDCOM",
  type: [when(/E?PON|OLT|GP\d|P3\d/i, "olt"), fixed("switch")],
  model: [descr(/BDCOM(?:\(tm\))? (\S+)/), scalar("E.3320.3.6.10.1.3.0")],
  osVersion: [scalar("E.3320.3.6.10.1.6.0"), descr(/Version (\S+(?: Build \d+)?)/)],
  serialNumber: [scalar("E.3320.3.6.10.1.4.0"), descr(/Serial num:(\w+)/)],
});
export const pbn = defineProfile({
  name: "pbn",
  sysObjectID: "E.11606",
  vendor: "PBN",
  type: [when(/AIMA|AOCM/, "network"), when(/UPLINK|POTS/, "onu"), fixed("network")],
  model: [descr(/Software,? (\S+) Series/), wholeDescr],
  osVersion: [descr(/Version ([\w.]+(?: Build \d+)?)/)],
  serialNumber: [descr(/Serial [Nn]um(?:ber)?:? ?(\w+)/)],
});
