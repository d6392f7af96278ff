/** SONiC on any maker's switch: sysDescr. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when } from "./rules.ts";

export const sonic = defineProfile({
  name: "sonic",
  sysDescr: /SONiC Software Version/,
  vendor: [
    when(/Accton|Edgecore/, "Edge-core"),
    when(/Mellanox|MSN/i, "Mellanox"),
    when(/Dell/i, "Dell"),
    when(/Celestica/, "Celestica"),
    when(/Arista/, "Arista"),
    fixed("SONiC"),
  ],
  type: "switch",
  osName: "SONiC",
  model: [descr(/HwSku: (\S+)/)],
  osVersion: [descr(/Software Version: (?:SONiC\.)?(\S+)/)],
  serialNumber: [entity("serial")],
});
