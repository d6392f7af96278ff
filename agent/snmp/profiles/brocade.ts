/** Brocade: FOS (SW-MIB), NOS/VDX, SLX-OS, FastIron and NetIron (FOUNDRY-SN-AGENT-MIB), Ruckus ICX. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when } from "./rules.ts";

export const brocadeFos = defineProfile({
  name: "brocade-fos",
  sysObjectID: "E.1588",
  vendor: "Brocade",
  type: "fc-switch",
  osName: "Fabric OS",
  model: [entity("model"), descr(/^(FC\S+.*?)(?::|$)/), descr(/\bBR-(\S+?)[, ]/)],
  osVersion: [scalar("E.1588.2.1.1.1.1.6.0"), descr(/Software Version ([\w.]*\w)/)],
  serialNumber: [scalar("E.1588.2.1.1.1.1.10.0"), entity("serial")],
});
export const brocadeNos = defineProfile({
  name: "brocade-nos",
  sysObjectID: ["E.1588.3.3.1", "E.1588.2.2.1.1.1.5"],
  vendor: "Brocade",
  type: "switch",
  osName: "NOS",
  model: [entity("model"), descr(/(BR-\S+?),/), descr(/Brocade[- ](VDX\S*)/)],
  osVersion: [descr(/Software Version ([\w.]*\w)/), scalar("E.1588.2.1.1.1.1.6.0")],
  serialNumber: [scalar("E.1588.2.1.1.1.1.10.0"), entity("serial")],
});
const ironware = {
  osName: "IronWare",
  model: [
    column("E.1991.1.1.2.2.1.1.2"),
    descr(
      /(?:Stacking System|Brocade|Ruckus|Foundry Networks),? (?:Communications Systems, )?(?:Inc\.,? |Wireless, Inc\. )?(\S*\d\S*?)[, ]/,
    ),
    descr(/Stacking System (\S+?),/),
    entity("model"),
  ],
  osVersion: [descr(/IronWare Version V?([\w.]*\w)/), descr(/Version V?(\d[\w.]*\w)/), scalar("E.1991.1.1.2.1.11.0")],
  serialNumber: [scalar("E.1991.1.1.1.1.2.0"), column("E.1991.1.1.1.4.1.1.2"), entity("serial")],
} as const;
export const brocadeIronware = defineProfile({
  name: "brocade-ironware",
  sysObjectID: "E.1991",
  vendor: [when(/Ruckus|CommScope/, "Ruckus"), fixed("Brocade")],
  type: [when(/NetIron|MLX|XMR|CER|CES/, "router"), when(/ADX|ServerIron/, "load-balancer"), fixed("switch")],
  ...ironware,
});
