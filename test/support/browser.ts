/** A real, headless Chromium for looking at the console as its people do. Nothing leaves this machine. */
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findProgram } from "./requires.ts";

export type { Browser, BrowserContext, Page } from "playwright-core";

/** What has to be installed: `describeWith("…", [chromiumRequirement], …)`. */
export const chromiumRequirement = { program: "chromium" } as const;

export const launchBrowser = (): Promise<Browser> => {
  const executablePath = findProgram("chromium");
  if (executablePath === undefined) throw new Error("no chromium on PATH: apt-get install chromium");
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
};

export type Seen = {
  readonly page: Page;
  /** Errors of the page itself: exceptions, console errors, violations of the Content-Security-Policy. */
  readonly errors: readonly string[];
  /** Every address that the page asked for. */
  readonly requests: readonly string[];
};

/** A page that keeps what went wrong in it, and what it asked for. */
export const openPage = async (context: BrowserContext): Promise<Seen> => {
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  return { page, errors, requests };
};

/** What axe finds wrong on the page as it is, a line each; `rules`: of these alone. Injected past the page's own policy, which forbids it rightly. */
export const findBarriers = async (
  page: Page,
  { rules }: { readonly rules?: readonly string[] } = {},
): Promise<string[]> => {
  await page.evaluate(axe.source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const runOnly = rules ? ({ type: "rule", values: [...rules] } as const) : ({ type: "tag", values: tags } as const);
  const { violations } = await page.evaluate(
    (only) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: only }),
    runOnly,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary?.replace(/\s+/g, " ") ?? ""}`,
    ),
  );
};
