import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "./database.ts";
import { createTurns } from "./turns.ts";

/**
 * Which observations there are of an asset, and of a subject of it. Intervals that begin together are of assets that lie far apart:
 * as an index of SQLite's this was most of what a commit copied. It follows in good time instead, in its own order. What it lacks
 * after a kill is told by the rows themselves: those beyond the last one that is known to be in it.
 */
export type ObservationIndex<I extends Indexed> = {
  readonly add: (interval: I) => void;
  /** The newest of those that are not in the table yet. */
  readonly waiting: (of: Omit<Indexed, "no">) => I | undefined;
  readonly waits: (row: Omit<Indexed, "by">) => boolean;
  /** Writes those of the asset, so that they can be read in SQL. */
  readonly settle: (assetId: string) => void;
  readonly settleAll: () => void;
  /** Something is to be written, or to be said of what was. */
  readonly isWaiting: () => boolean;
  readonly begin: () => void;
  readonly flush: () => void;
  readonly forget: () => void;
};

/** `assetId`: absent for visitors, and for what no rule could place; "" in the table. `by`: a number for who saw it and how. */
type Indexed = {
  readonly no: number;
  readonly assetId: string | undefined;
  readonly subjectId: string;
  readonly by: number;
};

/** Rows of which a kill may leave unsaid that they are indexed: they are done once more. */
const UNSAID = 4_096;

const INSERT = "INSERT OR IGNORE INTO asset_observations (asset_id, subject_id, observation_no) VALUES (?, ?, ?)";
const INSERT_UNSAID = `INSERT OR IGNORE INTO asset_observations SELECT coalesce(asset_id, ''), subject_id, observation_no
  FROM observations WHERE observation_no > ? ORDER BY 1, 2, 3`;

/** By which those that wait are held together: every agent calls its own host the same, and visitors have no asset. */
const groupOf = ({ assetId, subjectId }: Pick<Indexed, "assetId" | "subjectId">): string => assetId ?? subjectId;

export const createObservationIndex = <I extends Indexed>(
  db: Database,
  { monotonic }: Pick<Clock, "monotonic">,
): ObservationIndex<I> => {
  const waiting = new Map<string, I[]>();
  let nowMs = 0;
  let [isLoaded, count, sinceMs] = [false, 0, undefined as number | undefined];
  /** The newest row, and the newest of those whose turn it is; how many of them are not written yet; what was last said of it. */
  let [newest, newestOfTurn, left, said] = [0, 0, 0, 0];

  const insert = ({ assetId = "", subjectId, no }: I) => db.run(INSERT, assetId, subjectId, no);
  const write = (row: I) => {
    insert(row);
    left -= 1;
    count -= 1;
    const group = groupOf(row);
    const others = waiting.get(group) ?? [];
    if (others.length > 1) others.splice(others.indexOf(row), 1);
    else waiting.delete(group);
  };
  const asTheyLie = (): readonly I[] => {
    const rows = [...waiting.keys()].sort().flatMap((group) => waiting.get(group) ?? []);
    [newestOfTurn, left, sinceMs] = [newest, rows.length, undefined];
    return rows;
  };
  const turns = createTurns({ count: () => count, sinceMs: () => sinceMs, asTheyLie, write });
  const say = (upto: number) => {
    said = upto;
    db.run("UPDATE observations_indexed SET upto = ?", said);
  };
  const sayTurn = (unsaid: number) => {
    if (left === 0 && newestOfTurn >= said + unsaid) say(newestOfTurn);
  };

  return {
    add: (interval) => {
      const group = groupOf(interval);
      const others = waiting.get(group);
      if (others) others.push(interval);
      else waiting.set(group, [interval]);
      count += 1;
      sinceMs ??= nowMs;
      newest = interval.no;
    },
    waiting: ({ assetId, subjectId, by }) =>
      waiting
        .get(groupOf({ assetId, subjectId }))
        ?.findLast((one) => one.by === by && one.subjectId === subjectId && one.assetId === assetId),
    waits: (row) => waiting.get(groupOf(row))?.some(({ no }) => no === row.no) ?? false,
    settle: (assetId) => waiting.get(assetId)?.forEach(insert),
    settleAll: () => {
      asTheyLie().forEach(write);
      sayTurn(1);
    },
    isWaiting: () => count > 0 || newestOfTurn > said,
    begin: () => {
      nowMs = monotonic();
      if (isLoaded) return;
      said = Number(db.get("SELECT upto FROM observations_indexed")?.["upto"] ?? 0);
      const last = Number(db.get("SELECT max(observation_no) AS no FROM observations")?.["no"] ?? 0);
      if (last > said) {
        db.run(INSERT_UNSAID, said);
        say(last);
      }
      isLoaded = true;
    },
    flush: () => {
      turns.take(nowMs);
      sayTurn(UNSAID);
    },
    forget: () => {
      turns.forget();
      waiting.clear();
      [isLoaded, count, sinceMs, left, newestOfTurn] = [false, 0, undefined, 0, 0];
    },
  };
};
