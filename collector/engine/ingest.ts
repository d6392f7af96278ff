import type { DownBody, Heartbeat } from "../../shared/protocol/envelope.ts";
import type { AgentRow } from "../store/store.ts";
import type { Work } from "./context.ts";
import type { Arrival, ArrivalAnswer, Hashes, TakenKept, Unreadable } from "./engine.ts";
import { judgeKept } from "./order.ts";
import { fork, welcomeOf } from "./sessions.ts";
import { takeSightings, takeSweep } from "./sightings.ts";
import { compareHashes, rootOf, takeSnapshot } from "./snapshots.ts";

/** One message of an agent, from order to effect. Expected faults are answers; what throws is the store or a bug. */
export const takeArrival = async (work: Work, arrival: Arrival): Promise<ArrivalAnswer> => {
  const agent = await work.tx.agents.get(arrival.agentId, arrival.instance);
  if (!agent) return refuse("agent.unknown", "no such agent is enrolled here: enrol again");
  if (agent.revokedAtMs !== undefined)
    return refuse("agent.revoked", "this agent was revoked: enrol again with a new token");
  if (agent.approvedAtMs === undefined) return refuse("agent.pending", "a person must approve this agent first");
  const { message } = arrival;
  switch (message.kind) {
    case "heartbeat":
      return takeHeartbeat(work, agent, message, arrival);
    case "hashes":
      return takeHashes(work, agent, message);
    case "kept":
    case "unreadable":
      return takeKept(work, agent, message, arrival);
    default:
      return message satisfies never;
  }
};

const refuse = (code: string, reason: string): ArrivalAnswer => ({
  status: "refused",
  reason,
  down: [{ kind: "error", code, reason }],
});

const unknownSession: ArrivalAnswer = {
  status: "stale",
  reason: "another session",
  down: [{ kind: "error", code: "session.unknown", reason: "this session is over: say hello" }],
};

const takeHeartbeat = async (
  work: Work,
  agent: AgentRow,
  beat: Heartbeat,
  { receivedAtMs }: Arrival,
): Promise<ArrivalAnswer> => {
  if (agent.session !== beat.session) return unknownSession;
  const clockOffsetMs = beat.clock.wallMs - receivedAtMs;
  const { agentId, instance } = agent;
  const lateness = beat.latenessMs === undefined ? {} : { latenessMs: beat.latenessMs };
  const root = beat.root === null ? undefined : await currentRoot(work, agent);
  const equal = root !== undefined && root === beat.root;
  const roundAtMs = equal && beat.roundAtMs !== undefined ? Math.round(beat.roundAtMs - clockOffsetMs) : undefined;
  await work.tx.agents.heard(agentId, instance, {
    lastHeardAtMs: receivedAtMs,
    clockOffsetMs,
    ...lateness,
    ...(roundAtMs === undefined ? {} : { roundAtMs }),
  });
  if (roundAtMs !== undefined && roundAtMs > (agent.roundAtMs ?? 0)) await refreshLocal(work, agent, roundAtMs);
  if (agent.state !== "connected" && !isBesideGoodbye(agent, beat.clock.wallMs)) await reconnect(work, agent);
  await work.take(
    await work.deps.watch.session(
      work.tx,
      { agentId, instance, kind: "heartbeat", ...lateness, heartbeatMs: agent.heartbeatMs ?? 30_000 },
      work.nowMs,
    ),
  );
  const differs = beat.root !== null && !equal;
  return { status: "accepted", down: differs ? [{ kind: "need", hashes: true }] : [] };
};

/** Longer than an agent may take to hand over its goodbye (60 s), ms. */
const GOODBYE_MS = 90_000;

/**
 * A beat that was on its way beside a goodbye does not take it back: whoever returns says hello. One that was made later does:
 * that goodbye was kept while nobody could be reached, and told by the next life of the agent. Both times are of the agent's clock.
 */
const isBesideGoodbye = ({ state, goodbye }: AgentRow, wallMs: number): boolean =>
  state === "said-goodbye" && goodbye !== undefined && wallMs - goodbye.atMs < GOODBYE_MS;

/** Silent agents that speak again in the same session were only slow. */
const reconnect = async (work: Work, agent: AgentRow): Promise<void> => {
  const row = await work.tx.agents.get(agent.agentId, agent.instance);
  if (!row) return;
  const { goodbye: _, ...rest } = row;
  await work.tx.agents.put({ ...rest, state: "connected", stateSinceMs: work.nowMs });
  work.emit({ kind: "agent", agentId: agent.agentId });
};

const currentRoot = async (work: Work, agent: AgentRow): Promise<string> => {
  if (agent.root !== undefined) return agent.root;
  const root = rootOf(await work.tx.streams.ofAgent(agent.agentId, agent.instance));
  const row = await work.tx.agents.get(agent.agentId, agent.instance);
  if (row) await work.tx.agents.put({ ...row, root });
  return root;
};

/** An unchanged round is proof of every local section at that time: the equal observation lengthens its interval. */
const refreshLocal = async (work: Work, agent: AgentRow, atMs: number): Promise<void> => {
  const stream = await work.tx.streams.get(agent.agentId, agent.instance, "local/self");
  if (!stream || stream.observedAtMs >= atMs) return;
  await work.tx.streams.put({ ...stream, observedAtMs: atMs });
  if (stream.assetId === undefined) return;
  await work.tx.assets.seen(stream.assetId, atMs);
  work.tx.observations.observe({
    agentId: agent.agentId,
    instance: agent.instance,
    method: "local",
    realm: stream.subject.realm,
    subjectId: stream.subject.id,
    keys: stream.subject.keys,
    assetId: stream.assetId,
    atMs,
  });
};

