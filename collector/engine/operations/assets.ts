import { createRecordId } from "../../../shared/ids.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { assetFieldsOf } from "../../record/asset-fields.ts";
import { withoutNulAnywhere } from "../../record/nul.ts";
import type { AssetRow, StoredItems } from "../../store/store.ts";
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
  const locked = new Set([...asset.locked, ...Object.keys(op.set)]);
  for (const field of op.release ?? []) locked.delete(field);
  const given = { ...(await observedOf(work, asset, op.release ?? [])), ...withoutNulAnywhere(op.set) };
  const set = Object.entries(given).filter(([field, value]) => asset[field as keyof AssetRow] !== value);
  await work.tx.assets.put({ ...asset, ...given, locked: [...locked].sort(), version: asset.version + 1 });
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

/** What observation makes of the fields that are given back to it. */
const observedOf = async (
  work: Work,
  asset: AssetRow,
  released: readonly string[],
): Promise<Partial<Pick<AssetRow, "name">>> => {
  if (!released.includes("name") || !asset.locked.includes("name")) return {};
  const content = new Map<SectionName, StoredItems>();
  for (const { section, streamNo } of await work.tx.assets.accepted(asset.assetId)) {
    const items =
      section === "os" || section === "system" ? await work.tx.sections.items(streamNo, section) : undefined;
    if (items) content.set(section, items);
  }
  const keys = await work.tx.assets.keys(asset.assetId);
  const known = keys.find(({ kind }) => kind === "hostname" || kind === "fqdn")?.value ?? asset.name;
  return { name: assetFieldsOf(content, { name: known, type: asset.type }).name };
};
