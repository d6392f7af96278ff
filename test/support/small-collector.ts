import type { KeyObject } from "node:crypto";
import type { Identity } from "../../agent/identity.ts";
import type { Clock } from "../../shared/clock.ts";
import { type AgentId, createAgentId, createCollectorId } from "../../shared/ids.ts";
import { rootHash } from "../../shared/protocol/canonical.ts";
import {
  type DownBody,
  type Hello,
  type Kept,
  type KeptBody,
  upMessageSchema,
} from "../../shared/protocol/envelope.ts";
import {
  createSigningKey,
  decodeFrame,
  encodeFrame,
  formatPublicKey,
  parsePublicKey,
} from "../../shared/protocol/frame.ts";
import { applyStep, hashOf, type Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import { streamId } from "../../shared/protocol/snapshot.ts";
import { createSeededRandom } from "../../shared/random.ts";

/** The collector's side of the wire as shared/protocol/README.md tells it, in memory: what agents' tests speak with. */
type Section = { readonly hash: string; readonly items: ReadonlyMap<string, Item> };

export type SmallSession = {
  readonly receive: (frame: Uint8Array) => void;
  readonly say: (body: DownBody) => void;
};

export type SmallCollector = {
  readonly collectorId: Identity["collectorId"];
  readonly key: KeyObject;
  /** What an enrolled agent of this collector holds. */
  readonly enrol: () => Identity;
  readonly session: (
    identity: Pick<Identity, "agentId">,
    send: (frame: Uint8Array) => void,
    options?: { readonly challenge?: string; readonly everySigned?: boolean },
  ) => SmallSession;
  /** Kept bodies in the order in which they were accepted. */
  readonly accepted: { readonly epoch: number; readonly sequence: number; readonly body: KeptBody }[];
  readonly hellos: Hello[];
  readonly beats: {
    readonly root: string | null;
    readonly atMs: number;
    readonly roundAtMs?: number;
    readonly latenessMs?: number;
  }[];
  readonly streams: ReadonlyMap<string, ReadonlyMap<SectionName, Section>>;
  /** Messages that were dropped: not the agent's, not understood, or out of order. */
  readonly dropped: string[];
  readonly held: { epoch: number; have: number; digest: string | undefined };
  /** Tests switch these. */
  readonly mood: {
    acknowledge: boolean;
    welcome: boolean;
    pending: boolean;
    refuse: ((kept: Kept) => boolean) | undefined;
  };
  /** The last frames sent down, as an eavesdropper of a broker has them. */
  readonly sentDown: Uint8Array[];
};

const MAX_BYTES = 16 << 20;

export const createSmallCollector = ({
  clock,
  seed = 1,
}: {
  readonly clock: Pick<Clock, "now">;
  readonly seed?: number;
}): SmallCollector => {
  const random = createSeededRandom(seed);
  const collectorId = createCollectorId(1, random);
  const key = createSigningKey();
  const agents = new Map<string, KeyObject>();
  const streams = new Map<string, Map<SectionName, Section>>();
  const accepted: SmallCollector["accepted"] = [];
  const held: SmallCollector["held"] = { epoch: 0, have: 0, digest: undefined };
  const mood: SmallCollector["mood"] = { acknowledge: true, welcome: true, pending: false, refuse: undefined };
  const dropped: string[] = [];
  const hellos: Hello[] = [];
  const beats: SmallCollector["beats"] = [];
  const sentDown: Uint8Array[] = [];
  let sessions = 0;

  const rootOfAll = () =>
    rootHash(
      new Map([...streams].map(([id, of]) => [id, rootHash(new Map([...of].map(([s, { hash }]) => [s, hash])))])),
    );

  /** Applies a snapshot; gives the sections that have to be asked for. */
  const take = (body: KeptBody): { stream: string; section: SectionName }[] => {
    if (body.kind !== "snapshot") return [];
    const stream = streamId(body.snapshot.source, body.snapshot.subject.id);
    const sections = streams.get(stream) ?? new Map<SectionName, Section>();
    streams.set(stream, sections);
    return body.snapshot.steps.flatMap((step) => {
      const known = sections.get(step.section);
      if (step.kind === "delta" && known?.hash !== step.base)
        return known?.hash === step.hash ? [] : [{ stream, section: step.section }];
      const items = applyStep(known?.items ?? new Map(), step);
      if (items === undefined || step.kind === "gone") {
        sections.delete(step.section);
        return [];
      }
      if (hashOf(items) !== step.hash) return [{ stream, section: step.section }];
      sections.set(step.section, { hash: step.hash, items });
      return [];
    });
  };

  const session: SmallCollector["session"] = ({ agentId }, send, { challenge = "", everySigned = false } = {}) => {
    const agentKey = agents.get(agentId)!;
    let name = "";
    let instance = 0;
    let number = 0;
    const say = (body: DownBody) => {
      number++;
      const json = JSON.stringify({ v: 1, collectorId, agentId, instance, number, session: name, body });
      const { frame } = encodeFrame(json, { domain: "rollcall/1 down", key });
      sentDown.push(frame);
      send(frame);
    };
    const welcome = (nonce: string, epoch: number) => {
      if (epoch !== held.epoch) Object.assign(held, { epoch, have: 0, digest: undefined });
      name = `s${++sessions}`;
      const { have, digest } = held;
      if (mood.welcome)
        say({
          ...({
            kind: "welcome",
            nonce,
            session: name,
            instance,
            epoch,
            have,
            wallMs: clock.now(),
            pending: mood.pending,
          } as const),
          ...(digest !== undefined && { haveDigest: digest }),
        });
    };
    const hello = (message: Hello) => {
      hellos.push(message);
      ({ instance } = message);
      const last = message.lastSequence ?? 0;
      const fits =
        held.epoch > 0 &&
        message.epoch === held.epoch &&
        held.have < message.nextSequence &&
        last <= held.have &&
        (last !== held.have || (message.lastDigest ?? undefined) === held.digest);
      const epoch = fits ? held.epoch : Math.max(held.epoch, message.epoch) + 1;
      welcome(message.nonce, epoch);
      if (!fits && message.epoch > 0) say({ kind: "need", hashes: true });
    };
    const kept = (message: Kept, digest: string) => {
      const { epoch, sequence } = message;
      if (epoch !== held.epoch || name === "") return void dropped.push("another epoch");
      if (sequence > held.have + 1) return say({ kind: "resend", epoch, from: held.have + 1 });
      if (sequence <= held.have) return say({ kind: "ack", epoch, sequence: held.have, digest: held.digest! });
      const refused = mood.refuse?.(message) ?? false;
      Object.assign(held, { have: sequence, digest });
      if (refused) return say({ kind: "refused", epoch, sequence, digest, reason: "not to my taste" });
      accepted.push({ epoch, sequence, body: message.body });
      const sections = take(message.body);
      if (mood.acknowledge) say({ kind: "ack", epoch, sequence, digest });
      if (sections.length > 0) say({ kind: "need", sections });
    };
    const receive = (frame: Uint8Array) => {
      const decoded = decodeFrame(frame, { maxBytes: MAX_BYTES });
      if (!decoded.json.startsWith("{")) return void dropped.push("no message");
      const parsed = upMessageSchema.safeParse(JSON.parse(decoded.json));
      if (!parsed.success)
        return void dropped.push(`malformed: ${parsed.error.issues[0]?.path} ${parsed.error.issues[0]?.message}`);
      const message = parsed.data;
      const mustSign = everySigned || message.kind === "hello";
      const context = message.kind === "hello" ? challenge : "";
      if (mustSign && !decoded.verifySignature("rollcall/1 up", agentKey, context)) return void dropped.push("forged");
      switch (message.kind) {
        case "hello":
          return hello(message);
        case "kept":
          return kept(message, decoded.digest);
        case "heartbeat": {
          beats.push({
            ...{ root: message.root, atMs: clock.now() },
            ...(message.roundAtMs !== undefined && { roundAtMs: message.roundAtMs }),
            ...(message.latenessMs !== undefined && { latenessMs: message.latenessMs }),
          });
          if (message.root !== null && message.root !== rootOfAll()) say({ kind: "need", hashes: true });
          return;
        }
        case "hashes": {
          const sections = Object.entries(message.streams).flatMap(([stream, of]) =>
            (Object.entries(of) as [SectionName, string][])
              .filter(([section, hash]) => streams.get(stream)?.get(section)?.hash !== hash)
              .map(([section]) => ({ stream, section })),
          );
          if (sections.length > 0) say({ kind: "need", sections });
        }
      }
    };
    return { receive, say };
  };

  const enrol = (): Identity => {
    const agentKey = createSigningKey();
    const agentId: AgentId = createAgentId(1, random);
    agents.set(agentId, parsePublicKey(formatPublicKey(agentKey)));
    const collectorKey = parsePublicKey(formatPublicKey(key));
    const file = {
      ...{ agentId, collectorId, collectorPublicKey: formatPublicKey(key), collectorUrl: "http://127.0.0.1" },
      ...{ websocketPath: "/api/v1/agents/ws", name: "test", enrolledAt: "2026-01-05T08:00:00.000Z" },
    };
    return { agentId, collectorId, collectorKey, key: agentKey, file };
  };

  return { collectorId, key, enrol, session, accepted, hellos, beats, streams, dropped, held, mood, sentDown };
};
