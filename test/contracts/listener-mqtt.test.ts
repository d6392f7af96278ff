import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createCounts } from "../../agent/conversation.ts";
import type { Identity, IdentityFile } from "../../agent/identity.ts";
import { startLink } from "../../agent/link.ts";
import { createMemorySpool } from "../../agent/spool/memory.ts";
import type { Spool } from "../../agent/spool/spool.ts";
import { openSqliteSpool } from "../../agent/spool/sqlite.ts";
import { createMqttUplink } from "../../agent/uplinks/mqtt.ts";
import { systemClock } from "../../shared/clock.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { silentLog } from "../../shared/log.ts";
import { createSigningKey, encodeFrame, formatPublicKey } from "../../shared/protocol/frame.ts";
import { downTopic, upTopic } from "../../shared/protocol/topics.ts";
import { systemRandom } from "../../shared/random.ts";
import { type Broker, startAedes, startMosquitto } from "../support/mqtt-broker.ts";
import { describeWith } from "../support/requires.ts";
import { enrolScripted } from "../support/scripted-agent.ts";
import { createHost } from "../support/spool-content.ts";
import { requester, startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

type Changes = {
  readonly items: readonly { readonly itemKey: string; readonly after?: unknown; readonly before?: unknown }[];
};

const limits = { softBytes: 1 << 25, hardBytes: 1 << 27 };

/** The agent's real uplink and spool against the collector's real listener, over a real broker. */
const describeMqtt = (
  name: string,
  open: () => Promise<Broker & { readonly collectorUser?: { username: string; password: string } }>,
  version: "3.1.1" | "5",
  userOf: (agentId: string) => { readonly username?: string; readonly password?: string } = () => ({}),
) => {
  describe(`mqtt listener: ${name}`, () => {
    const folder = temporaryFolder("mqtt");
    let broker: Awaited<ReturnType<typeof open>>;
    let collector: TestCollector;
    beforeAll(async () => {
      broker = await open();
      if (broker.ca !== undefined) writeFileSync(join(folder, "ca.pem"), broker.ca);
      const { username, password } = broker.collectorUser ?? {};
      const ca = broker.ca === undefined ? {} : { caFile: join(folder, "ca.pem") };
      collector = await startTestCollector({
        config: { mqtt: { url: broker.url, version, ...(username ? { username, password } : {}), ...ca } },
      });
    });
    afterAll(async () => {
      await collector.stop();
      await broker.stop();
    });

    const startAgent = async (minMs?: number) => {
      const identity = identityOf(collector, await enrolScripted(collector, "over-mqtt"));
      const spool = createMemorySpool({ agentId: identity.agentId, limits, clock: systemClock });
      return startOver(identity, spool, "the only one", minMs);
    };
    const startOver = (identity: Identity, spool: Spool, run = "the only one", minMs = 20) => {
      const counts = createCounts();
      const link = startLink({
        ...{
          identity,
          spool,
          counts,
          clock: systemClock,
          random: systemRandom,
          log: silentLog,
          failPoint: noFailPoint,
        },
        uplink: createMqttUplink({
          ...{ agentId: identity.agentId, url: broker.url, version, keepAliveSeconds: 30, sessionExpirySeconds: 600 },
          ...{ receiveMaximum: 32, connectTimeoutMs: 5_000, clock: systemClock },
          ...(broker.ca === undefined ? {} : { ca: broker.ca }),
          ...userOf(identity.agentId),
        }),
        readClock: () => ({ wallMs: Date.now(), monotonicMs: performance.now(), bootId: "b" }),
        about: { run, software: { version: "0.1.0", platform: "linux" }, heartbeatMs: 300, scopes: [] },
        condition: () => ({}),
        onCommand: () => {},
        onWelcome: () => {},
        backoff: { minMs, maxMs: 5 * minMs },
        refusedMs: 200,
      });
      onTestFinished(() => link.stop());
      return { identity, spool, link, counts, host: createHost(spool.baseline) };
    };
    const changesOfAsset = async (assetId: string | undefined) =>
      (await collector.get<Changes>(`/api/v1/changes?limit=500&assetId=${assetId}`)).items;
    const changesOf = async (agentId: string) => {
      const { items } = await collector.get<{ items: { assetId: string; agentId?: string }[] }>(
        "/api/v1/assets?limit=500",
      );
      return changesOfAsset(items.find((one) => one.agentId === agentId)?.assetId);
    };

    it("records each change once, in order", async () => {
      const { identity, spool, link, host } = await startAgent();
      spool.append([host.change({ bash: "1" })]);
      for (let n = 2; n <= 40; n++) spool.append([host.change({ bash: String(n) })]);
      link.nudge();
      await until("all settled", () => spool.counts().messages === 0);
      const changes = (await changesOf(identity.agentId)).toReversed();
      expect(changes.map(({ before, after }) => [before, after])).toEqual(
        Array.from({ length: 39 }, (_, i) => [String(i + 1), String(i + 2)]),
      );
    });

    it("goes on after the broker dropped everybody", async () => {
      // The collector comes back after 2 s: a hello said before is heard by nobody, and said again after 5 s.
      const { identity, spool, link, host } = await startAgent(4_500);
      spool.append([host.change({ bash: "1" })]);
      link.nudge();
      await until("the first", () => spool.counts().messages === 0);
      await broker.drop();
      for (let n = 2; n <= 10; n++) spool.append([host.change({ bash: String(n) })]);
      link.nudge();
      await until("the rest", () => spool.counts().messages === 0, { timeoutMs: 80_000 });
      expect(await changesOf(identity.agentId)).toHaveLength(9);
    });

    it("changes nothing for frames that are unsigned, foreign, or said before", async () => {
      const { identity, spool, link, host, counts } = await startAgent();
      const heard: Buffer[] = [];
      const intruder = connect(broker.url, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...(broker.ca === undefined ? {} : { ca: broker.ca }),
        ...userOf("intruder"),
      });
      await new Promise((resolve) => intruder.once("connect", resolve));
      onTestFinished(async () => void (await intruder.endAsync(true)));
      intruder.on("message", (_, payload) => void heard.push(payload));
      const topic = upTopic(identity.agentId);
      await intruder.subscribeAsync(topic, { qos: 1 });
      spool.append([host.change({ bash: "1" })]);
      spool.append([host.change({ bash: "2" })]);
      link.nudge();
      await until("both settled", () => spool.counts().messages === 0);
      await until("something to say again", () => heard.length >= 3);
      const before = (await collector.reads.agent(identity.agentId))[0];

      const forged = (key?: ReturnType<typeof createSigningKey>) =>
        encodeFrame(
          JSON.stringify({
            ...{
              v: 1,
              agentId: identity.agentId,
              instance: 0,
              kind: "kept",
              epoch: before?.epoch,
              sequence: 3,
              spooledAtMs: 1,
            },
            body: { kind: "goodbye", goodbye: { reason: "removed", atMs: 1 } },
          }),
          key && { domain: "rollcall/1 up", key },
        ).frame;
      const say = (frame: Uint8Array) => intruder.publishAsync(topic, Buffer.from(frame), { qos: 1 });
      await say(forged());
      await say(forged(createSigningKey()));
      await say(Buffer.alloc(0));
      await say(Buffer.from([0xff, 0x00]));
      for (const frame of [...heard.slice(0, 4), ...heard.slice(0, 4)]) if (frame.length > 0) await say(frame);
      spool.append([host.change({ bash: "3" })]);
      link.nudge();
      await until("the next to be taken in", async () => (await changesOf(identity.agentId)).length === 2);
      const after = (await collector.reads.agent(identity.agentId))[0];
      expect(after).toMatchObject({ epoch: before?.epoch, instance: 0, state: "connected", sequence: 3 });
      expect(counts.refused).toBe(0);
      const { items } = await collector.get<{ items: { agentId?: string }[] }>("/api/v1/incidents");
      expect(items.filter(({ agentId }) => agentId === identity.agentId)).toEqual([]);
    });

    it("is not obeyed by agents when somebody else speaks in its name", async () => {
      const { identity, spool, link, host, counts } = await startAgent();
      spool.append([host.change({ bash: "1" })]);
      link.nudge();
      await until("settled", () => spool.counts().messages === 0);
      const intruder = connect(broker.url, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...(broker.ca === undefined ? {} : { ca: broker.ca }),
        ...userOf("intruder"),
      });
      await new Promise((resolve) => intruder.once("connect", resolve));
      onTestFinished(async () => void (await intruder.endAsync(true)));
      const body = { kind: "error", code: "agent.revoked", reason: "go away" };
      const json = JSON.stringify({
        ...{
          v: 1,
          collectorId: identity.collectorId,
          agentId: identity.agentId,
          instance: 0,
          number: 99,
          session: "x",
          body,
        },
      });
      const { frame } = encodeFrame(json, { domain: "rollcall/1 down", key: createSigningKey() });
      await intruder.publishAsync(downTopic(identity.agentId), Buffer.from(frame), { qos: 1 });
      await until("the forgery to be counted", () => counts.forged === 1);
      expect(link.isOpen()).toBe(true);
    });

    it("keeps two copies of one state folder apart before they have seen anything different, and loses nothing", async () => {
      const identity = identityOf(collector, await enrolScripted(collector, "copied"));
      const { agentId } = identity;
      const folders = [mkdtempSync(join(folder, "a-")), mkdtempSync(join(folder, "b-"))];
      const open = (path = "") =>
        openSqliteSpool({
          ...{ path: join(path, "state.sqlite"), agentId, limits, clock: systemClock },
          ...{ log: silentLog, failPoint: noFailPoint },
        });
      const first = startOver(identity, open(folders[0]));
      first.spool.append([first.host.change({ bash: "1" })]);
      first.link.nudge();
      await until("settled", () => first.spool.counts().messages === 0);
      await first.link.stop();
      first.spool.close();
      copyFileSync(join(folders[0] ?? "", "state.sqlite"), join(folders[1] ?? "", "state.sqlite"));

      // Each has to hear a word before the other pushes it out again, so that they don't come back at once.
      const copies = folders.map((path, i) => startOver(identity, open(path), `run ${i}`, 200));
      const conflicts = async () =>
        (
          await collector.get<{ items: { agentId?: string }[] }>("/api/v1/incidents?kind=identity-conflict")
        ).items.filter((one) => one.agentId === agentId);
      await until("the conflict", async () => (await conflicts()).length === 1, { timeoutMs: 60_000 });
      const isApart = () => new Set(copies.map(({ spool }) => spool.position().instance)).size === 2;
      await until("each to have a name", () => isApart() && copies.every(({ link }) => link.isOpen()), {
        timeoutMs: 60_000,
      });
      const rows = () => collector.reads.agent(agentId);
      await until("each to have an asset", async () => {
        const assets = new Set((await rows()).map(({ assetId }) => assetId));
        return assets.size === 2 && !assets.has(undefined);
      });
      for (const [i, { spool, link, host }] of copies.entries())
        for (let n = 1; n <= 5; n++) {
          spool.append([host.change({ bash: `${i}.${n}` })]);
          link.nudge();
        }
      await until("both settled", () => copies.every(({ spool }) => spool.counts().messages === 0), {
        timeoutMs: 60_000,
      });
      const after = await rows();
      expect(after.map(({ instance }) => instance).toSorted()).toEqual([0, 1]);
      for (const { spool } of copies) {
        const { instance } = spool.position();
        const row = after.find((one) => one.instance === instance);
        const told = (await changesOfAsset(row?.assetId)).map(({ after }) => after).toReversed();
        const own = copies.findIndex((one) => one.spool === spool);
        expect(told.slice(-4)).toEqual([2, 3, 4, 5].map((n) => `${own}.${n}`));
      }
      expect(await conflicts()).toHaveLength(1);

      // Each has its own name at the broker: nobody is pushed out any more.
      const connections = copies.map(({ link }) => link.status().connections);
      const heard = async () => (await rows()).map((row) => Date.parse(row.lastHeardAt ?? ""));
      const before = await heard();
      await until("both to be heard further on", async () =>
        (await heard()).every((atMs, i) => atMs > (before[i] ?? 0) + 1_200),
      );
      expect(copies.map(({ link }) => link.status().connections)).toEqual(connections);
      for (const { link, spool } of copies) {
        await link.stop();
        spool.close();
      }
    }, 240_000);

    it("tells a revoked agent so, at once", async () => {
      const { identity, spool, link, host } = await startAgent();
      spool.append([host.change({ bash: "1" })]);
      link.nudge();
      await until("settled", () => spool.counts().messages === 0);
      await collector.engine.apply({ kind: "agent.revoke", agentId: identity.agentId }, requester);
      await until("the conversation to end", () => !link.isOpen());
      spool.append([host.change({ bash: "2" })]);
      link.nudge();
      expect((await collector.reads.agent(identity.agentId))[0]).toMatchObject({ state: "revoked", sequence: 1 });
    });
  });
};

