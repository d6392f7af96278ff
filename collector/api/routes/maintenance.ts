import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { maintenanceSchema, occurrenceSchema } from "../../../shared/model/policy.ts";
import { markOf } from "../../engine/operations/maintenance.ts";
import { createLocalTime } from "../../presence/local-time.ts";
import { nextOccurrences, parseMaintenance } from "../../presence/maintenance.ts";
import { faultOfWindow, type MaintenanceWindow } from "../../presence/policy.ts";
import type { ApiDeps } from "../deps.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute } from "../route.ts";

const tag = "Policy";
/** How far ahead people look. */
const SHOWN = 5;

const presenceOf = ({ policy }: ApiDeps) => {
  if (!policy) throw new ProblemError("not-found", "This collector was started without a policy");
  return policy.presence;
};

const occurrencesOf = (deps: ApiDeps, window: MaintenanceWindow) => {
  const local = createLocalTime(presenceOf(deps).timeZone);
  return nextOccurrences(window, deps.clock.now(), local, SHOWN).map(({ fromMs, toMs }) => ({
    from: toTimestamp(fromMs),
    to: toTimestamp(toMs),
  }));
};

const read = async (deps: ApiDeps) => {
  const { timeZone, maintenance } = presenceOf(deps);
  const stored = await deps.reads.maintenance();
  const toItem = (source: "configuration" | "console") => (window: MaintenanceWindow) => ({
    ...{ source, window, next: occurrencesOf(deps, window) },
  });
  return {
    timeZone,
    mark: markOf(stored),
    items: [...maintenance.map(toItem("configuration")), ...parseMaintenance(stored).map(toItem("console"))],
  };
};

export const getMaintenance = defineRoute({
  method: "GET",
  path: "/policy/maintenance",
  role: "viewer",
  tag,
  summary: "Maintenance windows in force, each with when it is open next",
  response: maintenanceSchema,
  handler: ({ deps }) => read(deps),
});

export const putMaintenance = defineRoute({
  method: "PUT",
  path: "/policy/maintenance",
  role: "administrator",
  tag,
  summary: "Replace the windows that people set; those of the configuration stay. Takes effect within a second",
  body: bodies.putMaintenance,
  response: maintenanceSchema,
  handler: async ({ body: { windows, mark }, who, deps }) => {
    presenceOf(deps);
    await applyFor<"policy.maintenance">(deps, who, {
      kind: "policy.maintenance",
      windows,
      ...(mark === undefined ? {} : { ifMark: mark }),
    });
    return read(deps);
  },
});

export const previewMaintenance = defineRoute({
  method: "POST",
  path: "/policy/maintenance/preview",
  role: "viewer",
  tag,
  summary: "When a window would be open next; changes nothing",
  body: bodies.previewWindow,
  response: z.object({ timeZone: z.string(), next: z.array(occurrenceSchema) }),
  handler: async ({ body: window, deps }) => {
    const fault = faultOfWindow(window);
    if (fault !== undefined) throw new ProblemError("request.invalid", fault);
    return { timeZone: presenceOf(deps).timeZone, next: occurrencesOf(deps, window) };
  },
});
