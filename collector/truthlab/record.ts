import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import type { Arrival, Engine, SessionEvent } from "../engine/engine.ts";
import type { AgentRow } from "../store/store.ts";

/**
 * A collector's input as it was decided upon, one JSON object a line: which agents were enrolled, then every session event
 * and every message, with the collector's time. What it held before is not in it: replay begins with no assets.
 */
export type RecordLine =
  | { readonly kind: "head"; readonly version: 1; readonly atMs: number }
  | { readonly kind: "agent"; readonly atMs: number; readonly row: AgentRow }
  | { readonly kind: "session"; readonly atMs: number; readonly event: SessionEvent }
  | { readonly kind: "arrival"; readonly atMs: number; readonly arrival: Arrival };

export type RecorderDeps = {
  readonly now: () => number;
  readonly write: (line: string) => void;
  /** Rows of the agents that are enrolled now. */
  readonly agents: () => Promise<readonly AgentRow[]>;
};

const lineOf = (line: RecordLine): string => `${JSON.stringify(line)}\n`;

/** An engine that also writes down what it is told. Agents that enrol later are written before their first word. */
export const recordEngine = async (engine: Engine, { now, write, agents }: RecorderDeps): Promise<Engine> => {
  const known = new Set<string>();
  const noteAgents = async () => {
    for (const row of await agents()) {
      const key = `${row.agentId}#${row.instance}`;
      if (known.has(key)) continue;
      known.add(key);
      // Keys are of no use to a replay, and a recording is passed around.
      write(lineOf({ kind: "agent", atMs: now(), row: { ...row, publicKey: "" } }));
    }
  };
  const noteSession = async (event: SessionEvent) => {
    if (event.kind === "hello" && !known.has(`${event.hello.agentId}#${event.hello.instance}`)) await noteAgents();
    write(lineOf({ kind: "session", atMs: now(), event }));
  };
  write(lineOf({ kind: "head", version: 1, atMs: now() }));
  await noteAgents();
  return {
    ...engine,
    session: async (event) => {
      await noteSession(event);
      return engine.session(event);
    },
    sessions: async (batch) => {
      for (const event of batch) await noteSession(event);
      return engine.sessions(batch);
    },
    ingest: (batch) => {
      for (const arrival of batch) write(lineOf({ kind: "arrival", atMs: now(), arrival }));
      return engine.ingest(batch);
    },
  };
};

const lineSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("head"), version: z.literal(1), atMs: z.number() }),
  z.object({
    kind: z.literal("agent"),
    atMs: z.number(),
    row: z.looseObject({ agentId: z.string(), instance: z.int(), name: z.string(), scopes: z.array(z.unknown()) }),
  }),
  z.object({ kind: z.literal("session"), atMs: z.number(), event: z.looseObject({ kind: z.string() }) }),
  z.object({
    kind: z.literal("arrival"),
    atMs: z.number(),
    arrival: z.looseObject({ agentId: z.string(), message: z.looseObject({ kind: z.string() }) }),
  }),
]);

/** @throws RollcallError `record.malformed`, naming the line */
export const parseRecordLine = (text: string, number: number): RecordLine => {
  const fail = (why: string, cause?: unknown) =>
    new RollcallError("record.malformed", `line ${number} of the recording: ${why}`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw fail("is not JSON: if the recording was cut off there, remove that line", cause);
  }
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "does not fit"}`);
  }
  if (number === 1 && parsed.data.kind !== "head") throw fail("is no head: this is not a recording");
  // The inner shapes were checked by the protocol's own schemas before they were recorded.
  return parsed.data as unknown as RecordLine;
};
