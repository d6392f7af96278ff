import { parseIncidentPolicy } from "../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../collector/presence/policy.ts";
import type { AssetRow, DecisionRow } from "../../collector/store/store.ts";
import { createLab, type Lab, type LabAgent } from "../../collector/truthlab/driver.ts";
import type { AssetId } from "../../shared/ids.ts";
import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";

/** Keys as "kind=value" or, for serials, "serial=vendor/value": short enough to read a story. */
export const keysOf = (...texts: readonly string[]): SubjectKey[] =>
  texts.map((text) => {
    const [kind, rest] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
    const cut = kind === "serial" ? rest.indexOf("/") : -1;
    return cut < 0
      ? { kind: kind as SubjectKey["kind"], value: rest }
      : { kind: "serial", vendor: rest.slice(0, cut), value: rest.slice(cut + 1) };
  });

/** A site of observations: sightings, SNMP rounds and agents' own reports through the real engine, and what came of them. */
export type IdentityLab = {
  readonly lab: Lab;
  /** An observer that is no subject: in realm "site" unless told otherwise. */
  readonly see: (
    keys: readonly string[],
    options?: { readonly method?: Method; readonly realm?: string },
  ) => Promise<void>;
  readonly snmp: (
    keys: readonly string[],
    options?: { readonly id?: string; readonly realm?: string },
  ) => Promise<void>;
  readonly agent: (name: string) => Promise<LabAgent>;
  /** What an agent says of its own host. */
  readonly report: (agent: LabAgent, keys: readonly string[], options?: { readonly realm?: string }) => Promise<void>;
  readonly pass: (ms: number) => void;
  readonly assets: () => Promise<readonly AssetRow[]>;
  /** The assets, as survivors, that hold a key. */
  readonly holding: (key: string) => Promise<readonly AssetId[]>;
  readonly rules: (assetId: AssetId) => Promise<readonly DecisionRow[]>;
  readonly conflicts: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export const openIdentityLab = async (path?: string): Promise<IdentityLab> => {
  const lab = await createLab({
    presence: parsePresencePolicy({}),
    incidents: parseIncidentPolicy({}),
    seed: 11,
    startMs: Date.UTC(2026, 0, 5, 8),
    ...(path === undefined ? {} : { path }),
  });
  const connect = async (name: string) => {
    const agent = await lab.addAgent(name, [{ name: "lan", realm: "site", targets: ["10.0.0.0/8"] }]);
    await agent.connect();
    return agent;
  };
  const observer = await connect("observer");
  const survivors = (assetId: AssetId) =>
    lab.read(async (tx) => {
      let row = await tx.assets.get(assetId);
      while (row?.mergedInto !== undefined) row = await tx.assets.get(row.mergedInto);
      return row;
    });
  const snapshot = (source: "local" | "snmp", id: string, keys: readonly string[], realm: string) => ({
    kind: "snapshot" as const,
    snapshot: {
      source,
      subject: { id, realm, keys: keysOf(...keys) },
      observedAtMs: lab.clock.now(),
      steps: [],
      failures: [],
    },
  });
  const step = () => lab.clock.set(lab.clock.now() + 1_000);
  return {
    lab,
    see: async (keys, { method = "arp", realm = "site" } = {}) => {
      step();
      const subject = { id: keys[0] ?? "", realm, keys: keysOf(...keys) };
      await observer.send({ kind: "sightings", sightings: [{ subject, method, observedAtMs: lab.clock.now() }] });
    },
    snmp: async (keys, { id = keys[0] ?? "", realm = "site" } = {}) => {
      step();
      await observer.send(snapshot("snmp", id, keys, realm));
    },
    agent: connect,
    report: async (agent, keys, { realm = "site" } = {}) => {
      step();
      await agent.send(snapshot("local", "self", keys, realm));
    },
    pass: (ms) => lab.clock.set(lab.clock.now() + ms),
    assets: () =>
      lab.read(async (tx) => {
        const out: AssetRow[] = [];
        const known = new Set<AssetId>();
        for (const agent of await tx.agents.all()) if (agent.assetId !== undefined) known.add(agent.assetId);
        for (const track of await tx.presence.due(Number.MAX_SAFE_INTEGER, 100_000)) known.add(track.assetId);
        for (const assetId of known) {
          const row = await tx.assets.get(assetId);
          if (row && row.mergedInto === undefined) out.push(row);
        }
        return out;
      }),
    holding: async (key) => {
      const rows = await lab.read((tx) => tx.assets.candidates(keysOf(key)));
      const found = await Promise.all(rows.map(({ assetId }) => survivors(assetId)));
      return [...new Set(found.flatMap((row) => (row ? [row.assetId] : [])))];
    },
    rules: (assetId) => lab.read((tx) => tx.decisions.ofAsset(assetId)),
    conflicts: () =>
      lab.read(async (tx) => (await tx.incidents.open(100)).filter(({ kind }) => kind === "identity-conflict").length),
    stop: lab.stop,
  };
};
