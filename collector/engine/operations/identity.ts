import { createRecordId } from "../../../shared/ids.ts";
import { usefulKeys } from "../../identity/keys.ts";
import { RULES_META } from "../../identity/rules.ts";
import type { Work } from "../context.ts";
import * as joins from "../joins.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";

/** Joins and splits by hand. They stand against later rules, and can be undone like those of a rule. */

type Op<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

const MAX_JOINED_KEYS = 256;

export const mergeAssets = async (
  work: Work,
  { assetId, otherAssetId }: Op<"asset.merge">,
  { name }: Requester,
): Promise<OperationOutcome<"asset.merge">> => {
  if (assetId === otherAssetId) return refused("invalid", "an asset can't be merged with itself");
  const other = await work.tx.assets.get(otherAssetId);
  const asset = await work.tx.assets.get(assetId);
  if (!asset || !other) return refused("not-found", "no such asset");
  if (asset.mergedInto !== undefined || other.mergedInto !== undefined)
    return refused(
      "conflict",
      "one of them was merged into another asset before: undo that first, or name the other one",
    );
  const keys = (await work.tx.assets.keys(otherAssetId)).slice(0, MAX_JOINED_KEYS);
  const decisionId = await joins.joinAssets(
    work,
    // A contested claim that a person approves: the new agent lives there from now on.
    { into: assetId, from: otherAssetId, agentMoves: other.provisional === true },
    {
      rule: name,
      byHand: true,
      explanation: `${other.name} was merged into this asset`,
      keys,
    },
  );
  if (decisionId === undefined) return refused("conflict", "the assets were changed meanwhile: load them again");
  return { status: "ok", result: { decisionId } };
};

export const splitAsset = async (
  work: Work,
  { assetId, keys }: Op<"asset.split">,
  { name }: Requester,
): Promise<OperationOutcome<"asset.split">> => {
  const asset = await work.tx.assets.get(assetId);
  if (!asset || asset.mergedInto !== undefined) return refused("not-found", "no such asset");
  const all = await work.tx.assets.keys(assetId);
  const wanted = usefulKeys(keys);
  const moved = all.filter((key) => wanted.some((one) => joins.isSameKey(one, key)));
  const missing = wanted.find((one) => !moved.some((key) => joins.isSameKey(one, key)));
  if (missing) return refused("invalid", `the asset has no key ${missing.kind} ${missing.value.slice(0, 80)}`);
  if (moved.length === 0) return refused("invalid", "none of these keys can tell a device from others");
  if (moved.some((key) => key.assetId !== assetId))
    return refused("conflict", "some of these keys came with an asset that was merged: undo that merge instead");
  if (moved.length === all.length)
    return refused("invalid", "all its keys would leave: nothing would be left to split off");
  const split = await joins.splitAsset(work, assetId, moved, {
    rule: name,
    byHand: true,
    explanation: `${moved.length} of ${all.length} keys were given to an asset of their own`,
  });
  if (!split) return refused("conflict", "the asset was changed meanwhile: load it again");
  return { status: "ok", result: split };
};

export const undoDecision = async (
  work: Work,
  { assetId, decisionId }: Op<"asset.undo">,
  { name }: Requester,
): Promise<OperationOutcome<"asset.undo">> => {
  const decision = await work.tx.decisions.get(decisionId);
  if (!decision || (decision.assetId !== assetId && decision.otherAssetId !== assetId))
    return refused("not-found", "no such decision about this asset");
  const fault = await joins.undoDecision(work, decision);
  if (fault !== undefined) return refused("conflict", fault);
  // A rule would join them again with the next observation.
  if (decision.kind === "joined" && !decision.byHand && decision.otherAssetId !== undefined)
    await work.tx.decisions.add({
      decisionId: createRecordId("dec", work.nowMs, work.deps.random),
      kind: "separated",
      assetId: decision.assetId,
      otherAssetId: decision.otherAssetId,
      rule: name,
      byHand: true,
      keys: [],
      explanation: `the join by rule ${decision.rule} was undone: no rule joins them again`,
      atMs: work.nowMs,
    });
  work.deps.log.info("identity decision undone", { decisionId, by: name });
  return { status: "ok", result: {} };
};

export const putRules = async (
  work: Work,
  { rules }: Op<"identity.rules">,
): Promise<OperationOutcome<"identity.rules">> => {
  await work.tx.meta.put(RULES_META, JSON.stringify(rules));
  // What was recognised by the rules before is asked anew.
  work.recognised.clear();
  return { status: "ok", result: {} };
};