/** What an enrolled agent holds, of what `enrolScripted` gives. */
const identityOf = (
  collector: TestCollector,
  { agentId, key, collectorKey }: Awaited<ReturnType<typeof enrolScripted>>,
): Identity => {
  const { collectorId } = JSON.parse(readFileSync(`${collector.dataDirectory}/collector.json`, "utf8")) as IdentityFile;
  const file = {
    ...{ agentId, collectorId, collectorPublicKey: formatPublicKey(collectorKey), collectorUrl: collector.url },
    ...{ websocketPath: "/api/v1/agents/ws", name: "over-mqtt", enrolledAt: "2026-01-05T08:00:00.000Z" },
  };
  return { agentId, key, collectorKey, collectorId, file };
};

describeMqtt("3.1.1 over Aedes", startAedes, "3.1.1");

describeWith("with Mosquitto", [{ program: "mosquitto" }, { program: "openssl" }], () => {
  // One password for all here: that brokers keep agents apart is the uplink's suite; here nobody on the broker is believed.
  const everybody = { name: "everybody", password: "secret-1", acl: ["topic readwrite rollcall/#"] };
  const collectorUser = { username: "everybody", password: "secret-1" };
  const open = async () => ({ ...(await startMosquitto([everybody])), collectorUser });
  describeMqtt("5 over Mosquitto with TLS", open, "5", () => collectorUser);
  describeMqtt("3.1.1 over Mosquitto with TLS", open, "3.1.1", () => collectorUser);
});
