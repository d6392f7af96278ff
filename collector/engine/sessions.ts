import { toTimestamp } from "../../shared/clock.ts";
import type { AgentId } from "../../shared/ids.ts";
import type { Evidence } from "../../shared/model/incident.ts";
import type { DownBody, Hello } from "../../shared/protocol/envelope.ts";
import type { AgentRow, CloseKind } from "../store/store.ts";
import type { Work } from "./context.ts";
import type { SessionAnswer, SessionEvent } from "./engine.ts";
import { judgeHello } from "./order.ts";

type HelloEvent = Extract<SessionEvent, { kind: "hello" }>;
type ClosedEvent = Extract<SessionEvent, { kind: "closed" }>;

/** A session begins: which copy of the agent this is, where its sequence stands, and what is asked of it first. */
export const takeHello = async (work: Work, event: HelloEvent): Promise<SessionAnswer> => {
  const { tx, nowMs } = work;
  const { hello } = event;
  const known = (await tx.agents.get(hello.agentId, hello.instance)) ?? (await tx.agents.get(hello.agentId, 0));
  if (!known)
    return { status: "refused", code: "agent.unknown", reason: "no such agent is enrolled here: enrol again" };
  if (known.revokedAtMs !== undefined)
    return { status: "refused", code: "agent.revoked", reason: "this agent was revoked: enrol again with a new token" };

  if (event.uplink === "mqtt" && isOld(hello, known))
    return { status: "refused", code: "hello.old", reason: "this hello was said before another that we have heard" };
  const doubled = whyDoubled(event, known, nowMs);
  const row = doubled === undefined ? known : await fork(work, known, doubled);
  const order = judgeHello(row, hello);
  const pending = row.approvedAtMs === undefined;
  const { digest, ...unsettled } = row;
  const sequenceOf =
    order.kind === "new-epoch"
      ? { ...unsettled, epoch: order.epoch, sequence: 0 }
      : { ...unsettled, ...(digest === undefined ? {} : { digest }) };
  const { goodbye: _goodbye, closeKind: _closeKind, ...rest } = sequenceOf;
  const next: AgentRow = {
    ...rest,
    state: pending ? "pending" : "connected",
    stateSinceMs: row.state === "connected" ? row.stateSinceMs : nowMs,
    session: event.session,
    uplink: event.uplink,
    version: hello.software.version,
    platform: hello.software.platform,
    heartbeatMs: hello.heartbeatMs,
    lastHeardAtMs: event.receivedAtMs,
    clockOffsetMs: hello.clock.wallMs - event.receivedAtMs,
    helloClock: hello.clock,
    scopes: hello.scopes,
  };
  await tx.agents.put(next);
  if (order.kind === "new-epoch" && order.why !== "first")
    work.deps.log.info("agent gets a new epoch", { agentId: row.agentId, epoch: order.epoch, why: order.why });
  if (!pending) await work.take(await work.deps.watch.session(tx, connectedOf(next), nowMs));
  work.emit({ kind: "agent", agentId: row.agentId });
  return { status: "welcome", instance: next.instance, pending, down: await firstWords(work, next, hello, order.kind) };
};

/**
 * Over a broker anybody can say an agent's old hello again, signature and all. In one boot its monotonic clock has gone on;
 * after another boot its wall clock has, unless the host has none that outlives a boot: then it is heard once it knows
 * the time.
 */
const isOld = ({ clock }: Hello, { helloClock }: AgentRow): boolean => {
  if (helloClock === undefined) return false;
  return clock.bootId === helloClock.bootId
    ? clock.monotonicMs <= helloClock.monotonicMs
    : clock.wallMs <= helloClock.wallMs;
};

/**
 * Whether this hello comes from a second living copy. On a connection of its own both are there at once. At a broker two
 * copies push each other out, because they have one name there: a sequence of another past right after the last word of
 * this one, without a goodbye in between, is no state that was put back.
 */
const whyDoubled = (event: HelloEvent, known: AgentRow, nowMs: number): string | undefined => {
  const { hello, uplink, otherAlive, isSame = false } = event;
  if (otherAlive) return "two connections of one agent key are alive at once";
  if (isSame) return undefined;
  if (uplink !== "mqtt" || known.uplink !== "mqtt" || known.epoch === 0 || known.goodbye !== undefined)
    return undefined;
  const justHeard = nowMs - (known.lastHeardAtMs ?? 0) < 2 * (known.heartbeatMs ?? 0);
  return justHeard && judgeHello(known, hello).kind === "new-epoch"
    ? "two sequences of one agent key came over the broker at once"
    : undefined;
};

const connectedOf = ({ agentId, instance, heartbeatMs }: AgentRow) => ({
  agentId,
  instance,
  kind: "connected" as const,
  ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
});

