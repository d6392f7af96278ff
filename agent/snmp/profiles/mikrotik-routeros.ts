/** MikroTik, MIKROTIK-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

export const mikrotikRouteros = defineProfile({
  name: "mikrotik-routeros",
  sysObjectID: "E.14988.1",
  vendor: "MikroTik",
  type: "router",
  osName: "RouterOS",
  model: [descr(/^RouterOS (.+)$/), scalar("E.14988.1.1.7.9.0")],
  osVersion: [scalar("E.14988.1.1.4.4.0")],
  serialNumber: [scalar("E.14988.1.1.7.3.0")],
});
