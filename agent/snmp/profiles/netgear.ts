/** Netgear: NETGEAR-SWITCHING-MIB agentInventory (FASTPATH below 4526.10 or .11), sysDescr. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, scalar, when } from "./rules.ts";

const at = (arc: number) => [`E.4526.10.1.1.1.${arc}.0`, `E.4526.11.1.1.1.${arc}.0`].map((oid) => scalar(oid));
export const netgear = defineProfile({
  name: "netgear",
  sysObjectID: "E.4526",
  vendor: "Netgear",
  type: [
    when(/ReadyNAS|ReadyDATA/i, "storage"),
    when(/Access Point|\bW[ANC]\w\d/i, "access-point"),
    when(/FVS|ProSecure|Firewall/i, "firewall"),
    fixed("switch"),
  ],
  model: [descr(/^([A-Z]+\d+\S*)[ ,]/), ...at(3), entity("model")],
  osVersion: [descr(/, (\d+\.\d+\.\d+[\d.]*)/), ...at(13)],
  serialNumber: [...at(4), entity("serial")],
});
export const netgearReadynas = defineProfile({
  name: "netgear-readynas",
  sysObjectID: ["E.4526.18", "E.4526.22"],
  vendor: "Netgear",
  type: "storage",
  osName: "ReadyNAS OS",
  // The two groups of ReadyNAS OS 6 differ in their order: each value by its form.
  osVersion: ["22.1", "22.2", "18.1"].map((at) => scalar(`E.4526.${at}.0`, /^V?(\d+\.\d+\S*)$/i)),
  serialNumber: ["22.1", "22.2"].map((at) => scalar(`E.4526.${at}.0`, /^([A-Z0-9]{8,20})$/)),
});
export const netgearByDescription = defineProfile({
  name: "netgear-by-description",
  sysDescr: /ReadyNAS|^[A-Z]{1,3}\d{3,4}\S* ProSafe/,
  vendor: "Netgear",
  type: "switch",
  model: [descr(/^(\S+)/)],
});
