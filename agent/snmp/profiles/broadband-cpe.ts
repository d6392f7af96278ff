/** DOCSIS and DSL gear: sysDescr's DOCSIS brackets and DOCS-CABLE-DEVICE-MIB do most; CMTS by maker. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, entity, scalar, when, wholeDescr } from "./rules.ts";

export const arris = defineProfile({
  name: "arris",
  sysObjectID: "E.4115",
  vendor: "Arris",
  type: [when(/EdgeQAM|D5|E6000|CMTS/, "cmts"), fixed("modem")],
  model: [descr(/MODEL: ([^;>]+)/), descr(/((?:TM|SB|DG|TG|CM)\d+\w*)/)],
});
export const arrisC4 = defineProfile({
  name: "arris-c4",
  sysObjectID: "E.4998",
  vendor: "Arris",
  type: "cmts",
  model: [bySysObjectID("E.4998.2", { "1": "C4", "2": "C4c", "3": "E6000" })],
  osVersion: [descr(/^CMTS_V(\S+?),/), descr(/CER_V(\S+?),/)],
});
export const motorolaBroadband = defineProfile({
  name: "motorola-broadband",
  sysObjectID: "E.1166",
  vendor: [when(/DSR-/, "Arris"), fixed("Motorola")],
  type: [when(/DSR-/, "broadcast"), fixed("modem")],
  model: [scalar("E.1166.1.621.14.2.0"), descr(/MODEL: ([^;>]+)/), descr(/^(DSR-\S+)/)],
  osVersion: [descr(/SW_REV: ([^;>]+)/), descr(/^DSR-\S+ (\S+)/)],
});
export const thomson = defineProfile({
  name: "thomson",
  sysObjectID: "E.2863",
  vendor: [when(/^TG6/, "Technicolor"), fixed("Thomson")],
  type: [when(/DOCSIS|MODEL/, "modem"), fixed("router")],
  model: [descr(/MODEL: ([^;>]+)/), wholeDescr],
  osVersion: [descr(/SW_REV: ([^;>]+)/)],
});
export const speedtouch = defineProfile({
  name: "speedtouch",
  sysDescr: /^(SpeedTouch|ST\d{3,4}\b)/,
  vendor: "Thomson",
  type: "router",
  model: [descr(/^(SpeedTouch \d+\w*|ST\d+\w*)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+\S*)/)],
});
export const docsisModem = defineProfile({
  name: "docsis-modem",
  sysDescr: /<<HW_REV:.*MODEL:/,
  vendor: [descr(/VENDOR: ?([^;>,]+)/)],
  type: "modem",
});
export const casa = defineProfile({
  name: "casa",
  sysObjectID: "E.20858",
  vendor: "Casa",
  type: "cmts",
  model: [descr(/(?:Casa|CASA)[- ](?:Systems )?(C\w+)/i), entity("model")],
  osVersion: [descr(/(?:Ver(?:sion)?|SW_REV:?) ?([\d.]+)/i)],
  serialNumber: [entity("serial"), scalar("E.20858.10.11.1.1.1.2.1")],
});
export const topvision = defineProfile({
  name: "topvision",
  sysObjectID: "E.32285",
  vendor: "Topvision",
  type: "cmts",
  model: [descr(/^(CC\w+-\w+);/)],
  osVersion: [descr(/;software version: ?V?([^;]+)/i)],
  hardwareRevision: [descr(/hardware version: ?V?([^;]+)/i)],
  serialNumber: [column("E.32285.11.1.1.2.1.1.1.16")],
});
export const avm = defineProfile({ name: "avm", sysObjectID: "E.872", vendor: "AVM", type: "router" });
