/** Cisco IOS XR: sysDescr, ENTITY-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, entity } from "./rules.ts";

const spec = {
  vendor: "Cisco",
  type: "router",
  osName: "IOS XR",
  model: [entity("model", /^((?=.*\d)(?!.*RP).+)$/), descr(/Software \((?:Cisco )?([^)]+)\)/)],
  osVersion: [descr(/Version (\d[^ ,[]+)/)],
  serialNumber: [entity("serial")],
  features: [descr(/Version [^ ,[]+\[([^\]]+)\]/)],
} as const;

export const ciscoIosXr = defineProfile({
  name: "cisco-ios-xr",
  sysObjectID: "E.9.1",
  sysDescr: /Cisco IOS XR Software/,
  ...spec,
});
