import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import { vendorKey } from "../../collector/identity/keys.ts";
import { parseMac } from "../../shared/mac.ts";
import { methodSchema, type SubjectKey, subjectKeySchema } from "../../shared/protocol/observation.ts";
import { epochMs, shortText } from "../../shared/protocol/text.ts";
import { ownersOf } from "./identity-score.ts";
import type { Line, Observation, Site, TrueDevice } from "./identity-site.ts";

/**
 * Observations and truth in files of JSON Lines, as `shared/protocol/README.md` documents them, so that anybody's data can be scored.
 * A line that can't be read is told by its number.
 */
const keys = z.array(subjectKeySchema).max(256);
const silenceSchema = z.object({
  ...{ atMs: epochMs, heardMs: epochMs.optional(), agent: shortText.min(1), ends: z.literal("lost") },
});
const observationSchema = z.object({
  ...{ atMs: epochMs, heardMs: epochMs.optional(), realm: shortText.default("site"), method: methodSchema },
  ...{ agent: shortText.min(1).exactOptional(), copy: z.int().min(0).max(1).exactOptional(), keys },
});
const truthSchema = z.object({ device: shortText.min(1), visitor: z.boolean().exactOptional(), keys });

const CHUNK_BYTES = 1 << 20;
/** An observation has 256 keys of 1,024 characters at most. */
const MAX_LINE = 4 << 20;

const openFile = (path: string): number => {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new Error(`${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
};

/** The lines of a file with their numbers from 1, empty ones left out; the file is never whole in memory. */
const readLines = function* (path: string): Generator<readonly [number: number, text: string]> {
  const file = openFile(path);
  const decoder = new StringDecoder("utf8");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let [rest, number] = ["", 0];
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const parts = (rest + decoder.write(chunk.subarray(0, size))).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > MAX_LINE) throw new Error(`${path}, line ${number + parts.length + 1}: longer than 4 MiB`);
      for (const text of parts) yield [++number, text];
    }
    yield [++number, rest + decoder.end()];
  } finally {
    closeSync(file);
  }
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("is not JSON");
  }
};

/** @throws Error that names the file, the line and what is wrong with it */
const readRows = function* <T>(path: string, read: (value: unknown) => T): Generator<T> {
  for (const [number, raw] of readLines(path)) {
    const text = number === 1 ? raw.replace(/^\uFEFF/, "") : raw;
    if (text.trim() === "") continue;
    try {
      yield read(readJson(text));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Error(`${path}, line ${number}: ${reason.replaceAll("\n", "; ").slice(0, 500)}`);
    }
  }
};

const named: ReadonlySet<SubjectKey["kind"]> = new Set(["hardwareUuid", "fqdn", "hostname"]);
/** As agents spell them: anybody's spelling of a MAC, a vendor, a UUID or a name is taken. */
const canonical = ({ kind, value, vendor }: SubjectKey): SubjectKey => ({
  kind,
  value:
    kind === "mac" || kind === "chassisMac"
      ? (parseMac(value) ?? value)
      : named.has(kind)
        ? value.toLowerCase().replace(/\.$/, "")
        : value,
  ...(vendor === undefined ? {} : { vendor: vendorKey(vendor) }),
});

const toLine = (value: unknown): Line => {
  const isSilence = typeof value === "object" && value !== null && "ends" in value;
  if (isSilence) {
    const { heardMs, ...line } = silenceSchema.parse(value);
    return { ...line, heardMs: heardMs ?? line.atMs };
  }
  const { heardMs, ...line } = observationSchema.parse(value);
  if (line.method === "local" && line.agent === undefined)
    throw new Error('"agent" is missing: with "method": "local" an agent speaks of its own host, and "agent" names it');
  return { ...line, keys: line.keys.map(canonical), heardMs: heardMs ?? line.atMs } satisfies Observation;
};

const toDevice = (value: unknown): TrueDevice => {
  const { keys: told, ...device } = truthSchema.parse(value);
  return { ...device, keys: told.map(canonical) };
};

/** @throws Error that names the file, the line and what is wrong with it */
export const loadSite = (observations: string, truth: string): Site => {
  const told: TrueDevice[] = [...readRows(truth, toDevice)];
  ownersOf(told);
  const lines = [...readRows(observations, toLine)].sort((a, b) => a.heardMs - b.heardMs);
  if (lines.length === 0) throw new Error(`${observations}: there is no observation in it`);
  return { lines, truth: () => told, events: {} };
};

const textOf = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Hands the lines on and writes them to a file on their way. */
export const writing = function* <T>(path: string, lines: Iterable<T>): Generator<T> {
  const file = openSync(path, "w");
  let waiting: T[] = [];
  const write = () => {
    writeSync(file, textOf(waiting));
    waiting = [];
  };
  try {
    for (const line of lines) {
      if (waiting.push(line) >= 10_000) write();
      yield line;
    }
    write();
  } finally {
    closeSync(file);
  }
};
