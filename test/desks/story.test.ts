import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import type { Desk } from "../../collector/tickets/connector.ts";
import { startDelivery } from "../../collector/tickets/delivery.ts";
import { email } from "../../collector/tickets/email.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { createDeliveryQueue } from "../../collector/tickets/outbox.ts";
import { redmine } from "../../collector/tickets/redmine.ts";
import { requestTracker } from "../../collector/tickets/request-tracker.ts";
import { routeSchema } from "../../collector/tickets/routes.ts";
import { hours, minutes, systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { systemRandom } from "../../shared/random.ts";
import { openSegment, type Segment } from "../support/presence-lab.ts";
import type { Json } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createExim } from "./exim.ts";
import { createRedmine } from "./redmine.ts";
import { createRequestTracker } from "./request-tracker.ts";
import type { Server } from "./server.ts";

/**
 * A device's disappearance, from the sweep that missed it to the ticket in a real desk: presence and incidents run on
 * virtual time over the real engine and store, delivery and desk are real.
 */

const deps = { clock: systemClock, log: silentLog, http: createHttpClient() };
const folder = temporaryFolder("story");
chmodSync(folder, 0o711);
const running: Server[] = [];
afterAll(() => Promise.all(running.map((server) => server.stop())), 30_000);

const started = async <S extends Server>(name: string, create: (folder: string) => Promise<S>): Promise<S> => {
  const own = join(folder, name);
  mkdirSync(own);
  const server = await create(own);
  running.push(server);
  await server.start();
  return server;
};

const ask = async (url: string, headers: Record<string, string>, method = "GET", body?: unknown): Promise<Json> => {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? undefined : answer.json();
};

let segment: Segment | undefined;
afterEach(async () => {
  await segment?.stop();
  segment = undefined;
});

/** Two agents on a segment, and a printer that only they see; the desk is told of missing devices. */
const openStory = async (desk: Desk) => {
  const route = routeSchema.parse({ kinds: ["device-missing"] });
  const opened = await openSegment({}, { desks: [{ name: "desk", route }] });
  segment = opened;
  const { lab, up, agent, pass } = opened;
  const [first, second] = [await agent("watch-1", 5), await agent("watch-2", 6)];
  for (const observer of [first, second]) observer.verdict = "could-see";
  const content = { locale: "en", timeZone: "UTC", consoleUrl: "https://rollcall.example.org" } as const;
  const queue = createDeliveryQueue({ transaction: lab.read, close: lab.stop }, () => content, systemClock.now);
  const delivery = startDelivery({
    desks: new Map([["desk", desk]]),
    queue,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    pollMs: 0,
  });
  const deliver = async () => {
    while ((await delivery.round()) > 0);
    const waiting = await lab.read((tx) => tx.outbox.due(Number.MAX_SAFE_INTEGER, 100));
    expect(waiting.map((row) => `${row.action}: ${row.lastError}`)).toEqual([]);
  };
  up.add(7);
  await pass(hours(3));
  return {
    disappear: async () => {
      second.verdict = null;
      up.delete(7);
      await pass(hours(2));
      await deliver();
    },
    comeBack: async () => {
      second.verdict = "could-see";
      up.add(7);
      await pass(minutes(30));
      await deliver();
    },
    keyOfOnly: async () => {
      const keys = await lab.read(async (tx) => {
        const found: string[] = [];
        for (let number = 1; number < 50; number++) {
          const ticket = await tx.tickets.get(number);
          if (ticket?.subject.includes("missing")) found.push(ticket.key);
        }
        return found;
      });
      expect(keys).toHaveLength(1);
      return keys[0] as string;
    },
    /** The second agent, which was busy elsewhere, looks again. */
    evidenceGrows: async () => {
      second.verdict = "could-see";
      await pass(minutes(30));
      await deliver();
    },
  };
};

describeWith(
  "a device disappears: Request Tracker",
  [{ program: "rt-setup-database-5", package: "request-tracker5 rt5-db-sqlite rt5-standalone" }],
  () => {
    it("makes one ticket with key, asset and evidence; resolves, reopens, and leaves it to who took it", {
      timeout: 300_000,
    }, async () => {
      const server = await started("rt", createRequestTracker);
      const api = `${server.baseUrl}/REST/2.0`;
      const auth = { authorization: `token ${server.token}` };
      const story = await openStory(
        requestTracker.connect(
          requestTracker.configSchema.parse({
            baseUrl: server.baseUrl,
            token: server.token,
            queue: server.queue,
            deviceField: "Device Key",
          }),
          deps,
        ),
      );
      await story.disappear();
      const key = await story.keyOfOnly();
      const list = await ask(
        `${api}/tickets?query=${encodeURIComponent(`'CF.{Rollcall Key}'='${key}'`)}&fields=Subject,Status,CustomFields`,
        auth,
      );
      expect(list.total).toBe(1);
      const [{ id }] = list.items;
      const ticket = () => ask(`${api}/ticket/${id}`, auth);
      expect((await ticket()).CustomFields.find((field: Json) => field.name === "Device Key").values[0]).toMatch(
        /^ast_/,
      );
      const first = await ask(`${api}/ticket/${id}/history?fields=Type&per_page=1`, auth);
      const attachments = await ask(`${api}/transaction/${first.items[0].id}/attachments`, auth);
      const { Content } = await ask(`${api}/attachment/${attachments.items[0].id}`, auth);
      const body = Buffer.from(Content, "base64").toString("utf8");
      expect(body).toMatch(/Who looked, and what they saw:/);
      expect(body).toMatch(/agent watch-[12]/);
      expect(body).toContain("https://rollcall.example.org/incidents/inc_");

      const comments = async () =>
        (await ask(`${api}/ticket/${id}/history?fields=Type,Data&per_page=100`, auth)).items.filter(
          (row: Json) => row.Type === "Comment",
        );
      expect(await comments()).toEqual([]);
      await story.evidenceGrows();
      const [comment, ...more] = await comments();
      expect(more).toEqual([]);
      const said = await ask(`${api}/transaction/${comment.id}/attachments`, auth);
      const words = (await ask(`${api}/attachment/${said.items[0].id}`, auth)).Content;
      expect(Buffer.from(words, "base64").toString("utf8")).toContain("watch-2 has looked as well");
      await story.comeBack();
      expect((await ticket()).Status).toBe("resolved");
      await story.disappear();
      expect((await ticket()).Status).toBe("open");
      await ask(`${api}/ticket/${id}`, { authorization: `token ${server.personToken}` }, "PUT", { Owner: "alice" });
      const before = (await comments()).length;
      await story.comeBack();
      expect((await ticket()).Status).toBe("open");
      expect(await comments()).toHaveLength(before + 1);
      expect((await ask(`${api}/tickets?query=id>0`, auth)).total).toBe(1);
    });
  },
);

