import { toTimestamp } from "../../shared/clock.ts";
import { createIncidentId, createRecordId, type IncidentId } from "../../shared/ids.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";
import type { Random } from "../../shared/random.ts";
import type { LocalTime } from "../presence/local-time.ts";
import type { OutboxRow, Tx } from "../store/store.ts";
import { ticketKey } from "../tickets/body.ts";
import { commentTicket, ensureTicketOpen, ensureTicketResolved, type QueueChange } from "../tickets/builtin.ts";
import { type RoutedDesk, whyNot } from "../tickets/routes.ts";
import { type Finding, foldIncident, openIncident, promoteIncident, resolveIncident } from "./incidents.ts";
import { targetsOf } from "./measures.ts";
import { handlingOf, type IncidentPolicy } from "./policy.ts";

/**
 * Writes what was decided about incidents: the row, its evidence, its ticket and the intents for other desks, all in the
 * transaction that it was handed. Every verb may be repeated; the second time changes nothing.
 */
export type Cases = {
  /** `parent`: it is a child of that case from the start, and gets no ticket of its own. */
  readonly open: (finding: Finding, parent?: Incident) => Promise<Incident>;
  /** What was learned since it was opened; with `comment` its ticket and desk are told, too. Confidence only grows. */
  readonly addEvidence: (
    incident: Incident,
    evidence: readonly Evidence[],
    comment?: string,
    confidence?: number,
  ) => Promise<void>;
  readonly resolve: (incident: Incident, why: string, evidence?: readonly Evidence[]) => Promise<Incident>;
  readonly resolveByHand: (incident: Incident, why: string, author: string) => Promise<Incident>;
  readonly fold: (incident: Incident, parent: Incident) => Promise<void>;
  readonly promote: (incident: Incident, why: string) => Promise<Incident>;
  readonly update: (incident: Incident) => Promise<void>;
};

/** What was written, for live readers. */
export type Touched = { readonly incidents: Set<IncidentId>; readonly tickets: Set<number> };

export type CasesOptions = {
  readonly nowMs: number;
  readonly random: Random;
  readonly policy: IncidentPolicy;
  readonly reopenWithinMs: number;
  /** In which business hours are counted. */
  readonly local: LocalTime;
  /** Where tickets go besides the built-in queue, and which. */
  readonly desks: readonly RoutedDesk[];
  readonly touched: Touched;
};

const MAX_EVIDENCE = 200;

