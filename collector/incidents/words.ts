import { toTimestamp } from "../../shared/clock.ts";
import type { Work } from "../presence/work.ts";

/** Small words that cases are told in. */

export const when = (ms: number): string =>
  toTimestamp(ms)
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");

/** "1 look", "3 looks". */
export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

export const nameOfAgent = (work: Work, agentId: string): string =>
  [...work.memory.observers.values()].find((o) => o.agentId === agentId)?.row.name ?? agentId;
