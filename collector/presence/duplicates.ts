import { toTimestamp } from "../../shared/clock.ts";
import { impactOf } from "../incidents/priority.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Two answers for one address within this time are two devices at once, not one after the other. */
const SAME_MOMENT_MS = 5_000;

const conditionOf = (realm: string, address: string): string => `duplicate-address/${realm}/${address}`;

/** One of those that shared it has taken another address: the case is over. */
export const endSharedAddress = async (work: Work, { realm, address, name }: Track): Promise<void> => {
  if (address === null) return;
  const [known] = await work.tx.incidents.byCondition(conditionOf(realm, address), 1);
  if (known && known.state !== "resolved") await work.cases.resolve(known, `${name} has another address now`);
};

/** Two devices with keys of their own, heard at one address at the same moment: a duplicate address. */
export const noteSharedAddress = async (
  work: Work,
  track: Track,
  { address, key, realm }: { readonly address: string; readonly key: string; readonly realm: string },
  atMs: number,
): Promise<void> => {
  const others = work.memory
    .atAddress(realm, key)
    .filter(
      (other) => other.assetId !== track.assetId && other.mac !== null && track.mac !== null && other.mac !== track.mac,
    )
    .filter((other) => Math.abs(atMs - other.lastSeenMs) <= SAME_MOMENT_MS);
  for (const other of others) {
    const [first, second] = track.assetId < other.assetId ? [track, other] : [other, track];
    await work.cases.open({
      kind: "duplicate-address",
      condition: conditionOf(realm, address),
      assetId: first.assetId,
      title: `${address} is used by two devices`,
      summary: `${first.name} (${first.mac}) and ${second.name} (${second.mac}) both answer at ${address} in ${realm}.`,
      impact: impactOf(first.deviceType, first.criticality),
      urgency: "medium",
      confidence: 0.9,
      lastSeenMs: atMs,
      nextStep: "Find which of the two was configured by hand, and give it another address.",
      evidence: [first, second].map((one) => ({
        at: toTimestamp(atMs),
        observer: { kind: "collector" as const },
        method: "arp" as const,
        couldSee: "could-see" as const,
        bearing: "for" as const,
        statement: `${one.mac} (${one.name}) answered at ${address}`,
      })),
    });
  }
};
