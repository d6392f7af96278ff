import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import {
  type Browser,
  type BrowserContext,
  chromiumRequirement,
  launchBrowser,
  openPage,
  type Seen,
} from "./browser.ts";
import { startFakeDesk } from "./fake-desks/server.ts";
import { zendeskRoutes } from "./fake-desks/zammad-zendesk-freshservice.ts";
import { startTestSite, type TestSite } from "./start-site.ts";

/** A seeded site with two desks, its console as it is built, and a browser to look at it as people do. */
export type ConsoleSite = {
  readonly site: TestSite;
  readonly browser: Browser;
  /** A window of its own, signed in by a link as a person would. */
  readonly signIn: (
    options?: Parameters<Browser["newContext"]>[0],
    who?: Parameters<TestSite["signInLink"]>[0],
  ) => Promise<Seen>;
  /** A window that nobody has signed in yet. */
  readonly open: (options?: Parameters<Browser["newContext"]>[0]) => Promise<Seen>;
  /** Closes the windows, not the site. */
  readonly close: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export const consoleRequirements = [{ ...chromiumRequirement, package: "chromium" }] as const;

/** Machines that build and test at once are slow; a page that never comes still fails. */
export const patiently = { timeout: 60_000 };

const source = fileURLToPath(new URL("../../collector/console", import.meta.url));

const startSite = (consoleDirectory: string, deskUrl: string): Promise<TestSite> => {
  const settings = (apiToken: string) => ({ baseUrl: deskUrl, user: "rollcall@example.org", apiToken });
  return startTestSite({
    config: {
      consoleDirectory,
      desks: [
        { name: "helpdesk", connector: "zendesk", settings: settings("t"), when: { kinds: ["unknown-device"] } },
        { name: "partner", connector: "zendesk", settings: settings("store:partner-token") },
      ],
      presence: {
        maintenance: [
          { kind: "weekly", name: "Patch night", match: {}, days: ["tue"], at: "22:00", durationMs: 7_200_000 },
        ],
      },
    },
    count: 400,
  });
};

export const startConsoleSite = async (): Promise<ConsoleSite> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-console-"));
  await build({
    configFile: join(source, "vite.config.ts"),
    root: source,
    logLevel: "silent",
    build: { outDir: folder, emptyOutDir: true },
  });
  const desk = await startFakeDesk(zendeskRoutes);
  const site = await startSite(folder, desk.baseUrl);
  const browser = await launchBrowser();
  const windows = new Set<BrowserContext>();
  const open: ConsoleSite["open"] = async (options = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1_280, height: 800 },
      reducedMotion: "reduce",
      ...options,
    });
    windows.add(context);
    return openPage(context);
  };
  const close = async () => {
    await Promise.all([...windows].map((context) => context.close()));
    windows.clear();
  };
  return {
    site,
    browser,
    open,
    signIn: async (options, who = {}) => {
      const seen = await open(options);
      await seen.page.goto(site.url + (await site.signInLink(who)));
      await seen.page.getByRole("heading", { name: "Overview" }).waitFor();
      return seen;
    },
    close,
    stop: async () => {
      await close();
      await browser.close();
      await site.stop();
      await desk.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
