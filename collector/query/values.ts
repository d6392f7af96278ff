import { parseIp } from "../../shared/ip.ts";
import { parseSubnet } from "../places/subnets.ts";
import { addressKey } from "../presence/address-key.ts";

/** How values are written: each gives what was meant, or undefined where it is none. Pure. */

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const spans: Readonly<Record<string, number>> = {
  ...{ s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND, d: DAY },
  ...{ w: 7 * DAY, mo: 30 * DAY, y: 365 * DAY },
};

/** "7d", "90m", "1.5h": milliseconds. */
export const readDuration = (text: string): number | undefined => {
  const [, amount, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|h|d|w|mo|y)$/i.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (spans[unit.toLowerCase()] ?? Number.NaN);
};

/** A date is all the time that it names: 2026, 2026-11, 2026-11-03, 2026-11-03T14:30, with zone or in UTC. */
export const readDate = (text: string): { readonly fromMs: number; readonly untilMs: number } | undefined => {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ?? [];
  if (year === undefined) return readMoment(text);
  const [y, m, d] = [Number(year), month === undefined ? 0 : Number(month) - 1, day === undefined ? 1 : Number(day)];
  const fromMs = Date.UTC(y, m, d);
  const date = new Date(fromMs);
  if (y < 1970 || date.getUTCMonth() !== m || date.getUTCDate() !== d) return undefined;
  const untilMs =
    month === undefined ? Date.UTC(y + 1, 0) : day === undefined ? Date.UTC(y, m + 1) : Date.UTC(y, m, d + 1);
  return { fromMs, untilMs };
};

const readMoment = (text: string) => {
  const [, stamp, seconds, zone] =
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(text) ?? [];
  if (stamp === undefined) return undefined;
  const fromMs = Date.parse(`${stamp}${seconds ?? ":00"}${zone ?? "Z"}`);
  if (Number.isNaN(fromMs)) return undefined;
  return { fromMs, untilMs: fromMs + (seconds === undefined ? 60 * SECOND : seconds.includes(".") ? 1 : SECOND) };
};

const thousands: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };
const binaries: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

export const readNumber = (text: string): number | undefined =>
  /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;

/** "16GiB", "1G", "512": bytes, or bits a second. KB is 1,000, KiB 1,024. */
export const readSize = (text: string): number | undefined => {
  const [, amount, unit = "", binary] = /^(\d{1,15}(?:\.\d{1,9})?)([kmgtp]?)(i?)(?:b|bps|bit\/s)?$/i.exec(text) ?? [];
  if (amount === undefined || (binary !== "" && unit === "")) return undefined;
  return Number(amount) * ((binary === "" ? thousands : binaries)[unit.toLowerCase()] ?? 1);
};

/** An address, a network, or "from-to", as a closed range of address keys. */
export const readNetwork = (text: string): { readonly first: string; readonly last: string } | undefined => {
  if (text.includes("/")) {
    const subnet = parseSubnet(text);
    return subnet && { first: subnet.firstKey, last: subnet.lastKey };
  }
  const [from, to, ...rest] = text.split("-").map((one) => parseIp(one));
  if (from === undefined || rest.length > 0 || (text.includes("-") && to === undefined)) return undefined;
  const [first, last] = [addressKey(from), addressKey(to ?? from)];
  return first.length === last.length && first <= last ? { first, last } : undefined;
};
