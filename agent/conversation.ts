import type { Clock } from "../shared/clock.ts";
import { describeError, isRollcallError } from "../shared/errors.ts";
import type { FailPoint } from "../shared/fail-point.ts";
import type { Log } from "../shared/log.ts";
import type { ClockReading, Command, DownBody, DownMessage, Hello, UpMessage } from "../shared/protocol/envelope.ts";
import { encodeFrame } from "../shared/protocol/frame.ts";
import type { SectionName } from "../shared/protocol/sections.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/version.ts";
import type { Random } from "../shared/random.ts";
import { openFrame } from "./downlink.ts";
import type { Identity } from "./identity.ts";
import { rootOf, toFullMessages } from "./messages.ts";
import type { Spool } from "./spool/spool.ts";
import type { Uplink, Wire } from "./uplinks/uplink.ts";

/** Unacknowledged messages on the way; keeps a reconnect from sending a backlog into a full pipe twice. */
const WINDOW = 32;
/** A welcome or an acknowledgement that takes longer than this has been lost: the connection is made anew. */
const ANSWER_MS = 30_000;
/** A section is sent whole at most this often, however often it is asked for. */
const WHOLE_EVERY_MS = 20_000;
/** Between heartbeats that are said out of turn, when everything has just been acknowledged. */
const EXTRA_BEAT_MS = 5_000;
const RESEND_MS = 2_000;
const HELLO_EVERY_MS = 5_000;

export type ConversationCounts = {
  sentMessages: number;
  forged: number;
  stale: number;
  refused: number;
  resends: number;
};

export const createCounts = (): ConversationCounts => ({
  sentMessages: 0,
  forged: 0,
  stale: 0,
  refused: 0,
  resends: 0,
});

export type ConversationDeps = {
  readonly identity: Pick<Identity, "agentId" | "collectorId" | "collectorKey" | "key">;
  readonly signs: Uplink["signs"];
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly failPoint: FailPoint;
  readonly counts: ConversationCounts;
  readonly readClock: () => ClockReading;
  /** Read anew at each hello: a laptop's networks are others today. */
  readonly about: Pick<Hello, "run" | "software" | "heartbeatMs" | "scopes">;
  /** What a heartbeat adds: when the last local round ended, how late our timers were since the last call. */
  readonly condition: () => { readonly roundAtMs?: number; readonly latenessMs?: number };
  readonly onCommand: (command: Command) => void;
  readonly onWelcome: (welcome: Extract<DownBody, { kind: "welcome" }>) => void;
  /** A heartbeat has just been handed over: a cycle of the socket's account ends. */
  readonly onBeat: () => void;
  /** The conversation can't go on: close the wire. `backOff`: the collector told us to stay away for a while. */
  readonly onBroken: (reason: string, backOff: boolean) => void;
};

export type Conversation = {
  readonly receive: (frame: Uint8Array) => void;
  /** The spool has something new. */
  readonly nudge: () => void;
  readonly isOpen: () => boolean;
  readonly stop: () => void;
};

type WithoutSender<M> = M extends unknown ? Omit<M, "v" | "agentId" | "instance"> : never;
type Live = WithoutSender<Exclude<UpMessage, { kind: "kept" }>>;

/** The collector's words after which coming back at once is pointless. */
const farewells = new Set(["agent.revoked", "agent.unknown", "agent.signature", "protocol.unsupported"]);

/**
 * One conversation over one connection (see shared/protocol/README.md): hello, then kept messages in order under a window,
 * heartbeats, and answers to what the collector needs. What it has to remember beyond the connection lies in the spool.
 */
