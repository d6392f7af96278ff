import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding, reject } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  /** "https://example.atlassian.net" */
  baseUrl: z.url(),
  user: z.email(),
  apiToken: z.string().min(1),
  serviceDeskId: z.string().regex(/^\d+$/),
  requestTypeId: z.string().regex(/^\d+$/),
  /** Project key, to search in: labels are searchable at once, custom fields only after indexing. */
  project: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  resolution: z.string().default("Done"),
  /** Resolutions by which people say that there was nothing, or that it was planned. */
  falseResolutions: z.array(z.string().min(1)).default(["Won't Do", "Declined", "Cannot Reproduce"]),
  plannedResolutions: z.array(z.string().min(1)).default([]),
});

const issueSchema = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    labels: z.array(z.string()).nullish(),
    status: z.object({ statusCategory: z.object({ key: z.string() }) }).nullish(),
    assignee: z.object({ displayName: z.string() }).nullish(),
    updated: z.string().nullish(),
    resolution: z.object({ name: z.string() }).nullish(),
    issuelinks: z
      .array(
        z.object({ type: z.object({ outward: z.string() }), outwardIssue: z.object({ key: z.string() }).nullish() }),
      )
      .nullish(),
  }),
});
const transitionsSchema = z.object({
  transitions: z.array(z.object({ id: z.string(), to: z.object({ statusCategory: z.object({ key: z.string() }) }) })),
});

/** Atlassian Document Format of plain text: a paragraph a line. */
const toDocument = (text: string) => ({
  type: "doc",
  version: 1,
  content: text
    .split("\n")
    .map((line) => ({ type: "paragraph", content: line === "" ? [] : [{ type: "text", text: line }] })),
});

/** Jira Service Management Cloud: a customer request that carries our key as a label (labels know no spaces). */
export const jiraServiceManagement = defineConnector({
  name: "jira-service-management",
  title: "Jira Service Management",
  abilities: ["comment", "resolve", "reopen", "find", "read", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call, tell } = createRest(
      http,
      config.baseUrl,
      { authorization: basicAuth(config.user, config.apiToken) },
      clock.now,
    );
    const refOf = (key: string): TicketRef => ({
      id: key,
      number: key,
      url: `${config.baseUrl.replace(/\/+$/, "")}/browse/${key}`,
    });
    const issue = "/rest/api/3/issue";
    const fields = "labels,status,assignee,updated,resolution,issuelinks";
    const comment = (what: string, ref: TicketRef, text: string, signal: AbortSignal) =>
      tell(what, {
        path: `/rest/servicedeskapi/request/${ref.id}/comment`,
        json: { body: text, public: false },
        signal,
      });

    return createDesk("Jira Service Management", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (await call({ path: "/rest/api/3/myself", signal })).status === 200,
              "the API token is accepted",
              "make an API token in the account's security settings",
            ),
          async () => {
            const path = `/rest/servicedeskapi/servicedesk/${config.serviceDeskId}/requesttype/${config.requestTypeId}/field`;
            const schema = z.object({
              requestTypeFields: z.array(z.object({ fieldId: z.string(), required: z.boolean() })),
            });
            const { requestTypeFields } = await ask("reading the request type", schema, { path, signal });
            const lacking = requestTypeFields
              .filter((f) => f.required && !["summary", "description"].includes(f.fieldId))
              .map((f) => f.fieldId);
            return finding(
              lacking.length === 0,
              "the request type asks for nothing but summary and description",
              `make these fields optional: ${lacking.join(", ")}`,
            );
          },
        ]),
      find: async ({ key }, signal) => {
        const json = {
          jql: `project = "${config.project}" AND labels = "${key}" ORDER BY created ASC`,
          fields: ["labels"],
          maxResults: 50,
        };
        const { issues } = await ask("searching", z.object({ issues: z.array(issueSchema) }), {
          path: "/rest/api/3/search/jql",
          json,
          signal,
        });
        return issues.filter((found) => found.fields.labels?.includes(key)).map((found) => refOf(found.key));
      },
      create: async (content, signal) => {
        const json = {
          serviceDeskId: config.serviceDeskId,
          requestTypeId: config.requestTypeId,
          requestFieldValues: { summary: content.subject.slice(0, 255), description: content.text },
        };
        const { issueKey } = await ask("creating", z.object({ issueKey: z.string() }), {
          path: "/rest/servicedeskapi/request",
          json,
          signal,
        });
        // A request form can't set labels, so the key follows at once; should this fail, the outbox holds the ticket's id already.
        const labelled = await call({
          method: "PUT",
          path: `${issue}/${issueKey}`,
          json: { update: { labels: [{ add: content.key }] } },
          signal,
        });
        return {
          ref: refOf(issueKey),
          ...(labelled.status === 204
            ? {}
            : { remark: `the key could not be set as a label (${labelled.status}): allow the user to edit issues` }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `${issue}/${ref.id}`, query: { fields }, signal });
        if (answer.status === 404) return { state: "gone" };
        const found = await ask("reading", issueSchema, { path: `${issue}/${ref.id}`, query: { fields }, signal });
        const category = found.fields.status?.statusCategory.key;
        const assignee = found.fields.assignee?.displayName;
        const resolution = found.fields.resolution?.name ?? "";
        // Jira merges nothing: people link a duplicate to its original ("duplicates" is the outward word of that link).
        const original = found.fields.issuelinks?.find(
          ({ type, outwardIssue }) => type.outward === "duplicates" && outwardIssue,
        )?.outwardIssue?.key;
        return {
          ...(category === "done"
            ? verdictBy([resolution], { isFalse: config.falseResolutions, isPlanned: config.plannedResolutions })
            : {}),
          ...(original === undefined ? {} : { mergedInto: refOf(original) }),
          state: category === "done" ? "resolved" : assignee ? "taken" : "open",
          ...(assignee ? { assignee } : {}),
          ...(found.fields.updated ? { updatedAt: found.fields.updated } : {}),
        };
      },
      addNote: (ref, _content, note, signal) => comment("commenting", ref, note.text, signal),
      // Transition ids depend on the workflow and the present status: asked each time, chosen by where they lead.
      setState: async (ref, _content, note, state, signal) => {
        const { transitions } = await ask("reading the transitions", transitionsSchema, {
          path: `${issue}/${ref.id}/transitions`,
          signal,
        });
        const wanted = state === "resolved" ? ["done"] : ["new", "indeterminate"];
        const transition =
          transitions.find((t) => wanted.includes(t.to.statusCategory.key)) ??
          reject(`the workflow offers no way to "${state}" from the present status`);
        const json = {
          transition: { id: transition.id },
          ...(state === "resolved" ? { fields: { resolution: { name: config.resolution } } } : {}),
          update: { comment: [{ add: { body: toDocument(note.text) } }] },
        };
        await tell("changing the state", { path: `${issue}/${ref.id}/transitions`, json, signal });
      },
    });
  },
});
