import { DatabaseSync } from "node:sqlite";
import { createEngine } from "../../collector/engine/create-engine.ts";
import type { Arrival } from "../../collector/engine/engine.ts";
import { quietWatch } from "../../collector/engine/quiet-watch.ts";
import type { Watch } from "../../collector/engine/watch.ts";
import type { Visitor } from "../../collector/identity/stitch.ts";
import { collectVisitors } from "../../collector/identity/visitors.ts";
import { parseIncidentPolicy } from "../../collector/incidents/policy.ts";
import { createWatch } from "../../collector/presence/evaluate.ts";
import { parsePresencePolicy } from "../../collector/presence/policy.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import type { Store } from "../../collector/store/store.ts";
import { type AgentId, createAgentId, createCollectorId } from "../../shared/ids.ts";
import { silentLog } from "../../shared/log.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import type { Sighting, SubjectKey } from "../../shared/protocol/observation.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import type { Placed } from "./identity-score.ts";
import type { Line, Observation } from "./identity-site.ts";

/** As the collector's own group commit: so many messages in one transaction, and sightings in one message. */
const BATCH = 500;
const SIGHTINGS = 200;
/** An observer tells what it saw five minutes after the first of it, ms. */
const HELD_MS = 300_000;
/**
 * So long, ms, a batch waits for more. Simulated time passes a thousand times faster than the 20 ms for which the collector
 * gathers one, so that this alone makes batches of a size that they have under such a load.
 */
const BATCH_MS = 900_000;

const idOf = ({ keys, realm }: Observation): string => {
  const key = keys.find(({ kind }) => kind === "mac" || kind === "chassisMac") ?? keys[0];
  return `${realm} ${key?.kind}:${key?.value}`;
};

type Sender = {
  readonly agentId: AgentId;
  /** A living copy of the state of this one. */
  readonly copyOf?: Sender;
  instance: number;
  session: string | undefined;
  epoch: number;
  sequence: number;
};

/** The real engine over a store in a file, and agents that talk to it without a network between. */
const openSite = (
  path: string,
  startMs: number,
  { isWatched, isForgetful, observationDays }: Pick<RunOptions, "isWatched" | "isForgetful" | "observationDays">,
) => {
  const random = createSeededRandom(1);
  let nowMs = startMs;
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    sleep: () => Promise.reject(new Error("a lab clock does not wait")),
    after: () => () => {},
  };
  const store = openSqliteStore(path, observationDays === undefined ? {} : { monotonic: clock.monotonic });
  let fails = false;
  const failing: Store = {
    ...store,
    transaction: (work) => (fails ? Promise.reject(new Error("not kept")) : store.transaction(work)),
  };
  const engine = createEngine({
    ...{ store: failing, clock, random, log: silentLog },
    watch: isWatched ? watchOf(random) : quietWatch,
    ...(observationDays === undefined ? {} : { observationDays }),
    collectorId: createCollectorId(startMs, random),
    collectorPublicKey: "A".repeat(43),
  });
  const senders = new Map<string, Sender>();
  let sessions = 0;

  const enrol = async (name: string): Promise<Sender> => {
    const agentId = createAgentId(nowMs, random);
    await store.transaction((tx) =>
      tx.agents.put({
        ...{ agentId, instance: 0, name, publicKey: agentId, state: "never", stateSinceMs: nowMs },
        ...{ enrolledAtMs: nowMs, approvedAtMs: nowMs, epoch: 0, sequence: 0 },
        scopes: [{ name: "lan", realm: "site", targets: ["10.0.0.0/8"] }],
      }),
    );
    return { agentId, instance: 0, session: undefined, epoch: 0, sequence: 0 };
  };
  const connect = async (sender: Sender, name: string) => {
    sender.session = `s${++sessions}`;
    const { answer } = await engine.session({
      kind: "hello",
      hello: {
        ...{
          v: PROTOCOL_VERSION,
          agentId: sender.agentId,
          instance: sender.instance,
          kind: "hello",
          epoch: sender.epoch,
        },
        ...{ nextSequence: sender.sequence + 1, lastSequence: sender.sequence, nonce: `n${sessions}` },
        lastDigest: sender.sequence === 0 ? null : digestOf(sender),
        clock: { wallMs: nowMs, monotonicMs: nowMs - startMs, bootId: name },
        software: { version: "0", platform: "lab" },
        heartbeatMs: 30_000,
        scopes: [{ name: "lan", realm: "site", targets: ["10.0.0.0/8"] }],
      },
      ...{ uplink: "websocket", session: sender.session, remote: "lab", receivedAtMs: nowMs },
      otherAlive: sender.instance === 0 && sender.copyOf?.session !== undefined,
    });
    if (answer.status !== "welcome") throw new Error(`hello of ${name}: ${JSON.stringify(answer)}`);
    const welcome = answer.down.find(({ kind }) => kind === "welcome");
    sender.instance = answer.instance;
    if (welcome?.kind !== "welcome" || welcome.epoch === sender.epoch) return;
    sender.epoch = welcome.epoch;
    sender.sequence = welcome.have;
  };
  return {
    store,
    engine,
    now: () => nowMs,
    /** After a transaction that was not kept an engine remembers nothing. */
    forget: async () => {
      if (!isForgetful) return;
      fails = true;
      await engine.tick().catch(() => {});
      fails = false;
    },
    setTime: (ms: number) => {
      nowMs = Math.max(nowMs, ms);
    },
    /** `copy`: of which sender this one has a copy of the state. */
    sender: async (name: string, copy = false): Promise<Sender> => {
      const label = copy ? `${name} copy` : name;
      const original = senders.get(name);
      const sender =
        senders.get(label) ??
        (copy && original ? { ...original, copyOf: original, session: undefined } : await enrol(name));
      senders.set(label, sender);
      if (sender.session === undefined) await connect(sender, label);
      return sender;
    },
    lose: async (name: string) => {
      const sender = senders.get(name);
      if (sender?.session === undefined) return;
      const { agentId, instance, session } = sender;
      sender.session = undefined;
      await engine.session({ kind: "closed", agentId, instance, session, how: "lost", atMs: nowMs });
    },
    arrivalOf: (sender: Sender, body: KeptBody): Arrival => {
      const { agentId, instance, session, epoch } = sender;
      const sequence = ++sender.sequence;
      return {
        ...{ agentId, instance, sizeBytes: 1, receivedAtMs: nowMs, digest: digestOf(sender) },
        ...(session === undefined ? {} : { session }),
        message: {
          ...{ v: PROTOCOL_VERSION, agentId, instance, kind: "kept", epoch, sequence },
          spooledAtMs: nowMs,
          body,
        },
      };
    },
  };
};

