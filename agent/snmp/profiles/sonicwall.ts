/** SonicWall: SONICWALL-COMMON-MIB snwlSysModel, snwlSysSerialNumber, snwlSysFirmwareVersion. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

export const sonicwall = defineProfile({
  name: "sonicwall",
  sysObjectID: "E.8741",
  vendor: "SonicWall",
  type: "firewall",
  osName: "SonicOS",
  model: [scalar("E.8741.2.1.1.1.0"), descr(/SonicWALL (.+?) \(/i), scalar("E.8741.6.2.1.2.0")],
  osVersion: [
    scalar("E.8741.2.1.1.3.0", /(\d+\.\d+\.\S+)/),
    descr(/\(SonicOS \w* ?(\d\S+?)\)/),
    scalar("E.8741.6.2.1.3.0"),
  ],
  serialNumber: [scalar("E.8741.2.1.1.2.0"), scalar("E.8741.6.2.1.1.0")],
});
