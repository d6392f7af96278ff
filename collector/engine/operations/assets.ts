import { createRecordId } from "../../../shared/ids.ts";
import type { AssetRow } from "../../store/store.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";

/** A person's edit is a lock: no observation overwrites it until it is released. */
export const editAsset = async (
  work: Work,
  op: Extract<Operation, { kind: "asset.edit" }>,
  requester: Requester,
): Promise<OperationOutcome<"asset.edit">> => {
  const asset = await work.tx.assets.get(op.assetId);
  if (!asset || asset.mergedInto !== undefined) return refused("not-found", "no such asset");
  if (op.ifVersion !== undefined && op.ifVersion !== asset.version)
    return refused("conflict", "the asset was changed meanwhile: load it again");
  const set = Object.entries(op.set).filter(([field, value]) => asset[field as keyof AssetRow] !== value);
  const locked = new Set([...asset.locked, ...Object.keys(op.set)]);
  for (const field of op.release ?? []) locked.delete(field);
  await work.tx.assets.put({ ...asset, ...op.set, locked: [...locked].sort(), version: asset.version + 1 });
  await work.tx.changes.add(
    set.map(([field, after]) => ({
      changeId: createRecordId("chg", work.nowMs, work.deps.random),
      assetId: asset.assetId,
      kind: "changed",
      section: "notes",
      itemKey: "asset",
      field,
      ...(asset[field as keyof AssetRow] === undefined ? {} : { before: asset[field as keyof AssetRow] }),
      after,
      observedAtMs: work.nowMs,
      recordedAtMs: work.nowMs,
      actor: { kind: "person", name: requester.name },
      weight: field === "lifecycle" ? "high" : "normal",
    })),
  );
  if (set.length > 0) work.emit({ kind: "changes", assetId: asset.assetId, count: set.length });
  work.touchAsset(asset.assetId, "updated");
  await work.take(await work.deps.watch.asset(work.tx, { assetId: asset.assetId }, work.nowMs));
  return { status: "ok", result: {} };
};
