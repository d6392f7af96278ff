/** IP Infusion OcNOS: IPI-CMM-CHASSIS-MIB, sysDescr. */
import { defineProfile } from "./profile.ts";
import { column, descr } from "./rules.ts";

export const ocnos = defineProfile({
  name: "ocnos",
  sysObjectID: "E.36673",
  vendor: "IP Infusion",
  type: "switch",
  osName: "OcNOS",
  model: [column("E.36673.100.1.2.1.1.4", /^((?=.*\d)(?=.*[A-Z-]).+)$/), descr(/Hardware Model: ?(\S+?),/)],
  osVersion: [descr(/OcNOS,? ?(?:version )?([\d.]+)/)],
  serialNumber: [column("E.36673.100.1.2.1.1.3")],
});
