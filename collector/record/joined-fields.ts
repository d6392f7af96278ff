import type { AssetRow } from "../store/store.ts";
import { withBook } from "./book.ts";

/** Fields that the survivor takes from the joined asset where it has none. */
const filled = [
  "manufacturer",
  "model",
  "serialNumber",
  "osName",
  "osVersion",
  "primaryAddress",
  "primaryMac",
  "site",
  "softwareCount",
] as const satisfies readonly (keyof AssetRow)[];

/** The survivor with what it takes of the joined asset. */
export const joinedFields = (into: AssetRow, from: AssetRow, agentMoves: boolean): AssetRow => {
  const taken = Object.fromEntries(
    filled
      .filter((field) => into[field] === undefined && from[field] !== undefined)
      .map((field) => [field, from[field]]),
  );
  const agent =
    from.agentId !== undefined && (agentMoves || into.agentId === undefined)
      ? { agentId: from.agentId, instance: from.instance ?? 0 }
      : {};
  const isNamed = (name: string) => !/^[0-9a-f.:]+$/i.test(name);
  const joined: AssetRow = {
    ...into,
    ...taken,
    ...agent,
    ...(!isNamed(into.name) && isNamed(from.name) && !into.locked.includes("name") ? { name: from.name } : {}),
    ...(into.type === "unknown" ? { type: from.type } : {}),
    sources: [...new Set([...into.sources, ...from.sources])],
    firstSeenAtMs: Math.min(into.firstSeenAtMs, from.firstSeenAtMs),
    lastSeenAtMs: Math.max(into.lastSeenAtMs, from.lastSeenAtMs),
    version: into.version + 1,
  };
  return withBook(joined, { ...from.book, ...into.book });
};
