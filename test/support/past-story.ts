import fc from "fast-check";
import type { Operation } from "../../collector/engine/operations.ts";
import { pastFields } from "../../collector/store/contract/past.ts";
import { readThen } from "../../collector/store/reads/then.ts";
import type { Database } from "../../collector/store/sqlite/database.ts";
import type { AssetRow } from "../../collector/store/store.ts";
import type { LabAgent } from "../../collector/truthlab/driver.ts";
import type { AssetId } from "../../shared/ids.ts";
import { sectionHash, toItems } from "../../shared/protocol/canonical.ts";
import type { Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { SectionStep } from "../../shared/protocol/snapshot.ts";
import { type IdentityLab, keysOf, openIdentityLab } from "./identity-lab.ts";

export const person = { name: "kim", role: "asset-manager" } as const;

/** What one look finds: as many packages as lie in a shared list, disks that come and go, a value that changes. */
type Look = { readonly os: number; readonly drift: number; readonly disks: readonly number[]; readonly gone: boolean };
const lookArbitrary: fc.Arbitrary<Look> = fc.record({
  os: fc.nat(2),
  drift: fc.nat(3),
  disks: fc.subarray([1, 2, 3]),
  gone: fc.boolean(),
});
export type Deed =
  | { readonly kind: "look"; readonly host: number; readonly look: Look }
  | { readonly kind: "snmp"; readonly host: number; readonly look: Look }
  | { readonly kind: "see"; readonly host: number }
  | { readonly kind: "edit"; readonly host: number; readonly name: string; readonly release: boolean }
  | { readonly kind: "merge"; readonly into: number; readonly from: number }
  | { readonly kind: "split"; readonly host: number }
  | { readonly kind: "undo"; readonly nth: number }
  | { readonly kind: "silence" };
const host = fc.nat(2);
export const deedArbitrary: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("look" as const), host, look: lookArbitrary }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("snmp" as const), host, look: lookArbitrary }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("see" as const), host }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("edit" as const),
      host,
      name: fc.constantFrom("till 1", "till 2"),
      release: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("merge" as const), into: host, from: host }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("split" as const), host }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("undo" as const), nth: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("silence" as const) }) },
);

const full = (section: SectionName, content: object): SectionStep => ({
  kind: "full",
  section,
  hash: sectionHash(section, content as never),
  items: Object.fromEntries(toItems(section, content as never)) as Record<string, Item>,
});
const packages = (drift: number) =>
  Array.from({ length: 80 + drift }, (_, i) => ({
    manager: "dpkg",
    name: `p${i}`,
    architecture: "amd64",
    version: i % 40 === drift ? `2.${drift}` : "1.0",
  }));
const stepsOf = ({ os, drift, disks, gone }: Look, host: number): SectionStep[] => [
  full("os", { name: "Debian", version: `1${os}`, hostname: `host${host}` }),
  gone ? { kind: "gone", section: "software" } : full("software", packages(drift)),
  full(
    "disks",
    disks.map((n) => ({ id: `sd${n}`, name: `sd${n}`, sizeBytes: n * 1_000 })),
  ),
];
const keysFor = (n: number) => [
  `hardwareUuid=4c4c4544-0042-3010-8051-b4c04f4e4d3${n}`,
  `mac=00:1b:21:0a:00:0${n}`,
  `ip=10.0.0.${n + 1}`,
];

/** Three hosts, each with an agent, and what becomes of them. */
export type Story = {
  readonly lab: IdentityLab;
  readonly agents: readonly LabAgent[];
  readonly assets: readonly AssetId[];
};

export const beginStory = async (path: string): Promise<Story> => {
  const lab = await openIdentityLab(path);
  const agents: LabAgent[] = [];
  const assets: AssetId[] = [];
  for (let n = 0; n < 3; n++) {
    agents.push(await lab.agent(`agent${n}`));
    if (n === 1) await lab.see(keysFor(n).slice(1));
    await report({ lab, agents, assets }, n, { os: 0, drift: 0, disks: [1], gone: false });
    assets.push(...(await lab.holding(keysFor(n)[1] ?? "")));
  }
  return { lab, agents, assets };
};

export const report = async ({ lab, agents }: Story, n: number, look: Look, agoMs = 0) => {
  lab.pass(60_000);
  const subject = { id: "self", realm: "site", keys: keysOf(...keysFor(n)) };
  const observedAtMs = lab.lab.clock.now() - agoMs;
  const snapshot = { source: "local" as const, subject, observedAtMs, steps: stepsOf(look, n), failures: [] };
  await agents[n]?.send({ kind: "snapshot", snapshot });
};

