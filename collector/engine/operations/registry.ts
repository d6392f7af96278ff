import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import * as access from "./access.ts";
import * as agents from "./agents.ts";
import { editAsset } from "./assets.ts";
import { putSecret, removeSecret } from "./desk-secrets.ts";
import * as identity from "./identity.ts";
import { putMaintenance } from "./maintenance.ts";
import * as proposals from "./proposals.ts";
import * as queries from "./queries.ts";

/** Carries out one operation inside its transaction. */
export const carryOut = async (work: Work, op: Operation, requester: Requester): Promise<OperationOutcome> => {
  switch (op.kind) {
    case "agent.enrol":
      return agents.enrol(work, op);
    case "agent.approve":
      return agents.approve(work, op);
    case "agent.revoke":
      return agents.revoke(work, op);
    case "agent.command":
      return agents.command(work, op);
    case "asset.edit":
      return editAsset(work, op, requester);
    case "asset.merge":
      return identity.mergeAssets(work, op, requester);
    case "asset.keep-apart":
      return identity.keepApart(work, op, requester);
    case "asset.split":
      return identity.splitAsset(work, op, requester);
    case "asset.undo":
      return identity.undoDecision(work, op, requester);
    case "identity.rules":
      return identity.putRules(work, op);
    case "token.create":
      return access.createToken(work, op, requester);
    case "token.revoke":
      return access.revokeToken(work, op);
    case "user.create":
      return access.createUser(work, op);
    case "user.change":
      return access.changeUser(work, op);
    case "sign-in.create":
      return access.createSignIn(work, op);
    case "sign-in.redeem":
      return access.redeemSignIn(work, op);
    case "session.create":
      return access.createSession(work, op);
    case "session.end":
      return access.endSession(work, op);
    case "proposal.accept":
      return proposals.acceptProposal(work, op, requester);
    case "proposal.reject":
      return proposals.rejectProposal(work, op, requester);
    case "proposal.undo":
      return proposals.undoProposal(work, op, requester);
    case "policy.maintenance":
      return putMaintenance(work, op);
    case "query.create":
      return queries.createQuery(work, op, requester);
    case "query.change":
      return queries.changeQuery(work, op, requester);
    case "query.remove":
      return queries.removeQuery(work, op, requester);
    case "secret.put":
      return putSecret(work, op, requester);
    case "secret.remove":
      return removeSecret(work, op);
    default: {
      const { outcome } = await work.take(await work.deps.watch.operation(work.tx, op, requester, work.nowMs));
      if (op.kind === "incident.verdict" && outcome.status === "ok")
        await proposals.learnFromVerdict(work, op.incidentId);
      return outcome;
    }
  }
};

/** Fields that open something: they never reach the audit log. */
const secretFields: ReadonlySet<string> = new Set(["token", "code", "secret", "passwordHash", "publicKey", "sealed"]);

const targetOf = (op: Operation): string => {
  for (const field of [
    "assetId",
    "agentId",
    "incidentId",
    "number",
    "tokenId",
    "userId",
    "proposalId",
    "queryId",
    "user",
    "name",
  ] as const)
    if (field in op) return String((op as Record<string, unknown>)[field]);
  return "";
};

/** One line for every write of a person or a token; enrolments and sign-ins too, refused ones with the reason. */
export const auditOf = (op: Operation, requester: Requester, outcome: OperationOutcome, nowMs: number) => ({
  atMs: nowMs,
  actor: requester.name,
  action: op.kind,
  target: op.kind === "token.create" ? op.token.name : targetOf(op),
  detail: {
    ...Object.fromEntries(
      Object.entries(op).filter(
        ([field]) => field !== "kind" && (op.kind === "token.create" || !secretFields.has(field)),
      ),
    ),
    ...(outcome.status === "refused" ? { refused: outcome.reason } : {}),
  },
});
