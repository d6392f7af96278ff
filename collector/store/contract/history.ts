import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Change } from "../../../shared/model/asset.ts";
import type { Method, SubjectKey } from "../../../shared/protocol/observation.ts";
import type { Coverage, ProofOfSight, SightVerdict } from "../../../shared/protocol/sweep.ts";

export type ChangeRow = Omit<Change, "observedAt" | "recordedAt" | "since"> & {
  readonly sinceMs?: number;
  readonly observedAtMs: number;
  readonly recordedAtMs: number;
};

export type ChangeRepository = {
  readonly add: (rows: readonly ChangeRow[]) => Promise<void>;
  /** Newest first. */
  readonly ofAsset: (assetId: AssetId, limit: number) => Promise<readonly ChangeRow[]>;
  /** Those recorded since then; newest first. */
  readonly recent: (assetId: AssetId, sinceMs: number, limit: number) => Promise<readonly ChangeRow[]>;
  /** Writes a change that others were folded into anew, in its place. */
  readonly fold: (row: ChangeRow) => Promise<void>;
};

/**
 * Equal observations of one subject by one observer and method, kept as one interval. Equal: same realm, subject id and
 * keys. When the keys differ, a new interval begins (`observe` decides by itself).
 */
export type ObservationRow = {
  readonly observationNo: number;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly method: Method;
  readonly realm: string;
  readonly subjectId: string;
  readonly keys: readonly SubjectKey[];
  /** Absent for visitors, and for what no rule could place. */
  readonly assetId?: AssetId | undefined;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
  readonly longestGapMs: number;
  /** Second-hand: the device whose table said so. */
  readonly via?: string | undefined;
};

/** By which key an asset was seen before the horizon, and from when to when. */
export type CheckpointRow = Pick<ObservationRow, "realm" | "firstAtMs" | "lastAtMs"> & {
  readonly assetId: AssetId;
  readonly key: SubjectKey;
};

export type ObservationRepository = {
  /** Lengthens the equal interval or begins one, at once. Older times than `lastAtMs` count, but do not move it back. */
  readonly observe: (
    seen: Omit<ObservationRow, "observationNo" | "firstAtMs" | "lastAtMs" | "count" | "longestGapMs"> & {
      readonly atMs: number;
    },
  ) => void;
  /** Latest first: at most one row per (observer, method, keys). */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly ObservationRow[]>;
  /** Of intervals that ended before then some are folded into checkpoints, or go: called again and again, all are in good time. */
  readonly fold: (beforeMs: number) => Promise<void>;
};

export type SweepRow = {
  readonly sweepId: string;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly scope: string;
  readonly realm: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly verdict: SightVerdict;
  readonly coverage: readonly Coverage[];
  readonly proof: ProofOfSight;
  readonly addressCount: number;
  readonly sightingCount: number;
  readonly commandId?: string;
};

export type CoverageRepository = {
  readonly add: (row: SweepRow) => Promise<void>;
  /** Sweeps of a realm that ended at or after `sinceMs`, newest first. */
  readonly since: (realm: string, sinceMs: number) => Promise<readonly SweepRow[]>;
  /** The newest sweep of each (agent, instance, scope). */
  readonly latest: () => Promise<readonly SweepRow[]>;
};
