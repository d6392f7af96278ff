/**
 * Getting and walking over an exchange: batching, splitting, adapting. Many subtrees travel in one request; what a request
 * may hold follows what the device's answers do hold. Agents that refuse or drop GETBULK, answer tooBig, cut answers short,
 * lie about order or go in circles are survived; what could not be had is said in `truncated`.
 */
import { type Answer, type Ask, errorStatus, exceptionTags, isException } from "./exchange.ts";
import { compareOids, isBelow, type Truncation, type Varbind, type Walk, type WalkOptions } from "./reader.ts";

export type Asker = (ask: Ask) => Promise<Answer>;

/** What is learned of a device while it is read; one for all reads of one session. */
export type Tuning = {
  /** false: GETNEXT only (v1, or the device does without). undefined: not yet tried. */
  bulk: boolean | undefined;
  /** Varbinds that its answers were seen to hold. */
  capacity: number;
  /** Set when it stopped answering: what is left is not asked. */
  silent: boolean;
  /** Whether it ever answered here, and how many requests in a row went unanswered since. */
  answered: boolean;
  strikes: number;
  readonly version: "1" | "2c" | "3";
  /** Copies of a request sent to a device that is known to be alive. */
  readonly sends: number;
};

const START_CAPACITY = 30;
const MAX_CAPACITY = 100;
const MAX_COLUMNS = 20;
const MAX_GET = 30;
const DEFAULT_MAX_ROWS = 20_000;
/** Longest time a walk may fail to bring anything new, in requests. */
const MAX_FRUITLESS = 6;
/** Failed requests in a row, each asking less than the one before, after which a walk is given up. */
const MAX_FAILURES = 24;

export const createTuning = (
  version: Tuning["version"],
  sends: number,
  { answered = true }: { answered?: boolean } = {},
): Tuning => ({
  bulk: version === "1" ? false : undefined,
  capacity: START_CAPACITY,
  silent: false,
  answered,
  strikes: 0,
  version,
  sends,
});

/** Unanswered requests in a row, each sent several times, after which a device counts as gone. */
const MAX_STRIKES = 3;

/** Keeps count of what is answered; asks nothing of a device that is gone. */
const askCounted = async (ask: Asker, tuning: Tuning, request: Ask): Promise<Answer> => {
  if (tuning.silent) return { status: "timeout" };
  const answer = await ask(request);
  if (answer.status === "timeout") {
    tuning.strikes++;
    if (!tuning.answered || tuning.strikes >= MAX_STRIKES) tuning.silent = true;
  } else {
    tuning.answered = true;
    tuning.strikes = 0;
  }
  return answer;
};

/* ---- GET ------------------------------------------------------------------------------------------------------ */

/** Exact instances. In v1 one missing object fails the whole request, so there GETNEXT is asked for what comes before. */
export const getAll = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Varbind>> => {
  const found = new Map<string, Varbind>();
  const queue: (readonly string[])[] = chunk(oids, Math.min(MAX_GET, tuning.capacity));
  for (let batch = queue.shift(); batch !== undefined && !tuning.silent; batch = queue.shift()) {
    if (tuning.version === "1") {
      await getByNext(ask, tuning, batch, found);
      continue;
    }
    const answer = await askCounted(ask, tuning, { kind: "get", oids: batch, sends: tuning.sends });
    if (answer.status === "ok") {
      for (const column of answer.columns)
        for (const v of column) if (!isException(v) && v.value !== null) found.set(v.oid, v);
    } else queue.unshift(...remainder(batch, answer));
  }
  const asked = new Set(oids);
  for (const oid of found.keys()) if (!asked.has(oid)) found.delete(oid);
  return found;
};

/** What of a failed batch is worth asking again: all but the named culprit, else its halves, else nothing. */
const remainder = (batch: readonly string[], answer: Answer): readonly (readonly string[])[] => {
  if (batch.length === 1) return [];
  if (
    answer.status === "error" &&
    answer.code !== errorStatus.tooBig &&
    answer.oid !== undefined &&
    batch.includes(answer.oid)
  )
    return [batch.filter((oid) => oid !== answer.oid)];
  const half = Math.ceil(batch.length / 2);
  return [batch.slice(0, half), batch.slice(half)];
};

/** The last OID before `oid` that GETNEXT can start from: "x.0" from "x", "x.5" from "x.4". */
const predecessor = (oid: string): string => {
  const dot = oid.lastIndexOf(".");
  const last = Number(oid.slice(dot + 1));
  return last === 0 ? oid.slice(0, dot) : `${oid.slice(0, dot)}.${last - 1}`;
};

