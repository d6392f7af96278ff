/** Mellanox (Nvidia): ENTITY-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, entity } from "./rules.ts";

export const mellanox = defineProfile({
  name: "mellanox",
  sysObjectID: "E.33049",
  vendor: "Mellanox",
  type: "switch",
  osName: "MLNX-OS",
  model: [entity("model"), descr(/Mellanox (\S+),/)],
  osVersion: [descr(/(?:MLNX-OS|Onyx|SWv|EFM_)\D{0,3}(\d+\.\d+\.\d+\S*)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
