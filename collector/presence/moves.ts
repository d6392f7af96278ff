import { toTimestamp } from "../../shared/clock.ts";
import { type AgentId, createRecordId } from "../../shared/ids.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import { impactOf } from "../incidents/priority.ts";
import { nameOfAgent, when } from "../incidents/words.ts";
import type { Proof } from "./evidence.ts";
import { temperOf } from "./temper.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Devices that are heard elsewhere than before: at another address, which the books follow, or on another network. */

/** An address that a device was first heard at within this time is a new one. */
const NEW_ADDRESS_MS = 600_000;

/**
 * The books follow a device that is known by its MAC to a new address; what its own agent says of itself, they keep. Who is
 * heard now here, now there (a router with one MAC on many networks) is at none of them anew.
 */
export const noteAddress = async (
  work: Work,
  { assetId, address: before }: Track,
  address: string,
  by: { readonly agentId: AgentId; readonly method: Method },
): Promise<void> => {
  const row = await work.tx.assets.get(assetId);
  if (!row || row.agentId !== undefined || row.locked.includes("primaryAddress")) return;
  if (before !== null && row.primaryAddress !== before) return;
  const since = work.nowMs - Math.max(NEW_ADDRESS_MS, 2 * work.deps.presence.lookIntervalMs);
  const keys = await work.tx.assets.keys(assetId);
  if (!keys.some(({ kind, value, firstSeenAtMs }) => kind === "ip" && value === address && firstSeenAtMs >= since))
    return;
  await work.tx.assets.put({ ...row, primaryAddress: address, version: row.version + 1 });
  await work.tx.changes.add([
    {
      changeId: createRecordId("chg", work.nowMs, work.deps.random),
      assetId,
      kind: "changed",
      section: "notes",
      itemKey: "asset",
      field: "primaryAddress",
      ...(before !== null && { before }),
      after: address,
      observedAtMs: work.nowMs,
      recordedAtMs: work.nowMs,
      actor: { kind: "agent", ...by },
      weight: "low",
    },
  ]);
  work.touched.assets.add(assetId);
};

/** In looking intervals: who is heard on two networks in turn (a router, a host with two cards) has moved to neither. */
const SETTLED = 1.5;

/** Follows a device from one network to another, and tells of it once it is only heard there. */
export const noteMove = async (work: Work, before: Track, after: Track, proof: Proof): Promise<Track> => {
  if (after.realm !== before.realm) {
    const home = before.moved?.home ?? before.realm;
    return { ...after, moved: { from: before.realm, home, atMs: proof.atMs, isTold: false } };
  }
  const { moved } = after;
  if (!moved || moved.isTold || proof.mac === null) return after;
  const interval = after.looks[0]?.intervalMs ?? work.deps.presence.lookIntervalMs;
  if (proof.atMs - moved.atMs < SETTLED * interval) return after;
  // Who comes and goes by itself is at home in several places.
  if (temperOf(after) === "steady" && after.agentId === null) await tellMove(work, after, moved);
  return after.realm === moved.home ? { ...after, moved: null } : { ...after, moved: { ...moved, isTold: true } };
};

const tellMove = async (work: Work, track: Track, moved: NonNullable<Track["moved"]>): Promise<void> => {
  const condition = `device-moved/${track.assetId}`;
  const [known] = await work.tx.incidents.byCondition(condition, 1);
  if (track.realm === moved.home) {
    if (known) await work.cases.resolve(known, `it is back in ${moved.home}`);
    return;
  }
  if (known && known.state !== "resolved") await work.cases.resolve(known, `it moved on to ${track.realm}`);
  const by = track.lastBy;
  const where = track.address === null ? track.realm : `${track.realm} at ${track.address}`;
  await work.cases.open({
    kind: "device-moved",
    condition,
    assetId: track.assetId,
    title: `${track.name} moved from ${moved.from} to ${track.realm}`,
    summary: `${track.name} (${track.mac}) is heard in ${where} since ${when(moved.atMs)}, and no longer in ${moved.from}. It is not missing.`,
    impact: impactOf(track.deviceType, track.criticality),
    urgency: "low",
    confidence: 0.85,
    lastSeenMs: track.lastSeenMs,
    nextStep: "Compare with planned work; set its place and site, or have it brought back.",
    lastKnownPlace: where,
    evidence: [
      {
        at: toTimestamp(track.lastSeenMs),
        observer: by === null ? { kind: "collector" } : { kind: "agent", agentId: by, name: nameOfAgent(work, by) },
        method: track.lastMethod ?? "arp",
        couldSee: "could-see",
        bearing: "for",
        statement: `heard in ${where}; before, it was known in ${moved.from}`,
      },
    ],
  });
};
