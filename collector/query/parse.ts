import { resolveCompare, ValueFault } from "./condition.ts";
import { fieldNames, findField } from "./fields.ts";
import { nearest } from "./nearest.ts";
import { type Bound, type Compare, limits, type Operator, operators, type Query, QueryError } from "./query.ts";

type Word = { readonly text: string; readonly at: number; readonly end: number };

const WORD = /[^\s()"]+/y;
const NAME = /[A-Za-z][\w.-]*/y;
const VALUE = /[^\s(),"<>=]+/y;
const KEYWORD = /(?:and|or|not)(?=[\s()"]|$)/iy;
/** "a4:bb:6d", "fe80::1": hardware and network addresses are words, though they look like a field and its value. */
const HEX = /[0-9a-f]{1,4}(?::[0-9a-f]{0,4})+(?:[%/]\w+)?(?=[\s()"]|$)/iy;
/** As other search boxes write "not". */
const MINUS = /-[A-Za-z][\w.-]*(?:[<>]=?|!?[=~]|:)/y;
const IN = /\s+in(?=[\s("])/iy;

/** Names for people: "(a, b)". */
const quote = (text: string): string => `\`${text.slice(0, 60)}\``;

const createReader = (text: string) => {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const skip = (): void => {
    at += match(/\s*/y)?.length ?? 0;
  };
  return {
    at: () => at,
    back: (to: number) => {
      at = to;
    },
    skip,
    done: () => at >= text.length,
    next: () => text[at] ?? "",
    has: (pattern: RegExp) => match(pattern) !== undefined,
    take: (pattern: RegExp): string | undefined => {
      const found = match(pattern);
      at += found?.length ?? 0;
      return found;
    },
    /** What stands here, for messages. */
    here: () => (at >= text.length ? "the end" : quote(match(/\S+/y) ?? text[at] ?? "")),
    /** "…" with \" and \\ in it. */
    quoted: (): Word => {
      const from = at;
      let out = "";
      for (at++; text[at] !== '"'; at++) {
        if (text[at] === "\\") at++;
        if (at >= text.length)
          throw new QueryError('the quote that begins here has no end: add "', from, text.length - from);
        out += text[at];
      }
      return { text: out, at: from, end: ++at };
    },
  };
};
type Reader = ReturnType<typeof createReader>;

const readValue = (reader: Reader, after: string): Word => {
  const from = reader.at();
  if (reader.next() === '"') return reader.quoted();
  const text = reader.take(VALUE);
  if (text === undefined)
    throw new QueryError(
      `expected a value after ${quote(after)}, found ${reader.here()}; for none at all write ${quote(`${after}""`)}`,
      from,
    );
  return { text, at: from, end: reader.at() };
};

const readValues = (reader: Reader, after: string): Word[] => {
  reader.skip();
  const isList = reader.next() === "(";
  const from = reader.at();
  if (isList) reader.take(/\(\s*/y);
  const values = [readValue(reader, after)];
  while (reader.take(isList ? /\s*,\s*/y : /,/y) !== undefined) {
    values.push(readValue(reader, after));
    if (values.length > limits.values) throw new QueryError(`more than ${limits.values} values`, from);
  }
  if (isList && reader.take(/\s*\)/y) === undefined)
    throw new QueryError(`expected , or ) after the values of ${quote(after)}, found ${reader.here()}`, reader.at());
  return values;
};

const BOUND = /<=|>=|<|>|=/y;
const readBounds = (reader: Reader, field: string): { bounds: Bound[]; words: Word[] } => {
  const bounds: Bound[] = [];
  const words: Word[] = [];
  for (let from = reader.at(); reader.has(BOUND); from = reader.at()) {
    if (findField(field)?.kind !== "software")
      throw new QueryError(`expected a blank before ${reader.here()}; put a value that holds it in quotes`, from);
    const operator = reader.take(BOUND) as Bound["operator"];
    const value = readValue(reader, `${field}:…${operator}`);
    if (bounds.length === 2) throw new QueryError("a version has at most two bounds", from);
    bounds.push({ operator, value: value.text });
    words.push(value);
  }
  return { bounds, words };
};

const unknownField = (name: string, at: number): QueryError => {
  const near = nearest(name, fieldNames);
  const hint = near === undefined ? "GET /api/v1/assets/fields lists all of them" : `did you mean ${quote(near)}?`;
  return new QueryError(
    `unknown field ${quote(name)}: ${hint} (to look for the text itself, put it in quotes)`,
    at,
    name.length,
  );
};

const readCompare = (reader: Reader, name: string, operator: Operator, at: number): Compare => {
  const field = findField(name);
  if (!field) throw unknownField(name, at);
  const values = readValues(reader, `${name}${operator}`);
  const { bounds, words } = readBounds(reader, name);
  const compare: Compare = {
    ...{ kind: "compare", field: field.name, operator, bounds },
    values: values.map(({ text }) => text),
  };
  try {
    resolveCompare(compare, 0);
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    const word = error.value === undefined ? undefined : [...values, ...words][error.value];
    throw new QueryError(
      error.message,
      word?.at ?? at,
      word === undefined ? name.length : Math.max(1, word.end - word.at),
    );
  }
  return compare;
};

/** A field with its operator; anything else that begins here is a word. */
const tryCompare = (reader: Reader): Compare | undefined => {
  const at = reader.at();
  const name = reader.take(NAME);
  if (name === undefined) return undefined;
  if (reader.take(IN) !== undefined) return readCompare(reader, name, ":", at);
  reader.back(at + name.length);
  const isColon = reader.next() === ":";
  if (!isColon) reader.skip();
  const operator = operators.find((one) => reader.take(one === ":" ? /:/y : new RegExp(one, "y")) !== undefined);
  if (operator !== undefined && (isColon || operator !== ":")) return readCompare(reader, name, operator, at);
  reader.back(at);
  return undefined;
};

const createParser = (reader: Reader) => {
  let terms = 0;
  const primary = (depth: number): Query => {
    const at = reader.at();
    if (++terms > limits.terms) throw new QueryError(`more than ${limits.terms} terms`, at);
    if (reader.next() === '"') return { kind: "word", text: checkWord(reader.quoted()) };
    if (reader.next() === "(") {
      reader.take(/\(/y);
      const inside = alternatives(depth + 1);
      if (reader.take(/\)/y) === undefined)
        throw new QueryError(`expected ) for the ( at ${at + 1}, found ${reader.here()}`, reader.at());
      return inside;
    }
    const compare = reader.has(HEX) ? undefined : tryCompare(reader);
    if (compare) return compare;
    const minus = reader.take(MINUS);
    if (minus !== undefined)
      throw new QueryError(`write ${quote(`not ${minus.slice(1)}…`)}; to look for a minus, put the text in quotes`, at);
    const text = reader.take(WORD);
    if (text === undefined) throw new QueryError(`expected a word or a field, found ${reader.here()}`, at);
    return { kind: "word", text };
  };
  const negation = (depth: number): Query => {
    if (depth > limits.depth) throw new QueryError(`nested deeper than ${limits.depth}`, reader.at());
    const at = reader.at();
    const keyword = reader.take(KEYWORD)?.toLowerCase();
    reader.skip();
    if (keyword === "not") return { kind: "not", part: negation(depth + 1) };
    if (keyword !== undefined) throw new QueryError(`expected a term before ${quote(keyword)}`, at, keyword.length);
    if (reader.done() || reader.next() === ")")
      throw new QueryError(`expected a term, found ${reader.here()}`, reader.at());
    return primary(depth);
  };
  const isAt = (keyword: string): boolean => {
    const at = reader.at();
    const found = reader.take(KEYWORD)?.toLowerCase();
    reader.back(at);
    return found === keyword;
  };
  const many = (kind: "and" | "or", parts: readonly Query[]): Query =>
    parts.length === 1 ? (parts[0] as Query) : { kind, parts };
  const conjunction = (depth: number): Query => {
    const parts = [negation(depth)];
    for (reader.skip(); !reader.done() && reader.next() !== ")" && !isAt("or"); reader.skip()) {
      if (isAt("and")) {
        reader.take(KEYWORD);
        reader.skip();
      }
      parts.push(negation(depth));
    }
    return many("and", parts);
  };
  const alternatives = (depth: number): Query => {
    reader.skip();
    const parts = [conjunction(depth)];
    while (isAt("or")) {
      reader.take(KEYWORD);
      reader.skip();
      parts.push(conjunction(depth));
    }
    return many("or", parts);
  };
  return alternatives;
};

const checkWord = ({ text, at, end }: Word): string => {
  if (text.trim() === "") throw new QueryError("expected text between the quotes", at, end - at);
  return text;
};

/**
 * Reads a query. An empty one is all assets.
 * @throws QueryError with the place, what was expected there, and the nearest known word
 */
export const parse = (text: string): Query => {
  if (text.length > limits.chars) throw new QueryError(`longer than ${limits.chars} characters`, limits.chars);
  if (text.trim() === "") return { kind: "all" };
  const reader = createReader(text);
  const query = createParser(reader)(0);
  if (!reader.done()) throw new QueryError(`unexpected ${quote(reader.next())}: there is no ( for it`, reader.at());
  return query;
};
