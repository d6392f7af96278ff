import { type Policy, policyInForce } from "../incidents/learning.ts";
import { MAINTENANCE_META, parseMaintenance } from "../presence/maintenance.ts";
import type { MaintenanceWindow } from "../presence/policy.ts";
import type { Tx } from "../store/store.ts";
import type { Watch } from "./watch.ts";

/** Those of the file first: it is the administrator's word, and can't be changed from here. */
const withWindows = (policy: Policy, windows: readonly MaintenanceWindow[]): Policy => ({
  ...policy,
  presence: { ...policy.presence, maintenance: [...policy.presence.maintenance, ...windows] },
});

/**
 * A watch under the policy in force: the configured one, with what people accepted of the proposals and the maintenance
 * windows that they set. Whether that has
 * changed is looked up at start, with every tick and before an operation, in the store: a decision that was rolled back, or
 * made by another process, is seen as it is. After a change patience starts again, as after a restart.
 */
export const createLearnedWatch = (configured: Policy, build: (policy: Policy) => Watch): Watch => {
  let inner = build(configured);
  let known = "";
  const lookUp = async (tx: Tx): Promise<void> => {
    const accepted = await tx.proposals.accepted();
    const windows = await tx.meta.get(MAINTENANCE_META);
    const mark = `${accepted.map(({ proposalId }) => proposalId).join()} ${windows ?? ""}`.trim();
    if (mark === known) return;
    known = mark;
    inner = build(withWindows(policyInForce(configured, accepted), parseMaintenance(windows)));
  };
  return {
    start: async (tx, now) => {
      await lookUp(tx);
      return inner.start(tx, now);
    },
    tick: async (tx, time) => {
      await lookUp(tx);
      return inner.tick(tx, time);
    },
    operation: async (tx, operation, requester, now) => {
      await lookUp(tx);
      return inner.operation(tx, operation, requester, now);
    },
    session: (tx, event, now) => inner.session(tx, event, now),
    sweep: (tx, what, now) => inner.sweep(tx, what, now),
    sightings: (tx, what, now) => inner.sightings(tx, what, now),
    goodbye: (tx, what, now) => inner.goodbye(tx, what, now),
    snapshot: (tx, what, now) => inner.snapshot(tx, what, now),
    changes: (tx, what, now) => inner.changes(tx, what, now),
    asset: (tx, what, now) => inner.asset(tx, what, now),
    raise: (tx, condition, now) => inner.raise(tx, condition, now),
  };
};
