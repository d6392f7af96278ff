/** Citrix NetScaler: NS-ROOT-MIB sysHardwareVersionDesc, sysBuildVersion, sysHardwareSerialNumber. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

export const citrixNetscaler = defineProfile({
  name: "citrix-netscaler",
  sysObjectID: "E.5951",
  vendor: "Citrix",
  type: "load-balancer",
  osName: "NetScaler",
  model: [scalar("E.5951.4.1.1.11.0")],
  osVersion: [
    scalar("E.5951.4.1.1.1.0", /NetScaler (NS[\d.]+)/),
    descr(/NetScaler (NS[\d.]+)/),
    descr(/NETSCALER-([\d.]+)/),
  ],
  serialNumber: [scalar("E.5951.4.1.1.14.0")],
  features: [scalar("E.5951.4.1.1.1.0", /(Build [\w.]+)/)],
});
