/** Time servers: Meinberg, Microchip/Symmetricom, Spectracom, EndRun (firmware-on-linux.ts), Galleon, TimeMachines. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

export const meinberg = defineProfile({
  name: "meinberg",
  sysObjectID: ["E.5597", "E.8072.3.2.10.5597"],
  vendor: "Meinberg",
  type: "time-server",
  osName: "LTOS",
  model: [scalar("E.5597.30.0.0.1.0", /(LANTIME \S+|M\d+\S*)/i), descr(/(LANTIME \S+)/i)],
  osVersion: [scalar("E.5597.30.0.0.2.0", /(\d+\.\d+\S*)/), scalar("E.5597.3.1.1.0", /V?(\d\S+)/)],
  serialNumber: [scalar("E.5597.30.0.0.3.0", /^(\w{6,})$/)],
});
export const symmetricom = defineProfile({
  name: "symmetricom",
  sysObjectID: ["E.9070", "E.601"],
  vendor: "Microsemi",
  type: "time-server",
  model: [descr(/((?:SyncServer|TimeProvider|TimeSource|S\d{3}|NTS-\d+|XLi)\S*(?: \S+)?)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const spectracom = defineProfile({
  name: "spectracom",
  sysObjectID: "E.18837",
  vendor: "Spectracom",
  type: "time-server",
  model: [descr(/(SecureSync|NetClock \S+|VelaSync)/i)],
  osVersion: [scalar("E.18837.3.2.2.1.11.0"), descr(/(\d+\.\d+\.\d+)/)],
});
