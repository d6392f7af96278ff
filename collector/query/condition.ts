import { lookup } from "../../shared/lookup.ts";
import { parseMac } from "../../shared/mac.ts";
import { type Field, type FieldKind, findField } from "./fields.ts";
import { lowerAscii } from "./fold.ts";
import { nearest } from "./nearest.ts";
import type { Bound, Compare, Operator, Query } from "./query.ts";
import { readDate, readDuration, readNetwork, readNumber, readSize } from "./values.ts";

/** What one value of a field must be like. Texts are compared without the case of ASCII letters. */
export type Predicate =
  | { readonly is: "set" }
  | { readonly is: "equal"; readonly text: string }
  /** "*" stands for any characters; all else is literal. */
  | { readonly is: "like"; readonly text: string }
  | { readonly is: "contains"; readonly text: string }
  /** Closed where it isn't said otherwise. */
  | {
      readonly is: "range";
      readonly min?: number;
      readonly max?: number;
      readonly minOpen?: true;
      readonly maxOpen?: true;
    }
  | { readonly is: "yes" }
  /** Address keys (`presence/address-key.ts`). */
  | { readonly is: "network"; readonly first: string; readonly last: string }
  | { readonly is: "version"; readonly bounds: readonly Bound[] };

/** What a query means at a moment. A field with several values passes when one of them does. */
export type Condition =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "test"; readonly field: string; readonly predicate: Predicate }
  | {
      readonly kind: "software";
      readonly field: string;
      /** Of the package's name. */
      readonly predicate: Predicate;
      readonly bounds: readonly Bound[];
    };

/** A value that its field can't have; `value` is its place among values and bounds. */
export class ValueFault extends Error {
  override readonly name = "ValueFault";
  readonly value: number | undefined;

  constructor(message: string, value?: number) {
    super(message);
    this.value = value;
  }
}

const equals: readonly Operator[] = [":", "=", "!="];
const contains: readonly Operator[] = ["~", "!~"];
const orders: readonly Operator[] = ["<", "<=", ">", ">="];

const allowed: Readonly<Record<FieldKind, readonly Operator[]>> = {
  ...{
    text: [...equals, ...contains],
    choice: equals,
    mac: [...equals, ...contains],
    address: [...equals, ...contains],
  },
  ...{ number: [...equals, ...orders], size: [...equals, ...orders], time: [...equals, ...orders] },
  until: [...equals, ...orders],
  ...{ version: [...equals, ...contains, ...orders], "yes-no": equals, software: [...equals, ...contains] },
};

const asked = (what: string, value: string, example: string): ValueFault =>
  new ValueFault(`expected ${what}, found \`${value.slice(0, 60)}\`; for example ${example}`);

const like = (value: string): Predicate =>
  value.includes("*") ? { is: "like", text: lowerAscii(value) } : { is: "equal", text: lowerAscii(value) };

const order = (operator: Operator, value: number): Predicate => {
  switch (operator) {
    case "<":
      return { is: "range", max: value, maxOpen: true };
    case "<=":
      return { is: "range", max: value };
    case ">":
      return { is: "range", min: value, minOpen: true };
    case ">=":
      return { is: "range", min: value };
    default:
      return { is: "range", min: value, max: value };
  }
};

const opposite: Readonly<Partial<Record<Operator, Operator>>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** With a duration it is the age that is compared, with a date the time. */
const time = (operator: Operator, value: string, nowMs: number): Predicate => {
  const age = readDuration(value);
  if (age !== undefined) {
    const turned = opposite[operator];
    if (turned === undefined) throw new ValueFault(`compare an age with < or >: \`<${value}\` is in the last ${value}`);
    return order(turned, nowMs - age);
  }
  const date = readDate(value);
  if (!date) throw asked("a duration or a date", value, "7d, 12h, 2026-11-03 or 2026-11-03T14:30Z");
  switch (operator) {
    case "<":
      return order("<", date.fromMs);
    case "<=":
      return order("<", date.untilMs);
    case ">":
      return order(">=", date.untilMs);
    case ">=":
      return order(">=", date.fromMs);
    default:
      return { is: "range", min: date.fromMs, max: date.untilMs, maxOpen: true };
  }
};

/** Of a day to come: with a duration it is the time left that is compared. */
const until = (operator: Operator, value: string, nowMs: number): Predicate => {
  const left = readDuration(value);
  if (left === undefined) return time(operator, value, nowMs);
  if (opposite[operator] === undefined)
    throw new ValueFault(`compare what is left with < or >: \`<${value}\` is over, or ends within ${value}`);
  return order(operator, nowMs + left);
};

