import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { EngineEvent } from "../engine/engine.ts";
import type { Operation, OperationKind, OperationOutcome, Requester } from "../engine/operations.ts";
import type { Policy } from "../incidents/learning.ts";
import type { Reads } from "../store/reads.ts";
import type { DeskOffice } from "../tickets/office.ts";
import type { Principals } from "./principals.ts";

/** What the API asks of the rest of the collector: to read, to have operations applied, and to hear what changed. */
export type ApiDeps = {
  readonly reads: Reads;
  /** Carries an operation to the engine; events and directives that come of it are passed on by whoever wires this. */
  readonly apply: Apply;
  readonly events: LiveEvents;
  /** Who a token or session belongs to. */
  readonly principals: Principals;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  /** Path on which agents' WebSockets are accepted, told to them at enrolment. */
  readonly websocketPath: string;
  /** Reached over TLS only: cookies are marked `Secure`, HSTS is sent. */
  readonly secure: boolean;
  /** Prometheus text of everything that is counted. */
  readonly metrics: () => Promise<string>;
  /** Folder of the built console; absent: the API alone. */
  readonly consoleFolder?: string;
  /** Proxies whose `X-Forwarded-*` is believed, as addresses or prefixes; none by default. */
  readonly trustedProxies?: readonly string[];
  /** What is wrong with the collector at the moment, a line each; empty when all is well. */
  readonly ailments?: () => readonly string[];
  /** As configured; what was accepted of proposals is in the store. */
  readonly policy?: Policy;
  /** The desks of the configuration, as far as people are shown and may do; absent: none. */
  readonly desks?: DeskOffice;
  /** Requests a minute that one address may make without a credential; sign-in and enrolment have their own, lower ones. */
  readonly requestsPerMinute?: number;
};

export type Apply = <K extends OperationKind>(
  operation: Extract<Operation, { kind: K }>,
  requester: Requester,
) => Promise<OperationOutcome<K>>;

export type LiveEvents = { readonly subscribe: (listener: (event: EngineEvent) => void) => () => void };
