/** Juniper Junos: JUNIPER-MIB jnxBoxDescr, jnxBoxSerialNo, sysDescr. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, entity, scalar, when } from "./rules.ts";

const fields = {
  vendor: "Juniper",
  osName: "Junos",
  model: [scalar("E.2636.3.1.2.0"), descr(/Juniper Networks, Inc\. (\S+)/, "Juniper $1")],
  osVersion: [descr(/kernel JUNOS (\S+?)[, ]/), descr(/JUNOS (\S+?)[, ]/), column("E.2636.3.40.1.4.1.1.1.5")],
  serialNumber: [scalar("E.2636.3.1.3.0")],
} as const;
export const juniperJunos = defineProfile({
  name: "juniper-junos",
  sysObjectID: "E.2636",
  type: [when(/Ethernet Switch|\b(ex|qfx)\d/i, "switch"), when(/srx|vsrx|firewall/i, "firewall"), fixed("router")],
  ...fields,
});
export const juniperScreenos = defineProfile({
  name: "juniper-screenos",
  sysObjectID: "E.3224",
  vendor: "Juniper",
  type: "firewall",
  osName: "ScreenOS",
  model: [descr(/^(\S.*?) version/)],
  osVersion: [descr(/version (\S+)/)],
  serialNumber: [descr(/SN: (\w+)/), scalar("E.3224.7.1.5.0")],
  features: [descr(/SN: \w+, ([^)]+)\)/)],
});
export const juniperJunose = defineProfile({
  name: "juniper-junose",
  sysObjectID: "E.4874",
  vendor: "Juniper",
  type: "router",
  osName: "JunosE",
  model: [
    descr(/Juniper Networks,? (?:Inc\.? )?(\S+)/),
    bySysObjectID("E.4874.1.1.1", {
      "1.1": "ERX-1400",
      "1.2": "ERX-700",
      "1.3": "ERX-1440",
      "1.4": "ERX-705",
      "1.5": "ERX-310",
      "6.1": "E320",
      "6.2": "E120",
    }),
  ],
  osVersion: [descr(/(?:SW )?Version : \((\S+?)\)/), descr(/Version ([\d.]\S+)/)],
  serialNumber: [entity("serial")],
});
export const juniperTrapeze = defineProfile({
  name: "juniper-trapeze",
  sysObjectID: "E.14525",
  vendor: "Juniper",
  type: "wireless-controller",
  osName: "MSS",
  model: [descr(/(?:Trapeze Networks|Juniper Networks),? Inc\.? (\S+)/)],
  osVersion: [descr(/(\d+\.\d+\.\d+[\d.]*)/), scalar("E.14525.4.2.1.4.0")],
  serialNumber: [scalar("E.14525.4.2.1.1.0")],
});
export const ivantiPulse = defineProfile({
  name: "ivanti-pulse",
  sysObjectID: "E.12532",
  vendor: "Pulse Secure",
  type: "firewall",
  model: [descr(/,(?:Pulse Connect Secure,)?([A-Z]{2,}[A-Za-z0-9-]+),\d/)],
  osVersion: [descr(/,(\d+\.\d+R\d+[\d.]*)/)],
});
