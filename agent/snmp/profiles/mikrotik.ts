/** MikroTik: MIKROTIK-MIB; RouterOS names the board in sysDescr, SwOS board and version. */
import { defineProfile } from "./profile.ts";
import { descr, mapped, scalar } from "./rules.ts";

export const mikrotikRouteros = defineProfile({
  name: "mikrotik-routeros",
  sysObjectID: "E.14988.1",
  vendor: "MikroTik",
  type: "router",
  osName: "RouterOS",
  model: [descr(/^RouterOS (.+)$/), scalar("E.14988.1.1.7.9.0")],
  osVersion: [scalar("E.14988.1.1.4.4.0")],
  serialNumber: [scalar("E.14988.1.1.7.3.0")],
  features: [
    mapped(scalar("E.14988.1.1.4.3.0"), {
      "0": "Level 0",
      "1": "Level 1",
      "3": "Level 3",
      "4": "Level 4",
      "5": "Level 5",
      "6": "Level 6",
    }),
  ],
});
export const mikrotikSwos = defineProfile({
  name: "mikrotik-swos",
  sysObjectID: "E.14988.2",
  vendor: "MikroTik",
  type: "switch",
  osName: "SwOS",
  model: [descr(/^(\S+)(?: SwOS)?/)],
  osVersion: [scalar("E.14988.1.1.7.4.0"), descr(/SwOS v?(\S+)/)],
  serialNumber: [scalar("E.14988.1.1.7.3.0")],
});
