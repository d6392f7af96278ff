import { beforeAll, describe, expect, it } from "vitest";
import type { Delivery, Desk, TicketContent, TicketRef } from "../../collector/tickets/connector.ts";
import { ticketContent, ticketNote } from "../support/ticket-content.ts";

/** What the desk itself says of a ticket, asked past our connector. */
export type DeskTruth = {
  readonly ticketsWithKey: (content: TicketContent) => Promise<number>;
  readonly stateOf?: (ref: TicketRef) => Promise<"open" | "resolved">;
  readonly countNotes?: (ref: TicketRef, text: string) => Promise<number>;
  readonly subjectOf?: (ref: TicketRef) => Promise<string>;
  /** A person takes the ticket over. */
  readonly takeOver?: (ref: TicketRef) => Promise<void>;
  readonly remove?: (ref: TicketRef) => Promise<void>;
};

export type DeskUnderTest = { readonly desk: Desk; readonly truth: DeskTruth; readonly finds: boolean };

const signal = AbortSignal.timeout(600_000);
const first = { search: false, signal };
const again = { search: true, signal };

const refOf = (delivery: Delivery): TicketRef => {
  if (delivery.status !== "delivered") throw new Error(`${delivery.status}: ${delivery.reason}`);
  return delivery.ticketRef;
};

/** The contract of every ticket connector: `open` gives the desk under test, started or faked by the caller. */
export const describeDesk = (name: string, open: () => Promise<DeskUnderTest>): void => {
  describe(`desk contract: ${name}`, () => {
    let it_: DeskUnderTest;
    beforeAll(async () => {
      it_ = await open();
    }, 240_000);

    it("passes its own start-up check", async () => {
      expect((await it_.desk.check(signal)).filter((finding) => !finding.ok)).toEqual([]);
    });

    it("opens one ticket, and finds it again instead of opening a second", async () => {
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      const repeated = refOf(await it_.desk.open(content, again));
      expect(repeated.id).toBe(ref.id);
      expect(await it_.truth.ticketsWithKey(content)).toBe(1);
      expect(await it_.truth.ticketsWithKey(ticketContent())).toBe(0);
    });

    it("keeps hostile names as text", async (context) => {
      if (!it_.truth.subjectOf) return context.skip("the desk shows no subject");
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      expect(await it_.truth.subjectOf(ref)).toContain(`printer <b>"3rd floor"</b> {{7*7}}`);
    });

    it("comments once, also when told twice after an unclear answer", async (context) => {
      const { countNotes } = it_.truth;
      if (!countNotes) return context.skip("the desk shows no notes");
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      const note = ticketNote(`a second observer looked and saw nothing ${crypto.randomUUID()}`);
      refOf(await it_.desk.comment(ref, content, note, first));
      refOf(await it_.desk.comment(ref, content, note, again));
      expect(await countNotes(ref, note.text)).toBe(1);
    });

    it("resolves, stays resolved when told again, and reopens the same ticket", async (context) => {
      const { stateOf } = it_.truth;
      if (!stateOf) return context.skip("the desk shows no state");
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      expect(await stateOf(ref)).toBe("open");
      refOf(await it_.desk.resolve(ref, content, ticketNote("it is back"), first));
      expect(await stateOf(ref)).toBe("resolved");
      refOf(await it_.desk.resolve(ref, content, ticketNote("it is back"), again));
      expect(await stateOf(ref)).toBe("resolved");
      refOf(await it_.desk.reopen(ref, content, ticketNote("gone again"), first));
      expect(await stateOf(ref)).toBe("open");
      expect(await it_.truth.ticketsWithKey(content)).toBe(1);
    });

    it("only comments once a person has taken the ticket", async (context) => {
      const { takeOver, stateOf, countNotes } = it_.truth;
      if (!takeOver || !stateOf) return context.skip("the desk knows no owner");
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      await takeOver(ref);
      const note = ticketNote(`it is back ${crypto.randomUUID()}`);
      const delivery = await it_.desk.resolve(ref, content, note, first);
      expect(delivery).toMatchObject({ status: "delivered", remark: expect.stringContaining("commented only") });
      expect(await stateOf(ref)).toBe("open");
      expect((await it_.desk.read?.(ref, signal))?.state).toBe("taken");
      if (countNotes) expect(await countNotes(ref, note.text)).toBe(1);
    });

    it("says that a ticket is gone instead of making another", async (context) => {
      const { remove } = it_.truth;
      if (!remove) return context.skip("tickets can't be removed there");
      const content = ticketContent();
      const ref = refOf(await it_.desk.open(content, first));
      await remove(ref);
      expect(await it_.desk.resolve(ref, content, ticketNote("it is back"), first)).toMatchObject({
        status: "rejected",
        reason: expect.stringContaining("gone"),
      });
    });
  });
};