const getByNext = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
  found: Map<string, Varbind>,
): Promise<void> => {
  const wanted = new Map(oids.map((oid) => [predecessor(oid), oid]));
  const next = await nextAll(ask, tuning, [...wanted.keys()]);
  const hidden: string[] = [];
  for (const [before, oid] of wanted) {
    const v = next.get(before);
    if (v?.oid === oid) found.set(oid, v);
    // Something stands between x.4 and x.5 (x.4.1): ask for the instance itself.
    else if (v !== undefined && isBelow(v.oid, before) && !isBelow(oid, before)) hidden.push(oid);
  }
  for (const oid of hidden) {
    const answer = await askCounted(ask, tuning, { kind: "get", oids: [oid], sends: tuning.sends });
    const v = answer.status === "ok" ? answer.columns[0]?.[0] : undefined;
    if (v && !isException(v)) found.set(oid, v);
  }
};

/* ---- GETNEXT -------------------------------------------------------------------------------------------------- */

export const nextAll = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Varbind>> => {
  const found = new Map<string, Varbind>();
  const queue: (readonly string[])[] = chunk([...new Set(oids)].sort(compareOids), Math.min(MAX_GET, tuning.capacity));
  /** v1 says noSuchName at the end of the view: nothing from here on has a successor. */
  let end: string | undefined;
  for (let batch = queue.shift(); batch !== undefined && !tuning.silent; batch = queue.shift()) {
    const limit = end;
    const asked = limit === undefined ? batch : batch.filter((oid) => compareOids(oid, limit) < 0);
    if (asked.length === 0) continue;
    const answer = await askCounted(ask, tuning, { kind: "next", oids: asked, sends: tuning.sends });
    if (answer.status === "ok") {
      answer.columns.forEach((column, i) => {
        const v = column[0];
        const from = asked[i];
        if (v && from !== undefined && !isException(v)) found.set(from, v);
      });
    } else if (
      answer.status === "error" &&
      answer.code === errorStatus.noSuchName &&
      answer.oid !== undefined &&
      asked.includes(answer.oid)
    ) {
      end = answer.oid;
      queue.unshift(asked);
    } else queue.unshift(...remainder(asked, answer));
  }
  return found;
};

/* ---- walks ---------------------------------------------------------------------------------------------------- */

type Column = {
  readonly root: string;
  readonly rows: Varbind[];
  cursor: string;
  /** Filled from the first disorder on, to tell a circle from a muddle. */
  seen: Set<string> | undefined;
  truncation: Truncation | undefined;
};

export const walkAll = async (
  ask: Asker,
  tuning: Tuning,
  roots: readonly string[],
  { maxRows = DEFAULT_MAX_ROWS }: WalkOptions = {},
): Promise<Walk> => {
  const columns = roots.map(
    (root): Column => ({ root, rows: [], cursor: root, seen: undefined, truncation: undefined }),
  );
  const queue = [...columns];
  let active: Column[] = [];
  let width = MAX_COLUMNS;
  let fruitless = 0;
  const giveUp = (stopped: readonly Column[], reason: Truncation["reason"], detail?: string) => {
    for (const c of stopped) c.truncation = { root: c.root, reason, ...(detail === undefined ? {} : { detail }) };
    active = active.filter((c) => !stopped.includes(c));
  };

  for (;;) {
    while (active.length < width && queue.length > 0) active.push(queue.shift()!);
    if (active.length === 0) break;
    if (tuning.silent) {
      giveUp([...active, ...queue.splice(0)], "timeout");
      break;
    }
    const batch = active.slice(0, width);
    const answer = await askStep(ask, tuning, batch);
    if (answer.status === "ok") {
      const { taken, finished } = take(batch, answer.columns, maxRows);
      learn(tuning, batch.length, answer.columns);
      fruitless = taken + finished.length > 0 ? 0 : fruitless + 1;
      // Columns that the answer had no room for come first next time.
      const starved = batch.filter((c, i) => !finished.includes(c) && (answer.columns[i]?.length ?? 0) === 0);
      active = [...starved, ...active.filter((c) => !starved.includes(c))].filter((c) => !finished.includes(c));
      if (fruitless >= MAX_FRUITLESS) giveUp(batch, "error", "empty answers");
      continue;
    }
    fruitless++;
    if (answer.status === "error" && answer.code === errorStatus.noSuchName && tuning.bulk === false) {
      const ended = columnsEndedBy(batch, answer.oid);
      active = active.filter((c) => !ended.includes(c));
      if (ended.length > 0) continue;
    }
    if (fruitless >= MAX_FAILURES) {
      giveUp([...active, ...queue.splice(0)], "error", describe(answer));
      break;
    }
    const verdict = adapt(tuning, batch, width, answer);
    width = verdict.width;
    if (verdict.giveUp) giveUp(verdict.giveUp, answer.status === "timeout" ? "timeout" : "error", describe(answer));
  }
  return {
    varbinds: columns.flatMap((c) => c.rows),
    truncated: columns.flatMap((c) => (c.truncation ? [c.truncation] : [])),
  };
};

