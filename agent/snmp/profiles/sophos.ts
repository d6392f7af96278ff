/** Sophos XG/SFOS (SFOS-FIREWALL-MIB), Cyberoam, UTM (a net-snmp with its own kernel name). */
import { defineProfile } from "./profile.ts";
import { scalar } from "./rules.ts";

export const sophosXg = defineProfile({
  name: "sophos-xg",
  sysObjectID: "E.2604.5",
  vendor: "Sophos",
  type: "firewall",
  osName: "SFOS",
  model: [scalar("E.2604.5.1.1.2.0")],
  osVersion: [scalar("E.2604.5.1.1.3.0", /^(?:SFOS )?(.+)$/)],
  serialNumber: [scalar("E.2604.5.1.1.4.0")],
});
export const sophosCyberoam = defineProfile({
  name: "sophos-cyberoam",
  sysObjectID: "E.21067",
  vendor: "Sophos",
  type: "firewall",
  model: [scalar("E.21067.2.1.1.2.0")],
  osVersion: [scalar("E.21067.2.1.1.3.0")],
  serialNumber: [scalar("E.21067.2.1.1.1.0")],
});
export const sophosUtm = defineProfile({
  name: "sophos-utm",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /^Linux \S+ \S+(\.rb\d|\.g[0-9a-f]+)?\S*-smp64/,
  vendor: "Sophos",
  type: "firewall",
  osName: "UTM",
  osVersion: [],
  model: [],
});
