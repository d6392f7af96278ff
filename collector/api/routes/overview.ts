import { toTimestamp } from "../../../shared/clock.ts";
import { healthSchema, overviewSchema } from "../../../shared/model/overview.ts";
import { defineRoute } from "../route.ts";

export const overview = defineRoute({
  method: "GET",
  path: "/overview",
  role: "viewer",
  tag: "Overview",
  summary: "Counts of assets, agents, incidents, tickets and changes",
  response: overviewSchema,
  handler: async ({ deps }) => ({
    ...(await deps.reads.overview()),
    at: toTimestamp(deps.clock.now()),
    ailments: deps.ailments?.() ?? [],
  }),
});

/** Open to all, so that it says one word only. */
export const health = defineRoute({
  method: "GET",
  path: "/health",
  role: "public",
  tag: "Overview",
  summary: "Whether the collector works: ok, or degraded",
  response: healthSchema,
  handler: async ({ deps }) => ({
    status: (deps.ailments?.() ?? []).length === 0 ? ("ok" as const) : ("degraded" as const),
  }),
});
