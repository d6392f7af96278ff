import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, expectStatus, finding, parseAnswer, reject } from "./desk.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  apiKey: z.string().min(1),
  /** Identifier of the project, as in its address. */
  project: z.string().regex(/^[a-z0-9_-]+$/),
  /** Id of the issue custom field that holds our key (text, "used as a filter"). Only an administrator may list them, so it is given. */
  keyFieldId: z.int().positive(),
  trackerId: z.int().positive().optional(),
  /** Status for a resolved ticket, and the one for a reopened: ids from the administration's status list. */
  resolvedStatusId: z.int().positive(),
  openStatusId: z.int().positive(),
  /** Statuses by which people say that there was nothing ("Rejected"), or that it was planned: ids. */
  falseStatusIds: z.array(z.int().positive()).default([]),
  plannedStatusIds: z.array(z.int().positive()).default([]),
  /** Priority ids, by our priority; what is left out takes the project's default. */
  priorityIds: z.partialRecord(z.enum(["1", "2", "3", "4", "5"]), z.int().positive()).default({}),
});

const issueSchema = z.object({
  id: z.int(),
  status: z.object({ id: z.int(), is_closed: z.boolean().optional() }),
  assigned_to: z.object({ name: z.string() }).optional(),
  updated_on: z.string().optional(),
  custom_fields: z.array(z.object({ id: z.int(), value: z.unknown() })).optional(),
  journals: z.array(z.object({ notes: z.string().nullish() })).optional(),
  relations: z.array(z.object({ issue_id: z.int(), issue_to_id: z.int(), relation_type: z.string() })).optional(),
});
type Issue = z.infer<typeof issueSchema>;

