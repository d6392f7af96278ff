import type { Clock } from "../../shared/clock.ts";
import type { AgentConfig } from "../config.ts";
import type { Identity } from "../identity.ts";

/** Octets on the socket since it was opened, framing and (under TLS) records included. */
export type Traffic = { readonly sentBytes: number; readonly receivedBytes: number };

/** One connection to the collector, ready to carry frames in both directions. */
export type Wire = {
  /** What the hello's signature is bound to: the challenge's nonce, or "" where there is none. */
  readonly challenge: string;
  /** Hands a frame to the network, in order; resolves when it has left this process, rejects when the connection is gone. */
  readonly send: (frame: Uint8Array) => Promise<void>;
  readonly traffic: () => Traffic;
  /** Ends the connection in good order; at once where that takes longer than a moment. */
  readonly close: () => Promise<void>;
};

export type WireEvents = {
  readonly onFrame: (frame: Uint8Array) => void;
  /** Called once, also after our own `close`. */
  readonly onClose: (reason: string) => void;
};

/**
 * A way to the collector. It carries frames and knows nothing of what is in them; who speaks is proven by signatures:
 * "hello" where a connection is one session, "every" where others could write to the same topic.
 */
export type Uplink = {
  readonly name: string;
  readonly signs: "hello" | "every";
  /**
   * @param instance which copy of the agent this is: where a connection has a name, copies must not share it.
   * @throws RollcallError `uplink.*` (retry), `uplink.refused` (retry, with a long wait), `config.*` (give-up)
   */
  readonly connect: (events: WireEvents, signal: AbortSignal, instance: number) => Promise<Wire>;
};

/** Largest frame that is read from the collector. Its longest words are lists of section names. */
export const MAX_DOWN_FRAME_BYTES = 2 << 20;

/** What an uplink is made from. */
export type UplinkSetup = {
  readonly config: AgentConfig;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly readText: (path: string) => string;
  readonly readSecret: (reference: string) => string;
  /** Authorities pinned at enrolment, PEM; used where the configuration names none. */
  readonly pinnedCa: string | undefined;
};