const firstWords = async (
  work: Work,
  row: AgentRow,
  hello: Hello,
  order: "continue" | "new-epoch",
): Promise<DownBody[]> => {
  const pending = row.approvedAtMs === undefined;
  const down: DownBody[] = [welcomeOf(row, hello.nonce, work.nowMs)];
  if (pending) return down;
  if (order === "new-epoch") down.push({ kind: "need", hashes: true });
  for (const { command } of await work.tx.agents.openCommands(row.agentId, row.instance, work.nowMs))
    down.push({ kind: "command", command });
  return down;
};

/** Says again where the session stands. `nonce` is that of the agent's latest hello. */
export const welcomeOf = (row: AgentRow, nonce: string, nowMs: number): DownBody => ({
  kind: "welcome",
  nonce,
  session: row.session ?? "",
  instance: row.instance,
  epoch: row.epoch,
  have: row.sequence,
  ...(row.digest === undefined ? {} : { haveDigest: row.digest }),
  wallMs: nowMs,
  pending: row.approvedAtMs === undefined,
});

/**
 * A second copy of one agent key gets an instance of its own: its data goes to a provisional asset, and a conflict says
 * so. Nothing of the first copy is touched.
 */
export const fork = async (work: Work, known: AgentRow, why: string): Promise<AgentRow> => {
  const copies = await work.tx.agents.instances(known.agentId);
  const instance = Math.max(...copies.map((copy) => copy.instance)) + 1;
  const {
    assetId,
    digest: _digest,
    root: _root,
    session: _session,
    goodbye: _goodbye,
    roundAtMs: _round,
    ...rest
  } = known;
  const copy: AgentRow = {
    ...rest,
    instance,
    epoch: Math.max(...copies.map(({ epoch }) => epoch)),
    sequence: 0,
    state: "never",
    stateSinceMs: work.nowMs,
    enrolledAtMs: work.nowMs,
  };
  await work.tx.agents.put(copy);
  await raiseConflict(work, known, {
    title: `Agent ${known.name} runs twice`,
    summary: `${why}. The second one goes on as copy ${instance} with an asset of its own; nothing was overwritten.`,
    nextStep:
      "Find out which of the two is the copy, and enrol it anew there: delete its state folder, then run rollcall-agent enrol.",
    ...(assetId === undefined ? {} : { assetId }),
  });
  work.deps.log.warn("agent key is used twice", { agentId: known.agentId, instance, why });
  return copy;
};

export const raiseConflict = async (
  work: Work,
  { agentId, name }: { readonly agentId: AgentId; readonly name: string },
  what: { title: string; summary: string; nextStep: string; assetId?: NonNullable<AgentRow["assetId"]> },
): Promise<void> => {
  const evidence: Evidence = {
    at: toTimestamp(work.nowMs),
    observer: { kind: "agent", agentId, name },
    method: "session",
    couldSee: "could-see",
    bearing: "for",
    statement: what.summary,
  };
  await work.take(
    await work.deps.watch.raise(
      work.tx,
      { kind: "identity-conflict", condition: `identity-conflict/${agentId}`, agentId, ...what, evidence: [evidence] },
      work.nowMs,
    ),
  );
};

const stateAfter = (row: AgentRow, how: CloseKind): AgentRow["state"] => {
  if (row.revokedAtMs !== undefined) return "revoked";
  if (row.approvedAtMs === undefined) return "pending";
  if (row.state === "said-goodbye") return "said-goodbye";
  return how === "lost" ? "silent" : "closed";
};

/** A connection ended. Of an older one than the live session, nothing follows. */
export const takeClosed = async (work: Work, event: ClosedEvent): Promise<SessionAnswer> => {
  const row = await work.tx.agents.get(event.agentId, event.instance);
  if (row?.session !== event.session) return { status: "noted" };
  const { session: _session, ...rest } = row;
  const how = row.state === "said-goodbye" && event.how !== "ours" ? "goodbye" : event.how;
  await work.tx.agents.put({ ...rest, state: stateAfter(row, how), stateSinceMs: work.nowMs, closeKind: how });
  if (row.approvedAtMs !== undefined)
    await work.take(
      await work.deps.watch.session(
        work.tx,
        { agentId: row.agentId, instance: row.instance, kind: "closed", how },
        work.nowMs,
      ),
    );
  work.emit({ kind: "agent", agentId: row.agentId });
  return { status: "noted" };
};

/** Sessions that a stopped or killed collector left open ended by our doing. */
export const takeStart = async (work: Work): Promise<SessionAnswer> => {
  for (const row of await work.tx.agents.all()) {
    if (row.session === undefined) continue;
    const { session: _session, ...rest } = row;
    await work.tx.agents.put({ ...rest, state: stateAfter(row, "ours"), stateSinceMs: work.nowMs, closeKind: "ours" });
  }
  await work.tx.access.dropExpired(work.nowMs);
  await work.take(await work.deps.watch.start(work.tx, work.nowMs));
  return { status: "noted" };
};
