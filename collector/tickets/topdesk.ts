import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  login: z.string().min(1),
  applicationPassword: z.string().min(1),
  /** Shown as the caller; need not be a registered person. */
  caller: z.string().default("Rollcall"),
  /** Names of the processing statuses as configured there. */
  resolvedStatus: z.string().min(1),
  openStatus: z.string().min(1),
  /** Closure codes by which people say that there was nothing, or that it was planned. */
  falseClosureCodes: z.array(z.string().min(1)).default([]),
  plannedClosureCodes: z.array(z.string().min(1)).default([]),
  /** Priority names by ours; what is left out is left to TOPdesk. */
  priorities: z.partialRecord(z.enum(["1", "2", "3", "4", "5"]), z.string()).default({}),
});

const incidentSchema = z.object({
  id: z.string(),
  number: z.string(),
  externalNumber: z.string().nullish(),
  completed: z.boolean().nullish(),
  closed: z.boolean().nullish(),
  operator: z.object({ name: z.string().nullish() }).nullish(),
  processingStatus: z.object({ name: z.string() }).nullish(),
  modificationDate: z.string().nullish(),
  closureCode: z.object({ name: z.string().nullish() }).nullish(),
  mainIncident: z.object({ id: z.string(), number: z.string() }).nullish(),
});

/** TOPdesk's incident API. The key goes into externalNumber, which holds about 60 characters. */
export const topdesk = defineConnector({
  name: "topdesk",
  title: "TOPdesk",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call } = createRest(
      http,
      `${config.baseUrl}/tas/api/incidents`,
      { authorization: basicAuth(config.login, config.applicationPassword) },
      clock.now,
    );
    const refOf = ({ id, number }: { id: string; number: string }): TicketRef => ({
      id,
      number,
      url: `${config.baseUrl}/tas/secure/incident?unid=${id}`,
    });
    const patch = (what: string, ref: TicketRef, json: Record<string, unknown>, signal: AbortSignal) =>
      ask(what, incidentSchema, { method: "PATCH", path: `/id/${ref.id}`, json, signal });

    return createDesk("TOPdesk", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              [200, 204, 206].includes((await call({ path: "", query: { pageSize: "1" }, signal })).status),
              "incidents can be read",
              "make an application password for the operator and give it the API rights",
            ),
        ]),
      find: async ({ key }, signal) => {
        const answer = await call({ path: "", query: { query: `externalNumber==${key}`, pageSize: "100" }, signal });
        if (answer.status === 204) return [];
        const rows = await ask(
          "searching",
          z.array(incidentSchema),
          { path: "", query: { query: `externalNumber==${key}`, pageSize: "100" }, signal },
          [200, 206],
        );
        return rows.filter((row) => row.externalNumber === key).map(refOf);
      },
      create: async (content, signal) => {
        const priority = config.priorities[String(content.priority) as "1"];
        const json = {
          caller: { dynamicName: config.caller },
          briefDescription: content.subject.slice(0, 80),
          request: content.html,
          externalNumber: content.key,
          processingStatus: { name: config.openStatus },
          ...(priority === undefined ? {} : { priority: { name: priority } }),
          ...(content.asset?.ciRef ? { object: { id: content.asset.ciRef } } : {}),
        };
        const made = await ask("creating", incidentSchema, { path: "", json, signal });
        return {
          ref: refOf(made),
          ...(made.externalNumber === content.key ? {} : { remark: "TOPdesk did not keep externalNumber" }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/id/${ref.id}`, signal });
        if (answer.status === 404) return { state: "gone" };
        const incident = await ask("reading", incidentSchema, { path: `/id/${ref.id}`, signal });
        const resolved =
          incident.completed === true ||
          incident.closed === true ||
          incident.processingStatus?.name === config.resolvedStatus;
        const operator = incident.operator?.name;
        return {
          state: resolved
            ? "resolved"
            : incident.processingStatus?.name === config.openStatus && !operator
              ? "open"
              : "taken",
          ...(operator ? { assignee: operator } : {}),
          ...(resolved
            ? verdictBy([incident.closureCode?.name ?? ""], {
                isFalse: config.falseClosureCodes,
                isPlanned: config.plannedClosureCodes,
              })
            : {}),
          // A partial incident belongs to a main one, which is where people go on.
          ...(incident.mainIncident ? { mergedInto: refOf(incident.mainIncident) } : {}),
          ...(incident.modificationDate ? { updatedAt: incident.modificationDate } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await patch("commenting", ref, { action: note.html, actionInvisibleForCaller: true }, signal);
      },
      setState: async (ref, _content, note, state, signal) => {
        const name = state === "resolved" ? config.resolvedStatus : config.openStatus;
        await patch(
          "changing the state",
          ref,
          { processingStatus: { name }, action: note.html, actionInvisibleForCaller: true },
          signal,
        );
      },
    });
  },
});
