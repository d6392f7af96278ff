/** ZTE: ZXA10 (ZXAN MIBs), ZXR10, ZXDSL. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when } from "./rules.ts";

export const zte = defineProfile({
  name: "zte",
  sysObjectID: "E.3902",
  vendor: "ZTE",
  type: [when(/ZXR10|Router|Switch/, "switch"), when(/C\d{3}|ZXA|GPON|EPON/, "olt"), fixed("network")],
  model: [descr(/(ZX[A-Z]+\d* ?\w+)/), descr(/^(C\d{3})/)],
  osVersion: [descr(/Version:? ?(V[\w.]+)/)],
  serialNumber: [entity("serial")],
});
