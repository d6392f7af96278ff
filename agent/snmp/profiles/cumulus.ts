/** Cumulus Linux: ENTITY-MIB, sysDescr. */
import { defineProfile } from "./profile.ts";
import { descr, entity, scalar } from "./rules.ts";

const fields = {
  vendor: "Cumulus",
  type: "switch",
  osName: "Cumulus Linux",
  model: [scalar("1.3.6.1.2.1.47.1.1.1.1.2.1"), entity("descr"), entity("model")],
  osVersion: [
    descr(/^(Cumulus-linux \S+ \(.*\))$/i),
    descr(/^Cumulus Linux (\S+ \(.*\))$/i),
    descr(/\+cl(\d+\.\d+\.\d+)/),
  ],
  serialNumber: [entity("serial"), scalar("1.3.6.1.2.1.47.1.1.1.1.11.1")],
} as const;
export const cumulus = defineProfile({ name: "cumulus", sysObjectID: "E.40310", ...fields });
export const cumulusKernel = defineProfile({
  name: "cumulus-kernel",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /Cumulus/i,
  ...fields,
});
