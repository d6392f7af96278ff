import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Criticality, Lifecycle, PresenceState } from "../../shared/model/asset.ts";
import type { DeviceType } from "../../shared/protocol/device-types.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import type { Rhythm } from "./rhythm.ts";

/** How well a look that missed a device could see. */
export type LookSight = {
  readonly methods: readonly Method[];
  /** The least number of asks of a silent address. */
  readonly asks: number;
  /** Devices that it did see. */
  readonly seen: number;
  readonly controls: { readonly seen: number; readonly of: number };
  readonly loss: number;
};

/** One agent's record of looking at one device. Only agents that have seen the device have one: others can't miss it. */
export type Look = {
  readonly agentId: AgentId;
  readonly scope: string;
  /** Time between sweeps, learned. */
  readonly intervalMs: number;
  /** End of the last sweep that told of it, by a hit or a miss. */
  readonly sweptMs?: number | null;
  /** The interval is one between two sweeps, and not what the policy assumes. */
  readonly isPaced?: boolean;
  /** Last look that could see, whatever it saw. */
  readonly lastMs: number;
  readonly hitMs: number;
  /** Looks that could see and did not, since the last hit. */
  readonly misses: number;
  /** Of those, looks at its whole scope, in which a device that took another address would have shown itself. */
  readonly sweepMisses?: number;
  readonly missFirstMs: number | null;
  readonly missLastMs: number | null;
  /** The miss before the last. */
  readonly missBeforeMs?: number | null;
  /** Of the last miss. */
  readonly sight?: LookSight;
  /** What this agent's hits rest on: a burnt-in key, or the address only (routed, no MAC to be had). */
  readonly grade: "key" | "address";
};

/** Why a device is suspected, and whom we asked to look again. */
export type Suspicion = {
  readonly sinceMs: number;
  readonly asked: readonly { readonly agentId: AgentId; readonly commandId: string; readonly untilMs: number }[];
};

/** Everything presence knows of one asset, in one row. Times are the collector's, corrected, epoch milliseconds. */
export type Track = {
  readonly assetId: AssetId;
  readonly name: string;
  readonly deviceType: DeviceType;
  readonly criticality: Criticality;
  readonly lifecycle: Lifecycle;
  readonly realm: string;
  readonly address: string | null;
  readonly addressKey: string | null;
  readonly mac: string | null;
  /** The agent that lives on it. */
  readonly agentId: AgentId | null;
  /** The switch, access point or hypervisor it hangs on, as learned, and where there. */
  readonly parentId: AssetId | null;
  readonly port: string | null;
  /** The agent that looks at it most closely. */
  readonly observerId: AgentId | null;
  readonly state: PresenceState;
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly lastMethod: Method | null;
  readonly lastBy: AgentId | null;
  readonly looks: readonly Look[];
  /** Misses of whatever observer, so far apart that no restart of the device explains two of them; since it was last seen. */
  readonly apart?: { readonly misses: number; readonly lastMs: number } | null;
  /** When it was first heard at its present address, having had another one. */
  readonly movedMs?: number;
  /** Heard on another network than before: whence, since when, whether that was told, and where it had been at home. */
  readonly moved?: {
    readonly from: string;
    readonly home: string;
    readonly atMs: number;
    readonly isTold: boolean;
  } | null;
  readonly suspicion: Suspicion | null;
  readonly away: { readonly untilMs: number; readonly reason: string } | null;
  readonly rhythm: Rhythm;
  /** Hour (epoch hours) that was learned last, and whether as seen. */
  readonly learnedHour: number;
  readonly learnedSeen: boolean;
  /** Days of expected presence that it missed and came back; the longest it ever stayed away and came back. */
  readonly missed: number;
  readonly longestAwayMs: number;
  /** Absences of more than three intervals that it came back from. */
  readonly absences: number;
  readonly flaps: number;
  readonly flapSinceMs: number;
  readonly incidentId: IncidentId | null;
  /** Its case was part of another that has healed since: it must come back too, or stands for itself. */
  readonly orphanSinceMs: number | null;
};

/** A due time that never comes: something else will wake this row. */
export const NEVER = 8_640_000_000_000_000;
export const MAX_LOOKS = 8;

export type TrackSeed = Pick<Track, "assetId" | "name" | "deviceType" | "criticality" | "lifecycle" | "realm">;

export const createTrack = (seed: TrackSeed, nowMs: number): Track => ({
  assetId: seed.assetId,
  name: seed.name,
  deviceType: seed.deviceType,
  criticality: seed.criticality,
  lifecycle: seed.lifecycle,
  realm: seed.realm,
  address: null,
  addressKey: null,
  mac: null,
  agentId: null,
  parentId: null,
  port: null,
  observerId: null,
  state: "present",
  sinceMs: nowMs,
  dueMs: NEVER,
  firstSeenMs: nowMs,
  lastSeenMs: nowMs,
  lastMethod: null,
  lastBy: null,
  looks: [],
  suspicion: null,
  away: null,
  rhythm: "",
  learnedHour: -1,
  learnedSeen: false,
  missed: 0,
  longestAwayMs: 0,
  absences: 0,
  flaps: 0,
  flapSinceMs: nowMs,
  incidentId: null,
  orphanSinceMs: null,
});