const digestOf = ({ sequence, epoch }: Sender): string => (sequence + epoch * 1_000_000).toString(16).padStart(32, "0");

const watchOf = (random: Random): Watch =>
  createWatch({
    presence: parsePresencePolicy({}),
    incidents: parseIncidentPolicy({}),
    random,
    log: silentLog,
  });

export type RunOptions = {
  readonly monotonic: () => number;
  /** CPU time that this process has used so far, ms. */
  readonly cpuMs: () => number;
  /** Presence and incidents take part; without them it is identity and its store alone. */
  readonly isWatched?: boolean;
  /** Whatever the engine holds in memory is taken from it before each batch. */
  readonly isForgetful?: boolean;
  /** Observations are folded after so many days, a slice before each batch. */
  readonly observationDays?: number;
  /** After each commit: what it has come to so far. */
  readonly onCommit?: (soFar: Pick<Run, "tookCpuMs" | "observations">) => void;
};

/** `tookMs`, `tookCpuMs`: of the engine with what it was told of devices, commits and their syncs included. */
export type Run = {
  readonly tookMs: number;
  readonly tookCpuMs: number;
  /** Of enrolments and sessions, which are no observations: each a transaction of its own. */
  readonly sessionsMs: number;
  readonly observations: number;
  readonly refused: number;
};

