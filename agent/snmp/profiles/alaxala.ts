/** ALAXALA: sysDescr "ALAXALA AX3640S AX-3640-24TE-A [AX3640S-24T] Switching software Ver. 11.7.A [OS-L3A]". */
import { defineProfile } from "./profile.ts";
import { descr } from "./rules.ts";

export const alaxala = defineProfile({
  name: "alaxala",
  sysObjectID: "E.21839",
  vendor: "Alaxala",
  type: "switch",
  model: [descr(/\[(AX[^\]]+)\]/), descr(/ALAXALA (\S+)/)],
  osVersion: [descr(/Ver\. ?(\S+)/)],
});
