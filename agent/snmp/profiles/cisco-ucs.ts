/** Cisco Integrated Management Controller: CISCO-UNIFIED-COMPUTING-COMPUTE-MIB cucsComputeRackUnit. */
import { defineProfile } from "./profile.ts";
import { column, descr } from "./rules.ts";

export const ciscoImc = defineProfile({
  name: "cisco-imc",
  sysObjectID: "E.9.1",
  sysDescr: /Integrated Management Controller/,
  vendor: "Cisco",
  type: "bmc",
  osName: "CIMC",
  model: [column("E.9.9.719.1.9.6.1.6"), column("E.9.9.719.1.9.35.1.32")],
  osVersion: [descr(/Firmware Version ([^ ,]+)/)],
  serialNumber: [column("E.9.9.719.1.9.6.1.14"), column("E.9.9.719.1.9.35.1.47")],
});
