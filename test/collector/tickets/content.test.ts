import { describe, expect, it } from "vitest";
import { type Case, toTicketContent, toTicketNote } from "../../../collector/tickets/content.ts";
import { assetSchema } from "../../../shared/model/asset.ts";
import { evidenceSchema, incidentSchema } from "../../../shared/model/incident.ts";

const hostile = `<img src=x onerror=alert(1)>"'&\r\nBcc: all@example.org`;
const the = (over: Record<string, unknown> = {}): Case => ({
  incident: incidentSchema.parse({
    incidentId: "inc_00000000000000000000000000",
    kind: "device-missing",
    condition: "device-missing/ast_00000000000000000000000000",
    state: "open",
    title: "printer",
    summary: "Nobody who could see has seen it for 20 minutes.\nAgent lab-1 looked twice.",
    impact: "medium",
    urgency: "high",
    priority: 2,
    confidence: 0.97,
    lastSeenAt: "2026-01-05T09:14:00.000Z",
    openedAt: "2026-01-05T09:34:00.000Z",
    reopened: 0,
    children: 3,
    lastKnownPlace: "switch sw-2, port 17",
    nextStep: "Look whether port 17 has link.",
    version: 1,
    ...over,
  }),
  asset: assetSchema.parse({
    assetId: "ast_00000000000000000000000000",
    name: hostile,
    type: "printer",
    realm: "hq",
    lifecycle: "in-use",
    criticality: "normal",
    presence: "missing",
    presenceSince: "2026-01-05T09:34:00.000Z",
    firstSeenAt: "2025-01-05T09:34:00.000Z",
    lastSeenAt: "2026-01-05T09:14:00.000Z",
    primaryAddress: "192.0.2.7",
    sources: ["arp"],
    version: 1,
  }),
  evidence: [
    evidenceSchema.parse({
      at: "2026-01-05T09:30:00.000Z",
      observer: { kind: "collector" },
      method: "arp",
      couldSee: "could-see",
      bearing: "for",
      statement: `asked twice, ${hostile}`,
    }),
  ],
});

describe("ticket content", () => {
  it("says device, place and since when in the subject, in the reader's language and time zone", () => {
    const english = toTicketContent(the(), { locale: "en", timeZone: "UTC" });
    expect(english.subject).toMatch(/^Device missing: .*\(switch sw-2, port 17\), since Jan 5, 2026.*9:14:00/);
    const german = toTicketContent(the(), { locale: "de", timeZone: "Europe/Berlin" });
    expect(german.subject).toMatch(/^Gerät fehlt: .*, seit 05\.01\.2026.*10:14:00/);
  });

  it("holds evidence, confidence, what else is affected, next step and link", () => {
    const { text, html, link } = toTicketContent(the(), {
      locale: "en",
      timeZone: "UTC",
      consoleUrl: "https://rollcall.example.org",
    });
    for (const part of [
      "97 %",
      "Also affected: 3 devices",
      "Look whether port 17 has link.",
      "asked twice",
      "speaks for it",
      `Details: ${link}`,
    ])
      expect(text).toContain(part);
    expect(html).toContain(`<a href="${link}">Details</a>`);
  });

  it("lets nothing of a device's own become markup or a header", () => {
    const { subject, text, html } = toTicketContent(the(), { locale: "en", timeZone: "UTC" });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img src=x");
    expect(text.split("\n").filter((line) => line.startsWith("Bcc:"))).toEqual([]);
  });

  it("escapes notes line by line", () => {
    expect(toTicketNote("n1", "a <b>\nc").html).toBe("<p>a &lt;b&gt;</p>\n<p>c</p>");
  });
});