/** Tells it all to the real engine over a store at `path`; gives how long the engine took, and how much it was told. */
export const runRollcall = async (
  path: string,
  lines: Iterable<Line> | AsyncIterable<Line>,
  { monotonic, cpuMs, isWatched = false, isForgetful = false, observationDays, onCommit = () => {} }: RunOptions,
): Promise<Run> => {
  let site: ReturnType<typeof openSite> | undefined;
  let waiting: Arrival[] = [];
  const held = new Map<string, { readonly sinceMs: number; readonly sightings: Sighting[] }>();
  let [tookMs, tookCpuMs, sessionsMs, observations, refused] = [0, 0, 0, 0, 0];
  const inSession = async <T>(work: Promise<T>): Promise<T> => {
    const began = monotonic();
    const result = await work;
    sessionsMs += monotonic() - began;
    return result;
  };

  const commit = async () => {
    if (waiting.length === 0 || !site) return;
    const batch = waiting;
    waiting = [];
    await site.forget();
    if (observationDays !== undefined) await site.engine.tick();
    const [began, beganCpu] = [monotonic(), cpuMs()];
    const { answer } = await site.engine.ingest(batch);
    tookMs += monotonic() - began;
    tookCpuMs += cpuMs() - beganCpu;
    refused += answer.filter(({ status }) => status !== "accepted").length;
    onCommit({ tookCpuMs, observations });
  };
  const send = async (name: string, body: KeptBody, copy = false) => {
    if (!site) return;
    waiting.push(site.arrivalOf(await inSession(site.sender(name, copy)), body));
    if (waiting.length >= BATCH) await commit();
  };
  const tell = async (name: string) => {
    const box = held.get(name);
    held.delete(name);
    if (box) await send(name, { kind: "sightings", sightings: box.sightings });
  };

  for await (const line of lines) {
    site ??= openSite(path, line.heardMs - 1, {
      ...{ isWatched, isForgetful },
      ...(observationDays === undefined ? {} : { observationDays }),
    });
    for (const [name, { sinceMs }] of held) if (sinceMs < line.heardMs - HELD_MS) await tell(name);
    if ((waiting[0]?.receivedAtMs ?? line.heardMs) < line.heardMs - BATCH_MS) await commit();
    site.setTime(line.heardMs);
    if ("ends" in line) {
      for (const name of held.keys()) await tell(name);
      await commit();
      await inSession(site.lose(line.agent));
      continue;
    }
    observations += 1;
    const { keys, realm, method, atMs } = line;
    const isOwn = method === "local";
    const name = isOwn ? (line.agent ?? "agent") : `observer of ${realm}`;
    const subject = { id: isOwn ? "self" : idOf(line), realm, keys: [...keys] };
    if (method === "local" || method === "snmp") {
      const snapshot = { source: method, subject, observedAtMs: atMs, steps: [], failures: [] };
      await send(name, { kind: "snapshot", snapshot }, isOwn && (line.copy ?? 0) > 0);
      continue;
    }
    const box = held.get(name) ?? { sinceMs: line.heardMs, sightings: [] };
    held.set(name, box);
    box.sightings.push({ subject, method, observedAtMs: atMs });
    if (box.sightings.length >= SIGHTINGS) await tell(name);
  }
  for (const name of held.keys()) await tell(name);
  await commit();
  await site?.engine.stop();
  return { tookMs, tookCpuMs, sessionsMs, observations, refused };
};

/** What became of each observation, as the store at `path` holds it: intervals of equal ones, each with its asset of today. */
export const readPlaced = function* (path: string): Generator<Placed> {
  const db = new DatabaseSync(path, { readOnly: true });
  const into = new Map(
    db
      .prepare("SELECT asset_id, merged_into FROM assets WHERE merged_into IS NOT NULL")
      .all()
      .map((row) => [String(row["asset_id"]), String(row["merged_into"])]),
  );
  const survivor = (id: string): string => {
    const next = into.get(id);
    return next === undefined ? id : survivor(next);
  };
  const rows = db.prepare(
    `SELECT o.keys, o.asset_id, o.method, a.name FROM observations o
     LEFT JOIN agents a ON a.agent_id = o.agent_id AND a.instance = o.instance`,
  );
  for (const row of rows.iterate())
    yield {
      keys: JSON.parse(String(row["keys"])),
      asset: row["asset_id"] === null ? undefined : survivor(String(row["asset_id"])),
      ...(row["method"] === "local" ? { agent: String(row["name"]) } : {}),
    };
  db.close();
};

/** The MACs set by software that have no asset, with the names and addresses that were seen beside them. */
export const readVisitors = (path: string): Visitor[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare("SELECT realm, keys, first_at, last_at FROM observations WHERE asset_id IS NULL");
  const unplaced = function* () {
    for (const row of rows.iterate())
      yield {
        ...{ realm: String(row["realm"]), keys: JSON.parse(String(row["keys"])) as SubjectKey[] },
        ...{ firstAtMs: Number(row["first_at"]), lastAtMs: Number(row["last_at"]) },
      };
  };
  const visitors = collectVisitors(unplaced());
  db.close();
  return visitors;
};
