import type { TicketContent, TicketNote } from "../../collector/tickets/connector.ts";

let serial = 0;

/** An incident as a desk is told of it, with a key of its own and a name that tries to break out of everything. */
export const ticketContent = (over: Partial<TicketContent> = {}): TicketContent => {
  serial += 1;
  const key = `rollcall:inc_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}${String(serial).padStart(2, "0")}`;
  return {
    key,
    condition: "device-missing/ast_1",
    kind: "device-missing",
    subject: `Missing since 10:14: printer <b>"3rd floor"</b> {{7*7}} \${x} %0d%0a`,
    text: "Nobody has seen it since 10:14.\n<script>alert(1)</script>\nBcc: everybody@example.org",
    html: "<p>Nobody has seen it since 10:14.</p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    priority: 2,
    impact: "high",
    urgency: "medium",
    openedAt: "2026-01-05T10:14:00.000Z",
    asset: { assetId: "ast_1", name: "printer", serialNumber: "S1", address: "192.0.2.7" },
    link: "https://collector.example.org/assets/ast_1",
    ...over,
  };
};

export const ticketNote = (text: string): TicketNote => ({
  id: `note-${crypto.randomUUID()}`,
  text,
  html: `<p>${text}</p>`,
});
