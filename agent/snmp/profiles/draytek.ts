/** DrayTek: sysDescr "Router Model: Vigor2920 Series, Version: 3.8.8.2, Build ...". */
import { defineProfile, fixed } from "./profile.ts";
import { descr, scalar, when } from "./rules.ts";

const fields = {
  vendor: "DrayTek",
  type: [when(/VigorSwitch/, "switch"), when(/VigorAP/, "access-point"), fixed("router")],
  model: [descr(/Model: ?([^,]+),/), scalar("E.7367.3.1.0"), descr(/^(Vigor\S+)/)],
  osVersion: [descr(/Version: ?([^,]+),/), scalar("E.7367.3.2.0")],
  serialNumber: [scalar("E.7367.3.9.0", /^([A-Z0-9]{12,})$/)],
} as const;
export const draytek = defineProfile({ name: "draytek", sysObjectID: "E.7367", ...fields });
export const draytekByDescription = defineProfile({ name: "draytek-by-description", sysDescr: /^DrayTek/, ...fields });