export const startConversation = (wire: Wire, deps: ConversationDeps): Conversation => {
  const { spool, clock, log, counts, identity } = deps;
  const { heartbeatMs } = deps.about;
  let nonce = "";
  let session: string | undefined;
  let pending = false;
  let number = 0;
  let beat = 0;
  let beatAt = Number.NEGATIVE_INFINITY;
  let sentUpTo = 0;
  let helloAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let resent = { from: 0, times: 0, atMs: 0 };
  const wholeSentAt = new Map<string, number>();
  let cancelBeat = (): void => {};
  let cancelAnswer = (): void => {};
  let cancelHello = (): void => {};

  const fail = (reason: string, backOff = false) => {
    if (stopped) return;
    stop();
    deps.onBroken(reason, backOff);
  };

  /** Expects a word from the collector in time; any progress cancels it. */
  const expectAnswer = (what: string) => {
    cancelAnswer();
    cancelAnswer = clock.after(ANSWER_MS, () => fail(`no ${what} within ${ANSWER_MS / 1_000} s`), { unref: true });
  };

  const send = (json: string, context?: string): Promise<void> => {
    const signing = { domain: "rollcall/1 up", key: identity.key, context: context ?? "" } as const;
    const signed = deps.signs === "every" || context !== undefined;
    const { frame } = encodeFrame(json, signed ? signing : undefined);
    return wire.send(frame).catch((error: unknown) => fail(describeError(error)));
  };

  const sendLive = ({ kind, ...rest }: Live, context?: string) => {
    const { instance } = spool.position();
    return send(JSON.stringify({ v: PROTOCOL_VERSION, agentId: identity.agentId, instance, kind, ...rest }), context);
  };

  const sayHello = (attempt = 1) => {
    helloAt = clock.monotonic();
    const { epoch, nextSequence, lastSequence, lastDigest } = spool.position();
    nonce = Buffer.from(deps.random.bytes(16)).toString("base64url");
    session = undefined;
    cancelBeat();
    const place = { epoch, nextSequence, lastDigest, lastSequence };
    void sendLive({ kind: "hello", ...place, nonce, clock: deps.readClock(), ...deps.about }, wire.challenge);
    if (attempt === 1) expectAnswer("welcome");
    // Over a broker the collector may not have been listening yet.
    cancelHello();
    if (deps.signs === "every" && attempt < ANSWER_MS / HELLO_EVERY_MS)
      cancelHello = clock.after(HELLO_EVERY_MS, () => session === undefined && !stopped && sayHello(attempt + 1), {
        unref: true,
      });
  };

  /** The spool can fail under any of our calls: the disk is full or gone. The connection ends, and comes back with a wait. */
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!isRollcallError(error) || error.remedy !== "retry") throw error;
      log.warn("the spool failed", { error });
      fail(describeError(error));
    }
  };

  const pump = () => {
    while (session !== undefined && !pending && !stopped) {
      const { lastSequence } = spool.position();
      sentUpTo = Math.max(sentUpTo, lastSequence);
      if (sentUpTo - lastSequence >= WINDOW) return;
      const next = spool.begin(sentUpTo);
      if (next === undefined) return;
      deps.failPoint("uplink.before-send");
      void send(next.json).then(() => deps.failPoint("uplink.after-send"));
      sentUpTo = next.sequence;
      counts.sentMessages++;
      if (sentUpTo === lastSequence + 1) expectAnswer("acknowledgement");
    }
  };

  const sayBeat = () => {
    if (session === undefined || stopped) return;
    const root = spool.counts().messages === 0 ? rootOf(spool.baseline) : null;
    beat++;
    beatAt = clock.monotonic();
    void sendLive({ kind: "heartbeat", session, beat, clock: deps.readClock(), root, ...deps.condition() }).then(() => {
      if (!stopped) deps.onBeat();
    });
    cancelBeat();
    cancelBeat = clock.after(heartbeatMs, () => guarded(sayBeat), { unref: true });
  };

  const onWelcome = (message: DownMessage, body: Extract<DownBody, { kind: "welcome" }>) => {
    const { epoch, instance, have, haveDigest } = body;
    const before = spool.position();
    if (before.epoch !== epoch || before.instance !== instance) {
      log.info("continuing under another epoch", { epoch, instance, before: before.epoch });
      spool.adopt({ instance, epoch, have, digest: haveDigest ?? null });
    } else if (haveDigest !== undefined) spool.settle({ epoch, sequence: have, digest: haveDigest });
    cancelAnswer();
    cancelHello();
    ({ session, pending } = body);
    number = message.number;
    sentUpTo = spool.position().lastSequence;
    beat = 0;
    if (pending) log.warn("waiting for approval at the collector");
    deps.onWelcome(body);
    pump();
    sayBeat();
  };

  const onAck = (body: Extract<DownBody, { kind: "ack" | "refused" }>) => {
    if (spool.settle(body) === "unknown") return;
    cancelAnswer();
    resent = { from: 0, times: 0, atMs: 0 };
    if (spool.position().lastSequence < sentUpTo) expectAnswer("acknowledgement");
    pump();
    // The first moment at which nothing is on its way is the one to compare notes.
    if (spool.counts().messages === 0 && clock.monotonic() - beatAt >= EXTRA_BEAT_MS) sayBeat();
  };

  const onResend = ({ epoch, from }: Extract<DownBody, { kind: "resend" }>) => {
    if (epoch !== spool.position().epoch) return;
    const now = clock.monotonic();
    const again = from === resent.from;
    // Whatever was on the way behind a gap is answered with the same word.
    if (again && now - resent.atMs < RESEND_MS) return;
    if (again && resent.times >= 3) return fail("the collector asks for the same message again and again");
    resent = { from, times: again ? resent.times + 1 : 1, atMs: now };
    counts.resends++;
    sentUpTo = Math.max(from - 1, spool.position().lastSequence);
    pump();
  };

  const sayHashes = () => {
    const { baseline } = spool;
    const streams = Object.fromEntries(
      baseline.streams().map((stream) => [stream, Object.fromEntries(baseline.sectionHashes(stream))]),
    );
    if (session !== undefined) void sendLive({ kind: "hashes", session, streams });
  };

  const onNeed = ({ hashes, sections }: Extract<DownBody, { kind: "need" }>) => {
    if (hashes === true) sayHashes();
    const now = clock.monotonic();
    const wanted = (sections ?? []).filter(({ stream, section }) => {
      const sentAt = wholeSentAt.get(`${stream} ${section}`);
      return sentAt === undefined || now - sentAt >= WHOLE_EVERY_MS;
    });
    if (wanted.length === 0) return;
    for (const { stream, section } of wanted) wholeSentAt.set(`${stream} ${section}`, now);
    try {
      spool.append(
        toFullMessages(
          wanted as { stream: string; section: SectionName }[],
          spool.baseline,
          deps.condition().roundAtMs,
        ),
      );
    } catch (error) {
      log.warn("sections asked for could not be kept", { error });
    }
    pump();
  };

  const onError = ({ code, reason }: Extract<DownBody, { kind: "error" }>) => {
    // A restarted collector over a broker. On a connection of our own a second hello is not allowed: it is made anew.
    if (code !== "session.unknown" || deps.signs === "hello")
      return fail(`the collector says: ${reason}`, farewells.has(code));
    if (clock.monotonic() - helloAt >= HELLO_EVERY_MS) sayHello();
  };

  const obey = (message: DownMessage): void => {
    const { body } = message;
    switch (body.kind) {
      case "welcome":
        onWelcome(message, body);
        break;
      case "refused":
        counts.refused++;
        log.warn("the collector refused a message", { sequence: body.sequence, reason: body.reason });
        onAck(body);
        break;
      case "ack":
        onAck(body);
        break;
      case "resend":
        onResend(body);
        break;
      case "need":
        onNeed(body);
        break;
      case "command":
        deps.onCommand(body.command);
        break;
      case "error":
        onError(body);
        break;
      default:
        body satisfies never;
    }
  };

  /** Fresh: a welcome that answers our own nonce, or a word of this session with a higher number than the last. */
  const isFresh = ({ body, session: of, number: n, instance }: DownMessage): boolean => {
    if (body.kind === "welcome") return body.nonce === nonce && (session !== body.session || n > number);
    // Before a welcome there is no session to name; a restarted collector can't know it. A replay costs us a hello at most.
    if (body.kind === "error" && (session === undefined || body.code === "session.unknown")) return true;
    return of === session && n > number && instance === spool.position().instance;
  };

  const receive = (frame: Uint8Array) => {
    if (stopped) return;
    const opened = openFrame(frame, identity);
    if (opened.status !== "ok") {
      counts.forged++;
      // Anyone on a shared broker may write here: say it once, count the rest.
      if (counts.forged === 1) log.warn("dropped a frame that is not the collector's", { reason: opened.reason });
      return;
    }
    if (!isFresh(opened.message)) {
      counts.stale++;
      return;
    }
    if (opened.message.session === session) number = opened.message.number;
    guarded(() => obey(opened.message));
  };

  const stop = () => {
    stopped = true;
    for (const cancel of [cancelBeat, cancelAnswer, cancelHello]) cancel();
  };

  sayHello();
  return { receive, nudge: () => guarded(pump), isOpen: () => session !== undefined && !stopped, stop };
};
