import { beforeAll, describe, expect, it } from "vitest";
import type { Delivery, Desk, TicketContent, TicketRef } from "../../collector/tickets/connector.ts";
import { ticketContent, ticketNote } from "../support/ticket-content.ts";

/** What the desk itself says of a ticket, asked past our connector. What a product can't show is left out, and its check skips. */
export type DeskTruth = {
  readonly ticketsWithKey: (content: TicketContent) => Promise<number>;
  readonly stateOf?: (ref: TicketRef) => Promise<"open" | "resolved">;
  readonly countNotes?: (ref: TicketRef, text: string) => Promise<number>;
  readonly subjectOf?: (ref: TicketRef) => Promise<string>;
  /** A person takes the ticket over. */
  readonly takeOver?: (ref: TicketRef) => Promise<void>;
  readonly remove?: (ref: TicketRef) => Promise<void>;
  /** A person closes the ticket as a false alarm, in the product's own way. */
  readonly judgeFalse?: (ref: TicketRef) => Promise<void>;
  /** A person makes the first ticket part of the second, in the product's own way. */
  readonly merge?: (ref: TicketRef, into: TicketRef) => Promise<void>;
};

export type DeskUnderTest = {
  readonly desk: Desk;
  readonly truth: DeskTruth;
  /** Whether a note that was already written can be recognised there; else a repeated one may stand twice. */
  readonly recognisesNotes: boolean;
};

const signal = AbortSignal.timeout(600_000);
const first = { search: false, signal };
const again = { search: true, signal };

const refOf = (delivery: Delivery): TicketRef => {
  if (delivery.status !== "delivered") throw new Error(`${delivery.status}: ${delivery.reason}`);
  return delivery.ticketRef;
};

type Check = {
  readonly name: string;
  /** What the product must be able to show. */
  readonly needs?: keyof DeskTruth;
  readonly run: (under: DeskUnderTest) => Promise<void>;
};

/** The contract of every ticket connector, a check at a time, so that a client broken on purpose can be shown to fail one. */
export const deskChecks: readonly Check[] = [
  {
    name: "passes its own start-up check",
    run: async ({ desk }) => {
      expect((await desk.check(signal)).filter((finding) => !finding.ok)).toEqual([]);
    },
  },
  {
    name: "opens one ticket, and finds it again instead of opening a second",
    run: async ({ desk, truth }) => {
      const earlier = ticketContent();
      refOf(await desk.open(earlier, first));
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      expect(refOf(await desk.open(content, again)).id).toBe(ref.id);
      expect(await truth.ticketsWithKey(content)).toBe(1);
      expect(await truth.ticketsWithKey(ticketContent())).toBe(0);
    },
  },
  {
    name: "keeps hostile names as text",
    needs: "subjectOf",
    run: async ({ desk, truth }) => {
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      expect(await truth.subjectOf?.(ref)).toContain(`printer <b>"3rd floor"</b> {{7*7}}`);
    },
  },
  {
    name: "comments, and comments once when told twice after an unclear answer",
    needs: "countNotes",
    run: async ({ desk, truth, recognisesNotes }) => {
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      const note = ticketNote(`a second observer saw nothing ${crypto.randomUUID()}`);
      refOf(await desk.comment(ref, content, note, first));
      expect(await truth.countNotes?.(ref, note.text)).toBe(1);
      refOf(await desk.comment(ref, content, note, again));
      if (recognisesNotes) expect(await truth.countNotes?.(ref, note.text)).toBe(1);
    },
  },
  {
    name: "resolves, stays resolved when told again, and reopens the same ticket",
    needs: "stateOf",
    run: async ({ desk, truth }) => {
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      expect(await truth.stateOf?.(ref)).toBe("open");
      refOf(await desk.resolve(ref, content, ticketNote("it is back"), first));
      expect(await truth.stateOf?.(ref)).toBe("resolved");
      refOf(await desk.resolve(ref, content, ticketNote("it is back"), again));
      expect(await truth.stateOf?.(ref)).toBe("resolved");
      refOf(await desk.reopen(ref, content, ticketNote("gone again"), first));
      expect(await truth.stateOf?.(ref)).toBe("open");
      expect(await truth.ticketsWithKey(content)).toBe(1);
    },
  },
  {
    name: "only comments once a person has taken the ticket",
    needs: "takeOver",
    run: async ({ desk, truth }) => {
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      await truth.takeOver?.(ref);
      const note = ticketNote(`it is back ${crypto.randomUUID()}`);
      const delivery = await desk.resolve(ref, content, note, first);
      expect(await truth.stateOf?.(ref)).toBe("open");
      expect(delivery).toMatchObject({ status: "delivered", remark: expect.stringContaining("commented only") });
      expect((await desk.read?.(ref, signal))?.state).toBe("taken");
      expect(await truth.countNotes?.(ref, note.text)).toBe(1);
    },
  },
  {
    name: "says that a ticket is gone instead of making another",
    needs: "remove",
    run: async ({ desk, truth }) => {
      const content = ticketContent();
      const ref = refOf(await desk.open(content, first));
      await truth.remove?.(ref);
      const delivery = await desk.resolve(ref, content, ticketNote("it is back"), first);
      expect(delivery).toMatchObject({ status: "rejected", reason: expect.stringContaining("gone") });
    },
  },
  {
    name: "brings back that a person called it a false alarm",
    needs: "judgeFalse",
    run: async ({ desk, truth }) => {
      const ref = refOf(await desk.open(ticketContent(), first));
      expect((await desk.read?.(ref, signal))?.verdict).toBeUndefined();
      await truth.judgeFalse?.(ref);
      expect((await desk.read?.(ref, signal))?.verdict).toBe("false");
    },
  },
  {
    name: "says which ticket one was merged into, and that the survivor was not",
    needs: "merge",
    run: async ({ desk, truth }) => {
      const [ref, into] = [
        refOf(await desk.open(ticketContent(), first)),
        refOf(await desk.open(ticketContent(), first)),
      ];
      await truth.merge?.(ref, into);
      expect((await desk.read?.(ref, signal))?.mergedInto?.id).toBe(into.id);
      expect((await desk.read?.(into, signal))?.mergedInto).toBeUndefined();
    },
  },
];

/** Runs the contract against the desk that `open` starts or fakes; `shows` names what the product can be asked for. */
export const describeDesk = (
  name: string,
  shows: readonly (keyof DeskTruth)[],
  open: () => Promise<DeskUnderTest>,
): void => {
  describe(`desk contract: ${name}`, () => {
    let under: DeskUnderTest;
    beforeAll(async () => {
      under = await open();
    }, 240_000);

    for (const check of deskChecks.filter(({ needs }) => needs === undefined || shows.includes(needs))) {
      it(check.name, () => check.run(under));
    }
  });
};
