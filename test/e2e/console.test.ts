import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { toLocalText } from "../../collector/console/parts/moment-text.ts";
import { systemClock } from "../../shared/clock.ts";
import { createApiClient } from "../support/api-client.ts";
import { findBarriers, openPage } from "../support/browser.ts";
import { type ConsoleSite, consoleRequirements, patiently, startConsoleSite } from "../support/console-site.ts";
import { describeWith } from "../support/requires.ts";
import { hostileNames } from "../support/site.ts";
import type { TestSite } from "../support/start-site.ts";

describeWith("the console in a browser", [...consoleRequirements], () => {
  let site: TestSite;
  let signIn: ConsoleSite["signIn"];
  let stage: ConsoleSite;
  beforeAll(async () => {
    stage = await startConsoleSite();
    ({ site, signIn } = stage);
  });
  afterAll(() => stage.stop());
  afterEach(() => stage.close());

  describe("signing in", () => {
    it("takes the code from the link, once, and leaves it nowhere", async () => {
      const { page, requests } = await stage.open();
      const link = await site.signInLink();
      const code = link.split("#")[1] ?? "missing";
      await page.goto(site.url + link);
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      expect(requests.filter((url) => url.split("#")[0]?.includes(code))).toEqual([]);
      expect(page.url()).toBe(`${site.url}/`);
      expect(await page.evaluate(() => Object.values({ ...localStorage, ...sessionStorage }).join())).not.toContain(
        code,
      );
      expect(await page.evaluate("document.cookie")).toBe("");
      expect(await page.content()).not.toContain(code);

      const other = await stage.browser.newContext();
      const second = await openPage(other);
      await second.page.goto(site.url + link);
      await second.page.getByText("This sign-in link no longer works").waitFor();
      await other.close();
    });

    it("leads who is not signed in, or not any more, to the sign-in page", async () => {
      const { page } = await signIn();
      await page.getByRole("button", { name: "Account" }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await page.goto(`${site.url}/assets`);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      expect(await findBarriers(page)).toEqual([]);
    });
  });

  describe("hostile strings", () => {
    it("are shown as the text they are, wherever they appear", async () => {
      const { page, errors } = await signIn();
      const [hostile] = site.site.incidents.slice(-1);
      const places: readonly (readonly [string, string])[] = [
        [`/assets/${site.site.hostile}`, hostileNames.serial],
        [`/assets/${site.site.hostile}?tab=inventory`, hostileNames.name],
        ["/changes", hostileNames.name],
        [`/incidents/${hostile}`, hostileNames.name],
        ["/agents", hostileNames.name],
        [`/assets?q=${encodeURIComponent(JSON.stringify(hostileNames.name))}`, hostileNames.name],
      ];
      for (const [path, text] of places) {
        await page.goto(site.url + path);
        await page.getByText(text).first().waitFor();
        expect([path, await page.evaluate("window.__xss")]).toEqual([path, undefined]);
      }
      expect(await page.locator('a[href^="javascript"], img[src="x"]').count()).toBe(0);
      expect(errors).toEqual([]);
    });

    it("can't turn the writing round: control characters are made visible", async () => {
      const { page } = await signIn();
      await page.goto(`${site.url}/assets/${site.site.hostile}`);
      await page.getByText(hostileNames.model).first().waitFor();
      expect(await page.locator("body").textContent()).not.toMatch(/\p{Bidi_Control}/u);
    });
  });

  describe("assets", () => {
    it("are found, filtered and walked through by keyboard, with few rows in the document however long the list", async () => {
      const { page } = await signIn();
      await page.keyboard.press("g");
      await page.keyboard.press("a");
      await page.getByRole("heading", { name: "Assets" }).waitFor();
      const table = page.getByRole("table", { name: "Assets" });
      await table.getByRole("link").first().waitFor();
      expect(await table.getAttribute("aria-rowcount")).toBe(String(site.site.assets.length + 2));
      expect(await table.locator("tbody tr").count()).toBeLessThan(60);
      const end = table.getByRole("link", { name: /^vm-/ });
      // Each time the end comes near, the next page is fetched.
      await expect
        .poll(async () => {
          await page.mouse.wheel(0, 1_000_000);
          return end.count();
        }, patiently)
        .toBeGreaterThan(0);

      await page.keyboard.press("/");
      // So slowly that the list follows between two letters; none is lost by that.
      await page.keyboard.type("prn-", { delay: 470 });
      await page.keyboard.press("Enter");
      await page.getByText(/^\d+ of 40\d$/).waitFor();
      const links = table.locator("tbody a.row-link");
      const others = async () => (await links.allTextContents()).filter((name) => !name.startsWith("prn-"));
      // The count may stand there a moment before the rows.
      await expect.poll(others, patiently).toEqual([]);
      await links.first().waitFor();
      await links.first().focus();
      await page.keyboard.press("ArrowDown");
      // Rows above it may come into the document at any time: the second is the one that has the focus now.
      const second = await table.locator("tbody a.row-link:focus").textContent();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: second ?? "" }).waitFor();
    });

    it("are filtered by type, and sorted by a column", async () => {
      const { page } = await signIn();
      await page.goto(`${site.url}/assets`);
      await page.getByRole("button", { name: "Type" }).click();
      await page.getByRole("menuitemcheckbox", { name: /Printer/ }).click();
      await page.keyboard.press("Escape");
      await page.waitForURL(/type=printer/);
      const names = page.locator("table a.row-link");
      await page.getByText(/^\d+ of 40\d$/).waitFor();
      expect(await names.first().textContent()).toMatch(/^prn-/);
      const first = await names.first().textContent();
      await page.getByRole("button", { name: "Name" }).click();
      await page.waitForURL(/sort=-name/);
      await expect.poll(() => names.first().textContent(), patiently).not.toBe(first);
      expect(await page.locator("th[aria-sort=descending]").textContent()).toContain("Name");
    });
  });

  describe("a query", () => {
    it("is helped along by suggestions, says what is wrong with it where it is, and is kept under a name", async () => {
      const { page, errors } = await signIn();
      // Who types on at once is faster than a browser that is slow in drawing.
      await page.addInitScript(
        "globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 300)",
      );
      await page.goto(`${site.url}/assets`);
      await page.getByRole("table", { name: "Assets" }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("typ");
      await page.getByRole("option", { name: /^type/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.keyboard.type("prin");
      await page.getByRole("option", { name: "printer" }).waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Tab");
      await page.keyboard.type(" not source:arp");
      await page.keyboard.press("Enter");
      await page.getByText("Nothing fits").waitFor();
      const box = page.getByRole("combobox", { name: "Query" });
      await box.fill("type:printr");
      await box.press("Enter");
      await page.getByText("did you mean `printer`").waitFor();
      expect(await page.locator(".query-fault mark").textContent()).toBe("printr");
      expect(await findBarriers(page)).toEqual([]);
      await box.fill("type:printer source:snmp");
      await box.press("Enter");
      await page.getByRole("button", { name: "Save this query" }).click();
      await page.getByLabel("Name").fill("Our printers");
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      const saved = page.getByRole("button", { name: /^Our printers\s*\d+$/ });
      await saved.waitFor();
      await page.getByRole("button", { name: "All", exact: true }).click();
      await page.getByText(/in all$/).waitFor();
      await saved.click();
      await expect.poll(() => box.inputValue(), patiently).toBe("type:printer source:snmp");
      await page.getByText(/^\d+ of 40\d$/).waitFor();
      // The browser itself tells of an answer that is no success.
      expect(errors.filter((error) => !error.includes("400"))).toEqual([]);
    });
  });

  describe("identity", () => {
    it("is merged, split and given back by a person, from the asset's page", async () => {
      const { page, errors } = await signIn();
      const [into, from] = [site.site.assets[60], site.site.assets[61]];
      const { body } = await createApiClient(site.url, site.apiToken)("GET", `/assets/${from}`);
      const { name } = body as { name: string };
      await page.goto(`${site.url}/assets/${into}?tab=identity`);
      await page.getByRole("button", { name: "Merge with another" }).click();
      await page.getByLabel("The other asset").fill(`name=${name}`);
      await page.locator(".choice", { hasText: name }).click();
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Merge", exact: true }).click();
      await page.getByText(`${name} was merged into this asset`).waitFor();
      await page.getByText("came with a joined asset").first().waitFor();
      await page.goto(`${site.url}/identity`);
      const decisions = page.getByRole("region", { name: "Last decisions" });
      await decisions.getByText(`${name} was merged into this asset`).waitFor();
      await decisions.getByRole("button", { name: "Undo" }).first().click();
      await page.getByRole("button", { name: "Undo", exact: true }).click();
      await decisions.getByText("· undone").waitFor();

      await page.goto(`${site.url}/assets/${into}?tab=identity`);
      await page.getByRole("button", { name: "Split off" }).click();
      await page.getByRole("checkbox", { name: /^MAC/ }).check();
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Split off", exact: true }).click();
      await page.getByText("An asset of its own now").waitFor();
      const list = page.getByRole("region", { name: "Decisions" });
      await list.getByText("keys were given to an asset of their own").waitFor();
      await list.getByRole("button", { name: "Undo" }).first().click();
      await page.getByRole("button", { name: "Undo", exact: true }).click();
      await expect.poll(() => list.getByText("· undone").count(), patiently).toBe(2);
      expect(errors).toEqual([]);
    });

    it("has rules that are tried before they are saved", async () => {
      const { page, errors } = await signIn();
      await page.goto(`${site.url}/identity`);
      const rules = page.getByRole("region", { name: "Rules" });
      await rules.getByLabel("Value").fill("IMAGE-01");
      await rules.getByRole("button", { name: "Add" }).click();
      await rules.getByRole("button", { name: "Save untried" }).waitFor();
      await rules.getByRole("button", { name: "Try" }).click();
      await rules.getByText("Nothing would be otherwise").waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await rules.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("In force").waitFor();
      expect(errors).toEqual([]);
    });
  });

  it("edits an asset by hand, shows that it was, and gives a field back to observation", async () => {
    const { page, errors } = await signIn();
    await page.goto(`${site.url}/assets/${site.site.assets[9]}`);
    await page.getByRole("button", { name: "Edit …" }).click();
    await page.getByLabel("Site").fill("Rack 7");
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Rack 7 (set by hand)", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Edit …" }).click();
    await page.getByRole("button", { name: "Set by hand: give it back to observation" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => page.getByText("(set by hand)").count(), patiently).toBe(0);
    expect(errors).toEqual([]);
  });

  it("keeps what a person writes of an asset, shows it as text, finds it by query, and empties it again", async () => {
    const { page, errors } = await signIn();
    const owner = `<b>Kim</b> "O'Hara"`;
    const path = `${site.url}/assets/${site.site.assets[11]}`;
    await page.goto(path);
    await page.getByRole("button", { name: "Edit …" }).click();
    const save = page.getByRole("button", { name: "Save" });
    for (const [label, value] of [
      ["Owner", owner],
      ["Location", "rack 7"],
      ["Warranty until", "2021-03-31"],
      ["Price", "1299"],
      ["Note", "first line\nsecond line"],
    ] as const)
      await page.getByRole("dialog").getByLabel(label, { exact: true }).fill(value);
    expect(await findBarriers(page)).toEqual([]);
    await save.click();
    // An amount without a currency is told before it is sent.
    await page.getByLabel("Price").and(page.locator(":invalid")).waitFor();
    await page.getByLabel("Price").fill("1299.00 EUR");
    await save.click();
    await page.locator(".facts").getByText(owner, { exact: true }).waitFor();
    await page
      .locator(".facts")
      .getByText(/^over since .*2021$/)
      .waitFor();
    const written = page.getByRole("region", { name: "Set by hand" });
    await written.getByText("1299.00 EUR", { exact: true }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.goto(`${site.url}/assets?q=${encodeURIComponent("owner~kim warranty<30d")}`);
    await page.getByRole("status").getByText("1 of").waitFor();
    await page.goto(path);
    await page.getByRole("button", { name: "Edit …" }).click();
    await page.getByRole("dialog").getByLabel("Owner", { exact: true }).fill("");
    await save.click();
    await expect.poll(() => page.locator(".facts").getByText("Owner", { exact: true }).count(), patiently).toBe(0);
    expect(errors).toEqual([]);
  });

  it("shows an asset as it was, marked as the past and read-only, and what has changed since", async () => {
    const { page, errors } = await signIn();
    const assetId = site.site.host;
    await createApiClient(site.url, site.apiToken)("PATCH", `/assets/${assetId}`, {
      body: { set: { name: "till 7" } },
    });
    await page.goto(`${site.url}/assets/${assetId}`);
    await page.getByText("its own agent says nb-001 (Hostname").waitFor();
    await page.getByRole("tab", { name: "Changes" }).click();
    await page
      .getByRole("link", { name: /^Before and after/ })
      .first()
      .click();
    await page.getByRole("region", { name: "The asset itself" }).getByText("till 7").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.goBack();
    await page.getByRole("button", { name: "As it was …" }).click();
    await page.getByLabel("As it was on").fill(toLocalText(new Date(systemClock.now() - 600_000).toISOString()));
    await page.getByRole("link", { name: "Show" }).click();
    await page.getByText(/^As it was on /).waitFor();
    await page.getByRole("heading", { name: "nb-001" }).waitFor();
    expect(await page.getByRole("button", { name: "Edit …" }).count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole("link", { name: "Back to now" }).click();
    await page.getByRole("heading", { name: "till 7" }).waitFor();
    await createApiClient(site.url, site.apiToken)("PATCH", `/assets/${assetId}`, {
      body: { set: {}, release: ["name"] },
    });
    await page.getByRole("heading", { name: "nb-001" }).waitFor();
    expect(errors).toEqual([]);
  });

  describe("incidents", () => {
    it("are worked on: taken, commented, judged, resolved; the queue follows", async () => {
      const { page, errors } = await signIn();
      await page.goto(`${site.url}/incidents`);
      const entry = page.locator(`.queue-list a[href*="${site.site.incidents[0]}"]`);
      await entry.click();
      await page.getByText("gateway not seen in this sweep").waitFor();
      await page.getByRole("button", { name: "Take it" }).click();
      await page.locator("article").getByText("Acknowledged").first().waitFor();
      await page.getByRole("textbox", { name: "Comment" }).fill("The patch cable was <b>out</b>.");
      await page.keyboard.press("Control+Enter");
      await page.locator(".timeline").getByText("The patch cable was <b>out</b>.").waitFor();
      await page.getByRole("button", { name: "Verdict" }).click();
      await page.getByRole("menuitem", { name: "True: it was so" }).click();
      await page.getByRole("button", { name: "Verdict: True" }).waitFor();
      await page.getByRole("button", { name: "Resolve …" }).click();
      await page.getByLabel("How it ended").fill("plugged in again");
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Resolve", exact: true }).click();
      await page.locator("article").getByText("plugged in again").first().waitFor();
      await expect.poll(() => entry.count(), patiently).toBe(0);
      expect(errors).toEqual([]);
    });

    it("offer a viewer nothing that a viewer may not do", async () => {
      const { page } = await signIn({}, { user: "vic", role: "viewer" });
      await page.goto(`${site.url}/incidents/${site.site.incidents[1]}`);
      await page.getByRole("heading", { name: "Evidence" }).waitFor();
      for (const name of ["Take it", "Assign …", "Resolve …", "Comment"])
        expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
    });
  });

  describe("desks and policy", () => {
    it("connects a desk by the secret that it lacks, tests it, and shows what it would be told", async () => {
      const { page, errors } = await signIn();
      await page.goto(`${site.url}/desks`);
      const partner = page.getByRole("region", { name: "partner" });
      await partner.getByText("Not ready").waitFor();
      await page.getByRole("button", { name: "Set a secret …" }).click();
      await page.getByLabel("Name").fill("partner-token");
      await page.getByLabel("Secret", { exact: true }).fill("canary-of-the-console");
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Set", exact: true }).click();
      await partner.getByText("Ready", { exact: true }).waitFor();
      await page.getByText("store:partner-token").waitFor();
      expect(await page.content()).not.toContain("canary-of-the-console");
      await partner.getByRole("button", { name: "Test …" }).click();
      await page.getByRole("button", { name: "Test", exact: true }).click();
      await page.getByText("Resolve: done").waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
      await partner.getByRole("button", { name: "Preview …" }).click();
      await page.getByText("Who looked, and what they saw:").waitFor();
      expect(errors).toEqual([]);
    });

    it("proposes what a false alarm speaks for, puts it in force when a person accepts it, and takes it back", async () => {
      const { page, errors } = await signIn();
      const [, second] = site.site.incidents;
      await createApiClient(site.url, site.apiToken)("POST", `/incidents/${second}/verdict`, {
        body: { verdict: "false" },
      });
      await page.goto(`${site.url}/policy`);
      const proposals = page.getByRole("region", { name: "Proposals" });
      await proposals.getByText("Waits for you").waitFor();
      await proposals.getByRole("button", { name: "Accept …" }).click();
      await page.getByLabel("Why (kept with it)").fill("a false alarm each night");
      expect(await findBarriers(page)).toEqual([]);
      await page.getByRole("button", { name: "Accept", exact: true }).click();
      await proposals.getByText("In force", { exact: true }).waitFor();
      await page.getByText(/by an accepted proposal; configured:/).waitFor();
      await proposals.getByRole("button", { name: "Undo …" }).click();
      await page.getByRole("button", { name: "Undo", exact: true }).click();
      await proposals.getByText("No proposals").waitFor();
      expect(errors).toEqual([]);
    });
  });

  it("follows what happens elsewhere without being asked, and finds its way back after the connection was gone", async () => {
    const { page } = await signIn();
    await page.goto(`${site.url}/tickets/2`);
    await page.getByText("Live").waitFor();
    const call = createApiClient(site.url, site.apiToken);
    await call("POST", "/tickets/2/comments", { body: { text: "said by somebody else" } });
    await page.getByText("said by somebody else").waitFor();
    await page.context().setOffline(true);
    await call("POST", "/tickets/2/comments", { body: { text: "said meanwhile" } });
    await page.context().setOffline(false);
    await page.reload();
    await page.getByText("said meanwhile").waitFor();
  });

  it("says so when the API fails, and tries again on request", async () => {
    const { page } = await signIn();
    await page.route("**/api/v1/assets?*", (route) =>
      route.fulfill({
        status: 422,
        contentType: "application/problem+json",
        body: JSON.stringify({ title: "Can't be done so", status: 422, code: "invalid", remedy: "Try it otherwise." }),
      }),
    );
    await page.goto(`${site.url}/assets`);
    const alert = page.getByRole("alert");
    await alert.getByText("Try it otherwise.").waitFor();
    await page.unroute("**/api/v1/assets?*");
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("table", { name: "Assets" }).waitFor();
  });
});
