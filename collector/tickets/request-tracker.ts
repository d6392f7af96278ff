import { z } from "zod";
import { type CheckFinding, defineConnector, type TicketContent, type TicketRef } from "./connector.ts";
import { checked, createDesk, expectStatus, finding, parseAnswer } from "./desk.ts";

const configSchema = z.strictObject({
  /** As in a browser: "https://rt.example.org"; REST2 is found below it. */
  baseUrl: z.url(),
  token: z.string().min(1),
  queue: z.string().min(1),
  /** Free-text ticket custom field of that queue which holds our key. */
  keyField: z.string().default("Rollcall Key"),
  deviceField: z.string().optional(),
  /** Catalog of RT's assets, and its custom field that holds a serial number: a ticket refers to the asset that has ours. */
  assetCatalog: z.string().optional(),
  serialField: z.string().default("Serial Number"),
  /** Statuses by which people say that there was nothing, or that it was planned. */
  falseStatuses: z.array(z.string().min(1)).default(["rejected"]),
  plannedStatuses: z.array(z.string().min(1)).default([]),
  /** RT shows 0 as Low, 50 as Medium, 100 as High and everything between as Medium. */
  priorities: z
    .record(z.enum(["1", "2", "3", "4", "5"]), z.int())
    .default({ "1": 100, "2": 100, "3": 50, "4": 50, "5": 0 }),
});

const customFieldsSchema = z.array(z.object({ name: z.string(), values: z.array(z.string()).nullish() })).nullish();
const ticketSchema = z.object({
  id: z.coerce.string(),
  Status: z.string(),
  Owner: z.object({ id: z.string() }).nullish(),
  LastUpdated: z.string().nullish(),
  CustomFields: customFieldsSchema,
});
const listSchema = z.object({ items: z.array(z.object({ id: z.coerce.string(), CustomFields: customFieldsSchema })) });
const queueSchema = z.object({ TicketCustomFields: z.array(z.object({ name: z.string().nullish() })).nullish() });
const historySchema = z.object({
  items: z.array(z.object({ Type: z.string().nullish(), Data: z.string().nullish() })),
});

/** RT's default life cycle. A status that is in neither list was given by a person or a merge. */
const OPEN = ["new", "open", "stalled"];
const RESOLVED = ["resolved"];

