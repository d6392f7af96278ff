import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import { incidentIdSchema } from "../../../shared/ids.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import {
  deskParitySchema,
  deskPreviewSchema,
  deskSchema,
  deskTrialSchema,
  outboxSchema,
  secretSchema,
} from "../../../shared/model/desk.ts";
import { secretName } from "../../engine/operations.ts";
import type { ApiDeps } from "../deps.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute, found, paging } from "../route.ts";

const tag = "Desks";
const params = z.object({ name: z.string().max(64) });

const officeOf = ({ desks }: ApiDeps): NonNullable<ApiDeps["desks"]> => {
  if (!desks) throw new ProblemError("not-found", "No desk is configured: add one under `desks` in the configuration");
  return desks;
};

export const listOutbox = defineRoute({
  method: "GET",
  path: "/outbox",
  role: "viewer",
  tag,
  summary: "What waits for which desk, since when and why, oldest first",
  query: z.strictObject(paging),
  response: outboxSchema,
  handler: ({ query, deps }) => deps.reads.outbox(query),
});

export const listDesks = defineRoute({
  method: "GET",
  path: "/desks",
  role: "viewer",
  tag,
  summary: "The desks of the configuration: what their start-up check found, how deliveries fare",
  response: z.object({ items: z.array(deskSchema) }),
  handler: async ({ deps }) => ({ items: (await deps.desks?.list()) ?? [] }),
});

export const checkDesk = defineRoute({
  method: "POST",
  path: "/desks/:name/check",
  role: "service-desk",
  tag,
  summary: "Check a desk again: what it lacks, in words to act on",
  params,
  response: deskSchema,
  perMinute: 30,
  handler: ({ params: { name }, deps }) => officeOf(deps).check(name),
});

export const testDesk = defineRoute({
  method: "POST",
  path: "/desks/:name/test",
  role: "administrator",
  tag,
  summary: "Open a test ticket at a desk, comment on it, and resolve it",
  params,
  response: deskTrialSchema,
  perMinute: 10,
  handler: async ({ params: { name }, who, deps }) => {
    const trial = await officeOf(deps).test(name);
    deps.log.info("a desk was tested", { desk: name, by: who.name, ok: trial.ok });
    return trial;
  },
});

export const previewDesk = defineRoute({
  method: "GET",
  path: "/desks/:name/preview",
  role: "viewer",
  tag,
  summary: "Subject and body that a desk would be told of an incident; sends nothing",
  params,
  query: z.strictObject({ incidentId: incidentIdSchema }),
  response: deskPreviewSchema,
  handler: async ({ params: { name }, query: { incidentId }, deps }) =>
    found(await officeOf(deps).preview(name, incidentId), `incident ${incidentId}`),
});

export const readDesk = defineRoute({
  method: "POST",
  path: "/desks/:name/read",
  role: "service-desk",
  tag,
  summary: "Read a desk's tickets now: what its webhook calls when people did something there",
  description:
    "Whatever body it sends is not looked at: the tickets are read from the desk itself, so that nobody can make up what people said. Give the webhook an API token of role service-desk as its bearer token.",
  params,
  response: z.object({ told: z.number() }),
  perMinute: 120,
  handler: async ({ params: { name }, deps }) => ({ told: await officeOf(deps).read(name) }),
});

export const readParity = defineRoute({
  method: "GET",
  path: "/desks/parity",
  role: "service-desk",
  tag,
  summary: "Where the desks' tickets and our incidents say different things: asks every readable desk",
  response: deskParitySchema,
  perMinute: 6,
  handler: ({ deps }) => officeOf(deps).parity(),
});

export const listSecrets = defineRoute({
  method: "GET",
  path: "/secrets",
  role: "administrator",
  tag,
  summary: "Names of the stored secrets that desks' settings may refer to as store:NAME; never the secrets",
  response: z.object({ items: z.array(secretSchema) }),
  handler: async ({ deps }) => ({
    items: (await deps.reads.secrets()).map(({ name, updatedAtMs, updatedBy }) => ({
      ...{ name, updatedBy },
      updatedAt: toTimestamp(updatedAtMs),
    })),
  }),
});

export const putSecret = defineRoute({
  method: "PUT",
  path: "/secrets/:name",
  role: "administrator",
  tag,
  summary: "Set a secret: sealed before it is stored, and never shown again. The desks connect anew",
  params: z.object({ name: secretName }),
  body: bodies.putSecret,
  response: z.void(),
  handler: async ({ params: { name }, body: { value }, who, deps }) => {
    const office = officeOf(deps);
    await applyFor<"secret.put">(deps, who, { kind: "secret.put", name, sealed: office.seal(name, value) });
    await office.reconnect();
  },
});

export const removeSecret = defineRoute({
  method: "DELETE",
  path: "/secrets/:name",
  role: "administrator",
  tag,
  summary: "Remove a secret; desks that need it can't be reached any more",
  params: z.object({ name: secretName }),
  response: z.void(),
  handler: async ({ params: { name }, who, deps }) => {
    await applyFor<"secret.remove">(deps, who, { kind: "secret.remove", name });
    await deps.desks?.reconnect();
  },
});
