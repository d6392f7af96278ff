import { join } from "node:path";
import { parseIncidentPolicy } from "../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../collector/presence/policy.ts";
import type { Reads } from "../../collector/store/reads.ts";
import { openSqliteReads } from "../../collector/store/sqlite-reads.ts";
import { createLab, type Lab, type LabAgent } from "../../collector/truthlab/driver.ts";
import { sectionHash, toItems } from "../../shared/protocol/canonical.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { SectionItem, SectionName } from "../../shared/protocol/sections.ts";
import type { Coverage, SightVerdict } from "../../shared/protocol/sweep.ts";

/** Tables of a network device by SNMP, in short: what a test says of it. */
export type DeviceTables = {
  readonly interfaces?: readonly SectionItem<"interfaces">[];
  readonly fdb?: readonly SectionItem<"fdb">[];
  readonly neighbours?: readonly SectionItem<"neighbours">[];
  readonly addresses?: readonly SectionItem<"addresses">[];
  readonly accessPoints?: readonly SectionItem<"accessPoints">[];
  readonly wirelessClients?: readonly SectionItem<"wirelessClients">[];
};

/** Network devices, hosts and sweeps through the real engine on virtual time, and what the API's reads make of them. */
export type NetworkLab = {
  readonly lab: Lab;
  readonly agent: LabAgent;
  readonly reads: Reads;
  /** An SNMP round of a device: its MAC names it. */
  readonly round: (name: string, mac: string, address: string, tables: DeviceTables) => Promise<void>;
  readonly see: (mac: string, address: string, name?: string) => Promise<void>;
  readonly sweep: (verdict: SightVerdict, coverage: readonly Coverage[], commandId?: string) => Promise<void>;
  readonly pass: (ms: number) => void;
  readonly idOf: (name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

let count = 0;
const step = (section: SectionName, content: unknown) => ({
  kind: "full" as const,
  section,
  hash: sectionHash(section, content),
  items: Object.fromEntries(toItems(section, content)) as Record<string, Record<string, unknown>>,
});

export const openNetworkLab = async (folder: string): Promise<NetworkLab> => {
  const path = join(folder, `network-${++count}.db`);
  const lab = await createLab({
    presence: parsePresencePolicy({}),
    incidents: parseIncidentPolicy({}),
    ...{ seed: 5, startMs: Date.UTC(2026, 0, 5, 8), path },
  });
  const agent = await lab.addAgent("watcher", [
    { name: "lan", realm: "site", targets: ["10.0.0.0/24", "10.1.0.0/16"] },
  ]);
  await agent.connect();
  const { reads, close } = openSqliteReads(path, { clock: lab.clock });
  let sweeps = 0;
  const keysOf = (mac: string, address: string, name?: string): SubjectKey[] => [
    { kind: "mac", value: mac },
    ...(name === undefined ? [] : [{ kind: "hostname" as const, value: name }]),
    { kind: "ip", value: address },
  ];
  return {
    ...{ lab, agent, reads },
    round: (name, mac, address, tables) =>
      agent.send({
        kind: "snapshot",
        snapshot: {
          source: "snmp",
          subject: { id: `mac:${mac}`, realm: "site", keys: keysOf(mac, address, name) },
          observedAtMs: lab.clock.now(),
          steps: [
            step("system", { type: "switch", sysName: name }),
            ...Object.entries(tables).map(([section, items]) => step(section as SectionName, items)),
          ],
          failures: [],
        },
      }),
    see: (mac, address, name) =>
      agent.send({
        kind: "sightings",
        sightings: [
          {
            subject: { id: `mac:${mac}`, realm: "site", keys: keysOf(mac, address, name) },
            ...{ method: "arp", observedAtMs: lab.clock.now() },
          },
        ],
      }),
    sweep: (verdict, coverage, commandId) =>
      agent.send({
        kind: "sweep",
        sweep: {
          ...{ sweepId: `sweep-${++sweeps}`, scope: "lan", realm: "site", coverage: [...coverage], sightings: [] },
          ...{ startedAtMs: lab.clock.now() - 2_000, endedAtMs: lab.clock.now() },
          proof: { verdict, reasons: [], controls: [], loss: 0, latenessMs: 0 },
          ...(commandId !== undefined && { commandId }),
        },
      }),
    pass: (ms) => lab.clock.set(lab.clock.now() + ms),
    idOf: async (name) => {
      const { items } = await reads.assets({ search: name, limit: 10 });
      const found = items.find((asset) => asset.name === name);
      if (found === undefined) throw new Error(`no asset ${name} among ${items.map((asset) => asset.name)}`);
      return found.assetId;
    },
    stop: async () => {
      close();
      await lab.stop();
    },
  };
};
