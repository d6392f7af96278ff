import { z } from "zod";
import { toTimestamp } from "../../shared/clock.ts";
import { defineConnector, type TicketContent, type TicketRef } from "./connector.ts";
import { createDesk, finding } from "./desk.ts";
import { createRest } from "./rest.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  /** Labels to add, for Alertmanager's routes. */
  labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()).default({}),
  /** Until when an alert stands without renewal: longer than `renewMs`, and short enough to end by itself when we are gone. */
  holdMs: z.int().positive().default(3_600_000),
  /** How often what stands is told again: Alertmanager keeps its alerts in memory, and has none after a restart. */
  renewMs: z.int().min(1_000).default(120_000),
  bearerToken: z.string().optional(),
});

const SEVERITY = { 1: "critical", 2: "critical", 3: "warning", 4: "warning", 5: "info" } as const;

const labelsSchema = z.record(z.string(), z.string());

/** The labels with which the alert was raised: a device that is renamed since must not make a second one. */
const labelsOf = ({ id }: TicketRef): Record<string, string> | undefined => {
  try {
    return labelsSchema.parse(JSON.parse(id));
  } catch {
    return undefined;
  }
};

/** Prometheus Alertmanager. An alert is its labels, nothing else: the same labels are the same alert, an end in the past resolves it. */
export const alertmanager = defineConnector({
  name: "alertmanager",
  title: "Prometheus Alertmanager",
  abilities: ["resolve", "reopen"],
  tried: "real",
  configSchema,
  connect: (config, { http, clock }) => {
    const headers: Record<string, string> = config.bearerToken ? { authorization: `Bearer ${config.bearerToken}` } : {};
    const { call, tell } = createRest(http, config.baseUrl, headers, clock.now);
    const labelsFor = (content: TicketContent): Record<string, string> => ({
      ...config.labels,
      alertname: "Rollcall",
      rollcall_key: content.key,
      kind: content.kind,
      severity: SEVERITY[content.priority],
      ...(content.asset ? { device: content.asset.name } : {}),
    });
    type Alert = { readonly ref?: TicketRef; readonly content: TicketContent; readonly text: string };
    const post = (what: string, { ref, content, text }: Alert, endsAtMs: number, signal: AbortSignal) => {
      const alert = {
        labels: (ref && labelsOf(ref)) ?? labelsFor(content),
        annotations: { summary: content.subject, description: text.slice(0, 30_000) },
        startsAt: content.openedAt,
        endsAt: toTimestamp(endsAtMs),
        ...(content.link ? { generatorURL: content.link } : {}),
      };
      return tell(what, { path: "/api/v2/alerts", json: [alert], signal });
    };
    const held = () => clock.now() + config.holdMs;
    return createDesk("Alertmanager", {
      check: async (signal) => [
        finding(
          (await call({ path: "/-/ready", signal })).status === 200,
          "Alertmanager is ready",
          "check its address",
        ),
      ],
      create: async (content, signal) => {
        await post("firing", { content, text: content.text }, held(), signal);
        return { ref: { id: JSON.stringify(labelsFor(content)), number: content.key } };
      },
      addNote: (ref, content, note, signal) => post("renewing", { ref, content, text: note.text }, held(), signal),
      change: (ref, content, note, state, signal) =>
        post(
          "changing the state",
          { ref, content, text: note.text },
          state === "resolved" ? clock.now() : held(),
          signal,
        ),
      renewMs: config.renewMs,
      renew: (ref, content, signal) => post("renewing", { ref, content, text: content.text }, held(), signal),
    });
  },
});
