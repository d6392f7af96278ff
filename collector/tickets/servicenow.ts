import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  /** "https://example.service-now.com" */
  baseUrl: z.url(),
  /** Either a user with role itil, or an API key. */
  user: z.string().optional(),
  password: z.string().optional(),
  apiKey: z.string().optional(),
  assignmentGroup: z.string().optional(),
  callerId: z.string().optional(),
  /** Must be one of the instance's choices; resolving is refused without it. */
  closeCode: z.string().default("Solved (Permanently)"),
  /** Close codes by which people say that there was nothing, or that it was planned; they differ per instance. */
  falseCloseCodes: z.array(z.string().min(1)).default([]),
  plannedCloseCodes: z.array(z.string().min(1)).default([]),
});

const incidentSchema = z.object({
  sys_id: z.string(),
  number: z.string(),
  state: z.string(),
  correlation_id: z.string().optional(),
  assigned_to: z.union([z.string(), z.object({ value: z.string() })]).optional(),
  sys_updated_on: z.string().optional(),
  close_code: z.string().nullish(),
  parent_incident: z.union([z.string(), z.object({ value: z.string() })]).nullish(),
});
const LEVEL = { high: "1", medium: "2", low: "3" } as const;
const FIELDS = "sys_id,number,state,correlation_id,assigned_to,sys_updated_on,close_code,parent_incident";

/**
 * ServiceNow's incident table (Table API). Priority is looked up there from impact and urgency. An unknown field in a query
 * is ignored and then everything matches, so the correlation id of every hit is compared.
 */
export const servicenow = defineConnector({
  name: "servicenow",
  title: "ServiceNow incidents",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const auth: Record<string, string> = config.apiKey
      ? { "x-sn-apikey": config.apiKey }
      : { authorization: basicAuth(config.user ?? "", config.password ?? "") };
    const { ask, call } = createRest(http, `${config.baseUrl}/api/now/table/incident`, auth, clock.now);
    const cis = createRest(http, `${config.baseUrl}/api/now/table/cmdb_ci`, auth, clock.now);
    const one = z.object({ result: incidentSchema });
    const refOf = (row: z.infer<typeof incidentSchema>): TicketRef => ({
      id: row.sys_id,
      number: row.number,
      url: `${config.baseUrl}/incident.do?sys_id=${row.sys_id}`,
    });
    const patch = (what: string, ref: TicketRef, json: Record<string, string>, signal: AbortSignal) =>
      ask(what, one, { method: "PATCH", path: `/${ref.id}`, json, signal });

    return createDesk("ServiceNow", {
      check: (signal) =>
        checked(signal, [
          async () => {
            const { status } = await call({
              path: "",
              query: { sysparm_limit: "1", sysparm_fields: "correlation_id" },
              signal,
            });
            return finding(
              status === 200,
              "incidents can be read",
              "give the user the role itil, or check the API key's access policy",
            );
          },
        ]),
      find: async ({ key }, signal) => {
        const query = {
          sysparm_query: `correlation_id=${key}^ORDERBYsys_created_on`,
          sysparm_fields: FIELDS,
          sysparm_limit: "100",
        };
        const { result } = await ask("searching", z.object({ result: z.array(incidentSchema) }), {
          path: "",
          query,
          signal,
        });
        return result.filter((row) => row.correlation_id === key).map(refOf);
      },
      findAsset: async ({ serialNumber }, signal) => {
        if (serialNumber === undefined || serialNumber.includes("^")) return undefined;
        const query = {
          sysparm_query: `serial_number=${serialNumber}`,
          sysparm_fields: "sys_id,serial_number",
          sysparm_limit: "3",
        };
        const row = z.object({ sys_id: z.string(), serial_number: z.string().nullish() });
        const { result } = await cis.ask("looking for the CI", z.object({ result: z.array(row) }), {
          path: "",
          query,
          signal,
        });
        const hits = result.filter((ci) => ci.serial_number === serialNumber);
        return hits.length === 1 ? hits[0]?.sys_id : undefined;
      },
      create: async (content, signal) => {
        const json = {
          short_description: content.subject.slice(0, 160),
          description: content.text,
          impact: LEVEL[content.impact],
          urgency: LEVEL[content.urgency],
          correlation_id: content.key,
          correlation_display: "rollcall",
          ...(config.callerId ? { caller_id: config.callerId } : {}),
          ...(config.assignmentGroup ? { assignment_group: config.assignmentGroup } : {}),
          ...(content.asset?.ciRef ? { cmdb_ci: content.asset.ciRef } : {}),
        };
        const { result } = await ask("creating", one, { path: "", json, signal });
        return result.correlation_id === content.key
          ? { ref: refOf(result) }
          : { ref: refOf(result), remark: "ServiceNow did not keep correlation_id: the user may not write that field" };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/${ref.id}`, query: { sysparm_fields: FIELDS }, signal });
        if (answer.status === 404) return { state: "gone" };
        const { result } = await ask("reading", one, { path: `/${ref.id}`, query: { sysparm_fields: FIELDS }, signal });
        const assignee = typeof result.assigned_to === "object" ? result.assigned_to.value : result.assigned_to;
        // 1 new, 2 in progress, 3 on hold, 6 resolved, 7 closed, 8 cancelled
        const state =
          result.state === "6" || result.state === "7"
            ? "resolved"
            : (result.state === "1" || result.state === "2") && !assignee
              ? "open"
              : "taken";
        const parent =
          typeof result.parent_incident === "object" ? result.parent_incident?.value : result.parent_incident;
        return {
          state,
          ...(assignee ? { assignee } : {}),
          ...(state === "resolved"
            ? verdictBy([result.close_code ?? ""], {
                isFalse: config.falseCloseCodes,
                isPlanned: config.plannedCloseCodes,
              })
            : {}),
          // People make an incident the child of the one that it is part of; closing the parent closes it too.
          ...(parent ? { mergedInto: { id: parent, url: `${config.baseUrl}/incident.do?sys_id=${parent}` } } : {}),
          ...(result.sys_updated_on ? { updatedAt: result.sys_updated_on } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await patch("commenting", ref, { work_notes: note.text }, signal);
      },
      setState: async (ref, _content, note, state, signal) => {
        const resolved = { state: "6", close_code: config.closeCode, close_notes: note.text };
        await patch(
          "changing the state",
          ref,
          state === "resolved" ? resolved : { state: "2", work_notes: note.text },
          signal,
        );
      },
    });
  },
});