describeWith("a device disappears: Redmine", [{ program: "bundle", package: "redmine redmine-sqlite puma" }], () => {
  it("makes one issue; resolves, reopens, and leaves it to who took it", { timeout: 300_000 }, async () => {
    const server = await started("redmine", createRedmine);
    const auth = { "x-redmine-api-key": server.apiKey };
    const config = {
      baseUrl: server.baseUrl,
      apiKey: server.apiKey,
      project: server.project,
      keyFieldId: server.keyFieldId,
      resolvedStatusId: server.statuses["Closed"],
      openStatusId: server.statuses["In Progress"],
    };
    const story = await openStory(redmine.connect(redmine.configSchema.parse(config), deps));
    const all = async () => (await ask(`${server.baseUrl}/issues.json?status_id=*`, auth)).issues;
    await story.disappear();
    const key = await story.keyOfOnly();
    const [issue, ...others] = await all();
    expect(others).toEqual([]);
    expect(issue.custom_fields.find((field: Json) => field.id === server.keyFieldId).value).toBe(key);
    expect(issue.description).toMatch(/agent watch-1/);
    expect(issue.description).toContain("https://rollcall.example.org/incidents/inc_");
    const notes = async () =>
      (await ask(`${server.baseUrl}/issues/${issue.id}.json?include=journals`, auth)).issue.journals
        .map(({ notes: text }: Json) => text as string)
        .filter((text: string) => text !== "");
    expect(await notes()).toEqual([]);
    await story.evidenceGrows();
    expect(await notes()).toEqual([expect.stringContaining("watch-2 has looked as well")]);
    await story.comeBack();
    expect((await all())[0].status.is_closed).toBe(true);
    await story.disappear();
    expect((await all())[0].status.is_closed).toBe(false);
    await ask(`${server.baseUrl}/issues/${issue.id}.json`, { "x-redmine-api-key": server.personKey }, "PUT", {
      issue: { assigned_to_id: server.personId },
    });
    const before = (await notes()).length;
    await story.comeBack();
    expect((await all()).map((one: Json) => one.status.is_closed)).toEqual([false]);
    expect(await notes()).toHaveLength(before + 1);
  });
});

describeWith(
  "a device disappears: e-mail",
  [{ root: true }, { program: "exim4", package: "exim4-daemon-light" }],
  () => {
    it("sends one mail when it goes, and one in the same thread each time that more is known", async () => {
      const server = await started("exim", createExim);
      const config = {
        host: "127.0.0.1",
        port: server.ports.submission,
        user: server.user,
        password: server.password,
        ca: server.ca,
        from: "rollcall@desk.test",
        to: ["devices@desk.test"],
      };
      const story = await openStory(email.connect(email.configSchema.parse(config), deps));
      await story.disappear();
      const key = await story.keyOfOnly();
      const mine = () => server.messages().filter((message) => message.includes(`X-Rollcall-Key: ${key}`));
      const arrived = (count: number) => expect.poll(() => mine().length, { timeout: 60_000 }).toBe(count);
      await arrived(1);
      const [opened = ""] = mine();
      expect(opened).not.toContain("In-Reply-To:");
      expect(opened).toContain("https://rollcall.example.org/incidents/inc_");
      const id = /^Message-ID: (.*)$/m.exec(opened)?.[1];
      const steps = [story.evidenceGrows, story.comeBack, story.disappear, story.comeBack];
      for (const [at, step] of steps.entries()) {
        await step();
        await arrived(at + 2);
      }
      const later = mine().filter((message) => message !== opened);
      expect(later.every((message) => message.includes(`In-Reply-To: ${id}`))).toBe(true);
      expect(later.filter((message) => message.includes("watch-2 has looked as well"))).toHaveLength(1);
      expect(new Set(mine().map((message) => /^Message-ID: (.*)$/m.exec(message)?.[1])).size).toBe(5);
    });
  },
);
