/** F5 BIG-IP: F5-BIGIP-SYSTEM-MIB sysPlatformInfoMarketingName, sysProductVersion, sysGeneralChassisSerialNum; F5OS. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar } from "./rules.ts";

export const f5BigIp = defineProfile({
  name: "f5-big-ip",
  sysObjectID: "E.3375",
  vendor: "F5",
  type: "load-balancer",
  osName: "TMOS",
  model: [scalar("E.3375.2.1.3.5.2.0"), descr(/^(BIG-IP .+?) :/)],
  osVersion: [scalar("E.3375.2.1.4.2.0"), descr(/software release ([\d.]+)/)],
  serialNumber: [scalar("E.3375.2.1.3.3.3.0")],
});
export const f5Os = defineProfile({
  name: "f5-os",
  sysObjectID: "E.12276",
  vendor: "F5",
  type: "network",
  osName: "F5OS",
  osVersion: [descr(/(?:services|controller) version (\S+)/)],
  serialNumber: [column("E.12276.1.2.1.1.1.1.7")],
});
