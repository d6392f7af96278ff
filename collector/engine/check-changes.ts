import type { AgentId } from "../../shared/ids.ts";
import { canonicalJson } from "../../shared/protocol/canonical.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Fault } from "../identity/rebuild.ts";
import { withoutNul } from "../record/nul.ts";
import { undoSteps } from "../record/past.ts";
import type { ChangeRow, SectionPastRow, StoredItems, StreamRow } from "../store/store.ts";

/**
 * Changes against the contents that were kept: what a change says was there before and after must have been there, at the time
 * it names. Changes of before contents were kept, and of contents that are not kept any more, can't be told so and are left out.
 */
export type KeptContents = {
  readonly stream: StreamRow;
  readonly section: SectionName;
  readonly now: StoredItems;
  /** Oldest first. */
  readonly past: readonly SectionPastRow[];
  /** Before that, contents were dropped. */
  readonly knownFromMs?: number;
};

const groupOf = (agentId: AgentId, method: string, section: string): string => `${agentId} ${method} ${section}`;

/** Changes that contents were kept for, to be looked for as those are read. */
export const createChangeCheck = (sinceMs: number | undefined) => {
  const open = new Map<string, Map<number, ChangeRow[]>>();
  /** Contents of a time before these were dropped. */
  const knownFrom = new Map<string, number>();
  return {
    expect: (change: ChangeRow): void => {
      const { actor, section, observedAtMs, recordedAtMs } = change;
      // Notes are of people and of presence, not of a section that was read.
      if (actor.kind !== "agent" || section === "notes") return;
      if (sinceMs !== undefined && Math.min(observedAtMs, recordedAtMs) <= sinceMs) return;
      const group = groupOf(actor.agentId, actor.method, section);
      const times = open.get(group) ?? new Map<number, ChangeRow[]>();
      times.set(observedAtMs, [...(times.get(observedAtMs) ?? []), change]);
      open.set(group, times);
    },
    /** Takes away what these contents bear out. */
    look: ({ stream, section, now, past, knownFromMs }: KeptContents): void => {
      const group = groupOf(stream.agentId, stream.source, section);
      const times = open.get(group);
      if (knownFromMs !== undefined) knownFrom.set(group, Math.max(knownFromMs, knownFrom.get(group) ?? knownFromMs));
      if (!times || times.size === 0) return;
      // The content after all steps of one time: several steps of a snapshot are told as one difference, several snapshots apart.
      let after = now;
      let afterAll = now;
      for (let i = past.length - 1; i >= 0; i--) {
        const { atMs, step } = past[i] as SectionPastRow;
        if (past[i + 1]?.atMs !== atMs) afterAll = after;
        const before = undoSteps(after, [step]);
        const contents = [after, afterAll];
        const left = (times.get(atMs) ?? []).filter(
          (change) => !contents.some((content) => isBorneOut(change, before, content)),
        );
        if (left.length === 0) times.delete(atMs);
        else times.set(atMs, left);
        after = before;
      }
    },
    faults: (): Fault[] =>
      [...open].flatMap(([group, times]) =>
        [...times.values()]
          .flat()
          .filter(({ observedAtMs }) => observedAtMs > (knownFrom.get(group) ?? Number.NEGATIVE_INFINITY))
          .map((change) => ({
            table: "changes",
            row: change.changeId,
            reason: `no content of ${change.section} that was kept bears it out`,
          })),
      ),
  };
};

const itemOf = (items: StoredItems, key: string) =>
  items.get(key)?.item ?? [...items].find(([name]) => withoutNul(name) === key)?.[1].item;

const isEqual = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);

const isBorneOut = (change: ChangeRow, before: StoredItems, after: StoredItems): boolean => {
  const [was, is] = [itemOf(before, change.itemKey), itemOf(after, change.itemKey)];
  const { field } = change;
  if (field === undefined) return isEqual(was, change.before) && isEqual(is, change.after);
  return isEqual(was?.[field], change.before) && isEqual(is?.[field], change.after);
};
