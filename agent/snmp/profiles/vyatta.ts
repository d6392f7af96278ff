/** Vyatta and VyOS: sysDescr "Vyatta VC6.6R1", "VyOS 1.3.0". */
import { defineProfile, fixed } from "./profile.ts";
import { descr, when } from "./rules.ts";

const fields = { type: "router", osVersion: [descr(/(?:Vyatta|VyOS|Vyatta Router) (?:Vyatta:)?(\S*\d\S*)/i)] } as const;
export const vyatta = defineProfile({
  name: "vyatta",
  sysObjectID: "E.30803",
  vendor: [when(/vyos/i, "VyOS"), fixed("Vyatta")],
  osName: [when(/vyos/i, "VyOS"), fixed("Vyatta")],
  ...fields,
});
export const vyos = defineProfile({ name: "vyos", sysObjectID: "E.44641", vendor: "VyOS", osName: "VyOS", ...fields });
