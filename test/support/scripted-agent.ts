import type { KeyObject } from "node:crypto";
import { WebSocket } from "ws";
import type { AgentId } from "../../shared/ids.ts";
import { hashOfItems, itemHash, rootHash } from "../../shared/protocol/canonical.ts";
import type { DownBody, DownMessage, KeptBody } from "../../shared/protocol/envelope.ts";
import {
  createSigningKey,
  decodeFrame,
  encodeFrame,
  formatPublicKey,
  parsePublicKey,
} from "../../shared/protocol/frame.ts";
import type { Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { SectionStep, Snapshot } from "../../shared/protocol/snapshot.ts";
import type { TestCollector } from "./start-collector.ts";
import { until } from "./until.ts";

/** An agent's keys and its place in the sequence: what a state folder holds. Copy it to make a clone. */
export type ScriptedState = {
  readonly agentId: AgentId;
  readonly key: KeyObject;
  readonly collectorKey: KeyObject;
  instance: number;
  epoch: number;
  nextSequence: number;
  lastSequence: number;
  lastDigest: string | null;
};

export const enrolScripted = async (collector: TestCollector, name = "scripted"): Promise<ScriptedState> => {
  const key = createSigningKey();
  const response = await fetch(`${collector.url}/api/v1/enrol`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: await collector.enrolToken(), publicKey: formatPublicKey(key), name }),
  });
  const body = (await response.json()) as { agentId: AgentId; collectorPublicKey: string };
  if (!response.ok) throw new Error(`enrol: ${response.status} ${JSON.stringify(body)}`);
  return {
    agentId: body.agentId,
    key,
    collectorKey: parsePublicKey(body.collectorPublicKey),
    instance: 0,
    epoch: 0,
    nextSequence: 1,
    lastSequence: 0,
    lastDigest: null,
  };
};

export const fullStep = (section: SectionName, items: Readonly<Record<string, Item>>): SectionStep => ({
  kind: "full",
  section,
  hash: hashOfContent(items),
  items: { ...items },
});

export const hashOfContent = (items: Readonly<Record<string, Item>>): string =>
  hashOfItems(new Map(Object.entries(items).map(([key, item]) => [key, itemHash(item)])));

/** Root of an agent that has one stream. */
export const rootOfContent = (
  stream: string,
  sections: Readonly<Record<string, Readonly<Record<string, Item>>>>,
): string =>
  rootHash(
    new Map([
      [stream, rootHash(new Map(Object.entries(sections).map(([name, items]) => [name, hashOfContent(items)])))],
    ]),
  );

export const snapshotOf = (steps: readonly SectionStep[], fields: Partial<Snapshot> = {}): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "local",
    subject: {
      id: "self",
      realm: "site",
      keys: [{ kind: "hardwareUuid", value: "4c4c4544-0042-3010-8051-b4c04f4e4d32" }],
    },
    observedAtMs: Date.now(),
    steps: [...steps],
    failures: [],
    ...fields,
  },
});

export type ScriptedAgent = {
  readonly state: ScriptedState;
  readonly heard: DownBody[];
  readonly session: () => string;
  /** Sends kept bodies under the next sequences; gives their digests. */
  readonly send: (...bodies: readonly KeptBody[]) => string[];
  /** The frame of the next sequence, for `sendRaw`: whoever measures the other side makes its own work first. */
  readonly seal: (body: KeptBody) => Uint8Array;
  /** Waits for the acknowledgement of everything sealed so far, or of this sequence. */
  readonly settled: (sequence?: number) => Promise<void>;
  /** Sends and waits for the acknowledgement of the last. */
  readonly deliver: (...bodies: readonly KeptBody[]) => Promise<void>;
  readonly say: (message: Readonly<Record<string, unknown>>) => string;
  readonly sendRaw: (frame: Uint8Array) => void;
  readonly beat: (fields?: Readonly<Record<string, unknown>>) => void;
  readonly waitFor: <K extends DownBody["kind"]>(kind: K) => Promise<Extract<DownBody, { kind: K }>>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Orderly, or as a killed process: the system closes. */
  readonly close: () => Promise<void>;
  readonly kill: () => void;
};

