import { describe, expect, it } from "vitest";
import { type Case, toTicketContent, toTicketNote } from "../../../collector/tickets/content.ts";
import { deskConfigSchema } from "../../../collector/tickets/desks.ts";
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

  it("links the incident and the device's record, in text and HTML", () => {
    const consoleUrl = "https://rollcall.example.org";
    const { text, html } = toTicketContent(the(), { locale: "de", timeZone: "UTC", consoleUrl });
    const asset = `${consoleUrl}/assets/ast_00000000000000000000000000`;
    expect(text).toContain(`Das Gerät in Rollcall: ${asset}`);
    expect(html).toContain(`href="${asset}"`);
    expect(text).toContain("Wie kritisch es ist: normal");
  });

  it("is said in the desk's own words where it has some, and nothing of a device's becomes a template or markup", () => {
    const options = {
      locale: "en",
      timeZone: "UTC",
      subject: "[{{kind}}] {{assetName}}",
      text: "P{{priority}}: {{assetName}}\n{{key}}",
    } as const;
    const the_ = the();
    const named = { ...the_, asset: { ...(the_.asset ?? { assetId: "x" }), name: "{{key}}<b>" } } as Case;
    const { subject, text, html } = toTicketContent(named, options);
    expect(subject).toBe("[device-missing] {{key}}<b>");
    expect(text).toBe("P2: {{key}}<b>\nrollcall:inc_00000000000000000000000000");
    expect(html).toBe("<p>P2: {{key}}&lt;b&gt;</p>\n<p>rollcall:inc_00000000000000000000000000</p>");
    const desk = { name: "d", connector: "alertmanager", settings: {}, text: "{{constructor}}" };
    expect(() => deskConfigSchema.parse(desk)).toThrow(/no field \{\{constructor\}\}.*assetName/);
  });

  it("names the asset's counterpart at the desk by what the configuration says of its id or serial number", () => {
    const base = { locale: "en", timeZone: "UTC" } as const;
    const numbered = the();
    const withSerial = { ...numbered, asset: { ...numbered.asset, serialNumber: "S-1" } } as Case;
    const ciOf = (ciRefs: Record<string, string>) => toTicketContent(withSerial, { ...base, ciRefs }).asset?.ciRef;
    expect(ciOf({ "S-1": "ci-7" })).toBe("ci-7");
    expect(ciOf({ "S-1": "ci-7", ast_00000000000000000000000000: "ci-8" })).toBe("ci-8");
    expect(ciOf({ "S-2": "ci-9" })).toBeUndefined();
  });

  it("escapes notes line by line", () => {
    expect(toTicketNote("n1", "a <b>\nc").html).toBe("<p>a &lt;b&gt;</p>\n<p>c</p>");
  });
});
