import { createRecordId } from "../../../shared/ids.ts";
import { usefulKeys } from "../../identity/keys.ts";
import { RULES_META } from "../../identity/rules.ts";
import type { DecisionRow } from "../../store/store.ts";
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

/** A person's word that two assets are two: a contested claim is settled by it, and no rule joins them. */
export const keepApart = async (
  work: Work,
  { assetId, otherAssetId }: Op<"asset.keep-apart">,
  { name }: Requester,
): Promise<OperationOutcome<"asset.keep-apart">> => {
  if (assetId === otherAssetId) return refused("invalid", "an asset can't be kept apart from itself");
  const rows = [await work.tx.assets.get(assetId), await work.tx.assets.get(otherAssetId)];
  if (rows.some((row) => row === undefined)) return refused("not-found", "no such asset");
  if (rows.some((row) => row?.mergedInto !== undefined))
    return refused("conflict", "one of them was merged into another asset: undo that first");
  const bindings = await work.tx.decisions.bindingOf(assetId);
  const isPair = (one: { readonly assetId: string; readonly otherAssetId: string }) =>
    one.assetId === otherAssetId || one.otherAssetId === otherAssetId;
  if (bindings.some((one) => one.kind === "separated" && isPair(one)))
    return refused("conflict", "a person keeps them apart already");
  const decisionId = createRecordId("dec", work.nowMs, work.deps.random);
  await work.tx.decisions.add({
    ...{ decisionId, kind: "separated", assetId, otherAssetId, rule: name, byHand: true, keys: [] },
    ...{ explanation: "they are two devices: no rule joins them", atMs: work.nowMs },
  });
  for (const row of rows) {
    if (!row?.provisional) continue;
    const claims = (await work.tx.decisions.bindingOf(row.assetId)).filter(
      (one) => one.kind === "contested" && one.assetId === row.assetId && !isPair(one),
    );
    // Others whose hardware it claims are still to be decided.
    if (claims.length === 0) await work.tx.assets.put({ ...row, provisional: false, version: row.version + 1 });
    work.touchAsset(row.assetId, "updated");
  }
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

/** Takes a person's "two devices" back. Nothing was moved by it: rules may join the two, and a claim that it settled is open again. */
const letMeet = async (work: Work, decision: DecisionRow): Promise<void> => {
  await work.tx.decisions.add({ ...decision, undoneAtMs: work.nowMs });
  for (const claim of await work.tx.decisions.bindingOf(decision.assetId)) {
    const pair = [claim.assetId, claim.otherAssetId];
    if (claim.kind !== "contested" || !pair.every((one) => one === decision.assetId || one === decision.otherAssetId))
      continue;
    const row = await work.tx.assets.get(claim.assetId);
    if (!row || row.mergedInto !== undefined) continue;
    await work.tx.assets.put({ ...row, provisional: true, version: row.version + 1 });
    work.touchAsset(row.assetId, "updated");
  }
};

export const undoDecision = async (
  work: Work,
  { assetId, decisionId }: Op<"asset.undo">,
  { name }: Requester,
): Promise<OperationOutcome<"asset.undo">> => {
  const decision = await work.tx.decisions.get(decisionId);
  if (!decision || (decision.assetId !== assetId && decision.otherAssetId !== assetId))
    return refused("not-found", "no such decision about this asset");
  if (decision.kind === "separated" && decision.byHand && !decision.before && decision.undoneAtMs === undefined) {
    await letMeet(work, decision);
    return { status: "ok", result: {} };
  }
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
