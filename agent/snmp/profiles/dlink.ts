/** D-Link: AGENT-GENERAL-MIB (agentSerialNumber), RMON2 probe revisions, sysDescr. */
import { defineProfile, fixed } from "./profile.ts";
import { column, compose, descr, entity, scalar, when } from "./rules.ts";

export const dlink = defineProfile({
  name: "dlink",
  sysObjectID: "E.171",
  vendor: "D-Link",
  type: [when(/DAP|Access Point/i, "access-point"), when(/DSR|DFL|Router/i, "router"), fixed("switch")],
  model: [
    compose(
      "{} Rev. {}",
      descr(/^(?:D-Link )?((?:WS6-)?D[A-Z]{2}-\S+)/),
      scalar("1.3.6.1.2.1.16.19.3.0", /^(?:Rev\.? ?)?([A-Z]\d\w?)$/),
    ),
    descr(/^(?:D-?Link )?((?:WS6-)?D[A-Z]{2}-\S+)/i),
  ],
  osVersion: [
    descr(/^\S+ +(\d+\.\d+\.\S+)/),
    scalar("1.3.6.1.2.1.16.19.2.0"),
    entity("firmwareRev"),
    column("E.171.11.165.1000.5.1.8.1.3"),
  ],
  serialNumber: [scalar("E.171.12.1.1.12.0"), entity("serial")],
});
