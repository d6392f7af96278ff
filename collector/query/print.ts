import { parse } from "./parse.ts";
import { type Query, QueryError } from "./query.ts";

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

const value = (text: string): string => (/^[^\s(),"<>=]+$/.test(text) ? text : quoted(text));

/** Bare where it is read as the same word again. */
const word = (text: string): string => {
  if (!/^[^\s()"]+$/.test(text)) return quoted(text);
  try {
    const read = parse(text);
    return read.kind === "word" && read.text === text ? text : quoted(text);
  } catch (error) {
    if (error instanceof QueryError) return quoted(text);
    throw error;
  }
};

const inside = (query: Query): string =>
  query.kind === "and" || query.kind === "or" ? `(${print(query)})` : print(query);

/** Text that `parse` reads as the same query. */
export const print = (query: Query): string => {
  switch (query.kind) {
    case "all":
      return "";
    case "and":
      return query.parts.map(inside).join(" ");
    case "or":
      return query.parts.map(inside).join(" or ");
    case "not":
      return `not ${inside(query.part)}`;
    case "word":
      return word(query.text);
    case "compare":
      return `${query.field}${query.operator}${query.values.map(value).join(",")}${query.bounds
        .map((bound) => `${bound.operator}${value(bound.value)}`)
        .join("")}`;
    default:
      return query satisfies never;
  }
};
