import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Asset, Criticality, Lifecycle, PresenceState } from "../../../shared/model/asset.ts";
import type { Book } from "../../../shared/model/book.ts";
import type { Method, SubjectKey } from "../../../shared/protocol/observation.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";

export type AssetRow = {
  readonly assetId: AssetId;
  readonly name: string;
  readonly type: Asset["type"];
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly osName?: string;
  readonly osVersion?: string;
  readonly primaryAddress?: string;
  readonly primaryMac?: string;
  readonly realm: string;
  readonly site?: string;
  readonly lifecycle: Lifecycle;
  readonly criticality: Criticality;
  readonly presence: PresenceState;
  readonly presenceSinceMs: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** The agent that lives on it, and its instance. */
  readonly agentId?: AgentId;
  readonly instance?: number;
  readonly sources: readonly Method[];
  readonly softwareCount?: number;
  /** Made for a copy of an agent or a contested key: kept apart until a person decides. */
  readonly provisional?: boolean;
  /** Fields that a person set (`asset.edit`); no observation overwrites them. */
  readonly locked: readonly string[];
  /** What people wrote of it that no probe can see; absent: nothing. */
  readonly book?: Book;
  /** Joined into another asset; kept for its history and for undoing. */
  readonly mergedInto?: AssetId;
  readonly version: number;
};

/** An identity key as it points at an asset. Keys weaker than a burnt-in MAC mean something within their realm only. */
export type AssetKeyRow = SubjectKey & {
  readonly assetId: AssetId;
  readonly realm: string;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
};

/** What names a row of a key. */
export type KeyId = Pick<AssetKeyRow, "assetId" | "realm" | keyof SubjectKey>;

/** Which stream's word on a section is the accepted one for an asset. */
export type AcceptedSectionRow = {
  readonly assetId: AssetId;
  readonly section: SectionName;
  readonly streamNo: number;
};

export type AssetRepository = {
  readonly get: (assetId: AssetId) => Promise<AssetRow | undefined>;
  readonly put: (row: AssetRow) => Promise<void>;
  /** The asset's presence, as presence has found it; counts the version up when it differs. */
  readonly setPresence: (assetId: AssetId, state: PresenceState, sinceMs: number) => Promise<void>;
  /**
   * `last_seen` alone, where it is later than what is stored: the hot path of sightings. `keys`: of its own, or of what was joined
   * into it, that were seen with it. No promise where it is done already: one for each sighting costs more than what it promises.
   */
  readonly seen: (assetId: AssetId, lastSeenAtMs: number, keys?: readonly KeyId[]) => Promise<void> | undefined;
  /** Keys that equal one of `keys` (kind, value, vendor), whatever their realm: the candidates that identity judges. */
  readonly candidates: (keys: readonly SubjectKey[]) => Promise<readonly AssetKeyRow[]>;
  /** Those of assets that were joined into it too; each row names the asset that it was learned of. */
  readonly keys: (assetId: AssetId) => Promise<readonly AssetKeyRow[]>;
  /** By (assetId, kind, value, vendor, realm). */
  readonly putKey: (row: AssetKeyRow) => Promise<void>;
  /** `last_seen` of a key that the asset has, where it is later than what is stored. */
  readonly keySeen: (key: KeyId, atMs: number) => Promise<void>;
  readonly dropKey: (key: KeyId) => Promise<void>;
  readonly accepted: (assetId: AssetId) => Promise<readonly AcceptedSectionRow[]>;
  readonly accept: (row: AcceptedSectionRow) => Promise<void>;
  readonly unaccept: (row: Omit<AcceptedSectionRow, "streamNo">) => Promise<void>;
  /** All assets of a realm with a key of kind "ip", for judging coverage; ascending by assetId. */
  readonly addressesOf: (realm: string) => Promise<readonly { assetId: AssetId; address: string }[]>;
};

/** A stored join, split or refusal, so that it can be explained and undone. */
export type DecisionRow = {
  readonly decisionId: string;
  readonly kind: "created" | "joined" | "separated" | "contested";
  readonly assetId: AssetId;
  readonly otherAssetId?: AssetId;
  readonly agentId?: AgentId;
  readonly streamNo?: number;
  /** The rule that decided, or a person's name. */
  readonly rule: string;
  readonly byHand: boolean;
  readonly keys: readonly SubjectKey[];
  readonly explanation: string;
  readonly atMs: number;
  readonly undoneAtMs?: number;
  /** What a join or split changed, as it was before: enough to undo it. */
  readonly before?: DecisionBefore;
};

/** Rows of `assetId` as they were, and which agents and streams belonged to `otherAssetId` (a join) or left `assetId` (a split). */
export type DecisionBefore = {
  readonly asset: AssetRow;
  /** The asset as the decision left it: what differs by now was learned later, and stays. */
  readonly after: AssetRow;
  readonly accepted: readonly AcceptedSectionRow[];
  readonly acceptedAfter: readonly AcceptedSectionRow[];
  readonly agents: readonly { readonly agentId: AgentId; readonly instance: number }[];
  readonly streams: readonly number[];
};

export type DecisionRepository = {
  /** Inserts, or replaces the row with its id. */
  readonly add: (row: DecisionRow) => Promise<void>;
  readonly get: (decisionId: string) => Promise<DecisionRow | undefined>;
  /** Newest first. */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly DecisionRow[]>;
  /** What still binds or parts the asset and another by itself: open contests, and separations by hand. In no order. */
  readonly bindingOf: (assetId: AssetId) => Promise<readonly BindingDecision[]>;
};

export type BindingDecision = {
  readonly kind: "contested" | "separated";
  readonly assetId: AssetId;
  readonly otherAssetId: AssetId;
  readonly rule: string;
  readonly atMs: number;
};