/** Request Tracker 5 over REST2. A refused change is 200 with words, an unknown field is dropped in silence: so all is read back. */
export const requestTracker = defineConnector({
  name: "request-tracker",
  title: "Request Tracker",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"],
  tried: "real",
  configSchema,
  connect: (config, { http, clock }) => {
    const root = `${config.baseUrl.replace(/\/+$/, "")}/REST/2.0`;
    const headers = { authorization: `token ${config.token}`, "content-type": "application/json" };
    const get = (path: string, signal: AbortSignal) => http({ method: "GET", url: `${root}${path}`, headers, signal });
    const send = (method: "POST" | "PUT", path: string, body: unknown, signal: AbortSignal) =>
      http({ method, url: `${root}${path}`, headers, body: JSON.stringify(body), signal });
    const refOf = (id: string): TicketRef => ({
      id,
      number: id,
      url: `${config.baseUrl.replace(/\/+$/, "")}/Ticket/Display.html?id=${id}`,
    });
    const holdsKey = (fields: z.infer<typeof customFieldsSchema>, key: string) =>
      (fields ?? []).some((field) => field.name === config.keyField && field.values?.includes(key));

    const readTicket = async (id: string, signal: AbortSignal) => {
      const answer = await get(`/ticket/${encodeURIComponent(id)}`, signal);
      if (answer.status === 404) return undefined;
      return parseAnswer(
        ticketSchema,
        expectStatus(answer, [200], "reading the ticket", clock.now()),
        "reading the ticket",
      );
    };

    const customFields = (content: TicketContent) => ({
      [config.keyField]: content.key,
      ...(config.deviceField && content.asset ? { [config.deviceField]: content.asset.assetId } : {}),
    });

    const whoAmI = async (signal: AbortSignal): Promise<CheckFinding> => {
      const answer = await get("/rt", signal);
      return finding(
        answer.status === 200,
        "the token is accepted",
        "make an auth token for the user in RT's settings and put it into `token`",
      );
    };
    const queueExists = async (signal: AbortSignal): Promise<readonly CheckFinding[]> => {
      const answer = await get(`/queue/${encodeURIComponent(config.queue)}`, signal);
      const seen = answer.status === 200;
      const fields = seen ? parseAnswer(queueSchema, answer, "reading the queue").TicketCustomFields : [];
      return [
        finding(
          seen,
          `queue "${config.queue}" can be seen`,
          "create the queue, or grant the user SeeQueue on it (RT answers 403 for both)",
        ),
        finding(
          (fields ?? []).some((field) => field.name === config.keyField),
          `ticket custom field "${config.keyField}" applies to the queue`,
          "create a free-text ticket custom field of that name, apply it to the queue, grant SeeCustomField and ModifyCustomField: without it RT drops the key in silence",
        ),
      ];
    };

    const quoted = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
    /** An unknown field or catalog gives no hit and no error, so the check looks at both. */
    const findAssets = async (serialNumber: string, signal: AbortSignal) => {
      const query = `Catalog=${quoted(config.assetCatalog ?? "")} AND 'CF.{${config.serialField}}'=${quoted(serialNumber)}`;
      const path = `/assets?query=${encodeURIComponent(query)}&fields=CustomFields&per_page=3`;
      const answer = expectStatus(await get(path, signal), [200], "searching the assets", clock.now());
      return parseAnswer(listSchema, answer, "searching the assets").items.filter(({ CustomFields }) =>
        (CustomFields ?? []).some(({ name, values }) => name === config.serialField && values?.includes(serialNumber)),
      );
    };
    const findAsset = async ({ serialNumber }: NonNullable<TicketContent["asset"]>, signal: AbortSignal) => {
      if (serialNumber === undefined) return undefined;
      const [one, ...more] = await findAssets(serialNumber, signal);
      return more.length === 0 ? one?.id : undefined;
    };
    const catalogExists = async (signal: AbortSignal): Promise<readonly CheckFinding[]> => {
      if (config.assetCatalog === undefined) return [];
      const answer = await get(`/catalog/${encodeURIComponent(config.assetCatalog)}`, signal);
      return [
        finding(
          answer.status === 200,
          `asset catalog "${config.assetCatalog}" can be seen`,
          "create the catalog, or grant the user ShowCatalog and ShowAsset on it",
        ),
      ];
    };

    return createDesk("Request Tracker", {
      check: (signal) => checked(signal, [whoAmI, queueExists, catalogExists]),
      find: async ({ key }, signal) => {
        const query = `Queue='${config.queue.replace(/'/g, "\\'")}' AND 'CF.{${config.keyField}}'='${key}'`;
        const path = `/tickets?query=${encodeURIComponent(query)}&fields=Status,CustomFields&orderby=id&per_page=100`;
        const answer = expectStatus(await get(path, signal), [200], "searching", clock.now());
        return parseAnswer(listSchema, answer, "searching")
          .items.filter((item) => holdsKey(item.CustomFields, key))
          .sort((a, b) => Number(a.id) - Number(b.id))
          .map((item) => refOf(item.id));
      },
      ...(config.assetCatalog === undefined ? {} : { findAsset }),
      create: async (content, signal) => {
        const body = {
          Queue: config.queue,
          Subject: content.subject,
          Content: content.text,
          ContentType: "text/plain",
          Priority: config.priorities[String(content.priority) as "1"] ?? 50,
          CustomFields: customFields(content),
          ...(content.asset?.ciRef ? { RefersTo: [`asset:${content.asset.ciRef}`] } : {}),
        };
        const answer = expectStatus(await send("POST", "/ticket", body, signal), [201], "creating", clock.now());
        const { id } = parseAnswer(z.object({ id: z.coerce.string() }), answer, "creating");
        const kept = await readTicket(id, signal);
        return holdsKey(kept?.CustomFields, content.key)
          ? { ref: refOf(id) }
          : {
              ref: refOf(id),
              remark: `RT dropped the key: custom field "${config.keyField}" is missing on the queue`,
            };
      },
      read: async (ref, signal) => {
        const ticket = await readTicket(ref.id, signal);
        if (!ticket || ticket.Status === "deleted") return { state: "gone" };
        const owner = ticket.Owner?.id;
        const taken = owner !== undefined && owner !== "Nobody" && owner !== "";
        const state = RESOLVED.includes(ticket.Status)
          ? "resolved"
          : taken || !OPEN.includes(ticket.Status)
            ? "taken"
            : "open";
        const verdict = config.falseStatuses.includes(ticket.Status)
          ? ("false" as const)
          : config.plannedStatuses.includes(ticket.Status)
            ? ("planned" as const)
            : undefined;
        return {
          state,
          ...(taken ? { assignee: owner } : {}),
          ...(verdict === undefined ? {} : { verdict }),
          // Asked for a merged ticket, RT answers with the one that it was merged into.
          ...(ticket.id === ref.id ? {} : { mergedInto: refOf(ticket.id) }),
          ...(ticket.LastUpdated ? { updatedAt: ticket.LastUpdated } : {}),
        };
      },
      // The comment's subject becomes the transaction's Data, which is how a note is found again.
      addNote: async (ref, _content, note, signal) => {
        const body = { Subject: `rollcall ${note.id}`, Content: note.text, ContentType: "text/plain" };
        expectStatus(await send("POST", `/ticket/${ref.id}/comment`, body, signal), [201], "commenting", clock.now());
      },
      hasNote: async (ref, note, signal) => {
        const answer = expectStatus(
          await get(`/ticket/${ref.id}/history?fields=Type,Data&per_page=100`, signal),
          [200],
          "reading the history",
          clock.now(),
        );
        return parseAnswer(historySchema, answer, "reading the history").items.some(
          (item) => item.Data?.trim() === `rollcall ${note.id}`,
        );
      },
      setState: async (ref, _content, note, state, signal) => {
        const body = { Subject: `rollcall ${note.id}`, Content: note.text, ContentType: "text/plain" };
        expectStatus(await send("POST", `/ticket/${ref.id}/comment`, body, signal), [201], "commenting", clock.now());
        const answer = await send(
          "PUT",
          `/ticket/${ref.id}`,
          { Status: state === "resolved" ? "resolved" : "open" },
          signal,
        );
        expectStatus(answer, [200], "changing the status", clock.now());
      },
    });
  },
});
