import { get } from "node:https";
import { connect as connectTcp } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCounts } from "../../agent/conversation.ts";
import type { Identity, IdentityFile } from "../../agent/identity.ts";
import { startLink } from "../../agent/link.ts";
import { createMemorySpool } from "../../agent/spool/memory.ts";
import { createWebSocketUplink } from "../../agent/uplinks/websocket.ts";
import { systemClock } from "../../shared/clock.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { silentLog } from "../../shared/log.ts";
import { createSigningKey, formatPublicKey, parsePublicKey } from "../../shared/protocol/frame.ts";
import { systemRandom } from "../../shared/random.ts";
import { describeWith } from "../support/requires.ts";
import { createHost } from "../support/spool-content.ts";
import { requester, resultOf, startTestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createCertificates } from "../support/tls.ts";
import { until } from "../support/until.ts";

describeWith("a collector with TLS", [{ program: "openssl" }], () => {
  const folder = temporaryFolder("tls");

  describe("on one port", () => {
    it("serves API and agents encrypted, tells a close by the host, and nothing in clear", async () => {
      const { certFile, keyFile, ca } = createCertificates(folder);
      const collector = await startTestCollector({ config: { listen: { port: 0, certFile, keyFile } } });
      onTestFinished(() => collector.stop());
      expect(collector.url).toMatch(/^https:/);
      const status = (url: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          get(url, { ca }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).once("error", reject);
        });
      expect(await status(`${collector.url}/api/v1/health`)).toBe(200);

      const clear = connectTcp(Number(new URL(collector.url).port), "127.0.0.1");
      clear.write("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
      let answer = "";
      clear.on("data", (chunk: Buffer) => {
        answer += chunk.toString("latin1");
      });
      await new Promise((resolve) => clear.once("close", resolve).once("error", () => {}));
      expect(answer).not.toContain("HTTP/1.1 200");

      const key = createSigningKey();
      const enrolled = resultOf<"agent.enrol">(
        await collector.engine.apply(
          { kind: "agent.enrol", token: await collector.enrolToken(), publicKey: formatPublicKey(key), name: "tls" },
          requester,
        ),
      );
      const file = {
        ...{ agentId: enrolled.agentId, collectorId: enrolled.collectorId, name: "tls", enrolledAt: "" },
        ...{
          collectorPublicKey: enrolled.collectorPublicKey,
          collectorUrl: collector.url,
          websocketPath: "/api/v1/agents/ws",
        },
      } as IdentityFile;
      const identity: Identity = { ...file, key, collectorKey: parsePublicKey(enrolled.collectorPublicKey), file };
      const limits = { softBytes: 1 << 25, hardBytes: 1 << 27 };
      const spool = createMemorySpool({ agentId: identity.agentId, limits, clock: systemClock });
      const link = startLink({
        ...{ identity, spool, counts: createCounts(), clock: systemClock, random: systemRandom, log: silentLog },
        failPoint: noFailPoint,
        uplink: createWebSocketUplink({
          url: `${collector.url.replace("https", "wss")}/api/v1/agents/ws`,
          ...{ ca, collectorId: identity.collectorId, pingMs: 10_000, connectTimeoutMs: 5_000, clock: systemClock },
        }),
        readClock: () => ({ wallMs: Date.now(), monotonicMs: performance.now(), bootId: "b" }),
        about: { software: { version: "0.1.0", platform: "linux" }, heartbeatMs: 500, scopes: [] },
        condition: () => ({}),
        onCommand: () => {},
        onWelcome: () => {},
        backoff: { minMs: 20, maxMs: 100 },
        refusedMs: 200,
      });
      onTestFinished(() => link.stop());
      spool.append([createHost(spool.baseline).change({ bash: "1" })]);
      link.nudge();
      await until("everything settled", () => spool.counts().messages === 0);
      expect((await collector.reads.agent(identity.agentId))[0]).toMatchObject({ state: "connected", sequence: 1 });
      await link.stop();
      await until(
        "the close to be known",
        async () => (await collector.reads.agent(identity.agentId))[0]?.state === "closed",
      );
    });
  });
});

describe("a collector with the key of its certificate missing", () => {
  it("does not start, and says which option", async () => {
    const config = { listen: { port: 0, certFile: "/nowhere/tls.pem", keyFile: "/nowhere/tls.key" } };
    await expect(startTestCollector({ config })).rejects.toThrow("listen.certFile");
  });
});
