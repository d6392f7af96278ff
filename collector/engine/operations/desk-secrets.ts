import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

/** Each desk needs a few; more than this is a mistake. */
const MAX_SECRETS = 200;

/** Keeps a secret as it was sealed: neither this thread nor the store can read it. */
export const putSecret = async (
  { tx, nowMs }: Work,
  { name, sealed }: Of<"secret.put">,
  requester: Requester,
): Promise<OperationOutcome<"secret.put">> => {
  if (!(await tx.secrets.get(name)) && (await tx.secrets.all()).length >= MAX_SECRETS)
    return refused("conflict", `there are ${MAX_SECRETS} secrets already: remove those that nothing uses`);
  await tx.secrets.put({ name, sealed, updatedAtMs: nowMs, updatedBy: requester.name });
  return { status: "ok", result: {} };
};

export const removeSecret = async (
  { tx }: Work,
  { name }: Of<"secret.remove">,
): Promise<OperationOutcome<"secret.remove">> => {
  if (!(await tx.secrets.get(name))) return refused("not-found", `there is no secret ${name}`);
  await tx.secrets.remove(name);
  return { status: "ok", result: {} };
};
