/** Ruijie: RUIJIE-SYSTEM-MIB, RUIJIE-DEVICE-MIB, sysDescr "Ruijie 10G Routing Switch(S5750-24GT/12SFP) By Ruijie Networks". */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, scalar, when } from "./rules.ts";

export const ruijie = defineProfile({
  name: "ruijie",
  sysObjectID: "E.4881",
  vendor: "Ruijie",
  type: [when(/Router|RSR/, "router"), when(/AP|Wireless|AC/, "access-point"), fixed("switch")],
  osName: "RGOS",
  model: [descr(/\(([^)]+)\) By Ruijie/), column("E.4881.1.1.10.2.21.1.2.1.2")],
  osVersion: [scalar("E.4881.1.1.10.2.1.1.2.0", /(\S*\d+\.\d+\S*.*)/), column("E.4881.1.1.10.2.21.1.2.1.8")],
  serialNumber: [
    scalar("E.4881.1.1.10.2.1.1.24.0"),
    column("E.4881.1.1.10.2.21.1.2.1.10"),
    column("E.4881.1.1.10.2.1.1.26.1.4"),
  ],
});
