import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding, reject } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  user: z.string().min(1),
  password: z.string().min(1),
  organisation: z.string().min(1),
  /** A ticket must be assigned before it can be resolved: to this team and agent. */
  teamId: z.string().regex(/^\d+$/),
  agentId: z.string().regex(/^\d+$/),
  /** Resolution codes by which people say that there was nothing, or that it was planned. */
  falseResolutionCodes: z.array(z.string().min(1)).default([]),
  plannedResolutionCodes: z.array(z.string().min(1)).default([]),
});

const objectSchema = z.object({ key: z.string(), fields: z.record(z.string(), z.unknown()) });
const answerSchema = z.object({
  code: z.int(),
  message: z.string().nullish(),
  objects: z.record(z.string(), objectSchema).nullish(),
});
const IMPACT = { high: "1", medium: "2", low: "3" } as const;
const FIELDS =
  "id,ref,status,title,description,agent_id,agent_id_friendlyname,resolution_code,parent_incident_id,last_update";

/** OQL takes double-quoted text with backslash escapes. */
const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** iTop 3's JSON service. It answers 200 to everything; `code` is the result. States change by stimulus only, each from its right state. */
export const itop = defineConnector({
  name: "itop",
  title: "iTop",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask } = createRest(
      http,
      config.baseUrl,
      { authorization: basicAuth(config.user, config.password) },
      clock.now,
    );
    const run = async (what: string, data: Record<string, unknown>, signal: AbortSignal) => {
      const form = { json_data: JSON.stringify({ comment: "rollcall", ...data }) };
      const answer = await ask(what, answerSchema, {
        path: "/webservices/rest.php",
        query: { version: "1.3" },
        form,
        signal,
      });
      if (answer.code === 1) reject(`${what}: not authorised; the user needs the profile "REST Services User"`);
      if (answer.code !== 0) reject(`${what}: ${answer.message ?? `code ${answer.code}`}`);
      return Object.values(answer.objects ?? {});
    };
    const urlOf = (id: string) => `${config.baseUrl}/pages/UI.php?operation=details&class=Incident&id=${id}`;
    const refOf = (object: z.infer<typeof objectSchema>): TicketRef => ({
      id: object.key,
      number: String(object.fields["ref"] ?? object.key),
      url: urlOf(object.key),
    });
    const get = async (id: string, signal: AbortSignal) =>
      (await run("reading", { operation: "core/get", class: "Incident", key: id, output_fields: FIELDS }, signal))[0];
    const stimulate = (ref: TicketRef, stimulus: string, fields: Record<string, string>, signal: AbortSignal) =>
      run(
        stimulus,
        { operation: "core/apply_stimulus", class: "Incident", key: ref.id, stimulus, fields, output_fields: FIELDS },
        signal,
      );
    const log = (ref: TicketRef, text: string, signal: AbortSignal) =>
      run(
        "commenting",
        {
          operation: "core/update",
          class: "Incident",
          key: ref.id,
          fields: { private_log: { add_item: { message: text, format: "text" } } },
          output_fields: "id",
        },
        signal,
      );
    const tag = (key: string) => `[${key}]`;

    return createDesk("iTop", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (
                await run(
                  "reading the organisation",
                  {
                    operation: "core/get",
                    class: "Organization",
                    key: `SELECT Organization WHERE name=${quote(config.organisation)}`,
                    output_fields: "name",
                  },
                  signal,
                )
              ).length === 1,
              `organisation "${config.organisation}" exists once`,
              "give the name of exactly one organisation",
            ),
        ]),
      // No key field on tickets by default, so our key stands in the description; what comes back is compared.
      find: async ({ key }, signal) => {
        const oql = `SELECT Incident WHERE description LIKE ${quote(`%${tag(key)}%`)}`;
        const objects = await run(
          "searching",
          { operation: "core/get", class: "Incident", key: oql, output_fields: FIELDS },
          signal,
        );
        return objects
          .filter((object) => String(object.fields["description"] ?? "").includes(tag(key)))
          .sort((a, b) => Number(a.key) - Number(b.key))
          .map(refOf);
      },
      findAsset: async ({ serialNumber }, signal) => {
        if (serialNumber === undefined) return undefined;
        const key = `SELECT PhysicalDevice WHERE serialnumber = ${quote(serialNumber)}`;
        const hits = await run(
          "looking for the CI",
          { operation: "core/get", class: "PhysicalDevice", key, output_fields: "id,serialnumber" },
          signal,
        );
        const mine = hits.filter(({ fields }) => fields["serialnumber"] === serialNumber);
        return mine.length === 1 ? mine[0]?.key : undefined;
      },
      create: async (content, signal) => {
        const fields = {
          org_id: `SELECT Organization WHERE name=${quote(config.organisation)}`,
          title: content.subject.slice(0, 255),
          description: `${content.html}<p>${tag(content.key)}</p>`,
          impact: IMPACT[content.impact],
          urgency: IMPACT[content.urgency],
          origin: "monitoring",
          ...(content.asset?.ciRef
            ? { functionalcis_list: [{ functionalci_id: content.asset.ciRef, impact_code: "manual" }] }
            : {}),
        };
        const [made] = await run(
          "creating",
          { operation: "core/create", class: "Incident", fields, output_fields: FIELDS },
          signal,
        );
        return { ref: refOf(made ?? reject("creating: iTop said yes and made nothing")) };
      },
      read: async (ref, signal) => {
        const object = await get(ref.id, signal);
        if (!object) return { state: "gone" };
        const status = String(object.fields["status"] ?? "");
        const agent = String(object.fields["agent_id_friendlyname"] ?? "");
        // We assign to our own agent, since a ticket must be assigned before it can be resolved; anybody else is a person.
        const agentId = String(object.fields["agent_id"] ?? "0");
        const isPersons = agentId !== "0" && agentId !== "" && agentId !== config.agentId;
        const parent = String(object.fields["parent_incident_id"] ?? "0");
        const state =
          status === "resolved" || status === "closed"
            ? "resolved"
            : (status === "new" || status === "assigned") && !isPersons
              ? "open"
              : "taken";
        return {
          state,
          ...(agent && isPersons ? { assignee: agent } : {}),
          ...(state === "resolved"
            ? verdictBy([String(object.fields["resolution_code"] ?? "")], {
                isFalse: config.falseResolutionCodes,
                isPlanned: config.plannedResolutionCodes,
              })
            : {}),
          ...(parent === "0" || parent === "" ? {} : { mergedInto: { id: parent, url: urlOf(parent) } }),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await log(ref, note.text, signal);
      },
      setState: async (ref, _content, note, state, signal) => {
        if (state === "open") {
          await stimulate(ref, "ev_reopen", {}, signal);
          await log(ref, note.text, signal);
          return;
        }
        const object = await get(ref.id, signal);
        if (object?.fields["status"] === "new")
          await stimulate(ref, "ev_assign", { team_id: config.teamId, agent_id: config.agentId }, signal);
        await stimulate(ref, "ev_resolve", { solution: note.text }, signal);
      },
    });
  },
});
