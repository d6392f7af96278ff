import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Change, ChangeWeight, Criticality, Lifecycle, PresenceState } from "../../../shared/model/asset.ts";
import type { IncidentKind, IncidentState, Ticket } from "../../../shared/model/incident.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { Condition } from "../../query/condition.ts";
import type { DecisionRow } from "./assets.ts";

/** What the API's reads are asked by: filters, order, and where a page begins. */

export type Page<T> = { readonly items: readonly T[]; readonly next?: string };
export type PageQuery = { readonly limit: number; readonly cursor?: string };

export type AssetFilter = {
  /** A parsed query (`collector/query/`). */
  readonly where?: Condition;
  /** Matches name, model, manufacturer, serial, address, MAC and any identity key; case does not matter. */
  readonly search?: string;
  readonly type?: readonly DeviceType[];
  readonly presence?: readonly PresenceState[];
  readonly lifecycle?: readonly Lifecycle[];
  readonly criticality?: readonly Criticality[];
  readonly realm?: string;
  readonly site?: string;
  /** Only assets with (or without) an agent of their own. */
  readonly hasAgent?: boolean;
};

export type AssetQuery = PageQuery &
  AssetFilter & {
    readonly sort?: "name" | "lastSeenAt" | "firstSeenAt" | "presence" | "type" | "assetId";
    readonly descending?: boolean;
  };

export type ItemQuery = PageQuery & {
  readonly assetId: AssetId;
  readonly section: SectionName;
  readonly search?: string;
  /** As they were at that time. */
  readonly atMs?: number;
};

/** One side of a comparison: an asset as it was, or is now. */
export type ComparedSide = { readonly assetId: AssetId; readonly atMs?: number };

export type CompareQuery = PageQuery & {
  readonly left: ComparedSide;
  readonly right: ComparedSide;
  readonly section?: readonly SectionName[];
};

/** `source`: the source package, whole. `search` looks for parts of both names. */
export type SoftwareQuery = PageQuery & {
  readonly search?: string;
  readonly manager?: string;
  readonly source?: string;
};

/** Bounds are versions of the package's manager. */
export type InstallationQuery = PageQuery & {
  /** Either the package's name or its source package's; the latter counts where both are told. */
  readonly name?: string;
  readonly source?: string;
  readonly manager?: string;
  readonly from?: string;
  readonly through?: string;
  readonly below?: string;
};

export type ChangeQuery = PageQuery & {
  readonly assetId?: AssetId;
  readonly section?: readonly SectionName[];
  readonly kind?: readonly Change["kind"][];
  /** This weight and heavier. */
  readonly weight?: ChangeWeight;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly search?: string;
};

export type IncidentQuery = PageQuery & {
  readonly state?: readonly IncidentState[];
  readonly kind?: readonly IncidentKind[];
  readonly assetId?: AssetId;
  readonly agentId?: AgentId;
  readonly search?: string;
};

export type TicketQuery = PageQuery & {
  readonly state?: readonly Ticket["state"][];
  readonly assetId?: AssetId;
  readonly search?: string;
};

export type LinkQuery = PageQuery & {
  readonly assetId?: AssetId;
  /** Matches names and ports of both ends. */
  readonly search?: string;
  /** Those that are no more, too. */
  readonly ended?: boolean;
};

/** `waiting`: contested claims that wait for a person. Without kinds: all but the making of an asset. */
export type DecisionQuery = PageQuery & {
  readonly kind?: readonly DecisionRow["kind"][];
  readonly byHand?: boolean;
  readonly waiting?: boolean;
};

/** `search` matches anywhere in the MAC. */
export type UnclaimedQuery = PageQuery & { readonly search?: string };

/** `search` matches anywhere in the MAC, the names and the addresses. */
export type VisitorQuery = PageQuery & { readonly search?: string; readonly realm?: string };
/** `timeZone`: in which days are counted. */
export type VisitorDaysQuery = { readonly days: number; readonly timeZone: string; readonly realm?: string };

export type SubnetQuery = PageQuery & { readonly cidr: string; readonly realm?: string };

export type CoverageQuery = PageQuery & { readonly realm?: string; readonly agentId?: AgentId };
