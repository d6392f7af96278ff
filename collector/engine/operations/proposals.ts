import { days, toTimestamp } from "../../../shared/clock.ts";
import { createRecordId, type IncidentId } from "../../../shared/ids.ts";
import type { Proposal } from "../../../shared/model/proposal.ts";
import { applyProposal, casesOf, type Policy, policyInForce, suggestFor } from "../../incidents/learning.ts";
import { defaultIncidentPolicy } from "../../incidents/policy.ts";
import { defaultPresencePolicy } from "../../presence/policy.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

/** Older verdicts speak of another network. */
const VERDICTS_COUNT_FOR_MS = days(90);
const MAX_CASES = 100;

const defaultPolicy: Policy = { presence: defaultPresencePolicy, incidents: defaultIncidentPolicy };

const inForce = async ({ tx, deps }: Work): Promise<Policy> =>
  policyInForce(deps.policy ?? defaultPolicy, await tx.proposals.accepted());

/**
 * After a verdict: makes the proposal that it speaks for, adds to the one that waits, or withdraws that when no false alarm
 * speaks for it any more. Verdicts on incidents from before the last decision on a setting are spent: they ask nobody again.
 */
export const learnFromVerdict = async (work: Work, incidentId: IncidentId): Promise<void> => {
  const { tx, nowMs, deps } = work;
  const incident = await tx.incidents.get(incidentId);
  if (!incident) return;
  const suggestion = suggestFor(incident.kind, await inForce(work));
  if (!suggestion) return;
  const earlier = await tx.proposals.ofSetting(suggestion.setting);
  const waiting = earlier.find(({ state }) => state === "open");
  const decidedAt = earlier.map((proposal) => proposal.decidedAt ?? "").reduce((a, b) => (a > b ? a : b), "");
  const horizon = toTimestamp(Math.max(0, nowMs - VERDICTS_COUNT_FOR_MS));
  const since = decidedAt > horizon ? decidedAt : horizon;
  const cases = casesOf(await tx.incidents.judgedSince(incident.kind, since, MAX_CASES));
  const at = toTimestamp(nowMs);
  if (!cases.some(({ verdict }) => verdict === "false")) {
    if (waiting) await tx.proposals.put({ ...waiting, cases, state: "withdrawn", updatedAt: at });
    return;
  }
  await tx.proposals.put(
    waiting
      ? { ...waiting, ...suggestion, cases, updatedAt: at }
      : {
          proposalId: createRecordId("prp", nowMs, deps.random),
          ...suggestion,
          kind: incident.kind,
          state: "open",
          cases,
          createdAt: at,
          updatedAt: at,
        },
  );
};

const decided = (
  { nowMs }: Work,
  proposal: Proposal,
  state: Proposal["state"],
  { name }: Requester,
  note: string | undefined,
): Proposal => ({
  ...proposal,
  state,
  decidedAt: toTimestamp(nowMs),
  updatedAt: toTimestamp(nowMs),
  decidedBy: name,
  ...(note === undefined ? {} : { note }),
});

export const acceptProposal = async (
  work: Work,
  { proposalId, note }: Of<"proposal.accept">,
  requester: Requester,
): Promise<OperationOutcome<"proposal.accept">> => {
  const proposal = await work.tx.proposals.get(proposalId);
  if (!proposal) return refused("not-found", `there is no proposal ${proposalId}`);
  if (proposal.state !== "open") return refused("conflict", `it is ${proposal.state} already`);
  const policy = await inForce(work);
  const now = suggestFor(proposal.kind, policy);
  if (now?.setting !== proposal.setting || now.from !== proposal.from)
    return refused(
      "conflict",
      `${proposal.setting} is no longer ${proposal.from}: reject it, the next verdict asks anew`,
    );
  const applied = applyProposal(policy, proposal);
  if ("fault" in applied) return refused("invalid", applied.fault);
  await work.tx.proposals.put(decided(work, proposal, "accepted", requester, note));
  return { status: "ok", result: {} };
};

const move = async (
  work: Work,
  { proposalId, note }: { readonly proposalId: string; readonly note?: string },
  requester: Requester,
  [from, to]: readonly [Proposal["state"], Proposal["state"]],
): Promise<OperationOutcome<"proposal.reject">> => {
  const proposal = await work.tx.proposals.get(proposalId);
  if (!proposal) return refused("not-found", `there is no proposal ${proposalId}`);
  if (proposal.state !== from) return refused("conflict", `it is ${proposal.state}, not ${from}`);
  await work.tx.proposals.put(decided(work, proposal, to, requester, note));
  return { status: "ok", result: {} };
};

export const rejectProposal = (work: Work, op: Of<"proposal.reject">, requester: Requester) =>
  move(work, op, requester, ["open", "rejected"]);
/** Takes an accepted one out of force. */
export const undoProposal = (work: Work, op: Of<"proposal.undo">, requester: Requester) =>
  move(work, op, requester, ["accepted", "undone"]);