/** What the agent of another host tells of it; a late one counts, as only a host's own can tell that there is a newer one. */
export const reportSnmp = async ({ lab, agents }: Story, n: number, look: Look, agoMs = 0) => {
  const subject = { id: `host${n}`, realm: "site", keys: keysOf(...keysFor(n).slice(1)) };
  const vlans = full("vlans", [{ id: 1 + look.os, name: `v${look.drift}` }]);
  const steps = [...stepsOf(look, n), vlans];
  const observedAtMs = lab.lab.clock.now() - agoMs;
  const snapshot = { source: "snmp" as const, subject, observedAtMs, steps, failures: [] };
  await agents[(n + 1) % 3]?.send({ kind: "snapshot", snapshot });
};

export const carryOut = async (story: Story, decisions: { assetId: AssetId; decisionId: string }[], deed: Deed) => {
  const { lab, assets } = story;
  const at = (n: number) => assets[n] as AssetId;
  const apply = async (operation: Operation) => {
    const { answer } = await lab.lab.engine().apply(operation, person);
    const made = answer.status === "ok" ? (answer.result as { decisionId?: string }).decisionId : undefined;
    if (made !== undefined && "assetId" in operation) decisions.push({ assetId: operation.assetId, decisionId: made });
  };
  lab.pass(60_000);
  switch (deed.kind) {
    case "look":
      return report(story, deed.host, deed.look);
    case "snmp":
      return reportSnmp(story, deed.host, deed.look);
    case "see":
      return lab.see([keysFor(deed.host)[1] ?? "", `ip=10.0.0.${50 + deed.host}`]);
    case "edit":
      return apply({
        kind: "asset.edit",
        assetId: at(deed.host),
        set: deed.release
          ? { warrantyUntil: "2027-03-31" }
          : { name: deed.name, lifecycle: "in-repair", owner: deed.name, price: "1 EUR" },
        ...(deed.release ? { release: ["name", "owner"] } : {}),
      });
    case "merge":
      return apply({ kind: "asset.merge", assetId: at(deed.into), otherAssetId: at(deed.from) });
    case "split":
      return apply({ kind: "asset.split", assetId: at(deed.host), keys: keysOf(keysFor(deed.host)[1] ?? "") });
    case "undo": {
      const decision = decisions.at(-1 - deed.nth);
      return decision && apply({ kind: "asset.undo", ...decision });
    }
    case "silence":
      await lab.lab.run(lab.lab.clock.now() + 3_600_000, 600_000);
      return;
    default:
      return deed satisfies never;
  }
};

/** All that an asset is, as it lies in the store. */
export const stateOf = (lab: IdentityLab, assetId: AssetId) =>
  lab.lab.read(async (tx) => {
    let row = await tx.assets.get(assetId);
    while (row?.mergedInto !== undefined) row = await tx.assets.get(row.mergedInto);
    if (!row) throw new Error(`no asset ${assetId}`);
    const sections: Record<string, unknown> = {};
    for (const { section, streamNo } of await tx.assets.accepted(row.assetId)) {
      const head = (await tx.sections.heads(streamNo)).find((one) => one.section === section);
      const items = await tx.sections.items(streamNo, section);
      if (head) sections[section] = { streamNo, hash: head.hash, goneAtMs: head.goneAtMs, items: toPlain(items) };
    }
    return { row: fieldsOf(row), sections, keys: (await tx.assets.keys(row.assetId)).map(nameOf).sort() };
  });
const fieldsOf = (row: AssetRow) =>
  Object.fromEntries([["assetId", row.assetId], ...pastFields.map((field) => [field, row[field]])]);
const nameOf = ({ assetId, kind, value }: { assetId: AssetId; kind: string; value: string }) =>
  `${assetId} ${kind} ${value}`;
const toPlain = (items: ReadonlyMap<string, unknown> | undefined) =>
  [...(items ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));

export const stateThen = (db: Database, assetId: AssetId, atMs: number) => {
  const then = readThen(db, assetId, atMs);
  if (!then) throw new Error(`no asset ${assetId}`);
  const sections = Object.fromEntries(
    then.sections.map(({ section, streamNo, hash, goneAtMs, items }) => [
      section,
      { streamNo, hash, goneAtMs, items: toPlain(items()) },
    ]),
  );
  return { row: fieldsOf(then.row), sections, keys: then.keys.map(nameOf).sort() };
};
