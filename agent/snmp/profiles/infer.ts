/**
 * Devices without a profile: what a bounded read of their own enterprise subtree holds. Every text is weighed by its place,
 * its neighbours and its shape (`infer-features.ts`); of all texts and "none of them", the likeliest is taken if it is
 * likely enough. Pure; every answer is a guess and says so.
 */

import { lookup } from "../../../shared/lookup.ts";
import type { Varbind } from "../reader.ts";
import {
  type Candidate,
  featuresOf,
  type GuessField,
  type Surroundings,
  surround,
  toCandidates,
} from "./infer-features.ts";
import { inferWeights } from "./infer-weights.ts";
import type { Found } from "./profile.ts";

export type Guessed = { readonly model?: Found; readonly version?: Found; readonly serial?: Found };

/**
 * How likely a guess has to be. Lower: more devices get a value, and more of them a wrong one (held out by maker, of 100
 * guesses about 15 are wrong at 0.45, and 12 at 0.6, which gives a tenth fewer).
 */
const LIKELY = 0.45;

type Ranked = { readonly value: string; readonly source: string; readonly likelihood: number };

/**
 * Distinct values with their likelihoods, best first: the softmax of the weighted features over all candidates and none.
 * What stands in several places adds up.
 */
export const rank = (field: GuessField, around: Surroundings, candidates: readonly Candidate[]): readonly Ranked[] => {
  const { bias, weights } = inferWeights[field];
  const scored = candidates.flatMap((candidate) => {
    const features = featuresOf(field, candidate, around);
    if (features === undefined) return [];
    return [{ candidate, score: features.reduce((sum, name) => sum + (lookup(weights, name) ?? 0), bias) }];
  });
  const top = scored.reduce((max, { score }) => Math.max(max, score), 0);
  const total = scored.reduce((sum, { score }) => sum + Math.exp(score - top), Math.exp(-top));
  const byValue = new Map<string, Ranked>();
  for (const { candidate, score } of scored) {
    const value = field === "version" ? (candidate.version ?? candidate.text) : candidate.text;
    const share = Math.exp(score - top) / total;
    const before = byValue.get(value);
    byValue.set(value, {
      value,
      source: before?.source ?? candidate.oid,
      likelihood: share + (before?.likelihood ?? 0),
    });
  }
  return [...byValue.values()].sort((a, b) => b.likelihood - a.likelihood);
};

const toFound = (ranked: Ranked | undefined): Found | undefined =>
  ranked === undefined || ranked.likelihood < LIKELY
    ? undefined
    : { value: ranked.value, source: ranked.source, confidence: "guess" };

/**
 * @param varbinds of the enterprise subtree, in OID order, already bounded.
 * @param context known: the maker's names and the model so far. exclude: texts that are people's, not the device's (sysName,
 * sysLocation, sysContact). taken: what is known of the device otherwise; its parts are no other field's value.
 */
export const inferFromSubtree = (
  varbinds: readonly Varbind[],
  context: {
    readonly sysDescr: string;
    readonly known: readonly string[];
    readonly exclude: readonly string[];
    readonly taken?: readonly string[];
  },
): Guessed => {
  const around = surround(toCandidates(varbinds, context.exclude), context);
  const known = context.known.map((word) => word.toLowerCase());
  const taken = context.taken ?? [];
  const free = around.candidates.filter(({ text }) => !taken.some((value) => value.includes(text)));
  const version = toFound(rank("version", around, around.candidates)[0]);
  const named = free.filter(({ text }) => !known.includes(text.toLowerCase()));
  let [model, serial] = [rank("model", around, named)[0], rank("serial", around, free)[0]];
  // One text cannot be both: the likelier keeps it, the other is chosen again without it.
  if (model !== undefined && model.value === serial?.value) {
    const rest = (list: readonly Candidate[]) => list.filter(({ text }) => text !== model?.value);
    if (model.likelihood >= serial.likelihood) serial = rank("serial", around, rest(free))[0];
    else model = rank("model", around, rest(named))[0];
  }
  const [foundModel, foundSerial] = [toFound(model), toFound(serial)];
  return {
    ...(foundModel && { model: foundModel }),
    ...(version && { version }),
    ...(foundSerial && { serial: foundSerial }),
  };
};