const choice = ({ name, choices }: Field, value: string): Predicate => {
  const lower = lowerAscii(value);
  if (value.includes("*")) return { is: "like", text: lower };
  if (choices.some((one) => one.toLowerCase() === lower)) return { is: "equal", text: lower };
  const near = nearest(value, choices);
  const list = choices.length > 12 ? `${choices.slice(0, 10).join(", ")} …` : choices.join(", ");
  throw new ValueFault(
    `${name} has no value \`${value.slice(0, 60)}\`: ${near === undefined ? `it is one of ${list}` : `did you mean \`${near}\`?`}`,
  );
};

const yesNo: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };

const mac = (value: string): Predicate => {
  if (value.includes("*")) return { is: "like", text: value.toLowerCase().replaceAll("-", ":") };
  const text = parseMac(value);
  if (text === undefined)
    throw asked("a MAC address, or the beginning of one and *", value, "54:ee:75:01:02:03 or 54:ee:75:*");
  return { is: "equal", text };
};

const address = (value: string): Predicate => {
  if (value.includes("*")) return { is: "like", text: lowerAscii(value) };
  const network = readNetwork(value);
  if (!network) throw asked("an address, a network or a range", value, "10.1.2.3, 10.1.0.0/16 or 10.1.0.5-10.1.0.9");
  return { is: "network", ...network };
};

/** One value as the field has them; "=" takes "*" literally. */
const predicateOf = (field: Field, operator: Operator, value: string, nowMs: number): Predicate => {
  if (contains.includes(operator)) return { is: "contains", text: lowerAscii(value) };
  if (value === "*" && operator !== "=" && equals.includes(operator)) return { is: "set" };
  switch (field.kind) {
    case "text":
    case "software":
      return operator === "=" ? { is: "equal", text: lowerAscii(value) } : like(value);
    case "version":
      if (orders.includes(operator))
        return { is: "version", bounds: [{ operator: operator as Bound["operator"], value }] };
      return operator === "=" ? { is: "equal", text: lowerAscii(value) } : like(value);
    case "choice":
      return choice(field, value);
    case "number": {
      const number = readNumber(value);
      if (number === undefined) throw asked("a number", value, "8");
      return order(operator, number);
    }
    case "size": {
      const size = readSize(value);
      if (size === undefined) throw asked("a size", value, "16GiB, 500G or 1000000");
      return order(operator, size);
    }
    case "time":
      return time(operator, value, nowMs);
    case "until":
      return until(operator, value, nowMs);
    case "address":
      return address(value);
    case "mac":
      return mac(value);
    case "yes-no":
      return { is: "yes" };
    default:
      return field.kind satisfies never;
  }
};

const testOf = (field: Field, { operator, bounds }: Compare, value: string, nowMs: number): Condition => {
  if (field.kind === "yes-no" && value !== "") {
    const wanted = lookup(yesNo, value.toLowerCase());
    if (wanted === undefined) throw asked("yes or no", value, `${field.name}:yes`);
    const yes: Condition = { kind: "test", field: field.name, predicate: { is: "yes" } };
    return wanted ? yes : { kind: "not", part: yes };
  }
  if (value === "" && !equals.includes(operator))
    throw new ValueFault(`nothing can't be compared so: write \`${field.name}=""\` for none`);
  const isNone = value === "";
  const predicate: Predicate = isNone ? { is: "set" } : predicateOf(field, operator, value, nowMs);
  const test: Condition =
    field.kind === "software"
      ? { kind: "software", field: field.name, predicate, bounds }
      : { kind: "test", field: field.name, predicate };
  return isNone ? { kind: "not", part: test } : test;
};

const isNegative = (operator: Operator): boolean => operator === "!=" || operator === "!~";

/**
 * What a comparison means.
 * @throws ValueFault
 */
export const resolveCompare = (compare: Compare, nowMs: number): Condition => {
  const field = findField(compare.field);
  if (!field) throw new ValueFault(`unknown field \`${compare.field}\``);
  const { operator, values } = compare;
  if (!allowed[field.kind].includes(operator)) {
    const hint = field.kind === "software" ? "; name the package first: software:openssl<3.0.13" : "";
    throw new ValueFault(
      `${field.name} can't be compared by ${operator}, only by ${allowed[field.kind].join(" ")}${hint}`,
    );
  }
  const parts = values.map((value, i) => {
    try {
      return testOf(field, compare, value, nowMs);
    } catch (error) {
      throw error instanceof ValueFault ? new ValueFault(error.message, i) : error;
    }
  });
  const any: Condition = parts.length === 1 ? (parts[0] as Condition) : { kind: "or", parts };
  return isNegative(operator) ? { kind: "not", part: any } : any;
};

/** What a parsed query means at a moment: durations count back from it. */
export const toCondition = (query: Query, nowMs: number): Condition => {
  switch (query.kind) {
    case "all":
    case "word":
      return query;
    case "and":
    case "or":
      return { kind: query.kind, parts: query.parts.map((part) => toCondition(part, nowMs)) };
    case "not":
      return { kind: "not", part: toCondition(query.part, nowMs) };
    case "compare":
      return resolveCompare(query, nowMs);
    default:
      return query satisfies never;
  }
};
