import { createAgentId, createRecordId } from "../../../shared/ids.ts";
import type { Command } from "../../../shared/protocol/envelope.ts";
import { parsePublicKey } from "../../../shared/protocol/frame.ts";
import type { AgentRow, TokenRow } from "../../store/store.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome } from "../operations.ts";
import { refused } from "./outcome.ts";
import { hashSecret } from "./secrets.ts";

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

const tokenFault = (token: TokenRow | undefined, nowMs: number): OperationOutcome<never> | undefined => {
  if (token?.kind !== "enrol" || token.revokedAtMs !== undefined)
    return refused("forbidden", "the enrolment token is not valid: ask an administrator for another");
  if (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs)
    return refused("expired", "the enrolment token has expired: ask an administrator for another");
  return undefined;
};

/**
 * Admits an agent by its token. Asking again with the same key gives the same agent (an answer may have been lost), and
 * uses the token up once only.
 */
export const enrol = async (work: Work, op: Of<"agent.enrol">): Promise<OperationOutcome<"agent.enrol">> => {
  const { tx, nowMs, deps } = work;
  if (!isPublicKey(op.publicKey)) return refused("invalid", "the public key is not an Ed25519 key");
  const token = await tx.access.tokenByHash(hashSecret(op.token));
  const fault = tokenFault(token, nowMs);
  if (fault) return fault;
  const known = await tx.agents.byPublicKey(op.publicKey);
  if (known?.revokedAtMs !== undefined)
    return refused("forbidden", "this agent's key was revoked: delete its state folder and enrol anew");
  if (!known && token?.maxUses !== undefined && token.uses >= token.maxUses)
    return refused("used-up", "the enrolment token has been used: ask an administrator for another");
  const agent = known ?? (await admit(work, op, token as TokenRow));
  return {
    status: "ok",
    result: {
      agentId: agent.agentId,
      collectorId: deps.collectorId,
      collectorPublicKey: deps.collectorPublicKey,
      status: agent.approvedAtMs === undefined ? "pending" : "approved",
    },
  };
};

const isPublicKey = (text: string): boolean => {
  try {
    return parsePublicKey(text).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
};

const admit = async (work: Work, op: Of<"agent.enrol">, token: TokenRow): Promise<AgentRow> => {
  const { tx, nowMs } = work;
  await tx.access.putToken({ ...token, uses: token.uses + 1, lastUsedAtMs: nowMs });
  const agent: AgentRow = {
    agentId: createAgentId(nowMs, work.deps.random),
    instance: 0,
    name: op.name === "" ? "unnamed" : op.name,
    publicKey: op.publicKey,
    state: token.approval ? "pending" : "never",
    stateSinceMs: nowMs,
    enrolledAtMs: nowMs,
    ...(token.approval ? {} : { approvedAtMs: nowMs }),
    epoch: 0,
    sequence: 0,
    scopes: [],
  };
  await tx.agents.put(agent);
  work.emit({ kind: "agent", agentId: agent.agentId });
  return agent;
};

export const approve = async (work: Work, op: Of<"agent.approve">): Promise<OperationOutcome<"agent.approve">> => {
  const copies = await work.tx.agents.instances(op.agentId);
  if (copies.length === 0) return refused("not-found", "no such agent");
  if (copies.some(({ revokedAtMs }) => revokedAtMs !== undefined))
    return refused("conflict", "the agent was revoked: it must enrol anew");
  for (const row of copies.filter(({ approvedAtMs }) => approvedAtMs === undefined))
    await work.tx.agents.put({ ...row, approvedAtMs: work.nowMs, state: "never", stateSinceMs: work.nowMs });
  work.emit({ kind: "agent", agentId: op.agentId });
  // It says hello again, and is welcomed as one of ours.
  work.direct({ kind: "disconnect", agentId: op.agentId, code: "agent.approved", reason: "approved: connect again" });
  return { status: "ok", result: {} };
};

/** At once, and for good: what it watched becomes unobserved, not missing. */
export const revoke = async (work: Work, op: Of<"agent.revoke">): Promise<OperationOutcome<"agent.revoke">> => {
  const copies = await work.tx.agents.instances(op.agentId);
  if (copies.length === 0) return refused("not-found", "no such agent");
  for (const row of copies) {
    if (row.revokedAtMs !== undefined) continue;
    const { session: _, ...rest } = row;
    await work.tx.agents.put({ ...rest, revokedAtMs: work.nowMs, state: "revoked", stateSinceMs: work.nowMs });
    const { agentId, instance } = row;
    const ended = { agentId, instance, kind: "closed", how: "ours" } as const;
    await work.take(await work.deps.watch.session(work.tx, ended, work.nowMs));
    if (row.assetId !== undefined)
      await work.take(await work.deps.watch.asset(work.tx, { assetId: row.assetId }, work.nowMs));
  }
  work.emit({ kind: "agent", agentId: op.agentId });
  work.direct({ kind: "disconnect", agentId: op.agentId, code: "agent.revoked", reason: "this agent was revoked" });
  return { status: "ok", result: {} };
};

export const command = async (work: Work, op: Of<"agent.command">): Promise<OperationOutcome<"agent.command">> => {
  const row = await work.tx.agents.get(op.agentId, op.instance);
  if (!row) return refused("not-found", "no such agent");
  if (row.revokedAtMs !== undefined || row.approvedAtMs === undefined)
    return refused("conflict", "the agent is not approved");
  const sent: Command = {
    commandId: createRecordId("cmd", work.nowMs, work.deps.random),
    expiresAtMs: work.nowMs + op.withinMs,
    action: op.action,
  };
  const { agentId, instance } = row;
  await work.tx.agents.putCommand({
    commandId: sent.commandId,
    agentId,
    instance,
    command: sent,
    createdAtMs: work.nowMs,
    state: "open",
  });
  work.direct({ kind: "send", agentId, instance, body: { kind: "command", command: sent } });
  return { status: "ok", result: { commandId: sent.commandId } };
};
