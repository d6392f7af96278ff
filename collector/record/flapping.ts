import { changeWeightSchema } from "../../shared/model/asset.ts";
import { canonicalJson } from "../../shared/protocol/canonical.ts";
import type { ChangeRow } from "../store/store.ts";

/** A value that goes to and fro, each time within this of its last change, flaps, ms. */
export const FLAP_MS = 3_600_000;
/** What flaps for longer than this is told anew, ms. */
const EPISODE_MS = 86_400_000;

const isSame = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);

const isBack = (earlier: ChangeRow, now: ChangeRow): boolean =>
  earlier.section === now.section &&
  earlier.itemKey === now.itemKey &&
  earlier.field === now.field &&
  earlier.actor.kind === "agent" &&
  now.observedAtMs - earlier.observedAtMs <= FLAP_MS &&
  now.observedAtMs - (earlier.sinceMs ?? earlier.observedAtMs) <= EPISODE_MS &&
  isSame(earlier.before, now.after) &&
  isSame(earlier.after, now.before);

const weights = changeWeightSchema.options;
const heavier = (a: ChangeRow["weight"], b: ChangeRow["weight"]) => (weights.indexOf(a) > weights.indexOf(b) ? a : b);

/**
 * What to record of new changes, given those recorded lately (newest first). A change and its undoing are two; whatever takes
 * that back again flaps, and is folded into the undoing. The row then tells the latest of them, how many they were and since when.
 */
export const foldFlapping = (
  recent: readonly ChangeRow[],
  changes: readonly ChangeRow[],
): { readonly added: readonly ChangeRow[]; readonly folded: readonly ChangeRow[] } => {
  const added: ChangeRow[] = [];
  const folded: ChangeRow[] = [];
  for (const change of changes) {
    const [earlier, first] = recent.filter(
      (one) => one.section === change.section && one.itemKey === change.itemKey && one.field === change.field,
    );
    const isFlapping = earlier && (earlier.sinceMs !== undefined || (first !== undefined && isBack(first, earlier)));
    if (!isFlapping || !isBack(earlier, change)) {
      added.push(change);
      continue;
    }
    folded.push({
      ...change,
      changeId: earlier.changeId,
      weight: heavier(earlier.weight, change.weight),
      folded: (earlier.folded ?? 1) + (change.folded ?? 1),
      sinceMs: earlier.sinceMs ?? earlier.observedAtMs,
    });
  }
  return { added, folded };
};
