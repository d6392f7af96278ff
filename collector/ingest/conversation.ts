import type { KeyObject } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import { describeError, isRollcallError } from "../../shared/errors.ts";
import { type AgentId, type CollectorId, createRecordId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { DownBody, Hello } from "../../shared/protocol/envelope.ts";
import { encodeFrame, parsePublicKey } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { Random } from "../../shared/random.ts";
import type { EngineClient } from "../engine/client.ts";
import type { ArrivalAnswer } from "../engine/engine.ts";
import type { AgentKey } from "../store/reads.ts";
import type { CloseKind } from "../store/store.ts";
import type { KnownLists } from "./known-lists.ts";
import { createBucket, limits } from "./limits.ts";
import type { Conversation, Line } from "./line.ts";
import { type Opened, openMessage } from "./parse.ts";
import type { LiveSession, Sessions } from "./sessions.ts";

export type IngestDeps = {
  readonly engine: EngineClient;
  readonly sessions: Sessions;
  /** What an agent's signature is checked against; undefined for unknown and revoked agents. */
  readonly agentKey: (agentId: AgentId) => Promise<AgentKey | undefined>;
  readonly collectorId: CollectorId;
  readonly signingKey: KeyObject;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counts: IngestCounts;
  /** What large sections are told by; without it each is read whole. */
  readonly lists?: KnownLists;
};

/** For metrics; why frames came to nothing. */
export type IngestCounts = { frames: number; bytes: number; rejected: Record<string, number> };
export const createIngestCounts = (): IngestCounts => ({ frames: 0, bytes: 0, rejected: {} });

type State = {
  readonly session: string;
  readonly nonce: string;
  readonly live: LiveSession;
  instance: number;
  number: number;
  beat: number;
  /** All hashes were asked for and have not come yet: unasked ones are old ones said again. */
  awaitsHashes: boolean;
  ended: boolean;
};

const TOO_MANY = `more than ${limits.messagesPerSecond} messages a second: come back later`;

/** Errors that only the sender's message costs; after the others the connection is closed too. */
const isForgivable = (code: string): boolean => code === "message.malformed" || code === "message.too-deep";

/**
 * The collector's side of a conversation (shared/protocol/README.md): proves who speaks, bounds and parses, hands over to
 * the engine in order, and answers signed. It decides nothing about content.
 */
export const createConversation = (line: Line, deps: IngestDeps): Conversation => {
  const { clock, engine, log, counts } = deps;
  const bucket = createBucket(clock.monotonic, limits.burstMessages, limits.messagesPerSecond);
  let state: State | undefined;
  let over = false;
  let ack: DownBody | undefined;
  let heardAtMs = clock.monotonic();
  let everyMs: number = limits.helloTimeoutMs;
  let last: Promise<void> = Promise.resolve();
  /** Messages that the engine has and has not answered. */
  const underway = new Set<Promise<void>>();

  const sendAs = (agentId: AgentId, instance: number, session: string, number: number, body: DownBody) => {
    const json = JSON.stringify({
      v: PROTOCOL_VERSION,
      collectorId: deps.collectorId,
      agentId,
      instance,
      number,
      session,
      body,
    });
    line.send(encodeFrame(json, { domain: "rollcall/1 down", key: deps.signingKey }).frame);
  };
  const say = (to: State, body: DownBody) => {
    if (to.ended || over) return;
    if (body.kind === "need" && body.hashes === true) to.awaitsHashes = true;
    to.number++;
    sendAs(to.live.agentId, to.instance, to.session, to.number, body);
  };
  /** Acknowledgements of one commit come together: the last one stands for all. */
  const sayAck = (to: State, body: DownBody) => {
    if (ack === undefined) setImmediate(() => flushAck(to));
    ack = body;
  };
  const flushAck = (to: State) => {
    const body = ack;
    ack = undefined;
    if (body) say(to, body);
  };

  const reject = (code: string, reason: string, agentId?: AgentId, close = true) => {
    counts.rejected[code] = (counts.rejected[code] ?? 0) + 1;
    log.warn("message rejected", { code, reason, remote: line.remote, ...(agentId ? { agentId } : {}) });
    const body: DownBody = { kind: "error", code, reason: reason.slice(0, 1_000) };
    if (state) say(state, body);
    else if (agentId) sendAs(agentId, 0, "", 1, body);
    if (!close) return;
    if (line.signs === "hello") over = true;
    line.close(code, reason);
  };

  /** Over a broker, what is not the agent's own fresh word gets no answer: the answer would go to the agent. */
  const ignore = (code: string) => {
    counts.rejected[code] = (counts.rejected[code] ?? 0) + 1;
    log.debug("frame ignored", { code, remote: line.remote });
  };

  const greet = async (said: Hello, opened: Opened): Promise<void> => {
    const { agentId } = said;
    if (state && line.signs === "hello")
      return reject("message.malformed", "a second hello on one connection", agentId);
    const key = await deps.agentKey(agentId);
    if (!key) return reject("agent.unknown", "this agent is not enrolled here, or was revoked: enrol again", agentId);
    if (!opened.verifySignature("rollcall/1 up", parsePublicKey(key.publicKey), line.challenge))
      return line.signs === "every"
        ? ignore("agent.signature")
        : reject("agent.signature", "the hello is not signed by this agent's key");
    const judged = line.judge?.(said) ?? { instance: said.instance, isOutlived: false, isSame: false };
    const { instance, isOutlived, isSame } = judged;
    const hello = { ...said, instance };
    const other = deps.sessions.find(agentId, instance);
    const otherAlive = isOutlived || (other !== undefined && other !== state?.live && (await other.isAlive()));
    const session = createRecordId("ses", clock.now(), deps.random);
    const { uplink, remote } = line;
    const receivedAtMs = clock.now();
    const answer = await engine.session({
      kind: "hello",
      hello,
      uplink,
      session,
      remote,
      receivedAtMs,
      otherAlive,
      isSame,
    });
    if (answer.status === "refused" && answer.code === "hello.old") return ignore(answer.code);
    if (answer.status === "refused") return reject(answer.code, answer.reason, agentId);
    if (answer.status !== "welcome") return;
    if (other && !otherAlive && other !== state?.live) other.end("session.replaced", "a newer connection took over");
    begin(agentId, session, hello, answer.instance);
    for (const body of answer.down) say(state as State, body);
  };

  const begin = (agentId: AgentId, session: string, { nonce, heartbeatMs }: Hello, instance: number) => {
    if (state) deps.sessions.remove(state.live);
    const live: LiveSession = {
      agentId,
      instance: () => mine.instance,
      send: (body) => say(mine, body),
      end: (code, reason) => {
        const isReplaced = code === "session.replaced";
        // Over a broker the new connection would hear it, and take it for itself.
        if (line.signs === "hello" || !isReplaced) say(mine, { kind: "error", code, reason });
        if (line.signs === "every") void leave(isReplaced ? "replaced" : "ours");
        line.close(code, reason);
      },
      isAlive: line.isAlive,
    };
    const mine: State = { session, nonce, live, instance, number: 0, beat: 0, awaitsHashes: false, ended: false };
    state = mine;
    everyMs = heartbeatMs;
    deps.sessions.add(live);
  };

  /** A session that the engine answered under another instance goes on as that copy. */
  const settle = (to: State, answer: ArrivalAnswer) => {
    if (answer.instance !== undefined) to.instance = answer.instance;
    for (const body of answer.down) {
      if (body.kind === "ack") sayAck(to, body);
      else {
        flushAck(to);
        say(to, body);
      }
    }
  };

  const submit = (opened: Opened, message: Exclude<Opened["message"], Hello>): void => {
    const agentId = message.agentId as AgentId;
    const mine = state;
    if (underway.size >= limits.maxInFlight) line.setPaused(true);
    // The engine takes messages in this order: what it will hold may be named from here on, until it says that it does not.
    const unlearn = opened.learn?.();
    const answered = engine
      .ingest({
        agentId,
        instance: message.instance,
        ...(mine ? { session: mine.session, nonce: mine.nonce } : {}),
        message,
        ...(opened.json === undefined ? {} : { json: opened.json }),
        digest: opened.digest,
        sizeBytes: opened.sizeBytes,
        receivedAtMs: clock.now(),
      })
      .then((answer) => {
        if (answer.status !== "accepted" || answer.down.some(({ kind }) => kind === "need")) unlearn?.();
        if (mine) return settle(mine, answer);
        // A message that outlived its session at the broker, or ours: what was kept is held, and a hello sorts out the rest.
        for (const body of answer.down) if (body.kind === "error") sendAs(agentId, message.instance, "", 1, body);
      })
      .catch((error: unknown) => {
        unlearn?.();
        if (!isRollcallError(error)) throw error;
        log.error("storing a message failed", { agentId, error: describeError(error) });
        reject(error.code, "the collector can't store anything at the moment: come back later", agentId);
      })
      .finally(() => {
        underway.delete(answered);
        if (underway.size < limits.maxInFlight / 2) line.setPaused(false);
      });
    underway.add(answered);
  };

  /** On a line of its own, the session's hello speaks for all that follows; else each frame's own signature does. */
  const isProven = async (opened: Opened): Promise<boolean> => {
    if (line.signs === "hello") return state !== undefined;
    const key = await deps.agentKey(opened.message.agentId as AgentId);
    return key !== undefined && opened.verifySignature("rollcall/1 up", parsePublicKey(key.publicKey));
  };

  /** What was said before in this session, or in another: over a broker anybody can say it again. */
  const isRepeated = (to: State, message: Opened["message"]): boolean => {
    if (message.kind !== "heartbeat" && message.kind !== "hashes") return false;
    if (message.session !== to.session) return true;
    if (message.kind === "hashes") {
      if (!to.awaitsHashes) return true;
      to.awaitsHashes = false;
    } else {
      if (message.beat <= to.beat) return true;
      to.beat = message.beat;
    }
    return false;
  };

  const handle = async (opened: Opened): Promise<void> => {
    if (over) return;
    const { message } = opened;
    if (message.kind === "hello") return greet(message, opened);
    if (!(await isProven(opened)))
      return line.signs === "every"
        ? ignore("agent.signature")
        : reject(
            "agent.signature",
            state ? "a frame is not signed by this agent's key" : "the first message must be a hello",
          );
    // Counted only now, so that nobody else on a broker can use up what an agent may say.
    if (line.signs === "every" && !bucket.take()) return reject("agent.rate", TOO_MANY, state?.live.agentId);
    heardAtMs = clock.monotonic();
    if (state && message.agentId !== state.live.agentId)
      return reject("agent.foreign", "an agent may speak for itself only", state.live.agentId);
    // A frame on its way while the session was given another instance: the agent sends it anew.
    if (state && message.instance !== state.instance) return;
    if (state && isRepeated(state, message)) return;
    submit(opened, message);
  };

  const fail = (error: unknown) => {
    if (!isRollcallError(error)) {
      log.error("conversation failed", { remote: line.remote, error: describeError(error) });
      return reject("internal", "internal error: the collector's log tells more", state?.live.agentId);
    }
    reject(error.code, describeError(error), state?.live.agentId, !(state && isForgivable(error.code)));
  };

  const leave = async (how: CloseKind): Promise<void> => {
    const mine = state;
    if (!mine || mine.ended) return;
    mine.ended = true;
    deps.sessions.remove(mine.live);
    const { live, instance, session } = mine;
    state = undefined;
    await engine.session({ kind: "closed", agentId: live.agentId, instance, session, how, atMs: clock.now() });
  };

  return {
    receive: (frame) => {
      counts.frames++;
      counts.bytes += frame.length;
      if (!bucket.take()) return reject("agent.rate", TOO_MANY, state?.live.agentId);
      last = last.then(() => handle(openMessage(frame, deps.lists))).catch(fail);
    },
    take: (opened) => {
      last = last.then(() => handle(opened)).catch(fail);
      return last;
    },
    instance: () => state?.instance,
    // After what came before the close was committed: a goodbye must not be overtaken by its own hang-up.
    closed: async (how) => {
      await last;
      over = true;
      await Promise.allSettled([...underway]);
      await leave(how);
    },
    isOpen: () => state !== undefined,
    heard: () => ({ atMs: heardAtMs, everyMs }),
  };
};
