import { type BackoffOptions, backoffMs } from "../shared/backoff.ts";
import type { Clock } from "../shared/clock.ts";
import { describeError, isRollcallError } from "../shared/errors.ts";
import { type Conversation, type ConversationDeps, startConversation } from "./conversation.ts";
import type { Traffic, Uplink, Wire } from "./uplinks/uplink.ts";

/** What a cycle cost on the socket: from one heartbeat to the next, both directions, framing included. */
export type Cycle = Traffic & { readonly atMs: number; readonly messages: number };

export type LinkStatus = {
  readonly uplink: string;
  readonly state: "connected" | "connecting" | "waiting" | "stopped";
  readonly sinceMs: number;
  /** Why the last connection ended or could not be made. */
  readonly lastError: string | undefined;
  readonly connections: number;
  readonly total: Traffic;
  readonly lastCycle: Cycle | undefined;
  readonly lastUnchangedCycle: Cycle | undefined;
  readonly lastChangedCycle: Cycle | undefined;
};

export type LinkDeps = Omit<ConversationDeps, "signs" | "onBeat" | "onBroken"> & {
  readonly uplink: Uplink;
  readonly backoff: BackoffOptions;
  /** How long to stay away after the collector refused us. */
  readonly refusedMs: number;
};

export type Link = {
  readonly nudge: () => void;
  /** Drops the connection at once and makes a new one: after a suspend the old one only looks alive. */
  readonly reconnect: (reason: string) => void;
  /** Hangs up and stays away for so long, or until `reconnect`. */
  readonly rest: (reason: string, ms: number) => void;
  readonly status: () => LinkStatus;
  readonly isOpen: () => boolean;
  /** Resolves when everything kept is acknowledged; gives up with the signal. */
  readonly drained: (signal: AbortSignal) => Promise<boolean>;
  readonly stop: () => Promise<void>;
};

const nothing: Traffic = { sentBytes: 0, receivedBytes: 0 };
const plus = (a: Traffic, b: Traffic): Traffic => ({
  sentBytes: a.sentBytes + b.sentBytes,
  receivedBytes: a.receivedBytes + b.receivedBytes,
});
const minus = (a: Traffic, b: Traffic): Traffic => ({
  sentBytes: a.sentBytes - b.sentBytes,
  receivedBytes: a.receivedBytes - b.receivedBytes,
});

/** How many messages were sent so far, and whether all that was kept is acknowledged. */
type Sent = { readonly messages: number; readonly isSettled: boolean };

/**
 * The account of the socket: totals, and what each cycle cost. One in which an earlier cycle's message is still acknowledged is
 * neither changed nor unchanged.
 */
const createAccount = (clock: Clock, sent: () => Sent) => {
  let closed = nothing;
  let wire: Wire | undefined;
  let mark: (Sent & { readonly total: Traffic }) | undefined;
  const cycles: { last?: Cycle; unchanged?: Cycle; changed?: Cycle } = {};
  const total = () => plus(closed, wire?.traffic() ?? nothing);
  return {
    total,
    cycles,
    opened: (of: Wire) => {
      wire = of;
      mark = undefined;
    },
    ended: () => {
      closed = total();
      wire = undefined;
    },
    beat: () => {
      const now = { total: total(), ...sent() };
      if (mark !== undefined) {
        const messages = now.messages - mark.messages;
        const cycle = { ...minus(now.total, mark.total), atMs: clock.now(), messages };
        cycles.last = cycle;
        if (messages > 0) cycles.changed = cycle;
        else if (mark.isSettled) cycles.unchanged = cycle;
      }
      mark = now;
    },
  };
};

/** Keeps a conversation going: connects, converses, and comes back with a jittered, growing wait after it broke. */
export const startLink = (deps: LinkDeps): Link => {
  const { uplink, clock, log, random, spool } = deps;
  const account = createAccount(clock, () => ({
    messages: deps.counts.sentMessages,
    isSettled: spool.counts().messages === 0,
  }));
  const stopping = new AbortController();
  let conversation: Conversation | undefined;
  let endCurrent = (_reason: string): void => {};
  let state: LinkStatus["state"] = "connecting";
  let sinceMs = clock.now();
  let lastError: string | undefined;
  let connections = 0;
  let failures = 0;
  let hurry = (): void => {};
  let restMs: number | undefined;

  const enter = (next: LinkStatus["state"]) => {
    if (state !== next) sinceMs = clock.now();
    state = next;
  };

  /** One connection from its making to its end. Gives whether the collector told us to stay away. */
  const once = async (): Promise<{ readonly backOff: boolean }> => {
    let backOff = false;
    let end = (_reason: string): void => {};
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const early: Uint8Array[] = [];
    const wire = await uplink.connect(
      {
        onFrame: (frame) => (conversation === undefined ? void early.push(frame) : conversation.receive(frame)),
        onClose: (reason) => end(reason),
      },
      stopping.signal,
      spool.position().instance,
    );
    account.opened(wire);
    connections++;
    endCurrent = end;
    conversation = startConversation(wire, {
      ...deps,
      signs: uplink.signs,
      onBeat: account.beat,
      onWelcome: (welcome) => {
        failures = 0;
        lastError = undefined;
        enter("connected");
        deps.onWelcome(welcome);
      },
      onBroken: (reason, stayAway) => {
        backOff = stayAway;
        end(reason);
      },
    });
    for (const frame of early) conversation.receive(frame);
    const reason = await ended;
    conversation.stop();
    conversation = undefined;
    lastError = reason;
    await wire.close();
    account.ended();
    return { backOff };
  };

  const pause = async (ms: number) => {
    const cut = new AbortController();
    hurry = () => cut.abort(new Error("hurried"));
    await clock.sleep(ms, AbortSignal.any([cut.signal, stopping.signal])).catch(() => {});
    hurry = () => {};
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      enter("connecting");
      let refused = false;
      try {
        refused = (await once()).backOff;
      } catch (error) {
        if (stopping.signal.aborted) break;
        // A bug must not hide behind a reconnect.
        if (!isRollcallError(error)) throw error;
        refused = error.code === "uplink.refused";
        lastError = describeError(error);
      }
      if (stopping.signal.aborted) break;
      const waitMs = restMs ?? (refused ? deps.refusedMs : backoffMs(failures, deps.backoff, random));
      // The first loss is news; the tenth failed attempt is the same news.
      if (restMs === undefined && (failures === 0 || refused)) log.warn("not connected", { reason: lastError, waitMs });
      if (restMs === undefined) failures++;
      restMs = undefined;
      enter("waiting");
      await pause(waitMs);
    }
    enter("stopped");
  };

  const running = run();
  return {
    nudge: () => conversation?.nudge(),
    rest: (reason, ms) => {
      restMs = ms;
      endCurrent(reason);
    },
    reconnect: (reason) => {
      failures = 0;
      restMs = undefined;
      endCurrent(reason);
      hurry();
    },
    status: () => ({
      ...{ uplink: uplink.name, state, sinceMs, lastError, connections, total: account.total() },
      lastCycle: account.cycles.last,
      lastUnchangedCycle: account.cycles.unchanged,
      lastChangedCycle: account.cycles.changed,
    }),
    isOpen: () => conversation?.isOpen() ?? false,
    drained: async (signal) => {
      while (spool.counts().messages > 0 && !signal.aborted) await clock.sleep(50, signal).catch(() => {});
      return spool.counts().messages === 0;
    },
    stop: async () => {
      stopping.abort(new Error("stopped"));
      endCurrent("stopped");
      await running;
    },
  };
};
