import type { AssetId } from "../../shared/ids.ts";
import type { KeyKind, Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { isShadow, linksTo } from "../identity/compare.ts";
import type { Candidate, Verdict } from "../identity/identify.ts";
import { agentKeyOf, scopeOf, usefulKeys } from "../identity/keys.ts";
import { parseIdentityRules, RULES_META } from "../identity/rules.ts";
import { refreshOf, writeKeys } from "./asset-keys.ts";
import { type Asked, lastingOf, type loadCandidates, type Place } from "./candidates.ts";
import type { Work } from "./context.ts";
import { isSameKey, survivorOf } from "./joins.ts";
import type { Known } from "./recognised.ts";

/** What is asked: of its own host an agent tells its key, too, and all of them call it the same. */
export const toldOf = ({ agent: { agentId, instance }, subject, own }: Asked): Subject => {
  if (!own) return subject;
  const key = agentKeyOf(agentId, instance);
  return { ...subject, id: `${subject.id} ${key.value}`, keys: [key, ...subject.keys] };
};

/** Who is known by an address is so for as long as that stays with him. */
export const holdsStill = ({ isByAddress, rows, leaseMs }: Known, atMs: number): boolean =>
  !isByAddress || rows.every(({ kind, lastSeenAtMs }) => kind !== "ip" || lastSeenAtMs >= atMs - leaseMs);

const withoutAddresses = <K extends SubjectKey>(keys: readonly K[]): K[] => keys.filter(({ kind }) => kind !== "ip");

/**
 * Whom identity has known by these keys but for their address: who is known by more than that is who he was at another one, too.
 * With one exception: what is known by that address alone turns out to be him, and that is identity's to say.
 */
export const findElsewhere = async (
  work: Work,
  subject: Subject,
  { own, atMs }: Pick<Asked, "own" | "atMs">,
): Promise<Known | undefined> => {
  const others = withoutAddresses(subject.keys);
  if (others.length === 0 || others.length === subject.keys.length) return undefined;
  const known = work.recognised.find({ ...subject, keys: others });
  const { assetId, isByAddress, leaseMs = 0 } = known ?? {};
  if (assetId === undefined || isByAddress || (await work.tx.decisions.bindingOf(assetId)).length > 0) return undefined;
  const keys = usefulKeys(subject.keys, parseIdentityRules(await work.tx.meta.get(RULES_META)).ignore);
  for (const key of keys) if (key.kind === "ip" && (await isAloneKnownBy(work, key, subject.realm))) return undefined;
  await writeKeys(work, { assetId, keys, known: await work.tx.assets.keys(assetId), subject, atMs, leaseMs });
  return own ? known : keep(work, subject, keys, { assetId, leaseMs });
};

/** An asset has this address, and nothing that lasts. */
const isAloneKnownBy = async (work: Work, address: SubjectKey, realm: string): Promise<boolean> => {
  for (const row of await work.tx.assets.candidates([address])) {
    const holder = row.realm === realm ? await survivorOf(work, row.assetId) : undefined;
    if (holder && lastingOf(await work.tx.assets.keys(holder.assetId)).length === 0) return true;
  }
  return false;
};

/** Who is known is seen with what he is known by. No promise where that is noted already. */
export const seenAgain = (work: Work, known: Known, atMs: number): Promise<void> | undefined => {
  const { assetId, rows, leaseMs } = known;
  const due = rows.filter((row) => row.lastSeenAtMs <= atMs - refreshOf(row, leaseMs));
  const noting = work.tx.assets.seen(assetId, atMs, due);
  // Of rows that are not held any more nobody else keeps the time.
  for (const row of due) if (row.lastSeenAtMs < atMs) row.lastSeenAtMs = atMs;
  return noting;
};

/** Kinds by which others see a device; beside them no hardware decides which of several it is. */
const seenFromAfar: ReadonlySet<KeyKind> = new Set(["mac", "ip", "hostname", "fqdn"]);

/**
 * Of several that have had a MAC (a dock's, an adapter's) it is the one that has the address, for as long as that, and nothing else
 * turns it: none of the others has it too, or is but a MAC, and nothing was decided about any of them.
 */
const isToldByAddress = ({ keys, realm }: Subject, home: Candidate, all: readonly Candidate[]): boolean => {
  const hasAddress = ({ matched }: Candidate) => matched.some((key) => key.kind === "ip" && key.realm === realm);
  return (
    keys.every(({ kind }) => seenFromAfar.has(kind)) &&
    hasAddress(home) &&
    all.every((one) => !one.contests && !one.apart && !isShadow(one) && (one === home || !hasAddress(one)))
  );
};

/**
 * Only what is as plain as can be: one asset is linked and nobody disputes it, or nothing is known but an address that one asset
 * alone has, or that address tells who of several it is. What was new about it is written by now.
 */
export const remember = async (
  work: Work,
  { subject, own, atMs, leaseMs }: Place,
  { rule, assetId, absorb }: Extract<Verdict, { kind: "same" }>,
  keys: readonly SubjectKey[],
  { candidates, crowded }: Awaited<ReturnType<typeof loadCandidates>>,
): Promise<void> => {
  const isAddressAlone = rule === "address-in-realm";
  // Beside a MAC that travels it is the address that decides.
  const isByAddress = isAddressAlone || crowded.size > 0;
  const speaking = candidates.filter((candidate) =>
    isAddressAlone
      ? candidate.matched.some(({ kind, realm }) => kind === "ip" && realm === subject.realm)
      : own || linksTo({ realm: subject.realm, atMs }, candidate) !== undefined,
  );
  const home = speaking.find((candidate) => candidate.assetId === assetId);
  const isPlain = isAddressAlone || rule === (own ? "agent-key" : "hardware-key");
  if (!isPlain || absorb.length > 0 || !home || home.contests || home.apart) return;
  if (speaking.length > 1) {
    if (own || isByAddress || !isToldByAddress(subject, home, candidates)) return;
    const beside = candidates.map((candidate) => candidate.assetId);
    return void (await keep(work, subject, keys, { assetId, leaseMs, isByAddress: true }, beside));
  }
  const others = { ...subject, keys: withoutAddresses(subject.keys) };
  // What an agent says of its host comes again with another address, or not at all.
  if (own) return void (!isByAddress && (await keep(work, others, withoutAddresses(keys), { assetId, leaseMs })));
  const known = await keep(work, subject, keys, { assetId, leaseMs, ...(isByAddress && { isByAddress }) });
  if (known && !isByAddress && others.keys.length < subject.keys.length && !work.recognised.find(others))
    work.recognised.remember(others, withoutAddresses(keys), { ...known, rows: withoutAddresses(known.rows) });
};

/** Remembers of whom all keys are, unless one of them was given to somebody else. */
const keep = async (
  work: Work,
  subject: Subject,
  keys: readonly SubjectKey[],
  of: Pick<Known, "assetId" | "leaseMs"> & Partial<Pick<Known, "isByAddress">>,
  beside: readonly AssetId[] = [],
): Promise<Known | undefined> => {
  const held = await work.tx.assets.keys(of.assetId);
  const rows = keys.map((key) => held.find((row) => isSameKey(row, key) && row.realm === scopeOf(key, subject.realm)));
  if (!rows.every((row) => row !== undefined)) return undefined;
  return work.recognised.remember(subject, keys, { ...of, rows }, beside);
};
