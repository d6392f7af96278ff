/** Teltonika: TELTONIKA-MIB below 48690, on a net-snmp agent. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

const fields = {
  vendor: "Teltonika",
  type: "router",
  osName: "RutOS",
  model: [scalar("E.48690.1.2.0"), scalar("E.48690.1.3.0")],
  osVersion: [scalar("E.48690.1.6.0")],
  serialNumber: [scalar("E.48690.1.1.0")],
} as const;
export const teltonika = defineProfile({ name: "teltonika", sysObjectID: "E.48690", ...fields });
export const teltonikaLinux = defineProfile({
  name: "teltonika-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.48690.1"],
  ...fields,
});
export const teltonikaKernel = defineProfile({
  name: "teltonika-kernel",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /^Linux (Teltonika|RUT|TRB|OTD|TCR)\S* /,
  vendor: "Teltonika",
  type: "router",
});
export const teltonikaSwitch = defineProfile({
  name: "teltonika-switch",
  sysObjectID: "E.24686",
  sysDescr: /^TSW/,
  vendor: "Teltonika",
  type: "switch",
  model: [scalar("E.48690.1.3.0"), descr(/^\S+ \S+ (\S+)/)],
  osVersion: [scalar("E.48690.1.6.0")],
  serialNumber: [scalar("E.48690.1.1.0")],
});
