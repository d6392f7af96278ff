import { type Clock, toTimestamp } from "../../shared/clock.ts";
import { createIncidentId } from "../../shared/ids.ts";
import type { DeskTrial } from "../../shared/model/desk.ts";
import type { Random } from "../../shared/random.ts";
import type { Delivery, Desk, TicketContent } from "./connector.ts";
import { escapeHtml, toTicketNote } from "./content.ts";

const TEXT = "A test of Rollcall's connection to this desk. It is resolved by itself within a minute.";

/** Opens a ticket that says what it is, comments on it and resolves it; stops at the first step that fails. */
export const tryDesk = async (
  desk: Desk,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
): Promise<DeskTrial> => {
  const now = clock.now();
  const incidentId = createIncidentId(now, random);
  const content: TicketContent = {
    ...{ key: `rollcall:${incidentId}`, condition: "test", kind: "test", subject: "Rollcall: test, please ignore" },
    ...{ text: TEXT, html: `<p>${escapeHtml(TEXT)}</p>`, priority: 5, impact: "low", urgency: "low" },
    openedAt: toTimestamp(now),
  };
  const call = { search: false, signal };
  const steps: { what: string; ok: boolean; detail: string }[] = [];
  const note = (what: string, delivery: Delivery): boolean => {
    const ok = delivery.status === "delivered";
    const where = ok ? `ticket ${delivery.ticketRef.number ?? delivery.ticketRef.id}` : "";
    steps.push({ what, ok, detail: (ok ? (delivery.remark ?? where) : delivery.reason).slice(0, 2_000) });
    return ok;
  };
  const opened = await desk.open(content, call);
  if (!note("open", opened) || opened.status !== "delivered") return { ok: false, steps };
  const { ticketRef: ref } = opened;
  const url = ref.url === undefined ? {} : { url: ref.url };
  const comment = toTicketNote(`${incidentId}-1`, "A comment, as further evidence makes one.");
  if (!note("comment", await desk.comment(ref, content, comment, call))) return { ok: false, steps, ...url };
  const over = toTicketNote(`${incidentId}-2`, "The test is over.");
  return { ok: note("resolve", await desk.resolve(ref, content, over, call)), steps, ...url };
};