export const createCases = (
  tx: Tx,
  { nowMs, random, policy, reopenWithinMs, local, desks, touched }: CasesOptions,
): Cases => {
  const newId = (): IncidentId => createIncidentId(nowMs, random);
  const tellQueue = (change: QueueChange | undefined) => void (change && touched.tickets.add(change.number));
  const hasTicket = (incident: Incident) => handlingOf(policy, incident.kind) === "ticket";

  /** Whether a desk was told of this case before, delivered or still waiting. */
  const knows = async (connector: string, key: string) =>
    (await tx.outbox.link(connector, key)) !== undefined || (await tx.outbox.byKey(connector, key)).length > 0;
  const handOver = async (incident: Incident, action: OutboxRow["action"], text: string) => {
    const key = ticketKey(incident);
    const asset =
      desks.length > 0 && incident.assetId !== undefined ? await tx.assets.get(incident.assetId) : undefined;
    for (const { name: connector, route } of desks) {
      const known = await knows(connector, key);
      // A case goes the way it went when it opened; one that opens again without a ticket there is new to the desk.
      const opens = action === "open" || (action === "reopen" && !known);
      if (opens ? whyNot(route, incident, asset, nowMs) !== undefined : !known) continue;
      const outboxId = createRecordId("out", nowMs, random);
      const row = { connector, key, action: opens ? "open" : action, text, attempts: 0, dueMs: nowMs } as const;
      await tx.outbox.put({ outboxId, ...row });
    }
  };
  const openTicket = async (incident: Incident, action: "open" | "reopen") => {
    if (!hasTicket(incident) || incident.state === "part-of") return;
    tellQueue(await ensureTicketOpen(tx, incident, await tx.evidence.list(incident.incidentId, MAX_EVIDENCE), nowMs));
    await handOver(incident, action, incident.summary);
  };
  const endTicket = async (incident: Incident, why: string, author?: string) => {
    if (!hasTicket(incident)) return;
    const change = await ensureTicketResolved(tx, incident, why, nowMs, author);
    if (!change) return;
    tellQueue(change);
    await handOver(incident, "resolve", why);
  };
  const put = async (incident: Incident) => {
    await tx.incidents.put(incident);
    touched.incidents.add(incident.incidentId);
  };
  const addEvidence = async (incidentId: IncidentId, evidence: readonly Evidence[]) => {
    for (const row of evidence) await tx.evidence.append(incidentId, row);
  };
  const countChild = async (parentId: IncidentId) => {
    const parent = await tx.incidents.get(parentId);
    if (parent) await put({ ...parent, children: parent.children + 1, version: parent.version + 1 });
  };

  const withTargets = (incident: Incident): Incident => {
    const { respondByMs, resolveByMs } = targetsOf({ ...incident, openedAt: toTimestamp(nowMs) }, policy, local);
    return { ...incident, respondBy: toTimestamp(respondByMs), resolveBy: toTimestamp(resolveByMs) };
  };

  const open: Cases["open"] = async (finding, parent) => {
    const [latest] = await tx.incidents.byCondition(finding.condition, 1);
    const opening = openIncident(finding, latest, nowMs, reopenWithinMs, newId);
    if (opening.kind === "continued") return opening.incident;
    const due = withTargets(opening.incident);
    const incident = parent ? foldIncident(due, parent.incidentId) : due;
    await put(incident);
    await addEvidence(incident.incidentId, finding.evidence);
    if (parent) await countChild(parent.incidentId);
    else await openTicket(incident, opening.kind === "opened" ? "open" : "reopen");
    return incident;
  };

  const resolveAs = async (incident: Incident, why: string, byHand: string | undefined) => {
    if (incident.state === "resolved") return incident;
    const resolved = resolveIncident(incident, nowMs, why);
    await put(resolved);
    await endTicket(resolved, why, byHand);
    return resolved;
  };

  return {
    open,
    addEvidence: async (incident, evidence, comment, confidence = 0) => {
      if (evidence.length === 0) return;
      if (confidence > incident.confidence) await put({ ...incident, confidence, version: incident.version + 1 });
      await addEvidence(incident.incidentId, evidence);
      touched.incidents.add(incident.incidentId);
      if (comment !== undefined && hasTicket(incident)) {
        tellQueue(await commentTicket(tx, incident, comment, nowMs));
        await handOver(incident, "comment", comment);
      }
    },
    resolve: async (incident, why, evidence = []) => {
      if (incident.state === "resolved") return incident;
      await addEvidence(incident.incidentId, evidence);
      return resolveAs(incident, why, undefined);
    },
    resolveByHand: (incident, why, author) => resolveAs(incident, why, author),
    fold: async (incident, parent) => {
      if (incident.state === "resolved" || incident.incidentId === parent.incidentId) return;
      if (incident.parentId === parent.incidentId) return;
      const folded = foldIncident(incident, parent.incidentId);
      await put(folded);
      await countChild(parent.incidentId);
      await endTicket(folded, `part of "${parent.title}"`);
    },
    promote: async (incident, why) => {
      const own = promoteIncident(incident);
      await put(own);
      await addEvidence(own.incidentId, [
        {
          at: toTimestamp(nowMs),
          observer: { kind: "collector" },
          method: "topology",
          couldSee: "could-see",
          bearing: "for",
          statement: why,
        },
      ]);
      await openTicket(own, "reopen");
      return own;
    },
    update: (incident) => put({ ...incident, version: incident.version + 1 }),
  };
};
