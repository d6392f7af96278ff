import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding, reject } from "./desk.ts";
import { createRest, type RestCall } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  /** On premises: the technician's key. */
  authToken: z.string().min(1),
  requester: z.string().min(1),
  /** Name of the user-defined field (single line) that holds our key, as the API names it: "udf_sline_301". */
  keyField: z.string().regex(/^udf_[a-z0-9_]+$/),
  resolvedStatus: z.string().default("Resolved"),
  openStatus: z.string().default("Open"),
  /** Closure codes by which people say that there was nothing, or that it was planned. */
  falseClosureCodes: z.array(z.string().min(1)).default([]),
  plannedClosureCodes: z.array(z.string().min(1)).default([]),
});

const requestSchema = z.object({
  id: z.coerce.string(),
  display_id: z.coerce.string().nullish(),
  status: z.object({ name: z.string() }).nullish(),
  technician: z.object({ name: z.string().nullish() }).nullish(),
  udf_fields: z.record(z.string(), z.unknown()).nullish(),
  closure_info: z.object({ closure_code: z.object({ name: z.string().nullish() }).nullish() }).nullish(),
});
const statusSchema = z.object({
  status: z.string(),
  messages: z.array(z.object({ message: z.string().nullish(), status_code: z.coerce.number().nullish() })).nullish(),
});
const PRIORITY = { 1: "High", 2: "High", 3: "Medium", 4: "Normal", 5: "Low" } as const;

/** ManageEngine ServiceDesk Plus API v3: JSON in a form field; the outcome is in response_status, whatever the HTTP status. */
export const manageEngine = defineConnector({
  name: "manage-engine",
  title: "ManageEngine ServiceDesk Plus",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const headers = { authtoken: config.authToken, accept: "application/vnd.manageengine.sdp.v3+json" };
    const { ask, call } = createRest(http, `${config.baseUrl}/api/v3/requests`, headers, clock.now);
    const envelope = <S extends z.ZodRawShape>(shape: S) =>
      z.object({ response_status: z.union([statusSchema, z.array(statusSchema)]), ...shape });
    const run = async <S extends z.ZodRawShape>(
      what: string,
      shape: S,
      request: Omit<RestCall, "form">,
      input?: unknown,
    ) => {
      const form = input === undefined ? {} : { form: { input_data: JSON.stringify(input) } };
      const answer = await ask(what, envelope(shape), { ...request, ...form }, [200, 201]);
      const outcome = [
        (answer as { response_status: z.infer<typeof statusSchema> | z.infer<typeof statusSchema>[] }).response_status,
      ].flat()[0];
      if (outcome?.status !== "success")
        reject(`${what}: ${outcome?.messages?.map((m) => m.message ?? m.status_code).join("; ") || "refused"}`);
      return answer;
    };
    const refOf = (request: z.infer<typeof requestSchema>): TicketRef => ({
      id: request.id,
      number: request.display_id ?? request.id,
      url: `${config.baseUrl}/WorkOrder.do?woMode=viewWO&woID=${request.id}`,
    });
    const holdsKey = (request: z.infer<typeof requestSchema>, key: string) =>
      request.udf_fields?.[config.keyField] === key;
    const one = { request: requestSchema };

    return createDesk("ServiceDesk Plus", {
      check: (signal) =>
        checked(signal, [
          async () => {
            const query = { input_data: JSON.stringify({ list_info: { row_count: 1 } }) };
            await run("listing requests", { requests: z.array(z.unknown()) }, { path: "", query, signal });
            return finding(true, "requests can be read", "");
          },
        ]),
      find: async ({ key }, signal) => {
        const criteria = [{ field: `udf_fields.${config.keyField}`, condition: "is", values: [key] }];
        const query = {
          input_data: JSON.stringify({
            list_info: { row_count: 100, sort_field: "created_time", sort_order: "asc", search_criteria: criteria },
          }),
        };
        const { requests } = await run("searching", { requests: z.array(requestSchema) }, { path: "", query, signal });
        return requests.filter((request) => holdsKey(request, key)).map(refOf);
      },
      create: async (content, signal) => {
        const request = {
          subject: content.subject.slice(0, 250),
          description: content.html,
          requester: { name: config.requester },
          priority: { name: PRIORITY[content.priority] },
          status: { name: config.openStatus },
          udf_fields: { [config.keyField]: content.key },
          ...(content.asset?.ciRef ? { assets: [{ name: content.asset.ciRef }] } : {}),
        };
        const made = await run("creating", one, { path: "", signal }, { request });
        return {
          ref: refOf(made.request),
          ...(holdsKey(made.request, content.key)
            ? {}
            : { remark: `ServiceDesk Plus did not keep ${config.keyField}` }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/${ref.id}`, signal });
        if (answer.status === 404) return { state: "gone" };
        const { request } = await run("reading", one, { path: `/${ref.id}`, signal });
        const status = request.status?.name ?? "";
        const technician = request.technician?.name;
        const state =
          status === config.resolvedStatus || status === "Closed"
            ? "resolved"
            : status === config.openStatus && !technician
              ? "open"
              : "taken";
        const said = request.closure_info?.closure_code?.name ?? "";
        return {
          state,
          ...(technician ? { assignee: technician } : {}),
          ...(state === "resolved"
            ? verdictBy([said], { isFalse: config.falseClosureCodes, isPlanned: config.plannedClosureCodes })
            : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await run("commenting", {}, { path: `/${ref.id}/notes`, signal }, { request_note: { description: note.html } });
      },
      setState: async (ref, _content, note, state, signal) => {
        if (state === "resolved")
          await run(
            "writing the resolution",
            {},
            { path: `/${ref.id}/resolutions`, signal },
            { resolution: { content: note.html } },
          );
        else
          await run(
            "commenting",
            {},
            { path: `/${ref.id}/notes`, signal },
            { request_note: { description: note.html } },
          );
        const name = state === "resolved" ? config.resolvedStatus : config.openStatus;
        await run(
          "changing the state",
          one,
          { method: "PUT", path: `/${ref.id}`, signal },
          { request: { status: { name } } },
        );
      },
    });
  },
});
