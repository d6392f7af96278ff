import { type Clock, withDeadline } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import type { DeskDifference } from "../../shared/model/desk.ts";
import type { Incident } from "../../shared/model/incident.ts";
import type { Desk, DeskState, TicketRef } from "./connector.ts";

/** A ticket at a desk with the incident it stands for. */
export type ParityLink = {
  readonly desk: string;
  readonly ref: TicketRef;
  readonly incident: Pick<Incident, "incidentId" | "title" | "state" | "assignee" | "verdict">;
};

const READ_TIMEOUT_MS = 30_000;

/**
 * Where a desk and we say different things of one ticket. A ticket that a person took is not different for being open
 * there longer than here: that is theirs to close.
 */
export const differencesOf = (link: ParityLink, state: DeskState): DeskDifference[] => {
  const { desk, ref, incident } = link;
  const isOver = incident.state === "resolved" || incident.state === "part-of";
  const differ = (what: DeskDifference["what"], ours: string, theirs: string): DeskDifference => ({
    desk,
    ticket: ref.number ?? ref.id,
    ...(ref.url === undefined ? {} : { url: ref.url }),
    ...{ incidentId: incident.incidentId, title: incident.title, what, ours, theirs },
  });
  const found: DeskDifference[] = [];
  const isMerged = state.mergedInto !== undefined && state.mergedInto.id !== ref.id;
  if (isMerged)
    found.push(
      differ(
        "merged",
        `ticket ${ref.number ?? ref.id}`,
        `merged into ${state.mergedInto?.number ?? state.mergedInto?.id}`,
      ),
    );
  if (state.state === "gone" ? !isOver : state.state === (isOver ? "open" : "resolved"))
    found.push(differ("state", incident.state, state.state));
  if (!isOver && state.assignee !== incident.assignee && state.assignee !== undefined)
    found.push(differ("assignee", incident.assignee ?? "nobody", state.assignee));
  if (state.verdict !== undefined && state.verdict !== incident.verdict)
    found.push(differ("verdict", incident.verdict ?? "none", state.verdict));
  return found;
};

/** Reads every ticket at the desks that can be read, one after the other; one that can't be read is told as such. */
export const compareDesks = async (
  desks: ReadonlyMap<string, Desk>,
  links: readonly ParityLink[],
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly compared: number; readonly differences: DeskDifference[] }> => {
  const differences: DeskDifference[] = [];
  let compared = 0;
  for (const link of links) {
    const read = desks.get(link.desk)?.read;
    if (!read) continue;
    if (signal.aborted) break;
    compared++;
    try {
      const state = await withDeadline(clock, READ_TIMEOUT_MS, signal, (ending) => read(link.ref, ending));
      differences.push(...differencesOf(link, state));
    } catch (error) {
      const { desk, ref, incident } = link;
      differences.push({
        desk,
        ticket: ref.number ?? ref.id,
        ...(ref.url === undefined ? {} : { url: ref.url }),
        ...{ incidentId: incident.incidentId, title: incident.title, what: "unreadable", ours: incident.state },
        theirs: describeError(error).slice(0, 1_000),
      });
    }
  }
  return { compared, differences };
};