/** Connects and says hello; with `greet: false` stops after the challenge. */
export const connectScripted = async (
  url: string,
  state: ScriptedState,
  {
    greet = true,
    hello = {},
    signAs = state.key,
  }: { greet?: boolean; hello?: Readonly<Record<string, unknown>>; signAs?: KeyObject } = {},
): Promise<ScriptedAgent> => {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/agents/ws`, { perMessageDeflate: false });
  const heard: DownBody[] = [];
  let challenge: string | undefined;
  let session = "";
  let beat = 0;
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  socket.on("error", () => {});
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) {
      challenge = (JSON.parse(data.toString()) as { nonce: string }).nonce;
      return;
    }
    const decoded = decodeFrame(data, { maxBytes: 1 << 22 });
    if (!decoded.verifySignature("rollcall/1 down", state.collectorKey))
      throw new Error("unsigned word of the collector");
    const { body } = JSON.parse(decoded.json) as DownMessage;
    if (body.kind === "welcome") {
      session = body.session;
      if (body.epoch !== state.epoch || body.instance !== state.instance)
        Object.assign(state, {
          nextSequence: body.have + 1,
          lastSequence: body.have,
          lastDigest: body.haveDigest ?? null,
        });
      Object.assign(state, { epoch: body.epoch, instance: body.instance });
    }
    if (body.kind === "ack" || body.kind === "refused") {
      state.lastSequence = body.sequence;
      state.lastDigest = body.digest;
    }
    heard.push(body);
  });

  const sendJson = (message: object, context?: string): string => {
    const json = JSON.stringify(message);
    const signing = { domain: "rollcall/1 up", key: signAs, context: context ?? "" } as const;
    const { frame, digest } = encodeFrame(json, context === undefined ? undefined : signing);
    socket.send(frame, { binary: true });
    return digest;
  };
  const say = (message: Readonly<Record<string, unknown>>, context?: string) =>
    sendJson({ v: 1, agentId: state.agentId, instance: state.instance, ...message }, context);
  const clock = () => ({ wallMs: Date.now(), monotonicMs: performance.now(), bootId: "boot-1" });

  await until("the challenge", () => challenge !== undefined || socket.readyState === socket.CLOSED);
  const agent: ScriptedAgent = {
    state,
    heard,
    session: () => session,
    say,
    send: (...bodies) =>
      bodies.map((body) =>
        say({ kind: "kept", epoch: state.epoch, sequence: state.nextSequence++, spooledAtMs: Date.now(), body }),
      ),
    seal: (body) => {
      const { agentId, instance, epoch } = state;
      const place = { epoch, sequence: state.nextSequence++, spooledAtMs: Date.now() };
      return encodeFrame(JSON.stringify({ v: 1, agentId, instance, kind: "kept", ...place, body })).frame;
    },
    settled: (last = state.nextSequence - 1) =>
      until(`acknowledgement of ${last}`, () => state.lastSequence >= last, { timeoutMs: 60_000 }).then(() => {}),
    deliver: (...bodies) => {
      agent.send(...bodies);
      return agent.settled();
    },
    sendRaw: (frame) => socket.send(frame, { binary: true }),
    beat: (fields = {}) =>
      void say({ kind: "heartbeat", session, beat: ++beat, clock: clock(), root: null, ...fields }),
    waitFor: (kind) => until(`"${kind}" from the collector`, () => heard.find((body) => body.kind === kind) as never),
    closed,
    close: async () => {
      socket.close(1000);
      await closed;
    },
    kill: () => socket.terminate(),
  };
  if (greet) {
    const { epoch, nextSequence, lastDigest, lastSequence } = state;
    say(
      {
        ...{ kind: "hello", epoch, nextSequence, lastDigest, lastSequence, nonce: "nonce-1", clock: clock() },
        ...{ software: { version: "0", platform: "linux" }, heartbeatMs: 30_000, scopes: [], ...hello },
      },
      challenge ?? "",
    );
  }
  return agent;
};
