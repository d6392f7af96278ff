import type { AssetId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { CROWD, isBurntIn, isCrowded, isNameIn, mayLink } from "../identity/crowds.ts";
import type { Candidate, Standing } from "../identity/identify.ts";
import { isSoftMac, strengthOf } from "../identity/keys.ts";
import type { AgentRow, AssetKeyRow, AssetRow, BindingDecision } from "../store/store.ts";
import type { Work } from "./context.ts";
import { isSameKey, survivorOf } from "./joins.ts";

/** An agent without a session that was not heard for so long, ms, does not hold its host against a claim that others confirm. */
const QUIET_MS = 600_000;

export type Asked = {
  readonly agent: AgentRow;
  readonly subject: Subject;
  /** The agent speaks of its own host. */
  readonly own: boolean;
  readonly atMs: number;
};

export type Place = Asked & {
  /** How long an address stays with who had it when nobody says more. */
  readonly leaseMs: number;
};

const lasting = new WeakMap<readonly AssetKeyRow[], readonly AssetKeyRow[]>();
/** Those that last. Made once for each list that is held: it is asked for with every observation, and compared by what it is. */
export const lastingOf = (rows: readonly AssetKeyRow[]): readonly AssetKeyRow[] => {
  const known = lasting.get(rows);
  if (known) return known;
  const made = rows.filter((key) => strengthOf(key) === "hardware" || strengthOf(key) === "network");
  lasting.set(rows, made);
  return made;
};

/** Who may be what is seen, and the MACs of it that travel (`../identity/crowds.ts`). */
type Found = { readonly survivors: ReadonlyMap<AssetId, AssetRow>; readonly crowded: ReadonlySet<string> };

/** The assets that hold these rows, at most `most` of them. */
const survivorsOf = async (work: Work, rows: readonly AssetKeyRow[], most: number): Promise<Map<AssetId, AssetRow>> => {
  const survivors = new Map<AssetId, AssetRow>();
  for (const { assetId } of rows) {
    if (survivors.size >= most) break;
    const asset = survivors.has(assetId) ? undefined : await survivorOf(work, assetId);
    if (asset) survivors.set(asset.assetId, asset);
  }
  return survivors;
};

/**
 * What `withoutCrowds` leaves of all that share a key with what is seen, without looking at all of them: of a crowd no more than
 * that it is one, and of names nothing unless there is a crowd.
 */
const find = async (work: Work, keys: readonly SubjectKey[], realm: string): Promise<Found> => {
  const survivors = new Map<AssetId, AssetRow>();
  const crowded = new Set<string>();
  for (const key of keys) {
    if (!mayLink({ ...key, realm }, realm)) continue;
    const rows = (await work.tx.assets.candidates([key])).filter((row) => mayLink(row, realm));
    const holders = await survivorsOf(work, rows, isBurntIn(key) ? CROWD + 1 : Number.POSITIVE_INFINITY);
    if (isBurntIn(key) && holders.size > CROWD) crowded.add(key.value);
    else for (const [assetId, asset] of holders) survivors.set(assetId, asset);
  }
  if (crowded.size === 0) return { survivors, crowded };
  for (const key of keys) {
    if (!isNameIn({ ...key, realm }, realm)) continue;
    const rows = (await work.tx.assets.candidates([key])).filter((row) => isNameIn(row, realm));
    const holders = await survivorsOf(work, rows, CROWD + 1);
    if (holders.size > CROWD) continue;
    for (const [assetId, asset] of holders)
      if ((await work.tx.assets.keys(assetId)).some((held) => isCrowded(held, crowded))) survivors.set(assetId, asset);
  }
  return { survivors, crowded };
};

/** The assets that share a key with what is seen and may be it, with all that identity asks about them. */
export const loadCandidates = async (
  work: Work,
  keys: readonly SubjectKey[],
  place: Place,
): Promise<{ readonly candidates: readonly Candidate[]; readonly crowded: ReadonlySet<string> }> => {
  const { survivors, crowded } = await find(work, keys, place.subject.realm);
  const candidates: Candidate[] = [];
  const hasClaim = [...survivors.values()].some(({ provisional }) => provisional);
  // Only where two assets or two agents compete does it matter what was decided between them, and how they stand.
  const isRivalled = survivors.size > 1 || crowded.size > 0;
  for (const [assetId, asset] of survivors) {
    const all = await work.tx.assets.keys(assetId);
    const matched = keys.flatMap((key) => all.filter((row) => isSameKey(row, key)));
    const isContended = place.own ? isRivalled || asset.agentId !== place.agent.agentId : isRivalled && hasClaim;
    candidates.push({
      assetId,
      matched,
      held: lastingOf(all),
      ...(await agentOf(work, asset, matched, place, isContended)),
      ...(isRivalled || asset.provisional ? await decidedOf(work, asset) : {}),
      ...(asset.provisional ? await inPlaceOf(work, asset, matched, place) : {}),
    });
  }
  return { candidates, crowded };
};

const standingOf = ({ revokedAtMs, goodbye, session, lastHeardAtMs }: AgentRow, nowMs: number): Standing => {
  if (revokedAtMs !== undefined) return "revoked";
  if (goodbye?.reason === "removed") return "removed";
  if (session !== undefined) return "alive";
  return goodbye !== undefined || (lastHeardAtMs ?? 0) < nowMs - QUIET_MS ? "quiet" : "alive";
};

const agentOf = async (
  work: Work,
  { assetId, agentId, instance = 0 }: AssetRow,
  matched: readonly AssetKeyRow[],
  { own, subject, agent: claimant }: Place,
  isContended: boolean,
): Promise<Pick<Candidate, "agent" | "isWitnessed">> => {
  if (agentId === undefined) return {};
  if (!isContended) return { agent: { agentId, instance, standing: "alive" } };
  const agent = await work.tx.agents.get(agentId, instance);
  if (!agent) return {};
  const standing = standingOf(agent, work.nowMs);
  const macs = matched.filter((key) => key.kind === "mac" && !isSoftMac(key));
  const isClaim = own && agentId !== claimant.agentId && standing !== "alive" && macs.length > 0;
  const isWitnessed =
    isClaim &&
    (await work.tx.observations.ofAsset(assetId)).some(
      (seen) =>
        seen.agentId !== agentId &&
        seen.agentId !== claimant.agentId &&
        seen.realm === subject.realm &&
        seen.lastAtMs > (agent.lastHeardAtMs ?? 0) &&
        seen.keys.some((key) => macs.some((mac) => isSameKey(mac, key))),
    );
  return { agent: { agentId, instance, standing }, ...(isWitnessed ? { isWitnessed } : {}) };
};

/** The rule of a claim to the hardware of an asset that had the claimant's address until then. */
export const IN_PLACE = "contested-in-place";

/** The assets whose hardware a provisional one claims, and whose address it has had since then. */
const inPlaceOf = async (
  work: Work,
  asset: AssetRow,
  matched: readonly AssetKeyRow[],
  place: Place,
): Promise<Pick<Candidate, "inPlaceOf">> => {
  const address = matched.find(({ kind, realm }) => kind === "ip" && realm === place.subject.realm);
  if (!address || place.own) return {};
  const displaced: Candidate[] = [];
  for (const { kind, rule, atMs, assetId, otherAssetId } of await work.tx.decisions.bindingOf(asset.assetId)) {
    const isClaim = kind === "contested" && rule === IN_PLACE && assetId === asset.assetId;
    const other = isClaim && address.firstSeenAtMs <= atMs ? await work.tx.assets.get(otherAssetId) : undefined;
    if (!other || other.mergedInto !== undefined) continue;
    displaced.push({
      ...{ assetId: other.assetId, matched: [], held: lastingOf(await work.tx.assets.keys(other.assetId)) },
      ...(await agentOf(work, other, [], place, true)),
      ...(await decidedOf(work, other)),
    });
  }
  return displaced.length > 0 ? { inPlaceOf: displaced } : {};
};

const apartIn = (decisions: readonly BindingDecision[], assetId: AssetId): readonly AssetId[] =>
  decisions
    .filter((decision) => decision.kind === "separated")
    .map((decision) => (decision.assetId === assetId ? decision.otherAssetId : decision.assetId));

/** What a person gave from this asset to others: an address for as long as that one is seen there. */
export const keysGivenAway = async (
  work: Work,
  assetId: AssetId,
  { atMs, leaseMs }: Pick<Place, "atMs" | "leaseMs">,
): Promise<readonly AssetKeyRow[]> => {
  const given: AssetKeyRow[] = [];
  for (const other of apartIn(await work.tx.decisions.bindingOf(assetId), assetId))
    for (const key of await work.tx.assets.keys(other))
      if (key.kind !== "ip" || key.lastSeenAtMs >= atMs - leaseMs) given.push(key);
  return given;
};

/** Whose hardware a provisional asset claims, and what a person keeps apart from it. */
const decidedOf = async (work: Work, asset: AssetRow): Promise<Pick<Candidate, "contests" | "apart">> => {
  const decisions = await work.tx.decisions.bindingOf(asset.assetId);
  const contests = decisions.filter((d) => d.kind === "contested" && d.assetId === asset.assetId);
  const apart = apartIn(decisions, asset.assetId);
  return {
    ...(asset.provisional && contests.length > 0 ? { contests: contests.map((d) => d.otherAssetId) } : {}),
    ...(apart.length > 0 ? { apart } : {}),
  };
};
