/** Raisecom: ROAP/ROS (RAISECOM-SYSTEM-MIB). */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

export const raisecom = defineProfile({
  name: "raisecom",
  sysObjectID: "E.8886",
  vendor: "Raisecom",
  type: "switch",
  osName: "ROS",
  model: [
    scalar("E.8886.60.131.1.1.6.0"),
    scalar("E.8886.6.1.1.1.2.0", /^(\S+(?: version \S+)?)/),
    scalar("E.8886.1.27.2.0"),
  ],
  osVersion: [scalar("E.8886.60.131.1.1.1.0"), scalar("E.8886.6.1.1.1.1.0"), descr(/ROAP_([\w.()]+)/)],
  serialNumber: [scalar("E.8886.60.131.1.1.4.0"), scalar("E.8886.6.1.1.1.14.0")],
});
