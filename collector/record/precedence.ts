import type { Method } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";

/**
 * Whose word on a section counts when several look at one device: lower wins (design §5). The host's own agent knows its
 * insides best; what stands between devices (neighbours, MAC tables) a network device tells by SNMP.
 */
const general: Partial<Record<Method, number>> = { local: 0, snmp: 1, wireless: 2, lldp: 3, cdp: 3, mdns: 4, ssdp: 4 };
const snmpFirst: ReadonlySet<SectionName> = new Set<SectionName>(["modules", "fdb", "vlans", "supplies", "lags"]);

export const rankOf = (section: SectionName, source: Method): number => {
  if (source === "snmp" && snmpFirst.has(section)) return -1;
  return general[source] ?? 9;
};
