/** Cameras, recorders, intercoms: Axis, Hikvision, Dahua, Illustra, Mobotix, Bosch, Hanwha, Vivotek, 2N. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, macScalar, mapped, scalar, when, wholeDescr } from "./rules.ts";

export const axis = defineProfile({
  name: "axis",
  sysObjectID: "E.368",
  vendor: "Axis",
  type: [when(/Audio|Speaker/i, "audio"), when(/Intercom|Door/i, "phone"), fixed("camera")],
  osName: "AXIS OS",
  model: [descr(/; ?(AXIS [^;]+);/), descr(/^(AXIS \S+)/)],
  osVersion: [descr(/;[^;]*;[^;]*; ?(\d+\.\d[^;]*);/)],
  // The serial number of Axis devices is the MAC address of their Ethernet port.
  serialNumber: [macScalar("1.3.6.1.2.1.2.2.1.6.2")],
});
export const axisByDescription = defineProfile({
  name: "axis-by-description",
  sysDescr: /^AXIS /,
  vendor: "Axis",
  type: [when(/Print/, "printer"), when(/Document Server/, "network"), fixed("camera")],
  model: [descr(/^(AXIS \S+)/)],
});
export const hikvision = defineProfile({
  name: "hikvision",
  sysObjectID: ["E.50001", "E.39165"],
  vendor: "Hikvision",
  type: [
    when(/camera|DS-2CD|DS-2DE/i, "camera"),
    mapped(scalar("E.50001.1.1.0", /^(IPC)/), { IPC: "camera" }),
    fixed("nvr"),
  ],
  model: [scalar("E.39165.1.1.0"), scalar("E.50001.1.1.0", /^(DS-\S+)/), descr(/^(DS-\S+)/)],
  osVersion: [scalar("E.39165.1.3.0", /(V?\d+\.\d+\.\d+.*)/), scalar("E.50001.1.2.0", /(V?\d+\.\d+\.\d+.*)/)],
  serialNumber: [scalar("E.50001.1.3.0")],
});
export const dahua = defineProfile({
  name: "dahua",
  sysObjectID: ["E.1004849", "E.37496"],
  vendor: "Dahua",
  type: [when(/NVR|DVR|XVR/i, "nvr"), fixed("camera")],
  model: [scalar("E.1004849.2.1.2.6.0")],
  osVersion: [scalar("E.1004849.2.1.1.1.0")],
  serialNumber: [scalar("E.1004849.2.1.2.4.0")],
});
export const illustra = defineProfile({
  name: "illustra",
  sysDescr: /^illustra /i,
  vendor: "Illustra",
  type: "camera",
  model: [descr(/^illustra (\S+)/i)],
  osVersion: [descr(/Illustra\.(\S+)$/)],
});
export const mobotix = defineProfile({
  name: "mobotix",
  sysObjectID: "E.21701",
  vendor: "Mobotix",
  type: "camera",
  model: [descr(/^(?:MOBOTIX )?(\S+)/i)],
});
export const vivotek = defineProfile({
  name: "vivotek",
  sysObjectID: "E.23465",
  vendor: "Vivotek",
  type: "camera",
  model: [descr(/([A-Z]{2}\d{4}\S*)/)],
});
export const twoN = defineProfile({
  name: "two-n",
  sysObjectID: "E.6530",
  vendor: "2N",
  type: "phone",
  model: [scalar("E.6530.11.1.0"), wholeDescr],
  osVersion: [scalar("E.6530.11.4.0")],
  serialNumber: [scalar("E.6530.11.3.0")],
});
