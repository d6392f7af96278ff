import { describe, expect, it } from "vitest";
import { ticketBody } from "../../../collector/tickets/body.ts";
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

  const booked = (over: object = {}) => {
    const { incident, evidence, asset } = the();
    const book = { owner: "Kim", location: "room 217, rack 7", inventoryNumber: "IT-1", warrantyUntil: "2027-03-31" };
    return { incident, evidence, asset: { ...asset, ...book, ...over } } as Case;
  };

  it.each([
    [
      "en",
      ["Owner: Kim", "Location on record: room 217, rack 7", "Inventory number: IT-1", "Warranty: until Mar 31, 2027"],
    ],
    [
      "de",
      ["Besitzer: Kim", "Eingetragener Ort: room 217, rack 7", "Inventarnummer: IT-1", "Garantie: bis 31.03.2027"],
    ],
  ] as const)("says what people wrote of the device beside what was seen: %s", (locale, lines) => {
    const { text, html } = toTicketContent(booked(), { locale, timeZone: "UTC" });
    for (const line of lines) {
      expect(text.split("\n")).toContain(line);
      const [label, value] = line.split(": ");
      expect(html).toContain(`<tr><th align="left">${label}</th><td>${value}</td></tr>`);
    }
    expect(text).toContain(": switch sw-2, port 17");
  });

  it.each([
    ["2026-01-05", "Warranty: until Jan 5, 2026"],
    ["2026-01-04", "Warranty: over since Jan 4, 2026"],
  ])("says whether the warranty still ran when it was opened: last day %s", (warrantyUntil, line) => {
    const { text } = toTicketContent(booked({ warrantyUntil }), { locale: "en", timeZone: "Europe/Berlin" });
    expect(text.split("\n")).toContain(line);
    const german = toTicketContent(booked({ warrantyUntil: "2026-01-04" }), { locale: "de", timeZone: "UTC" });
    expect(german.text).toContain("Garantie: abgelaufen seit 04.01.2026");
  });

  it.each([
    ["markup", hostile],
    ["a header", "Kim\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>"],
    ["other ends of lines", "Kim\u2028Bcc: a@example.org\u0085Subject: x\u2029\u0000"],
    ["a template", "{{key}} {{constructor}} <%= 7*7 %> #{1}"],
    ["bidi controls", "Kim\u202e gnp.exe\u2066"],
  ])("lets nothing that people wrote become more than text: %s", (_, value) => {
    const written = { owner: value, location: value, inventoryNumber: value, supplier: value, contract: value };
    const own = { subject: "{{owner}} {{location}}", text: "{{owner}}|{{inventoryNumber}}|{{warrantyUntil}}" };
    const plain = toTicketContent(booked(written), { locale: "en", timeZone: "UTC" });
    const filled = toTicketContent(booked(written), { locale: "de", timeZone: "UTC", ...own });
    for (const { subject, text, html } of [plain, filled]) {
      expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(text.split("\n").filter((line) => /^(Bcc|Subject):/.test(line))).toEqual([]);
      expect(html).not.toMatch(/<(img|script)/);
    }
    expect(filled.text).toBe(`${filled.asset?.owner}|${filled.asset?.inventoryNumber}|2027-03-31`);
    if (value.startsWith("{{")) expect(plain.text).toContain(`Owner: ${value}`);
  });

  it("tells the built-in queue the same, on one line each", () => {
    const { incident, evidence } = the();
    const body = ticketBody(incident, evidence, { owner: "Kim\r\nBcc: x", warrantyUntil: "2027-03-31" });
    expect(body.split("\n")).toContain("Owner: Kim Bcc: x");
    expect(body.split("\n")).toContain("Warranty until: 2027-03-31");
    expect(ticketBody(incident, evidence)).not.toContain("Owner");
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
