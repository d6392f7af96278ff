import { createHash } from "node:crypto";
import { MAINTENANCE_META } from "../../presence/maintenance.ts";
import { faultOfWindow } from "../../presence/policy.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome } from "../operations.ts";
import { refused } from "./outcome.ts";

/** Short name of a list as it is stored, so that two who change it at once do not undo each other. */
export const markOf = (stored: string | undefined): string =>
  createHash("sha256")
    .update(stored ?? "[]")
    .digest("hex")
    .slice(0, 16);

/** Replaces the windows that people set; the watch takes them up with its next tick. */
export const putMaintenance = async (
  { tx }: Work,
  { windows, ifMark }: Extract<Operation, { kind: "policy.maintenance" }>,
): Promise<OperationOutcome<"policy.maintenance">> => {
  const stored = await tx.meta.get(MAINTENANCE_META);
  if (ifMark !== undefined && ifMark !== markOf(stored))
    return refused("conflict", "somebody else changed the maintenance windows meanwhile: look at them again");
  const fault = windows.map(faultOfWindow).find((one) => one !== undefined);
  if (fault !== undefined) return refused("invalid", fault);
  await tx.meta.put(MAINTENANCE_META, JSON.stringify(windows));
  return { status: "ok", result: {} };
};
