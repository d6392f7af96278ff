import type { AssetId } from "../../../shared/ids.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { AssetKeyRow, AssetRow } from "./assets.ts";
import type { ItemStep } from "./streams.ts";

/** Fields of an asset whose earlier values are kept. When it was seen last and its version move too often, and follow from others. */
export const pastFields = [
  "name",
  "type",
  "manufacturer",
  "model",
  "serialNumber",
  "osName",
  "osVersion",
  "primaryAddress",
  "primaryMac",
  "realm",
  "site",
  "lifecycle",
  "criticality",
  "presence",
  "presenceSinceMs",
  "firstSeenAtMs",
  "agentId",
  "instance",
  "sources",
  "softwareCount",
  "provisional",
  "locked",
  "book",
  "mergedInto",
] as const satisfies readonly (keyof AssetRow)[];

type KeyName = Omit<AssetKeyRow, "firstSeenAtMs" | "lastSeenAtMs">;

/**
 * What an asset was before it was written at one time: values of the fields that differ (null: it had none), which stream spoke
 * for a section (null: nobody), keys that it lost, and keys that it got although they were seen before.
 */
export type AssetBefore = {
  readonly row?: Readonly<Record<string, unknown>>;
  readonly accepted?: Readonly<Partial<Record<SectionName, number | null>>>;
  readonly lost?: readonly AssetKeyRow[];
  readonly got?: readonly KeyName[];
};
/** `atMs`: when that came about, as far as known: what an observation brought counts from the observation on. */
export type AssetPastRow = { readonly assetId: AssetId; readonly atMs: number; readonly before: AssetBefore };

/** What a section held before it was replaced: `step`, done to what came after, gives it back. */
export type SectionPastRow = {
  readonly streamNo: number;
  readonly section: SectionName;
  /** When the content that came after was observed first. */
  readonly atMs: number;
  /** Of the content before: its hash, the last look that found it, and since when nobody looked any more. */
  readonly hash: string;
  readonly observedAtMs: number;
  readonly goneAtMs?: number;
  readonly step: ItemStep;
};

export type PastRepository = {
  /**
   * When what this transaction writes of assets from here on came about. What it was before is kept by the store itself, but for
   * what came about before the asset was seen first.
   */
  readonly mark: (atMs: number) => void;
  /** A key that an asset gets back with the times it had. */
  readonly keyReturns: (key: AssetKeyRow) => Promise<void>;
  /** In the transaction that replaces the content. */
  readonly keepSection: (row: SectionPastRow) => Promise<void>;
  /** Of changes, and of what was before a write, some of what came about before then goes: called again and again, all in good time. */
  readonly dropBefore: (beforeMs: number) => Promise<void>;
};
