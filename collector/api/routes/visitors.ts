import { z } from "zod";
import { pageOf } from "../../../shared/model/page.ts";
import { visitorDaysSchema, visitorSchema } from "../../../shared/model/visitor.ts";
import { defineRoute, paging, present, search } from "../route.ts";

export const listVisitors = defineRoute({
  method: "GET",
  path: "/visitors",
  role: "viewer",
  tag: "Places",
  summary:
    "MACs set by software that no asset is known by, seen last first; `guess`: which one each probably was before, and why",
  query: z.strictObject({ ...paging, q: search, realm: z.exactOptional(z.string().max(256)) }),
  response: pageOf(visitorSchema),
  handler: ({ query: { q, ...query }, deps }) => deps.reads.visitors(present({ ...query, search: q })),
});

export const countVisitors = defineRoute({
  method: "GET",
  path: "/visitors/days",
  role: "viewer",
  tag: "Places",
  summary: "How many different visitors each network had on each of the last days, today included",
  query: z.strictObject({
    days: z.coerce.number().int().min(1).max(90).default(14),
    realm: z.exactOptional(z.string().max(256)),
  }),
  response: visitorDaysSchema,
  handler: ({ query, deps }) =>
    deps.reads.visitorDays({ ...present(query), timeZone: deps.policy?.presence.timeZone ?? "UTC" }),
});
