/** Cisco Meraki: the model is sysDescr, "Meraki MR28 Cloud Managed AP". */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when, wholeDescr } from "./rules.ts";

const spec = {
  vendor: "Meraki",
  model: [entity("model"), descr(/^((?:C\d{4}\S*|MS\d|MX\d)[^,]*)/), wholeDescr],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
} as const;
export const ciscoMeraki = defineProfile({
  name: "cisco-meraki",
  sysObjectID: "E.29671",
  type: [
    when(/\b(MX|Z\d|vMX)\w*/, "firewall"),
    when(/AP\b|\bMR|\bCW\d/, "access-point"),
    when(/\bMS|C9\d{3}|Switch/i, "switch"),
    when(/\bMG/, "router"),
    when(/\bMV/, "camera"),
    fixed("network"),
  ],
  ...spec,
});
export const ciscoMerakiByDescription = defineProfile({
  name: "cisco-meraki-by-description",
  sysDescr: /^=?(Cisco )?Meraki/,
  type: [when(/\b(MX|Z\d)/, "firewall"), when(/AP\b|\bMR/, "access-point"), when(/\bMS/, "switch"), fixed("network")],
  ...spec,
});
