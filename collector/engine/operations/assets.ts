import { createRecordId } from "../../../shared/ids.ts";
import { editableFields } from "../../../shared/model/asset.ts";
import { isBookField } from "../../../shared/model/book.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { assetFieldsOf } from "../../record/asset-fields.ts";
import { editable, withBook, withoutFields } from "../../record/book.ts";
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
  const after = await edited(work, asset, op);
  const moved = editableFields.filter((field) => editable(asset, field) !== editable(after, field));
  await work.tx.assets.put(after);
  await work.tx.changes.add(
    moved.map((field) => {
      const [was, is] = [editable(asset, field), editable(after, field)];
      return {
        changeId: createRecordId("chg", work.nowMs, work.deps.random),
        assetId: asset.assetId,
        kind: "changed",
        section: "notes",
        itemKey: "asset",
        field,
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
        observedAtMs: work.nowMs,
        recordedAtMs: work.nowMs,
        actor: { kind: "person", name: requester.name },
        weight: field === "lifecycle" ? "high" : "normal",
      };
    }),
  );
  if (moved.length > 0) work.emit({ kind: "changes", assetId: asset.assetId, count: moved.length });
  work.touchAsset(asset.assetId, "updated");
  await work.take(await work.deps.watch.asset(work.tx, { assetId: asset.assetId }, work.nowMs));
  return { status: "ok", result: {} };
};

/** The asset as the edit leaves it: what is set counts, also where it is released at once. */
const edited = async (
  work: Work,
  asset: AssetRow,
  { set, release = [] }: Pick<Extract<Operation, { kind: "asset.edit" }>, "set" | "release">,
): Promise<AssetRow> => {
  const given = Object.entries(withoutNulAnywhere(set));
  const own = given.filter(([field]) => !isBookField(field));
  const written = given.filter(([field]) => isBookField(field));
  const locked = new Set([...asset.locked, ...own.map(([field]) => field)]);
  for (const field of release) locked.delete(field);
  const row: AssetRow = {
    ...asset,
    ...(await observedOf(work, asset, release)),
    ...Object.fromEntries(own),
    locked: [...locked].sort(),
    version: asset.version + 1,
  };
  return withBook(row, { ...withoutFields(asset.book ?? {}, release), ...Object.fromEntries(written) });
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
