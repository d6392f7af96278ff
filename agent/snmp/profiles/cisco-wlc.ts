/** Cisco (Airespace) wireless LAN controllers: AIRESPACE-SWITCHING-MIB agentInventory. */

import { ciscoProducts } from "./cisco-products.ts";
import { defineProfile } from "./profile.ts";
import { bySysObjectID, entity, scalar } from "./rules.ts";

const spec = {
  vendor: "Cisco",
  type: "wireless-controller",
  osName: "AireOS",
  model: [scalar("E.14179.1.1.1.3.0"), entity("model"), bySysObjectID("E.9.1", ciscoProducts)],
  osVersion: [scalar("E.14179.1.1.1.14.0")],
  serialNumber: [scalar("E.14179.1.1.1.4.0"), entity("serial")],
} as const;
export const ciscoWlc = defineProfile({
  name: "cisco-wlc",
  sysObjectID: "E.9.1",
  sysDescr: /^Cisco Controller/,
  ...spec,
});
export const ciscoAirespace = defineProfile({ name: "cisco-airespace", sysObjectID: "E.14179", ...spec });
