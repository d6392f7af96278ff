/**
 * Where a device without a profile is searched: which makers' subtrees it has, and the heads of their groups. All reads are
 * bounded, whatever the device answers.
 */
import { type DeviceReader, isBelow, type Varbind } from "../reader.ts";
import { isGenericSysObjectID } from "./select.ts";
import { agentEnterprises, enterpriseOf } from "./vendors.ts";

/** Bounds of the search for a device without a profile: enterprises looked at, their subtrees, rows of each. */
const MAX_ENTERPRISES = 12;
const MAX_SUBTREES = 24;
const MAX_SUBTREE_ROWS = 120;
/** Arcs of a group's OID: 1.3.6.1.4.1, the enterprise, two more. */
const GROUP_ARCS = 9;
const LAST_ARC = "4294967295";

/** The sysObjectID's own enterprise, or for agents that name none, those that the device has objects of. */
export const listEnterprises = async (
  reader: DeviceReader,
  sysObjectID: string | undefined,
): Promise<readonly number[]> => {
  const own = enterpriseOf(sysObjectID);
  if (own !== undefined && !isGenericSysObjectID(sysObjectID)) return [own];
  const found: number[] = [];
  let at = "1.3.6.1.4.1";
  for (let i = 0; i < MAX_ENTERPRISES; i++) {
    const enterprise = enterpriseOf((await reader.next([at])).get(at)?.oid);
    if (enterprise === undefined || found.includes(enterprise)) break;
    found.push(enterprise);
    at = `1.3.6.1.4.1.${enterprise}.${LAST_ARC}`;
  }
  return found.filter((enterprise) => !agentEnterprises.has(enterprise) || enterprise === 4413);
};

/**
 * The first rows of each group of the enterprise subtree: identity stands at the head of a group, not deep in a table. Groups
 * are two arcs below the enterprise; one with more rows than the limit is gone through two arcs further down.
 */
export const readSubtrees = async (
  reader: DeviceReader,
  enterprises: readonly number[],
): Promise<readonly Varbind[]> => {
  const out: Varbind[] = [];
  for (const enterprise of enterprises) {
    const root = `1.3.6.1.4.1.${enterprise}`;
    let at = root;
    let depth = GROUP_ARCS;
    for (let i = 0; i < MAX_SUBTREES; i++) {
      const first = (await reader.next([at])).get(at);
      if (first === undefined || !isBelow(first.oid, root)) break;
      if (
        !isBelow(
          first.oid,
          at
            .slice(0, -LAST_ARC.length - 1)
            .split(".")
            .slice(0, GROUP_ARCS)
            .join("."),
        )
      )
        depth = GROUP_ARCS;
      const branch = first.oid.split(".").slice(0, depth).join(".");
      const walk = await reader.walk(branch === first.oid ? root : branch, { maxRows: MAX_SUBTREE_ROWS });
      out.push(...walk.varbinds);
      const cut = walk.truncated[0]?.reason;
      if (cut !== undefined && cut !== "rows") return out;
      const last = walk.varbinds.at(-1);
      const deeper = cut === "rows" && depth === GROUP_ARCS && last !== undefined;
      if (deeper) depth += 2;
      const next = `${deeper ? last.oid.split(".").slice(0, depth).join(".") : branch}.${LAST_ARC}`;
      if (next === at) break;
      at = next;
    }
  }
  return out;
};
