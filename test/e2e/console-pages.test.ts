import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { findBarriers } from "../support/browser.ts";
import { type ConsoleSite, consoleRequirements, startConsoleSite } from "../support/console-site.ts";
import { describeWith } from "../support/requires.ts";
import type { TestSite } from "../support/start-site.ts";

describeWith("every page of the console", [...consoleRequirements], () => {
  let site: TestSite;
  let signIn: ConsoleSite["signIn"];
  let stage: ConsoleSite;
  beforeAll(async () => {
    stage = await startConsoleSite();
    ({ site, signIn } = stage);
  });
  afterAll(() => stage.stop());
  afterEach(() => stage.close());

  const pages = (): readonly (readonly [path: string, heading: string | RegExp])[] => [
    ["/", "Overview"],
    ["/assets", "Assets"],
    [`/assets/${site.site.host}`, "nb-001"],
    [`/assets/${site.site.host}?tab=inventory`, "nb-001"],
    [`/assets/${site.site.host}?tab=changes`, "nb-001"],
    [`/assets/${site.site.host}?tab=identity`, "nb-001"],
    [`/assets/${site.site.host}?tab=places`, "nb-001"],
    [`/compare?left=${site.site.host}&right=${site.site.hostile}`, "What differs"],
    ["/compare", "What differs"],
    ["/links", "Links"],
    ["/subnets", "Subnets"],
    ["/subnets/10.20.0.0%2F22?realm=office", "10.20.0.0/22"],
    ["/software", "Software"],
    ["/macs", "Unclaimed MACs"],
    ["/visitors", "Visitors"],
    ["/identity", "Rules"],
    ["/changes", "Changes"],
    ["/incidents", "Incidents"],
    [`/incidents/${site.site.incidents[0]}`, /is missing$/],
    ["/tickets", "Tickets"],
    ["/tickets/3", /memory left/],
    ["/agents", "Agents and coverage"],
    ["/desks", "partner"],
    ["/policy", "Maintenance windows"],
    ["/access", "Access"],
    ["/access?tab=audit", "Access"],
    ["/no/such/page", "There is no such page"],
  ];

  it.each([
    ["light", { colorScheme: "light" }, {}],
    // The same document in other colours.
    ["dark", { colorScheme: "dark" }, { rules: ["color-contrast"] }],
    // The same document in another shape: what depends on size and on what is hidden then.
    [
      "on a phone",
      { viewport: { width: 390, height: 844 }, hasTouch: true },
      { rules: ["target-size", "button-name", "link-name", "label", "scrollable-region-focusable", "empty-heading"] },
    ],
  ] as const)(
    "shows itself without a barrier, an error or a foreign request: %s",
    async (_, options, look) => {
      const { page, errors, requests } = await signIn(options);
      for (const [path, heading] of pages()) {
        await page.goto(site.url + path);
        await page.getByRole("heading", { name: heading }).first().waitFor();
        const loading = page.locator('[role="status"][aria-label^="Loading"]');
        await expect.poll(() => loading.count(), { timeout: 60_000, message: `${path} is loading` }).toBe(0);
        expect([path, await findBarriers(page, look)]).toEqual([path, []]);
        const overhang = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect([path, await page.evaluate(overhang)]).toEqual([path, 0]);
      }
      expect(errors).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(site.url))).toEqual([]);
    },
    240_000,
  );
});
