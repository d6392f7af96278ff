import { canonicalJson, compareKeys, hash16, rootHash, toItems } from "../shared/protocol/canonical.ts";
import type { KeptBody } from "../shared/protocol/envelope.ts";
import type { Item } from "../shared/protocol/items.ts";
import { MAX_ITEMS, type SectionContents, type SectionName, sections } from "../shared/protocol/sections.ts";
import { type SectionStep, type Snapshot, streamId } from "../shared/protocol/snapshot.ts";
import { deal } from "./messages.ts";
import type { SectionFailure } from "./probes/probe.ts";
import type { Baseline } from "./spool/spool.ts";

/**
 * From the outcome of a round to what is sent of it. Pure: the baseline is data.
 *
 * A section that was read is compared item by item with what was noted last; one that failed is left as it was and named
 * in `failures`; one that nobody looks at any more (`looked` leaves it out) ends with `gone`.
 */
export type Round = {
  readonly source: Snapshot["source"];
  readonly subject: Snapshot["subject"];
  readonly observedAtMs: number;
  readonly contents: SectionContents;
  readonly failures: readonly SectionFailure[];
  /** Sections that the round's probes answer for, whether they gave something or not. */
  readonly looked: ReadonlySet<SectionName>;
  /** Only some sections were looked at this time; the others stand as they are. */
  readonly partial?: boolean;
  readonly gauges?: Readonly<Record<string, number>>;
  readonly commandId?: string;
};

/** Bounds of a message (protocol README): a round is dealt into messages of about this size. */
const SECTION_BYTES = 12 << 20;
const MAX_FAILURES = 128;
const MAX_REASON = 1_000;

type Checked = {
  readonly items: ReadonlyMap<string, Item>;
  readonly hashes: ReadonlyMap<string, string>;
  readonly failure?: SectionFailure;
};

const withoutUndefined = (item: Item): Item =>
  Object.values(item).includes(undefined)
    ? Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined))
    : item;

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

/** Items that fit the section's schema and its bounds, sorted by key; what doesn't fit is left out and said. */
const check = (section: SectionName, content: unknown): Checked => {
  const { schema } = sections[section];
  const items = new Map<string, Item>();
  const hashes = new Map<string, string>();
  const faults: string[] = [];
  let bytes = 0;
  let left = 0;
  for (const [key, item] of [...toItems(section, content)].sort(([a], [b]) => compareKeys(a, b))) {
    const parsed = schema.safeParse(withoutUndefined(item));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      faults.push(`${cut(key || section, 80)}: ${issue?.path.join(".")} ${issue?.message}`);
      continue;
    }
    // The schema drops fields it does not know: what is hashed here is what the collector will hash.
    const text = canonicalJson(parsed.data);
    const size = text.length + key.length;
    if (items.size >= MAX_ITEMS || bytes + size > SECTION_BYTES) left++;
    else {
      items.set(key, JSON.parse(text) as Item);
      hashes.set(key, hash16(text));
      bytes += size;
    }
  }
  if (left > 0)
    return { items, hashes, failure: { section, kind: "cut", reason: `${left} items beyond the bound of a section` } };
  if (faults.length > 0)
    return {
      ...{ items, hashes },
      failure: {
        section,
        kind: "cut",
        reason: cut(`${faults.length} items left out, the first: ${faults[0]}`, MAX_REASON),
      },
    };
  return { items, hashes };
};

const stepTo = (
  section: SectionName,
  { items, hashes }: Pick<Checked, "items" | "hashes">,
  base: string | undefined,
  known: () => ReadonlyMap<string, string>,
): SectionStep | undefined => {
  const hash = rootHash(hashes);
  if (base === hash) return undefined;
  if (base !== undefined) {
    const before = known();
    const put = [...items].filter(([key]) => before.get(key) !== hashes.get(key));
    const drop = [...before.keys()].filter((key) => !items.has(key)).sort(compareKeys);
    if (put.length < items.size || sections[section].kind === "value")
      return { kind: "delta", section, base, hash, put: Object.fromEntries(put), drop };
  }
  return { kind: "full", section, hash, items: Object.fromEntries(items) };
};

/** Looked at without fault and nothing there: an empty collection. A value has no such thing, nor what nobody looked at. */
const endOf = (section: SectionName, base: string | undefined, looked: boolean): SectionStep[] => {
  if (!looked || sections[section].kind === "value") return [{ kind: "gone", section }];
  const hash = rootHash(new Map());
  return base === hash ? [] : [{ kind: "full", section, hash, items: {} }];
};

const toFailures = (failures: readonly SectionFailure[]): SectionFailure[] =>
  failures
    .map(({ section, kind, reason }) => ({ section, kind, reason: cut(reason, MAX_REASON) }))
    .sort((a, b) => compareKeys(`${a.section}|${a.kind}|${a.reason}`, `${b.section}|${b.kind}|${b.reason}`))
    .slice(0, MAX_FAILURES);

/**
 * The messages that tell what a round found different from the baseline; none when nothing is.
 * An answer to a command (`commandId`) is always told, even that nothing changed.
 */
export const toMessages = (round: Round, baseline: Baseline): KeptBody[] => {
  const { source, subject, observedAtMs, gauges, commandId } = round;
  const stream = streamId(source, subject.id);
  const hashes = baseline.sectionHashes(stream);
  const before = baseline.stream(stream);
  const checked = Object.entries(round.contents).map(([name, content]) => {
    const section = name as SectionName;
    return { section, ...check(section, content) };
  });
  const changed = checked.flatMap(
    ({ section, items, hashes: itemHashes }) =>
      stepTo(section, { items, hashes: itemHashes }, hashes.get(section), () => baseline.itemHashes(stream, section)) ??
      [],
  );
  const failed = new Set(round.failures.map(({ section }) => section));
  const ended = [...hashes.keys()]
    .filter((section) => round.contents[section] === undefined && !(round.looked.has(section) && failed.has(section)))
    .filter((section) => round.looked.has(section) || round.partial !== true)
    .flatMap((section) => endOf(section, hashes.get(section), round.looked.has(section)));
  const failures = toFailures([...round.failures, ...checked.flatMap(({ failure }) => failure ?? [])]);
  const steps = [...changed, ...ended];
  const sameFailures = canonicalJson(failures) === canonicalJson(before?.failures ?? []);
  // A stream is opened by its first round even if that found nothing: who was looked at is told, too.
  const sameSubject = before !== undefined && canonicalJson(subject) === canonicalJson(before.subject);
  if (steps.length === 0 && sameFailures && sameSubject && commandId === undefined) return [];
  return deal(steps).map((some, i) => ({
    kind: "snapshot",
    snapshot: {
      ...{ source, subject, observedAtMs, steps: some, failures },
      ...(gauges !== undefined && i === 0 && { gauges }),
      ...(commandId !== undefined && { commandId }),
    },
  }));
};
