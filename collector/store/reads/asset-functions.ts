import type { Clock } from "../../../shared/clock.ts";
import { RollcallError } from "../../../shared/errors.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { Predicate } from "../../query/condition.ts";
import { matches } from "../../query/match.ts";
import type { Database } from "../sqlite/database.ts";
import { readItems } from "../sqlite/streams.ts";

/** How long one query may look through inventories, which no index holds; others wait for the same thread. */
const MAX_MS = 2_000;
/** Sections looked at between two looks at the clock. */
const EVERY = 256;
const MAX_ANSWERS = 50_000;

/**
 * What queries over assets ask of us and SQL can't tell: whether a value passes a predicate (`rollcall_matches`), and whether
 * one of the items of a section has such a value (`rollcall_section`).
 */
export const defineAssetFunctions = (db: Database, clock: Clock) => {
  const parsed = new Map<string, Predicate>();
  const predicateOf = (text: string): Predicate => {
    const known = parsed.get(text);
    if (known) return known;
    if (parsed.size >= 100) parsed.clear();
    const predicate = JSON.parse(text) as Predicate;
    parsed.set(text, predicate);
    return predicate;
  };
  let looked = 0;
  let untilMs = Number.POSITIVE_INFINITY;

  /** Fifty thousand assets have a few hundred versions between them. */
  const answers = new Map<string, number>();
  db.define("rollcall_matches", (predicate, value) => {
    if (value === null) return 0;
    const key = `${predicate}\0${value}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= MAX_ANSWERS) answers.clear();
    const answer = matches(predicateOf(String(predicate)), value) ? 1 : 0;
    answers.set(key, answer);
    return answer;
  });
  db.define("rollcall_section", (streamNo, section, field, predicate) => {
    if (++looked % EVERY === 0 && clock.monotonic() > untilMs)
      throw new RollcallError(
        "reads.too-much",
        `looking through everybody's ${section} takes too long: narrow the query by what is not of the inventory, such as type: or site:`,
      );
    const wanted = predicateOf(String(predicate));
    for (const { item } of readItems(db, Number(streamNo), section as SectionName)?.values() ?? [])
      if (matches(wanted, item[String(field)])) return 1;
    return 0;
  });
  return {
    /** Gives the next query its time. */
    begin: () => {
      looked = 0;
      untilMs = clock.monotonic() + MAX_MS;
    },
  };
};
