import type { AssetId } from "../../shared/ids.ts";
import { ipv4ToNumber, isIpv4 } from "../../shared/ip.ts";
import type { Sighting } from "../../shared/protocol/observation.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import type { AgentRow } from "../store/store.ts";
import type { Work } from "./context.ts";
import type { Effect } from "./ingest.ts";
import { placeSubject } from "./subjects.ts";

/** Agent's time to ours; never later than now, so that a fast clock makes nothing seen in the future. */
const corrected = (atMs: number, agent: AgentRow, nowMs: number): number =>
  Math.min(nowMs, Math.round(atMs - (agent.clockOffsetMs ?? 0)));

/** Keys of a sighting that are looked up: each costs the engine's time, and a sweep may hold 70,000 sightings. */
const MAX_KEYS = 16;

const placeAll = async (
  work: Work,
  agent: AgentRow,
  sightings: readonly Sighting[],
): Promise<ReadonlyMap<string, AssetId>> => {
  const assets = new Map<string, AssetId>();
  for (const { subject: seen, method, observedAtMs, via } of sightings) {
    const subject = seen.keys.length <= MAX_KEYS ? seen : { ...seen, keys: seen.keys.slice(0, MAX_KEYS) };
    const atMs = corrected(observedAtMs, agent, work.nowMs);
    const placing = placeSubject(work, { agent, subject, own: false, atMs });
    const { assetId, told } = placing instanceof Promise ? await placing : placing;
    if (assetId !== undefined) assets.set(subject.id, assetId);
    work.tx.observations.observe({
      agentId: agent.agentId,
      instance: agent.instance,
      method,
      realm: subject.realm,
      subjectId: subject.id,
      keys: told,
      assetId,
      via,
      atMs,
    });
  }
  return assets;
};

const heardOf = ({ agentId, instance, clockOffsetMs }: AgentRow) => ({
  agentId,
  instance,
  clockOffsetMs: clockOffsetMs ?? 0,
});

/** An agent speaks of its declared scopes only (design §10): about anything else its word is not evidence. */
const scopeFault = (agent: AgentRow, scope: string, realm: string): string | undefined => {
  const declared = agent.scopes.find(({ name }) => name === scope);
  if (!declared) return `sweep of scope "${scope}", which the agent did not declare`;
  return declared.realm === realm ? undefined : `scope "${scope}" belongs to realm ${declared.realm}, not ${realm}`;
};

export const takeSightings = async (work: Work, agent: AgentRow, sightings: readonly Sighting[]): Promise<Effect> => {
  const assets = await placeAll(work, agent, sightings);
  await work.take(await work.deps.watch.sightings(work.tx, { ...heardOf(agent), sightings, assets }, work.nowMs));
  return {};
};

export const takeSweep = async (work: Work, agent: AgentRow, sweep: Sweep): Promise<Effect> => {
  const fault = scopeFault(agent, sweep.scope, sweep.realm);
  if (fault !== undefined) return { refused: fault };
  const assets = await placeAll(work, agent, sweep.sightings);
  await work.tx.coverage.add({
    sweepId: sweep.sweepId,
    agentId: agent.agentId,
    instance: agent.instance,
    scope: sweep.scope,
    realm: sweep.realm,
    startedAtMs: corrected(sweep.startedAtMs, agent, work.nowMs),
    endedAtMs: corrected(sweep.endedAtMs, agent, work.nowMs),
    verdict: sweep.proof.verdict,
    coverage: sweep.coverage,
    proof: sweep.proof,
    addressCount: sweep.coverage.reduce((sum, { from, to }) => sum + sizeOf(from, to), 0),
    sightingCount: sweep.sightings.length,
    ...(sweep.commandId === undefined ? {} : { commandId: sweep.commandId }),
  });
  const command = sweep.commandId === undefined ? undefined : await work.tx.agents.command(sweep.commandId);
  if (command?.agentId === agent.agentId) await work.tx.agents.putCommand({ ...command, state: "answered" });
  work.emit({ kind: "sweep", sweepId: sweep.sweepId, realm: sweep.realm });
  await work.take(await work.deps.watch.sweep(work.tx, { ...heardOf(agent), sweep, assets }, work.nowMs));
  return {};
};

/** Addresses in a closed run; IPv6 runs are listed sparsely, so that only their ends count. */
const sizeOf = (from: string, to: string): number => {
  if (isIpv4(from) && isIpv4(to)) return Math.max(1, ipv4ToNumber(to) - ipv4ToNumber(from) + 1);
  return from === to ? 1 : 2;
};
