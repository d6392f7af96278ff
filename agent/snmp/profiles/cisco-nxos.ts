/** Cisco NX-OS: sysDescr, ENTITY-MIB (the chassis is row 149 on most, with a model by its descr or name on some). */
import { defineProfile } from "./profile.ts";
import { descr, entity, scalar } from "./rules.ts";

export const ciscoNxos = defineProfile({
  name: "cisco-nxos",
  sysObjectID: ["E.9.12.3.1.3", "E.9.1.1216"],
  vendor: "Cisco",
  type: "switch",
  osName: "NX-OS",
  model: [
    entity("model", /^((?=.*\d).+)$/),
    scalar("1.3.6.1.2.1.47.1.1.1.1.13.149"),
    scalar("1.3.6.1.2.1.47.1.1.1.1.13.10"),
    descr(/Nexus\d+ (\S+),/),
  ],
  osVersion: [descr(/Version ([^ ,]+),/)],
  serialNumber: [scalar("1.3.6.1.2.1.47.1.1.1.1.11.149"), scalar("1.3.6.1.2.1.47.1.1.1.1.11.10"), entity("serial")],
});
