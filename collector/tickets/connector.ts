import type { z } from "zod";
import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import type { HttpClient } from "./http.ts";

/** Where the ticket is at the desk: `id` is what its API takes, `number` and `url` what a person uses. */
export type TicketRef = { readonly id: string; readonly number?: string; readonly url?: string };

/** Everything a desk is told about one incident. `key` is "rollcall:<incidentId>": ASCII, no spaces, at most 60 characters. */
export type TicketContent = {
  readonly key: string;
  /** Asset and kind: a second, searchable label that many episodes share. */
  readonly condition: string;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** 1 is the highest. */
  readonly priority: 1 | 2 | 3 | 4 | 5;
  readonly impact: "high" | "medium" | "low";
  readonly urgency: "high" | "medium" | "low";
  readonly openedAt: string;
  readonly asset?: {
    readonly assetId: string;
    readonly name: string;
    readonly serialNumber?: string;
    readonly address?: string;
    /** Id of the asset's counterpart in this desk's CMDB, where it is known. */
    readonly ciRef?: string;
    /** What people wrote of it. `warrantyUntil`: its last day. */
    readonly owner?: string;
    readonly location?: string;
    readonly inventoryNumber?: string;
    readonly warrantyUntil?: string;
  };
  /** The incident's page in our console. */
  readonly link?: string;
};

/** A later word on an open ticket. `id` is stable over retries, so that a desk's copy can be recognised. */
export type TicketNote = { readonly id: string; readonly text: string; readonly html: string };

/**
 * What became of one call. `unclear` says that the desk may have done it although we did not hear so: the outbox then has
 * the connector search by key before anything is created again. `afterMs` is the desk's own wish (Retry-After).
 */
export type Delivery =
  | { readonly status: "delivered"; readonly ticketRef: TicketRef; readonly remark?: string }
  | { readonly status: "retry"; readonly reason: string; readonly afterMs?: number; readonly unclear?: boolean }
  | { readonly status: "rejected"; readonly reason: string };

/** How a ticket stands at the desk. `taken`: a person changed its state in a way we don't know, or merged it: comment only. */
export type DeskState = {
  readonly state: "open" | "resolved" | "taken" | "gone";
  readonly assignee?: string;
  /** What people said of it at the desk, by the status, close code, resolution or tag that the configuration names. */
  readonly verdict?: "true" | "false" | "planned";
  /** The ticket that this one was merged into there: what is said from now on goes to that one. */
  readonly mergedInto?: TicketRef;
  readonly updatedAt?: string;
};

/** One finding of the start-up check, in words an administrator can act on. */
export type CheckFinding = { readonly ok: boolean; readonly what: string; readonly remedy?: string };

/** `search`: an earlier try may have been done although we did not hear so; look before doing it again. */
export type Call = { readonly search: boolean; readonly signal: AbortSignal };

/** A desk we can speak to. Every call is safe to repeat, and reads back what it changed: a desk's status code is not its answer. */
export type Desk = {
  readonly check: (signal: AbortSignal) => Promise<readonly CheckFinding[]>;
  readonly open: (content: TicketContent, call: Call) => Promise<Delivery>;
  readonly comment: (ref: TicketRef, content: TicketContent, note: TicketNote, call: Call) => Promise<Delivery>;
  readonly resolve: (ref: TicketRef, content: TicketContent, note: TicketNote, call: Call) => Promise<Delivery>;
  readonly reopen: (ref: TicketRef, content: TicketContent, note: TicketNote, call: Call) => Promise<Delivery>;
  /** For desks that forget what they are not told again: how often, ms, and how. It says nothing new, so it may be lost. */
  readonly renewMs?: number;
  readonly renew?: (ref: TicketRef, content: TicketContent, signal: AbortSignal) => Promise<Delivery>;
  /** How long one call may take, ms, where the product's protocol asks for more than a minute. */
  readonly patienceMs?: number;
  /** Absent where the desk can't be read (e-mail, one-way notices). */
  readonly read?: (ref: TicketRef, signal: AbortSignal) => Promise<DeskState>;
};

export type ConnectorDeps = { readonly clock: Clock; readonly log: Log; readonly http: HttpClient };

/**
 * What a desk can do through us; shown in the docs and in the settings page. The last three come back from people there: who
 * took it, that it was a false alarm or planned, what it was merged into.
 */
export type Ability =
  | "comment"
  | "resolve"
  | "reopen"
  | "find"
  | "read"
  | "linksAsset"
  | "assignee"
  | "verdict"
  | "merges";

export type Connector<C = unknown> = {
  readonly name: string;
  readonly title: string;
  readonly abilities: readonly Ability[];
  /** "real": tried against the running product · "fake": against a strict fake that cites its documents. */
  readonly tried: "real" | "fake";
  readonly configSchema: z.ZodType<C>;
  readonly connect: (config: C, deps: ConnectorDeps) => Desk;
};

export const defineConnector = <C>(connector: Connector<C>): Connector<C> => connector;
