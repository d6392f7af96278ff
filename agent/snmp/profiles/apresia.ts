/** APRESIA (Hitachi Metals) switches: sysDescr. */
import { defineProfile } from "./profile.ts";
import { descr } from "./rules.ts";

export const apresia = defineProfile({
  name: "apresia",
  sysObjectID: ["E.278", "E.23023"],
  vendor: "Apresia",
  type: "switch",
  model: [descr(/(Apresia\S+|AEOS\S+)/i)],
  osVersion: [descr(/(?:Ver\.?|AEOS Ver\.|version) ?([\d.]+)/i)],
});
