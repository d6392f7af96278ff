/** Edge-core (Accton) and its private labels: ES-STANDARD switch MIBs repeat one shape below each product's arc; ENTITY-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, entity } from "./rules.ts";

export const edgeCore = defineProfile({
  name: "edge-core",
  sysObjectID: "E.259",
  vendor: "Edge-core",
  type: "switch",
  model: [descr(/^((?:ECS|ES|AS|ECN)\d\w*(?:-\w+)*)$/), entity("model"), descr(/((?:ECS|ES|AS|ECN)\d\S*)/)],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
  hardwareRevision: [entity("hardwareRev")],
});
export const smc = defineProfile({
  name: "smc",
  sysObjectID: "E.202",
  vendor: "SMC",
  type: "switch",
  model: [descr(/(SMC\S+|TigerSwitch \S+)/)],
});
