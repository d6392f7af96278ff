import { type Clock, withDeadline } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import type { IncidentId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { Incident } from "../../shared/model/incident.ts";
import type { Desk, DeskState, TicketRef } from "./connector.ts";

/** A ticket at a desk whose incident is still open here, or was not long ago. */
export type OpenLink = {
  readonly desk: string;
  readonly ref: TicketRef;
  readonly incident: Pick<Incident, "incidentId" | "state" | "assignee" | "verdict">;
};

/** What people did at the desk, as the incident's own operations. */
export type DeskWord =
  | {
      readonly kind: "incident.acknowledge";
      readonly incidentId: IncidentId;
      readonly assignee?: string;
      readonly note: string;
    }
  | { readonly kind: "incident.assign"; readonly incidentId: IncidentId; readonly assignee: string }
  | {
      readonly kind: "incident.verdict";
      readonly incidentId: IncidentId;
      readonly verdict: "true" | "false" | "planned";
    };

/**
 * What follows here from how a ticket stands there. It says nothing twice: what was taken over shows in the incident.
 * A ticket that people resolved while the device is still gone does not end the incident: nobody has seen the device.
 * It counts as taken up, and is not reopened by us. Of an incident that is over, only the verdict is still news: people
 * often close a ticket as a false alarm the morning after.
 */
export const wordsOf = ({ desk, ref, incident }: OpenLink, { state, assignee, verdict }: DeskState): DeskWord[] => {
  const { incidentId } = incident;
  const words: DeskWord[] = [];
  const ticket = `${desk}, ticket ${ref.number ?? ref.id}`;
  const isOver = incident.state === "resolved";
  if (incident.state === "open" && state !== "open") {
    const what = {
      taken: `taken over${assignee === undefined ? "" : ` by ${assignee}`}`,
      resolved: "resolved by a person",
      gone: "deleted",
    }[state];
    words.push({
      kind: "incident.acknowledge",
      incidentId,
      note: `${ticket}: ${what}`,
      ...(assignee === undefined ? {} : { assignee }),
    });
  } else if (!isOver && assignee !== undefined && assignee !== incident.assignee)
    words.push({ kind: "incident.assign", incidentId, assignee });
  if (verdict !== undefined && verdict !== incident.verdict)
    words.push({ kind: "incident.verdict", incidentId, verdict });
  return words;
};

export type BackFlowOptions = {
  readonly desks: ReadonlyMap<string, Desk>;
  /** Of open incidents; with `over`, of those that were resolved not long ago and have no verdict yet, too. */
  readonly links: (what: { readonly over: boolean }) => Promise<readonly OpenLink[]>;
  /** A ticket was merged into another at the desk: from now on that one is the incident's. */
  readonly follow?: (link: OpenLink, survivor: TicketRef) => Promise<void>;
  readonly tell: (word: DeskWord, desk: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Between two readings of all open tickets. Less: people's words show sooner, desks answer more questions. 0: only by `round`. */
  readonly everyMs?: number;
};

export type BackFlow = {
  readonly round: () => Promise<number>;
  /** Reads one desk's tickets now, also of what is over: its webhook says that something happened there. What it tells is how many words followed. */
  readonly read: (desk: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

const READ_TIMEOUT_MS = 30_000;
/** Tickets of what is over are read every so many rounds: their news is late anyway. */
const OVER_EVERY = 15;

/** Reads the open tickets at desks that can be read, one after the other, so that no desk notices. */
export const startBackFlow = ({
  desks,
  links,
  follow,
  tell,
  clock,
  log,
  everyMs = 120_000,
}: BackFlowOptions): BackFlow => {
  const stopping = new AbortController();
  const readOne = async (link: OpenLink): Promise<number> => {
    const read = desks.get(link.desk)?.read;
    if (!read) return 0;
    try {
      const state = await withDeadline(clock, READ_TIMEOUT_MS, stopping.signal, (signal) => read(link.ref, signal));
      if (state.mergedInto !== undefined && state.mergedInto.id !== link.ref.id) await follow?.(link, state.mergedInto);
      const words = wordsOf(link, state);
      for (const word of words) await tell(word, link.desk);
      return words.length;
    } catch (error) {
      log.debug("a ticket could not be read", { desk: link.desk, error: describeError(error) });
      return 0;
    }
  };
  let rounds = 0;
  const round = async (): Promise<number> => {
    let told = 0;
    for (const link of await links({ over: rounds++ % OVER_EVERY === 0 })) {
      if (stopping.signal.aborted) break;
      told += await readOne(link);
    }
    return told;
  };
  /** One reading of a desk at a time; what is asked for meanwhile is one more after it. */
  const reading = new Map<string, { again: boolean }>();
  const readDesk = async (desk: string): Promise<number> => {
    const busy = reading.get(desk);
    if (busy) {
      busy.again = true;
      return 0;
    }
    const state = { again: true };
    reading.set(desk, state);
    let told = 0;
    try {
      while (state.again && !stopping.signal.aborted) {
        state.again = false;
        for (const link of await links({ over: true })) if (link.desk === desk) told += await readOne(link);
      }
    } finally {
      reading.delete(desk);
    }
    return told;
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal).catch(() => {});
      if (!stopping.signal.aborted)
        await round().catch((error: unknown) => log.error("reading tickets failed", { error: describeError(error) }));
    }
  };
  const running = everyMs > 0 ? loop() : Promise.resolve();
  return {
    round,
    read: readDesk,
    stop: async () => {
      stopping.abort(new Error("stopping"));
      await running;
    },
  };
};
