/** Stormshield (NETASQ): STORMSHIELD-PROPERTY-MIB snsModel, snsVersion, snsSerialNumber. */
import { defineProfile } from "./profile.ts";
import { descr, scalar } from "./rules.ts";

const fields = {
  vendor: "Stormshield",
  type: "firewall",
  osName: "NS-BSD",
  model: [scalar("E.11256.1.18.1.0"), descr(/^NS-BSD ([A-Z]+\d+)/)],
  osVersion: [scalar("E.11256.1.18.2.0"), scalar("E.11256.1.0.2.0")],
  serialNumber: [scalar("E.11256.1.18.3.0"), scalar("E.11256.1.0.3.0")],
} as const;
export const stormshield = defineProfile({ name: "stormshield", sysObjectID: "E.11256", ...fields });
export const stormshieldByDescription = defineProfile({
  name: "stormshield-by-description",
  sysDescr: /^NS-BSD /,
  ...fields,
});