/** Redmine 5's REST API. Filters on unknown fields are ignored, unknown states are 204 without effect: so hits are compared, changes read back. */
export const redmine = defineConnector({
  name: "redmine",
  title: "Redmine",
  abilities: ["comment", "resolve", "reopen", "find", "read", "assignee", "verdict", "merges"],
  tried: "real",
  configSchema,
  connect: (config, { http, clock }) => {
    const root = config.baseUrl.replace(/\/+$/, "");
    const headers = { "x-redmine-api-key": config.apiKey, "content-type": "application/json" };
    const get = (path: string, signal: AbortSignal) => http({ method: "GET", url: `${root}${path}`, headers, signal });
    const send = (method: "POST" | "PUT", path: string, body: unknown, signal: AbortSignal) =>
      http({ method, url: `${root}${path}`, headers, body: JSON.stringify(body), signal });
    const refOf = (id: number): TicketRef => ({ id: String(id), number: `#${id}`, url: `${root}/issues/${id}` });
    const holdsKey = (issue: Issue, key: string) =>
      (issue.custom_fields ?? []).some((field) => field.id === config.keyFieldId && field.value === key);

    const readIssue = async (id: string, signal: AbortSignal): Promise<Issue | undefined> => {
      const answer = await get(`/issues/${encodeURIComponent(id)}.json?include=journals,relations`, signal);
      if (answer.status === 404) return undefined;
      return parseAnswer(
        z.object({ issue: issueSchema }),
        expectStatus(answer, [200], "reading the issue", clock.now()),
        "reading the issue",
      ).issue;
    };
    const marker = (noteId: string) => `[rollcall ${noteId}]`;
    const put = async (ref: TicketRef, issue: Record<string, unknown>, signal: AbortSignal) => {
      const answer = await send("PUT", `/issues/${ref.id}.json`, { issue }, signal);
      if (answer.status === 404) reject(`issue ${ref.number ?? ref.id} is gone`);
      expectStatus(answer, [200, 204], "changing the issue", clock.now());
    };

    return createDesk("Redmine", {
      check: (signal) =>
        checked(signal, [
          // Lists answer a wrong key as if nobody had asked, with 200: only this call tells.
          async () =>
            finding(
              (await get("/users/current.json", signal)).status === 200,
              "the API key is accepted",
              "enable the REST API, and put the key of the user's account page into `apiKey`",
            ),
          async () =>
            finding(
              (await get(`/projects/${config.project}.json`, signal)).status === 200,
              `project "${config.project}" can be seen`,
              "create the project, or make the user a member with the right to add and edit issues",
            ),
          async () => {
            const answer = await get("/issue_statuses.json", signal);
            const ids =
              answer.status === 200
                ? parseAnswer(
                    z.object({ issue_statuses: z.array(z.object({ id: z.int() })) }),
                    answer,
                    "statuses",
                  ).issue_statuses.map((s) => s.id)
                : [];
            return [config.resolvedStatusId, config.openStatusId].map((id) =>
              finding(
                ids.includes(id),
                `status ${id} exists`,
                "take the ids from the administration's list of issue statuses: Redmine ignores unknown ones in silence",
              ),
            );
          },
        ]),
      find: async ({ key }, signal) => {
        const path = `/issues.json?project_id=${config.project}&status_id=*&cf_${config.keyFieldId}=${encodeURIComponent(key)}&sort=id&limit=100`;
        const answer = expectStatus(await get(path, signal), [200], "searching", clock.now());
        return parseAnswer(z.object({ issues: z.array(issueSchema) }), answer, "searching")
          .issues.filter((issue) => holdsKey(issue, key))
          .sort((a, b) => a.id - b.id)
          .map((issue) => refOf(issue.id));
      },
      create: async (content, signal) => {
        const priority = config.priorityIds[String(content.priority) as "1"];
        const issue = {
          project_id: config.project,
          subject: content.subject.slice(0, 255),
          description: content.text,
          custom_fields: [{ id: config.keyFieldId, value: content.key }],
          ...(config.trackerId === undefined ? {} : { tracker_id: config.trackerId }),
          ...(priority === undefined ? {} : { priority_id: priority }),
        };
        const answer = expectStatus(
          await send("POST", "/issues.json", { issue }, signal),
          [201],
          "creating",
          clock.now(),
        );
        const kept = parseAnswer(z.object({ issue: issueSchema }), answer, "creating").issue;
        return holdsKey(kept, content.key)
          ? { ref: refOf(kept.id) }
          : {
              ref: refOf(kept.id),
              remark: `Redmine dropped the key: custom field ${config.keyFieldId} is not in this project and tracker`,
            };
      },
      read: async (ref, signal) => {
        const issue = await readIssue(ref.id, signal);
        if (!issue) return { state: "gone" };
        const resolved = issue.status.is_closed === true || issue.status.id === config.resolvedStatusId;
        const assignee = issue.assigned_to?.name;
        const verdict = config.falseStatusIds.includes(issue.status.id)
          ? ("false" as const)
          : config.plannedStatusIds.includes(issue.status.id)
            ? ("planned" as const)
            : undefined;
        // Redmine merges nothing: people relate a duplicate to its original, which closes it too.
        const original = issue.relations?.find(
          (relation) => relation.relation_type === "duplicates" && relation.issue_id === issue.id,
        )?.issue_to_id;
        return {
          state: resolved ? "resolved" : assignee === undefined ? "open" : "taken",
          ...(assignee === undefined ? {} : { assignee }),
          ...(verdict === undefined ? {} : { verdict }),
          ...(original === undefined ? {} : { mergedInto: refOf(original) }),
          ...(issue.updated_on === undefined ? {} : { updatedAt: issue.updated_on }),
        };
      },
      addNote: (ref, _content, note, signal) => put(ref, { notes: `${note.text}\n\n${marker(note.id)}` }, signal),
      hasNote: async (ref, note, signal) =>
        ((await readIssue(ref.id, signal))?.journals ?? []).some((journal) => journal.notes?.includes(marker(note.id))),
      setState: (ref, _content, note, state, signal) =>
        put(
          ref,
          {
            notes: `${note.text}\n\n${marker(note.id)}`,
            status_id: state === "resolved" ? config.resolvedStatusId : config.openStatusId,
          },
          signal,
        ),
    });
  },
});
