/** Arista EOS: sysDescr, ENTITY-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, entity } from "./rules.ts";

export const aristaEos = defineProfile({
  name: "arista-eos",
  sysObjectID: "E.30065",
  vendor: "Arista",
  type: "switch",
  osName: "EOS",
  model: [entity("model"), descr(/running on an Arista Networks (\S+)/)],
  osVersion: [descr(/EOS version (\S+)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
