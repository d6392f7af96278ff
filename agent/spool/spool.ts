import type { KeptBody } from "../../shared/protocol/envelope.ts";
import type { Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Snapshot } from "../../shared/protocol/snapshot.ts";

/** A kept message as it goes out: its octets are the same at every attempt. */
export type Sealed = {
  readonly epoch: number;
  readonly sequence: number;
  readonly json: string;
  readonly digest: string;
};

/** Where the agent stands in its sequence. `lastSequence` is the last acknowledged, 0 before the first of the epoch. */
export type Position = {
  readonly instance: number;
  readonly epoch: number;
  readonly nextSequence: number;
  readonly lastSequence: number;
  readonly lastDigest: string | null;
};

export type SpoolCounts = {
  readonly messages: number;
  readonly bytes: number;
  /** Noted but not acknowledged since when; undefined when nothing waits. */
  readonly oldestAtMs: number | undefined;
  /** Deltas that were folded into others since the state was made. */
  readonly folded: number;
  /** Messages acknowledged since the state was made. */
  readonly settled: number;
};

/** What was noted last: the content that the next round is compared with. It may be ahead of what the collector holds. */
export type Baseline = {
  readonly streams: () => readonly string[];
  readonly stream: (stream: string) => Pick<Snapshot, "source" | "subject" | "observedAtMs" | "failures"> | undefined;
  readonly sectionHashes: (stream: string) => ReadonlyMap<SectionName, string>;
  readonly itemHashes: (stream: string, section: SectionName) => ReadonlyMap<string, string>;
  readonly items: (stream: string, section: SectionName) => ReadonlyMap<string, Item>;
};

/**
 * What the agent noted and nobody has acknowledged yet, oldest first, and the baseline that it was computed against.
 * Calls are synchronous and each is one transaction: when `append` returns, the messages and the new baseline are on the disk.
 */
export type Spool = {
  readonly baseline: Baseline;
  readonly position: () => Position;
  /**
   * Keeps messages, and applies the steps of snapshots among them to the baseline.
   * @throws RollcallError `spool.full` (retry): above the hard limit; `spool.stale` (retry): a delta's base is not the
   * baseline's; `spool.io` (retry): the disk is full or failing. Nothing is kept then, and the baseline is as before.
   */
  readonly append: (bodies: readonly KeptBody[]) => void;
  /** The first message with a sequence above `after`; unnumbered ones are numbered for it. Undefined: nothing left. */
  readonly begin: (after: number) => Sealed | undefined;
  /**
   * Ends the messages up to this one, if it is one of ours with this digest. "unknown" otherwise: an old acknowledgement,
   * or one of a copy of us, which must not take away what we still keep.
   */
  readonly settle: (upTo: Pick<Sealed, "epoch" | "sequence" | "digest">) => "settled" | "unknown";
  /** Goes on under another instance or epoch: what is kept is numbered anew after `have`, in the same order. */
  readonly adopt: (next: {
    readonly instance: number;
    readonly epoch: number;
    readonly have: number;
    readonly digest: string | null;
  }) => void;
  readonly counts: () => SpoolCounts;
  readonly close: () => void;
};

export type SpoolLimits = {
  /** Nothing is folded below this. */
  readonly softBytes: number;
  /** Nothing but a goodbye is taken above this. */
  readonly hardBytes: number;
};
