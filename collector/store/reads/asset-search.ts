import { lowerAscii } from "../../query/fold.ts";
import type { Database, SqlValue } from "../sqlite/database.ts";
import { globOf } from "./filter.ts";

export type Sql = { readonly sql: string; readonly params: readonly SqlValue[] };
export const sql = (text: string, ...params: readonly SqlValue[]): Sql => ({ sql: text, params });

/** More trigrams than this begin with a word of one letter; looking through all texts is then no slower. */
const MAX_TERMS = 200;
/** From this share of all assets on, walking them in order and looking at each finds a page sooner than an index does. */
const COMMON_SHARE = 0.6;

/** The text of an asset, past its index: as an expression that SQLite doesn't try to answer from there. */
const TEXT_OF = `(SELECT t.c1 FROM asset_text_rows r CROSS JOIN asset_text_content t ON t.id = r.row_no
  WHERE r.asset_id = assets.asset_id)`;

/**
 * A word of one or two letters, of which the index of trigrams knows nothing: the trigrams that begin with it are taken
 * together instead. Every text ends in two line ends, so that what stands last begins a trigram too.
 */
const shortWord = (db: Database, word: string): Sql | undefined => {
  const from = lowerAscii(word);
  const last = from.codePointAt(from.length - 1) ?? 0;
  const until = from.slice(0, -1) + String.fromCodePoint(last + 1);
  const terms = db.all(
    "SELECT term, doc FROM asset_terms WHERE term >= ? AND term < ? LIMIT ?",
    ...[from, until, MAX_TERMS + 1],
  );
  // As many as there are texts, or a few more: joined assets keep theirs.
  const assets = Number(db.get("SELECT max(rowid) AS n FROM asset_text")?.["n"]);
  if (terms.some(({ doc }) => Number(doc) >= COMMON_SHARE * assets)) return sql(`${TEXT_OF} GLOB ?`, globOf(word));
  if (terms.length > MAX_TERMS) return undefined;
  if (terms.length === 0) return sql("0");
  const any = terms.map(({ term }) => `"${String(term).replaceAll('"', '""')}"`).join(" OR ");
  return sql("asset_id IN (SELECT asset_id FROM asset_text WHERE asset_text MATCH ?)", any);
};

/** Assets whose text holds every word. All in one look at the index: apart, a common one would list thousands of ids for nothing. */
export const searchSql = (db: Database, words: readonly string[]): Sql => {
  const [only = ""] = words;
  const short = words.length === 1 && [...only].length < 3 ? shortWord(db, only) : undefined;
  if (short) return short;
  const globs = words.map(() => "text GLOB ?").join(" AND ");
  return sql(`asset_id IN (SELECT asset_id FROM asset_text WHERE ${globs})`, ...words.map(globOf));
};