const askStep = (ask: Asker, tuning: Tuning, batch: readonly Column[]): Promise<Answer> => {
  const oids = batch.map((c) => c.cursor);
  if (tuning.bulk === false) return askCounted(ask, tuning, { kind: "next", oids, sends: tuning.sends });
  const maxRepetitions = Math.max(1, Math.floor(tuning.capacity / batch.length));
  // A device that drops GETBULK is found out soon; one that answered it once gets full patience.
  return askCounted(ask, tuning, {
    kind: "bulk",
    oids,
    maxRepetitions,
    sends: tuning.bulk ? tuning.sends : Math.min(2, tuning.sends),
  });
};

/** Puts an answer's varbinds into their columns. */
const take = (batch: readonly Column[], answered: readonly (readonly Varbind[])[], maxRows: number) => {
  let taken = 0;
  const finished: Column[] = [];
  batch.forEach((column, i) => {
    for (const v of answered[i] ?? []) {
      if (v.type === exceptionTags.endOfMibView || isException(v) || !isBelow(v.oid, column.root)) {
        // Outside the subtree and yet not after it: not the end but an agent that goes round in circles.
        if (!isException(v) && compareOids(v.oid, column.cursor) <= 0)
          column.truncation = { root: column.root, reason: "loop" };
        finished.push(column);
        return;
      }
      const fault = accept(column, v, maxRows);
      if (fault) {
        column.truncation = { root: column.root, reason: fault };
        finished.push(column);
        return;
      }
      taken++;
    }
  });
  return { taken, finished };
};

const accept = (column: Column, v: Varbind, maxRows: number): "loop" | "rows" | undefined => {
  if (column.rows.length >= maxRows) return "rows";
  if (column.seen === undefined && compareOids(v.oid, column.cursor) <= 0)
    column.seen = new Set(column.rows.map((r) => r.oid)).add(column.root);
  if (column.seen) {
    if (column.seen.has(v.oid)) return "loop";
    column.seen.add(v.oid);
  }
  column.rows.push(v);
  column.cursor = v.oid;
  return undefined;
};

/** Full answers widen what is asked, answers that were cut show what fits. */
const learn = (tuning: Tuning, asked: number, columns: readonly (readonly Varbind[])[]): void => {
  if (tuning.bulk === false) return;
  tuning.bulk = true;
  const got = columns.reduce((sum, column) => sum + column.length, 0);
  const wanted = Math.max(1, Math.floor(tuning.capacity / asked)) * asked;
  if (got >= wanted) tuning.capacity = Math.min(MAX_CAPACITY, Math.ceil(tuning.capacity * 1.5));
  else if (got > 0) tuning.capacity = Math.max(10, Math.ceil((tuning.capacity + got) / 2), got + 2);
};

/** v1's end of view at `oid`: that cursor and all behind it have nothing more. A device that names none ends them all. */
const columnsEndedBy = (batch: readonly Column[], oid: string | undefined): readonly Column[] =>
  batch.filter((column) => oid === undefined || compareOids(column.cursor, oid) >= 0);

/** After a failed step: ask less, then otherwise, then not at all. */
const adapt = (
  tuning: Tuning,
  batch: readonly Column[],
  width: number,
  answer: Answer,
): { width: number; giveUp?: readonly Column[] } => {
  if (answer.status === "denied") return { width, giveUp: batch };
  if (tuning.bulk === undefined && answer.status !== "unreadable") {
    tuning.bulk = answer.status === "error" && answer.code === errorStatus.tooBig ? undefined : false;
    if (tuning.bulk === false) return { width: Math.min(width, 8) };
  }
  if (tuning.silent) return { width };
  if (batch.length > 1) {
    // A named culprit fails alone; otherwise fewer columns and fewer rows.
    const culprit =
      answer.status === "error" && answer.oid !== undefined ? batch.find((c) => c.cursor === answer.oid) : undefined;
    if (culprit && answer.status === "error" && answer.code !== errorStatus.tooBig) return { width, giveUp: [culprit] };
    tuning.capacity = Math.max(1, Math.floor(tuning.capacity / 2));
    return { width: Math.max(1, Math.floor(Math.min(width, batch.length) / 2)) };
  }
  if (tuning.bulk !== false && tuning.capacity > 1) {
    tuning.capacity = Math.max(1, Math.floor(tuning.capacity / 4));
    return { width };
  }
  return { width, giveUp: batch };
};

const describe = (answer: Answer): string | undefined => {
  switch (answer.status) {
    case "error":
      return `error-status ${answer.code}`;
    case "unreadable":
      return "unreadable answer";
    case "denied":
      return answer.denial;
    case "ok":
    case "timeout":
      return undefined;
    default:
      return answer satisfies never;
  }
};

const chunk = <T>(items: readonly T[], size: number): T[][] => {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
};