const takeHashes = async (work: Work, agent: AgentRow, hashes: Hashes): Promise<ArrivalAnswer> => {
  if (agent.session !== hashes.session) return unknownSession;
  const sections = await compareHashes(work, agent, hashes.streams);
  return { status: "accepted", down: sections.length > 0 ? [{ kind: "need", sections }] : [] };
};

const takeKept = async (
  work: Work,
  agent: AgentRow,
  kept: TakenKept | Unreadable,
  arrival: Arrival,
): Promise<ArrivalAnswer> => {
  const { digest } = arrival;
  const { epoch, sequence } = kept;
  switch (judgeKept(agent, { epoch, sequence, digest })) {
    case "next":
      return accept(work, agent, kept, arrival);
    case "duplicate":
      return { status: "duplicate", down: agent.digest === undefined ? [] : [ackOf(agent, agent.digest)] };
    case "ahead":
      return { status: "resend", down: [{ kind: "resend", epoch: agent.epoch, from: agent.sequence + 1 }] };
    case "other-epoch":
      return {
        status: "stale",
        reason: "another epoch",
        down: arrival.nonce === undefined ? [] : [welcomeOf(agent, arrival.nonce, work.nowMs)],
      };
    case "clone":
      return separate(work, agent, arrival);
  }
};

const ackOf = ({ epoch, sequence }: Pick<AgentRow, "epoch" | "sequence">, digest: string): DownBody => ({
  kind: "ack",
  epoch,
  sequence,
  digest,
});

/** The same number with other content: whoever sent it is another copy than the one we have been hearing. */
const separate = async (work: Work, agent: AgentRow, { session, nonce }: Arrival): Promise<ArrivalAnswer> => {
  const live = session !== undefined && session === agent.session && nonce !== undefined;
  const copy = await fork(work, agent, "one sequence number came with two contents");
  if (!live) return { status: "stale", reason: "another copy of this agent", down: unknownSession.down };
  const { session: _session, ...left } = agent;
  await work.tx.agents.put({ ...left, state: "closed", stateSinceMs: work.nowMs, closeKind: "replaced" });
  const next: AgentRow = { ...copy, epoch: copy.epoch + 1, session, state: "connected", stateSinceMs: work.nowMs };
  await work.tx.agents.put(next);
  return {
    status: "stale",
    reason: "another copy of this agent",
    instance: next.instance,
    down: [welcomeOf(next, nonce, work.nowMs), { kind: "need", hashes: true }],
  };
};

/** Takes the message in; its place in the sequence is committed with its effect, also when the effect is a refusal. */
const accept = async (
  work: Work,
  agent: AgentRow,
  kept: TakenKept | Unreadable,
  arrival: Arrival,
): Promise<ArrivalAnswer> => {
  const { agentId, instance } = agent;
  const effect = kept.kind === "kept" ? await effectOf(work, agent, kept, arrival) : { refused: kept.reason };
  const row = (await work.tx.agents.get(agentId, instance)) ?? agent;
  await work.tx.agents.put({
    ...row,
    sequence: kept.sequence,
    digest: arrival.digest,
    lastHeardAtMs: Math.max(arrival.receivedAtMs, row.lastHeardAtMs ?? 0),
  });
  if (effect.refused !== undefined) {
    work.deps.log.warn("message refused", { agentId, instance, sequence: kept.sequence, reason: effect.refused });
    const reason = effect.refused.slice(0, 4_000);
    const { epoch, sequence } = kept;
    return { status: "refused", reason, down: [{ kind: "refused", epoch, sequence, digest: arrival.digest, reason }] };
  }
  return { status: "accepted", down: [ackOf(kept, arrival.digest), ...(effect.down ?? [])] };
};

export type Effect = { readonly refused?: string; readonly down?: readonly DownBody[] };

const effectOf = async (work: Work, agent: AgentRow, { body }: TakenKept, arrival: Arrival): Promise<Effect> => {
  const clockOffsetMs = agent.clockOffsetMs ?? 0;
  const { agentId, instance } = agent;
  switch (body.kind) {
    case "snapshot":
      return takeSnapshot(work, agent, body.snapshot, arrival.receivedAtMs);
    case "sweep":
      return takeSweep(work, agent, body.sweep);
    case "sightings":
      return takeSightings(work, agent, body.sightings);
    case "goodbye": {
      await work.tx.agents.put({ ...agent, state: "said-goodbye", stateSinceMs: work.nowMs, goodbye: body.goodbye });
      work.emit({ kind: "agent", agentId });
      const what = { agentId, instance, clockOffsetMs, goodbye: body.goodbye };
      await work.take(await work.deps.watch.goodbye(work.tx, what, work.nowMs));
      return {};
    }
    case "refusal": {
      const { commandId, reason } = body.refusal;
      const command = await work.tx.agents.command(commandId);
      if (command?.agentId === agentId)
        await work.tx.agents.putCommand({ ...command, state: "refused", answer: reason });
      return {};
    }
    default:
      return body satisfies never;
  }
};
