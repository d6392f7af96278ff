/** Console servers and KVM: Opengear, Avocent/Cyclades, Lantronix, Digi, Perle's peers, Raritan's KVMs are in pdus.ts. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, scalar, when, wholeDescr } from "./rules.ts";

export const opengear = defineProfile({
  name: "opengear",
  sysObjectID: "E.25049",
  vendor: "Opengear",
  type: "console-server",
  model: [
    descr(/OpenGear\/(\S+) Version/),
    bySysObjectID("E.25049.1", {
      "10": "CM41xx",
      "11": "CM71xx",
      "20": "CM40xx",
      "40": "IM42xx",
      "41": "VCMS",
      "42": "Lighthouse",
      "50": "CMS61xx",
      "60": "IM4004",
      "61": "IM72xx",
      "80": "ACM500x",
      "81": "ACM550x",
      "90": "ACM700x",
      "100": "OM12xx",
      "110": "OM22xx",
      "120": "OM22xx",
      "130": "CM81xx",
    }),
    scalar("E.25049.10.19.1.1.0"),
  ],
  osVersion: [
    scalar("E.25049.10.19.1.3.0"),
    scalar("E.25049.18.1.1.1.0", /(\d+\.\d+[\w.]*)/),
    column("E.25049.17.1", /^(\d+\.\d+[\w.]*)/),
    descr(/Version (\S+)/),
  ],
  serialNumber: [scalar("E.25049.10.19.1.2.0"), scalar("E.25049.17.1.2"), column("E.25049.17.1", /^(\d{10,})$/)],
});
export const avocent = defineProfile({
  name: "avocent",
  sysObjectID: "E.10418",
  vendor: "Avocent",
  type: [when(/PDU|PM\d{3}/, "pdu"), when(/DSView|MPU|AMX|DSR/, "kvm"), fixed("console-server")],
  model: [
    scalar("E.10418.16.2.1.2.0"),
    scalar("E.10418.3.2.1.4.0"),
    scalar("E.10418.26.2.1.2.0"),
    descr(/^(?:Avocent )?(\S+)/),
  ],
  osVersion: [scalar("E.10418.16.2.1.7.0"), scalar("E.10418.26.2.1.7.0"), scalar("E.10418.3.2.1.2.0")],
  serialNumber: [scalar("E.10418.16.2.1.4.0"), scalar("E.10418.26.2.1.4.0")],
});
export const cyclades = defineProfile({
  name: "cyclades",
  sysObjectID: "E.2925",
  vendor: "Avocent",
  type: "console-server",
  osName: "ACS",
  model: [descr(/(ACS\d*\w*|TS\d+)/)],
  osVersion: [descr(/V_(\d\S+)/)],
});
export const lantronix = defineProfile({
  name: "lantronix",
  sysObjectID: "E.244",
  vendor: "Lantronix",
  type: "console-server",
  model: [descr(/Lantronix (\S+)/i), scalar("E.244.1.8.4.1.4.0")],
  osVersion: [descr(/[Vv](?:ersion )?(\d+\.\d[\w.-]*)/)],
  serialNumber: [scalar("E.244.1.8.4.1.1.0", /^(\w{6,})$/)],
});
export const digi = defineProfile({
  name: "digi",
  sysObjectID: "E.332",
  vendor: "Digi",
  type: [when(/Passport|CM \d|PortServer|Connect|Etherlite/i, "console-server"), fixed("router")],
  model: [descr(/^(?:Digi )?((?:Connect|PortServer|Passport|TransPort|EX|IX|TX)\S*(?: \S+)?)/i)],
  osVersion: [descr(/(?:Version|FW|Firmware) ?(?:\d{8}_\w+ )?(\d\S+)/i)],
});
export const aten = defineProfile({
  name: "aten",
  sysObjectID: "E.21317.1.3",
  vendor: "ATEN",
  type: "kvm",
  model: [scalar("E.21317.1.3.2.2.0"), wholeDescr],
});
export const adder = defineProfile({ name: "adder", sysObjectID: "E.25119", vendor: "Adder", type: "kvm" });
