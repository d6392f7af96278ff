import { parseIp } from "../../shared/ip.ts";
import { addressKey } from "../presence/address-key.ts";
import { compareVersions } from "../record/versions.ts";
import type { Predicate } from "./condition.ts";
import { lowerAscii } from "./fold.ts";
import type { Bound } from "./query.ts";

/** The parts between "*" in their order, the first at the beginning and the last at the end. */
const isLike = (pattern: string, text: string): boolean => {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
};

export const isWithin = (manager: string, version: string, { operator, value }: Bound): boolean => {
  const order = compareVersions(manager, version, value);
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "=":
      return order === 0;
    default:
      return operator satisfies never;
  }
};

const isInRange = ({ min, max, minOpen, maxOpen }: Extract<Predicate, { is: "range" }>, value: number): boolean =>
  (min === undefined || (minOpen ? value > min : value >= min)) &&
  (max === undefined || (maxOpen ? value < max : value <= max));

/** Whether one value of a field passes; of a list, whether one of them does. An empty text is no value. */
export const matches = (predicate: Predicate, value: unknown): boolean => {
  if (Array.isArray(value)) return value.some((one) => matches(predicate, one));
  if (value === undefined || value === null || value === "") return false;
  const text = lowerAscii(String(value));
  switch (predicate.is) {
    case "set":
      return true;
    case "equal":
      return text === predicate.text;
    case "like":
      return isLike(predicate.text, text);
    case "contains":
      return text.includes(predicate.text);
    case "range":
      return typeof value === "number" && isInRange(predicate, value);
    case "yes":
      return value === true || value === 1;
    case "network": {
      const address = parseIp(text);
      const key = address && addressKey(address);
      return key?.length === predicate.first.length && key >= predicate.first && key <= predicate.last;
    }
    case "version":
      return predicate.bounds.every((bound) => isWithin("", text, bound));
    default:
      return predicate satisfies never;
  }
};
