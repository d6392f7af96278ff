import { createHash } from "node:crypto";
import type { AssetId } from "../../shared/ids.ts";
import { canonicalJson, hashOfItems } from "../../shared/protocol/canonical.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import { type Fault, rebuild } from "../identity/rebuild.ts";
import { parseIdentityRules, RULES_META } from "../identity/rules.ts";
import { assetFieldsOf, fieldSections } from "../record/asset-fields.ts";
import { PAST_SINCE_META } from "../store/sqlite/past.ts";
import { type Ledger, openLedger } from "../store/sqlite-ledger.ts";
import type { AssetRow, DecisionRow, SectionHead, StoredItems, StreamRow } from "../store/store.ts";
import { createChangeCheck, type KeptContents } from "./check-changes.ts";

export type LedgerCheck = {
  readonly faults: readonly Fault[];
  readonly counts: Readonly<Record<string, number>>;
  /** SHA-256 over the canonical dump of assets, keys, sections, changes and incidents, in hex. */
  readonly hash: string;
};

/**
 * Compares the stored assets and facts with what is derived from observations, decisions and sections.
 * @throws RollcallError `store.corrupt`
 */
export const checkLedger = (path: string): LedgerCheck => {
  const ledger = openLedger(path);
  try {
    return check(ledger);
  } finally {
    ledger.close();
  }
};

const check = (ledger: Ledger): LedgerCheck => {
  const digest = createHash("sha256");
  const counts: Record<string, number> = {};
  const dump = (table: string, row: unknown) => {
    digest.update(`${table} ${canonicalJson(row)}\n`);
    counts[table] = (counts[table] ?? 0) + 1;
  };
  for (const table of ["assets", "keys", "sections", "changes", "incidents"]) counts[table] = 0;
  const [assets, keys, decisions] = [ledger.assets(), ledger.keys(), ledger.decisions()];
  for (const asset of assets) dump("assets", asset);
  for (const key of keys) dump("keys", key);
  const { ignore } = parseIdentityRules(ledger.meta(RULES_META));
  const derived = rebuild({
    ...{ assets, keys, decisions, ignore },
    agents: ledger.agents(),
    observations: ledger.observations(),
    checkpoints: ledger.checkpoints(),
  });
  const faults = [...derived, ...ledger.broken()];
  const known: ReadonlySet<string> = new Set(assets.map(({ assetId }) => assetId));
  const since = ledger.meta(PAST_SINCE_META);
  const check = createChangeCheck(since === undefined ? undefined : Number(since));
  for (const change of ledger.changes()) {
    dump("changes", change);
    check.expect(change);
    if (!known.has(change.assetId))
      faults.push({
        table: "changes",
        row: change.changeId,
        reason: `is of asset ${change.assetId}, which is not there`,
      });
  }
  const inFacts = checkFacts(ledger, assets, decisions, check.look, dump);
  const inChanges = check.faults();
  const orphans: Fault[] = [];
  for (const incident of ledger.incidents()) {
    dump("incidents", incident);
    if (incident.assetId !== undefined && !known.has(incident.assetId))
      orphans.push({
        ...{ table: "incidents", row: incident.incidentId },
        reason: `is of asset ${incident.assetId}, which is not there`,
      });
  }
  return { faults: [...faults, ...inFacts, ...inChanges, ...orphans], counts, hash: digest.digest("hex") };
};

const checkFacts = (
  ledger: Ledger,
  assets: readonly AssetRow[],
  decisions: readonly DecisionRow[],
  look: (contents: KeptContents) => void,
  dump: (table: string, row: unknown) => void,
): Fault[] => {
  const faults: Fault[] = [];
  const streams = new Map(ledger.streams().map((stream) => [stream.streamNo, stream]));
  const heads = new Map<number, SectionHead[]>();
  const contents = new Map<number, Map<SectionName, StoredItems>>();
  for (const { streamNo, head, items, fault } of ledger.sections()) {
    dump("sections", { streamNo, ...head });
    heads.set(streamNo, [...(heads.get(streamNo) ?? []), head]);
    const label = `${streams.get(streamNo)?.stream ?? `stream ${streamNo}`} ${head.section}`;
    const stream = streams.get(streamNo);
    if (!stream) faults.push({ table: "sections", row: label, reason: "is of no stream" });
    else if (items && fault === undefined) lookAt(ledger, stream, head.section, items, look);
    if (fault !== undefined) faults.push({ table: "sections", row: label, reason: fault });
    else if (items && fieldSections.has(head.section))
      contents.set(streamNo, (contents.get(streamNo) ?? new Map()).set(head.section, items));
  }
  for (const { streamNo, stream, root } of streams.values()) {
    const live = (heads.get(streamNo) ?? []).filter(({ goneAtMs }) => goneAtMs === undefined);
    const derived = hashOfItems(new Map(live.map(({ section, hash }) => [section, hash])));
    if (derived !== root)
      faults.push({
        table: "streams",
        row: `${streamNo} ${stream}`,
        reason: `root is ${root}, its sections give ${derived}`,
      });
  }
  return [...faults, ...checkFields(ledger, assets, decisions, streams, contents)];
};

const lookAt = (
  ledger: Ledger,
  stream: StreamRow,
  section: SectionName,
  now: StoredItems,
  look: (contents: KeptContents) => void,
): void => {
  const past = ledger.past(stream.streamNo, section);
  const knownFromMs = ledger.knownFrom(stream.streamNo, section);
  look({ stream, section, now, past, ...(knownFromMs === undefined ? {} : { knownFromMs }) });
};

const fieldNames = ["name", "type", "manufacturer", "model", "serialNumber", "osName", "osVersion"] as const;

/** Fields of assets whose accepted sections are all of streams of their own. */
const checkFields = (
  ledger: Ledger,
  assets: readonly AssetRow[],
  decisions: readonly DecisionRow[],
  streams: ReadonlyMap<number, StreamRow>,
  contents: ReadonlyMap<number, ReadonlyMap<SectionName, StoredItems>>,
): Fault[] => {
  const mixed = new Set<AssetId | undefined>(
    decisions.filter(({ before }) => before !== undefined).flatMap((d) => [d.assetId, d.otherAssetId]),
  );
  const accepted = new Map<AssetId, Map<SectionName, StoredItems>>();
  for (const { assetId, section, streamNo } of ledger.accepted()) {
    if (!fieldSections.has(section)) continue;
    const items = contents.get(streamNo)?.get(section);
    if (!items || streams.get(streamNo)?.assetId !== assetId) mixed.add(assetId);
    else accepted.set(assetId, (accepted.get(assetId) ?? new Map()).set(section, items));
  }
  return assets.flatMap((asset) => {
    const content = accepted.get(asset.assetId);
    if (!content || mixed.has(asset.assetId)) return [];
    const derived = assetFieldsOf(content, { name: asset.name, type: asset.type });
    return fieldNames
      .filter(
        (field) => derived[field] !== undefined && !asset.locked.includes(field) && derived[field] !== asset[field],
      )
      .map((field) => ({
        ...{ table: "assets", row: asset.assetId },
        reason: `${field} is ${JSON.stringify(asset[field])}, its sections give ${JSON.stringify(derived[field])}`,
      }));
  });
};
