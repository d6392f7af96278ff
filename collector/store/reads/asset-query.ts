import type { KeyKind } from "../../../shared/protocol/observation.ts";
import { isSectionName } from "../../../shared/protocol/sections.ts";
import type { Condition, Predicate } from "../../query/condition.ts";
import type { Database } from "../sqlite/database.ts";
import { sqlOf, type Test } from "./asset-fields.ts";
import { type Sql, searchSql, sql } from "./asset-search.ts";
import { softwareSql } from "./asset-software.ts";

/**
 * A condition as SQL over `assets`. Every value travels as a parameter. Conditions may be NULL where a value is missing, which
 * counts as false: only "not" must tell the two apart from true.
 */
export const conditionSql = (db: Database, condition: Condition): Sql => {
  switch (condition.kind) {
    case "all":
      return sql("1");
    case "word":
      return searchSql(db, [condition.text]);
    case "not": {
      const part = conditionSql(db, condition.part);
      return sql(`(${part.sql}) IS NOT TRUE`, ...part.params);
    }
    case "or":
      return joined(
        " OR ",
        condition.parts.map((part) => conditionSql(db, part)),
      );
    case "and": {
      const words = condition.parts.flatMap((part) => (part.kind === "word" ? [part.text] : []));
      const others = condition.parts.filter(({ kind }) => kind !== "word").map((part) => conditionSql(db, part));
      return joined(" AND ", words.length === 0 ? others : [searchSql(db, words), ...others]);
    }
    case "test":
      return testSql(condition.field, condition.predicate);
    case "software":
      return softwareSql(db, condition);
    default:
      return condition satisfies never;
  }
};

const joined = (by: string, parts: readonly Sql[]): Sql =>
  sql(parts.map((part) => `(${part.sql})`).join(by), ...parts.flatMap(({ params }) => params));

const ITEMS = `EXISTS (SELECT 1 FROM accepted_sections x JOIN sections s ON s.stream_no = x.stream_no AND s.section = x.section
  WHERE x.asset_id = assets.asset_id AND x.section = ? AND s.gone_at IS NULL AND rollcall_section(x.stream_no, ?, ?, ?))`;

const testSql = (field: string, predicate: Predicate): Sql => {
  const test: Test = (value, as = predicate) => predicateSql(value, as);
  const [head = "", rest] = field.split(".", 2);
  if (rest === undefined) return sqlOf.own(field, predicate, test);
  if (head === "seen") return sqlOf.seen(rest, predicate);
  if (head === "key") return sqlOf.keys([rest as KeyKind], test);
  if (isSectionName(head)) return sql(ITEMS, head, head, rest, JSON.stringify(predicate));
  throw new Error(`no way to ask for ${field}`);
};

/** What all IPv4 addresses between two begin with, as text: a cheap first look. */
const commonText = (first: string, last: string): string => {
  if (!first.startsWith("4")) return "";
  const octets = (key: string) => (key.slice(1).match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16));
  const [from, to] = [octets(first), octets(last)];
  const different = from.findIndex((octet, i) => octet !== to[i]);
  return different < 0
    ? from.join(".")
    : from
        .slice(0, different)
        .map((octet) => `${octet}.`)
        .join("");
};

/** A predicate on an SQL expression. */
const predicateSql = (value: string, predicate: Predicate): Sql => {
  switch (predicate.is) {
    case "set":
      return sql(`${value} <> ''`);
    case "equal":
      return sql(`${value} = ? COLLATE NOCASE`, predicate.text);
    case "like":
      return sql(`${value} <> '' AND lower(${value}) GLOB ?`, predicate.text.replace(/[?[]/g, "[$&]"));
    case "contains":
      return sql(`instr(lower(${value}), ?) > 0`, predicate.text);
    case "range": {
      const { min, max, minOpen, maxOpen } = predicate;
      return joined(" AND ", [
        ...(min === undefined ? [] : [sql(`${value} ${minOpen ? ">" : ">="} ?`, min)]),
        ...(max === undefined ? [] : [sql(`${value} ${maxOpen ? "<" : "<="} ?`, max)]),
      ]);
    }
    case "yes":
      return sql(`${value} = 1`);
    case "network":
      return sql(
        `${value} GLOB ? AND rollcall_matches(?, ${value})`,
        `${commonText(predicate.first, predicate.last)}*`,
        JSON.stringify(predicate),
      );
    case "version":
      return sql(`rollcall_matches(?, ${value})`, JSON.stringify(predicate));
    default:
      return predicate satisfies never;
  }
};
