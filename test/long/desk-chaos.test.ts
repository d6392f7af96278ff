import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { createSeededRandom } from "../../shared/random.ts";
import { createRedmine } from "../desks/redmine.ts";
import { createRequestTracker } from "../desks/request-tracker.ts";
import type { Server } from "../desks/server.ts";
import type { Json } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A desk that is killed, restarted and frozen, and a collector that is killed fifty times: one ticket an incident, in the right state. */

const INCIDENTS = Number(process.env["ROLLCALL_CHAOS_INCIDENTS"] ?? 200);
const KILLS = Number(process.env["ROLLCALL_CHAOS_KILLS"] ?? 50);
const program = fileURLToPath(new URL("../support/deliver-child.ts", import.meta.url));

type Ticket = { readonly key: string; readonly resolved: boolean };

const running = new Set<{ readonly kill: () => Promise<void> }>();
afterAll(() => Promise.all([...running].map((one) => one.kill())), 60_000);

const createCollector = (database: string, config: unknown) => {
  let child: ChildProcess | undefined;
  let isDone = false;
  const collector = {
    isDone: () => isDone,
    start: () => {
      child = spawn(process.execPath, [program, database, JSON.stringify(config), String(INCIDENTS)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout?.on("data", (text) => {
        if (String(text).includes("done")) isDone = true;
      });
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child?.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
  running.add(collector);
  return collector;
};

const endure = async (folder: string, desk: Server, config: unknown, listAll: () => Promise<readonly Ticket[]>) => {
  const random = createSeededRandom(11);
  const collector = createCollector(join(folder, "collector.db"), config);
  collector.start();
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(400 + random.next() * 1_200);
    const dice = random.next();
    if (dice < 0.1) {
      await desk.kill();
      await sleep(random.next() * 2_000);
      await desk.start();
    } else if (dice < 0.3) {
      desk.freeze();
      await sleep(random.next() * 3_000);
      desk.thaw();
    }
    await collector.kill();
    collector.start();
  }
  const until = Date.now() + 600_000;
  while (!collector.isDone() && Date.now() < until) await sleep(500);
  expect(collector.isDone()).toBe(true);
  const tickets = await listAll();
  const perKey = Map.groupBy(tickets, ({ key }) => key);
  const doubled = [...perKey].filter(([, found]) => found.length > 1).map(([key]) => key);
  const wrong = tickets.filter(({ key, resolved }) => resolved !== (Number(key.slice(-6)) % 2 === 0));
  console.log(
    `${KILLS} kills: ${tickets.length} tickets of ${INCIDENTS} incidents, ${doubled.length} doubled, ${wrong.length} in a wrong state`,
  );
  expect({ doubled, wrong, tickets: perKey.size }).toEqual({ doubled: [], wrong: [], tickets: INCIDENTS });
};

const get = async (url: string, headers: Record<string, string>): Promise<Json> =>
  (await fetch(url, { headers })).json();

describeWith(
  "chaos at Request Tracker",
  [{ program: "rt-setup-database-5", package: "request-tracker5 rt5-db-sqlite rt5-standalone" }],
  () => {
    const folder = temporaryFolder("chaos-rt");
    it("leaves one ticket an incident", async () => {
      const own = join(folder, "rt");
      mkdirSync(own);
      const desk = await createRequestTracker(own);
      running.add(desk);
      await desk.start();
      const listAll = async () => {
        const found: Ticket[] = [];
        for (let page = 1; ; page++) {
          const url = `${desk.baseUrl}/REST/2.0/tickets?query=${encodeURIComponent("id>0")}&fields=Status,CustomFields&per_page=100&page=${page}`;
          const { items } = await get(url, { authorization: `token ${desk.token}` });
          for (const { Status, CustomFields } of items)
            found.push({
              key: CustomFields.find((field: Json) => field.name === "Rollcall Key")?.values[0] ?? "",
              resolved: Status === "resolved",
            });
          if (items.length < 100) return found;
        }
      };
      const config = {
        name: "desk",
        connector: "request-tracker",
        settings: { baseUrl: desk.baseUrl, token: desk.token, queue: desk.queue },
      };
      await endure(folder, desk, config, listAll);
    }, 1_200_000);
  },
);

describeWith("chaos at Redmine", [{ program: "bundle", package: "redmine redmine-sqlite puma" }], () => {
  const folder = temporaryFolder("chaos-redmine");
  it("leaves one issue an incident", async () => {
    const own = join(folder, "redmine");
    mkdirSync(own);
    const desk = await createRedmine(own);
    running.add(desk);
    await desk.start();
    const listAll = async () => {
      const found: Ticket[] = [];
      for (let offset = 0; ; offset += 100) {
        const { issues } = await get(`${desk.baseUrl}/issues.json?status_id=*&limit=100&offset=${offset}&sort=id`, {
          "x-redmine-api-key": desk.apiKey,
        });
        for (const { status, custom_fields } of issues)
          found.push({
            key: custom_fields.find((field: Json) => field.id === desk.keyFieldId)?.value ?? "",
            resolved: status.is_closed,
          });
        if (issues.length < 100) return found;
      }
    };
    const settings = {
      baseUrl: desk.baseUrl,
      apiKey: desk.apiKey,
      project: desk.project,
      keyFieldId: desk.keyFieldId,
      resolvedStatusId: desk.statuses["Closed"],
      openStatusId: desk.statuses["In Progress"],
    };
    await endure(folder, desk, { name: "desk", connector: "redmine", settings }, listAll);
  }, 1_200_000);
});
