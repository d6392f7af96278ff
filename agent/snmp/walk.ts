/**
 * Walking over an exchange. Many subtrees travel in one request; what a request
 * may hold follows what the device's answers do hold. Agents that refuse or drop GETBULK, answer tooBig, cut answers short,
 * lie about order or go in circles are survived; what could not be had is said in `truncated`.
 */
import { type Answer, errorStatus, exceptionTags, isException } from "./exchange.ts";
import { compareOids, isBelow, type Truncation, type Varbind, type Walk, type WalkOptions } from "./reader.ts";
import { type Asker, askCounted, type Tuning } from "./tuning.ts";

const MAX_CAPACITY = 100;
const MAX_COLUMNS = 20;
const DEFAULT_MAX_ROWS = 20_000;
/** Longest time a walk may fail to bring anything new, in requests. */
const MAX_FRUITLESS = 6;
/** Failed requests in a row, each asking less than the one before, after which a walk is given up. */
const MAX_FAILURES = 24;

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
