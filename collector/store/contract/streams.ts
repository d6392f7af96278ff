import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Method, Subject } from "../../../shared/protocol/observation.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";

/** One observer's view of one subject by one source. `streamNo` is the store's own short name for it. */
export type StreamRow = {
  readonly streamNo: number;
  readonly agentId: AgentId;
  readonly instance: number;
  /** "source/subject", unique within (agentId, instance). */
  readonly stream: string;
  readonly source: Method;
  readonly subject: Subject;
  readonly assetId?: AssetId;
  /** Root over the hashes of its sections. */
  readonly root: string;
  /** When the source last looked, changed or not; corrected by the agent's clock offset. */
  readonly observedAtMs: number;
  readonly recordedAtMs: number;
};

export type StreamRepository = {
  readonly get: (agentId: AgentId, instance: number, stream: string) => Promise<StreamRow | undefined>;
  readonly byNumber: (streamNo: number) => Promise<StreamRow | undefined>;
  readonly add: (row: Omit<StreamRow, "streamNo">) => Promise<number>;
  readonly put: (row: StreamRow) => Promise<void>;
  readonly ofAgent: (agentId: AgentId, instance: number) => Promise<readonly StreamRow[]>;
  readonly ofAsset: (assetId: AssetId) => Promise<readonly StreamRow[]>;
};

export type Item = Readonly<Record<string, unknown>>;
/** `hash` is the protocol's item hash (`itemHash`), kept so that a delta can be checked without hashing what stayed. */
export type StoredItem = { readonly hash: string; readonly item: Item };
export type StoredItems = ReadonlyMap<string, StoredItem>;

/** What a step puts in place of or beside what was there, and which keys it ends. A key is in one of the two. */
export type ItemStep = { readonly put: ReadonlyMap<string, StoredItem>; readonly drop: readonly string[] };

/** Content of a section that is read where it is needed: most steps touch one item of thousands. */
export type SectionContent = {
  readonly size: number;
  readonly get: (key: string) => StoredItem | undefined;
  /** The item's hash alone. */
  readonly hash: (key: string) => string | undefined;
  /** The section's hash (`hashOfItems`) after a step: `put` are item hashes by key, and beat `drop`. */
  readonly hashWith: (put: ReadonlyMap<string, string>, drop: ReadonlySet<string>) => string;
  readonly all: () => StoredItems;
};

export type SectionHead = {
  readonly section: SectionName;
  readonly hash: string;
  readonly itemCount: number;
  readonly observedAtMs: number;
  /** Set when the probe was switched off: facts stay, their freshness ended. */
  readonly goneAtMs?: number;
  /** Why the last round could not read it, in the agent's words. */
  readonly failure?: string;
};

export type SectionRepository = {
  readonly heads: (streamNo: number) => Promise<readonly SectionHead[]>;
  readonly items: (streamNo: number, section: SectionName) => Promise<StoredItems | undefined>;
  readonly content: (streamNo: number, section: SectionName) => Promise<SectionContent | undefined>;
  /**
   * A whole large section that any stream brought with this hash, as long as somebody has it. Whoever only knows a hash must
   * not learn by it what others have, but for lists that are like dictionaries.
   */
  readonly shared: (section: SectionName, hash: string) => Promise<SectionContent | undefined>;
  /** `head.hash` is the hash of `items`: a store may keep equal contents once. */
  readonly put: (streamNo: number, head: SectionHead, items: StoredItems) => Promise<void>;
  /** Writes what `step` makes of `on`, which `content` or `shared` gave in this transaction, and may write no more than the step. */
  readonly step: (streamNo: number, head: SectionHead, on: SectionContent, step: ItemStep) => Promise<void>;
  /** Changes the head alone (freshness, failure, gone); the items stay. */
  readonly touch: (streamNo: number, head: SectionHead) => Promise<void>;
};
