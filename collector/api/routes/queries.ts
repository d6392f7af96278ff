import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { savedQuerySchema } from "../../../shared/model/query.ts";
import { shortText } from "../../../shared/protocol/text.ts";
import type { SavedQueryRow } from "../../store/store.ts";
import { readQuery } from "../asset-query.ts";
import type { Who } from "../auth.ts";
import type { ApiDeps } from "../deps.ts";
import { ProblemError, refusalOf } from "../problem.ts";
import { defineRoute, found, present, versioned } from "../route.ts";

const tag = "Assets";
const params = z.object({ queryId: shortText });

/** Why a text can't be asked any more: a field that was renamed, a value that is no longer known. */
const faultOf = (text: string, nowMs: number) => {
  try {
    readQuery(text, nowMs);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problem.detail;
  }
};

const toQuery = ({ createdAtMs, updatedAtMs, ...row }: SavedQueryRow, { name }: Who, { clock }: ApiDeps) =>
  present({
    ...row,
    createdAt: toTimestamp(createdAtMs),
    updatedAt: toTimestamp(updatedAtMs),
    mine: row.owner === name,
    fault: faultOf(row.text, clock.now()),
  });

const readOne = async (deps: ApiDeps, who: Who, queryId: string) => {
  const rows = await deps.reads.savedQueries(who.name);
  return toQuery(
    found(
      rows.find((row) => row.queryId === queryId),
      `saved query ${queryId}`,
    ),
    who,
    deps,
  );
};

type Refused = { readonly status: "refused"; readonly code: Parameters<typeof refusalOf>[0]; readonly reason: string };

/** What the engine refused; a stale version is told as HTTP has it. */
const refuse = ({ code, reason }: Refused, ifMatch: number | undefined): ProblemError =>
  code === "conflict" && ifMatch !== undefined && reason.includes("meanwhile")
    ? new ProblemError("request.version", reason)
    : refusalOf(code, reason);

export const listQueries = defineRoute({
  method: "GET",
  path: "/queries",
  role: "viewer",
  tag,
  summary: "Saved queries over assets: those that are shared, and your own, by name",
  description: "`fault` says why a query can't be asked any more. How many assets it finds: /assets/count?q=TEXT.",
  response: z.object({ items: z.array(savedQuerySchema) }),
  handler: async ({ who, deps }) => ({
    items: (await deps.reads.savedQueries(who.name)).map((row) => toQuery(row, who, deps)),
  }),
});

export const getQuery = defineRoute({
  method: "GET",
  path: "/queries/:queryId",
  role: "viewer",
  tag,
  summary: "One saved query",
  params,
  response: savedQuerySchema,
  handler: async ({ params: { queryId }, who, reply, deps }) => versioned(await readOne(deps, who, queryId), reply),
});

export const createQuery = defineRoute({
  method: "POST",
  path: "/queries",
  role: "viewer",
  tag,
  summary: "Keep a query over assets under a name; sharing it takes the role of the service desk",
  body: bodies.saveQuery,
  response: savedQuerySchema,
  handler: async ({ body, who, reply, deps }) => {
    readQuery(body.text, deps.clock.now());
    const made = await deps.apply<"query.create">(
      { kind: "query.create", ...body },
      { name: who.name, role: who.role },
    );
    if (made.status === "refused") throw refuse(made, undefined);
    return versioned(await readOne(deps, who, made.result.queryId), reply);
  },
});

export const changeQuery = defineRoute({
  method: "PUT",
  path: "/queries/:queryId",
  role: "viewer",
  tag,
  summary: "Change a saved query: its owner's, or an administrator's right for shared ones",
  description: "With If-Match the change is refused (412) when the query has another version by now.",
  params,
  body: bodies.saveQuery,
  response: savedQuerySchema,
  handler: async ({ params: { queryId }, body, who, ifMatch, reply, deps }) => {
    readQuery(body.text, deps.clock.now());
    const change = present({ kind: "query.change" as const, queryId, ifVersion: ifMatch, ...body });
    const done = await deps.apply<"query.change">(change, { name: who.name, role: who.role });
    if (done.status === "refused") throw refuse(done, ifMatch);
    return versioned(await readOne(deps, who, queryId), reply);
  },
});

export const removeQuery = defineRoute({
  method: "DELETE",
  path: "/queries/:queryId",
  role: "viewer",
  tag,
  summary: "Remove a saved query",
  params,
  response: z.void(),
  handler: async ({ params: { queryId }, who, ifMatch, deps }) => {
    const removal = present({ kind: "query.remove" as const, queryId, ifVersion: ifMatch });
    const done = await deps.apply<"query.remove">(removal, { name: who.name, role: who.role });
    if (done.status === "refused") throw refuse(done, ifMatch);
  },
});
