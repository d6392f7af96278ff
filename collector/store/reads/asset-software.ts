import { RollcallError } from "../../../shared/errors.ts";
import type { Condition } from "../../query/condition.ts";
import { isWithin, matches } from "../../query/match.ts";
import type { Database } from "../sqlite/database.ts";
import { normalName } from "../sqlite/software.ts";
import { speaksOf } from "./asset-fields.ts";
import { type Sql, sql } from "./asset-search.ts";

/** Versions of packages that one term may name. */
const MAX_VERSIONS = 20_000;

const HOSTS = `SELECT t.asset_id FROM streams t WHERE t.stream_no IN (
    WITH m AS MATERIALIZED (SELECT value AS software_no FROM json_each(?))
    SELECT i.stream_no FROM m
      CROSS JOIN software_in_sets s ON s.software_no = m.software_no
      CROSS JOIN installed i ON i.set_no = s.set_no AND i.accepted = 1
      WHERE NOT EXISTS (SELECT 1 FROM software_drift d WHERE d.software_no = m.software_no AND d.stream_no = i.stream_no)
    UNION SELECT d.stream_no FROM m CROSS JOIN software_drift d ON d.software_no = m.software_no
      CROSS JOIN installed i ON i.stream_no = d.stream_no AND i.accepted = 1 WHERE d.has = 1)`;

type Software = Extract<Condition, { kind: "software" }>;

/** The versions of packages that the term names, by their numbers. @throws RollcallError `reads.too-much` */
const numbersOf = (db: Database, { field, predicate, bounds }: Software): number[] => {
  const column = field === "software" ? "name" : "source";
  // One name is one range of the index; anything else is looked for among the names.
  const names =
    predicate.is === "equal"
      ? [normalName(predicate.text)]
      : db
          .all(`SELECT DISTINCT ${column} AS name FROM software WHERE ${column} IS NOT NULL`)
          .map((record) => String(record["name"]))
          .filter((name) => matches(predicate, name));
  const numbers: number[] = [];
  for (const name of names)
    for (const row of db.all(`SELECT software_no, manager, version FROM software WHERE ${column} = ?`, name)) {
      if (!bounds.every((bound) => isWithin(String(row["manager"]), String(row["version"]), bound))) continue;
      numbers.push(Number(row["software_no"]));
      if (numbers.length > MAX_VERSIONS)
        throw new RollcallError(
          "reads.too-much",
          `${field}: more than ${MAX_VERSIONS} versions of packages are meant: give more of the name`,
        );
    }
  return numbers;
};

/** Assets that have one of the packages, as their accepted inventory says. */
export const softwareSql = (db: Database, term: Software): Sql => {
  if (term.predicate.is === "set" && term.bounds.length === 0) return sql("assets.software_count > 0");
  return speaksOf(sql(HOSTS, JSON.stringify(numbersOf(db, term))));
};
