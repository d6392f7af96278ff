import { createRecordId } from "../../../shared/ids.ts";
import type { SavedQueryRow } from "../../store/store.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

/** More than these are no menu but a heap. */
const MAX_OWN = 100;
const MAX_SHARED = 200;

/** Somebody else's private query is not there; a shared one may be changed by its owner and by administrators. */
const reach = async ({ tx }: Work, { queryId, ifVersion }: Of<"query.remove">, { name, role }: Requester) => {
  const row = await tx.queries.get(queryId);
  if (!row || (row.owner !== name && !row.shared)) return refused("not-found", "no such saved query");
  if (row.owner !== name && role !== "administrator")
    return refused("forbidden", `this query is ${row.owner}'s: keep a copy under a name of your own`);
  if (ifVersion !== undefined && ifVersion !== row.version)
    return refused("conflict", "the query was changed meanwhile: load it again");
  return row;
};

const faultOf = async ({ tx }: Work, row: SavedQueryRow, before: SavedQueryRow | undefined, { role }: Requester) => {
  const own = await tx.queries.ofOwner(row.owner);
  if (own.some(({ queryId, name }) => queryId !== row.queryId && name.toLowerCase() === row.name.toLowerCase()))
    return refused("conflict", `there is a query named ${row.name} already`);
  if (row.shared && role === "viewer")
    return refused("forbidden", "a viewer's queries are private: ask somebody of the service desk to share it");
  if (!before && own.length >= MAX_OWN) return refused("conflict", `there are ${MAX_OWN} of them already: remove some`);
  if (row.shared && !before?.shared && (await tx.queries.sharedCount()) >= MAX_SHARED)
    return refused("conflict", `${MAX_SHARED} queries are shared already: remove some`);
  return undefined;
};

export const createQuery = async (
  work: Work,
  { name, text, shared }: Of<"query.create">,
  requester: Requester,
): Promise<OperationOutcome<"query.create">> => {
  const queryId = createRecordId("qry", work.nowMs, work.deps.random);
  const times = { createdAtMs: work.nowMs, updatedAtMs: work.nowMs, version: 1 };
  const row = { queryId, name, text, shared, owner: requester.name, ...times };
  const fault = await faultOf(work, row, undefined, requester);
  if (fault) return fault;
  await work.tx.queries.put(row);
  return { status: "ok", result: { queryId } };
};

export const changeQuery = async (
  work: Work,
  op: Of<"query.change">,
  requester: Requester,
): Promise<OperationOutcome<"query.change">> => {
  const before = await reach(work, { ...op, kind: "query.remove" }, requester);
  if ("status" in before) return before;
  const { name, text, shared } = op;
  const row = { ...before, name, text, shared, updatedAtMs: work.nowMs, version: before.version + 1 };
  const fault = await faultOf(work, row, before, requester);
  if (fault) return fault;
  await work.tx.queries.put(row);
  return { status: "ok", result: {} };
};

export const removeQuery = async (
  work: Work,
  op: Of<"query.remove">,
  requester: Requester,
): Promise<OperationOutcome<"query.remove">> => {
  const row = await reach(work, op, requester);
  if ("status" in row) return row;
  await work.tx.queries.remove(row.queryId);
  return { status: "ok", result: {} };
};
