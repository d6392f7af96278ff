import type { Method } from "../../../shared/protocol/observation.ts";
import type { Coverage } from "../../../shared/protocol/sweep.ts";
import type { AskBook } from "./asks.ts";
import type { Targets } from "./targets.ts";

const MAX_RUNS = 4_096;

type Run = {
  from: number;
  to: number;
  asks: number;
  spreadMs: number;
  readonly range: number;
  readonly methods: readonly Method[];
};

/** Fine enough for the rule of a miss (two asks, a second apart), coarse enough that jitter makes no runs. */
const sameKind = (run: Run, asks: number, spreadMs: number, methods: readonly Method[]): boolean =>
  run.methods === methods && Math.min(run.asks, 2) === Math.min(asks, 2) && run.spreadMs >= 1_000 === spreadMs >= 1_000;

const join = (a: Run, b: Run): Run => ({
  ...{ from: a.from, to: b.to, range: a.range, methods: a.methods },
  ...{ asks: Math.min(a.asks, b.asks), spreadMs: Math.min(a.spreadMs, b.spreadMs) },
});

/** Joins neighbours two by two with the weaker claim of both, until there are few enough. Gaps stay gaps. */
const thin = (runs: readonly Run[]): Run[] => {
  let out = [...runs];
  while (out.length > MAX_RUNS) {
    const joined: Run[] = [];
    for (let i = 0; i < out.length; i++) {
      const [run, next] = [out[i] as Run, out[i + 1]];
      const touches =
        next !== undefined && run.to + 1 === next.from && run.methods === next.methods && run.range === next.range;
      joined.push(touches ? join(run, next) : run);
      if (touches) i++;
    }
    if (joined.length === out.length) return out.slice(0, MAX_RUNS);
    out = joined;
  }
  return out;
};

/**
 * What was asked, as runs of addresses with the least number of asks and the least spread in them. An address that
 * answered needs no further asks and lowers nothing; one that was not asked is in no run.
 *
 * @param methodsOf which methods asked an address when it was silent; the same array for the same answer.
 */
export const toCoverage = (
  targets: Targets,
  book: AskBook,
  methodsOf: (address: string) => readonly Method[],
): Coverage[] => {
  const runs: Run[] = [];
  let index = 0;
  for (const range of targets.ranges4) {
    let open: Run | undefined;
    for (let n = range.first; n <= range.last; n++, index++) {
      const asks = book.asks(index);
      if (asks === 0) {
        open = undefined;
        continue;
      }
      if (open !== undefined && book.isSeen(index)) {
        open.to = index;
        continue;
      }
      const [spreadMs, methods] = [book.spreadMs(index), methodsOf(targets.at4(index))];
      if (open !== undefined && sameKind(open, asks, spreadMs, methods)) {
        open.to = index;
        open.asks = Math.min(open.asks, asks);
        open.spreadMs = Math.min(open.spreadMs, spreadMs);
      } else {
        open = { from: index, to: index, asks, spreadMs, range: range.first, methods };
        runs.push(open);
      }
    }
  }
  return thin(runs).map(({ from, to, asks, spreadMs, methods }) => ({
    from: targets.at4(from),
    to: targets.at4(to),
    asks,
    spreadMs,
    methods: [...methods],
  }));
};

/** Silent targets that were asked less than twice or within a second, and the least asks of the others. */
export const measureCoverage = (book: AskBook, skip: (index: number) => boolean) => {
  let [covered, uncovered, leastAsks] = [0, 0, 0];
  for (let i = 0; i < book.size; i++) {
    if (book.isSeen(i) || skip(i)) continue;
    const asks = book.asks(i);
    if (asks >= 2 && book.spreadMs(i) >= 1_000) {
      covered++;
      leastAsks = leastAsks === 0 ? asks : Math.min(leastAsks, asks);
    } else uncovered++;
  }
  return { covered, uncovered, leastAsks };
};
