import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { startDelivery } from "../../collector/tickets/delivery.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { createDeliveryQueue } from "../../collector/tickets/outbox.ts";
import { webhook } from "../../collector/tickets/webhook.ts";
import { systemClock, toTimestamp } from "../../shared/clock.ts";
import { incidentIdSchema } from "../../shared/ids.ts";
import { silentLog } from "../../shared/log.ts";
import { systemRandom } from "../../shared/random.ts";

const COUNT = 10_000;
// What is resident follows the collector of garbage, not the queue: so the heap is measured after a collection.
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const liveHeapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};
const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(0);

/** npm run bench -- deliveries: 10,000 queued tickets from the store's file to a webhook on loopback; rate and memory as it goes. */
export const run = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-deliveries-"));
  let received = 0;
  const sink = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      received++;
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const { port } = sink.address() as AddressInfo;
  const store = openSqliteStore(join(folder, "store.db"));
  try {
    await store.transaction(async (tx) => {
      const openedAt = toTimestamp(systemClock.now());
      for (let n = 0; n < COUNT; n++) {
        const incidentId = incidentIdSchema.parse(`inc_${String(n).padStart(26, "0")}`);
        await tx.incidents.put({
          ...{ incidentId, kind: "device-missing", condition: `device-missing/${n}`, state: "open", openedAt },
          ...{
            title: `device ${n} is missing`,
            summary: "Nobody has seen it.",
            impact: "medium",
            urgency: "medium",
            priority: 3,
          },
          ...{ confidence: 0.9, reopened: 0, children: 0, version: 1 },
        });
        await tx.outbox.put({
          outboxId: `out-${n}`,
          connector: "sink",
          key: `rollcall:${incidentId}`,
          action: "open",
          text: "gone",
          attempts: 0,
          dueMs: 0,
        });
      }
    });
    const settings = webhook.configSchema.parse({
      url: `http://127.0.0.1:${port}/`,
      secrets: [`whsec_${Buffer.from("bench").toString("base64")}`],
    });
    const deps = { clock: systemClock, log: silentLog, http: createHttpClient() };
    const queue = createDeliveryQueue(store, () => ({ locale: "en", timeZone: "UTC" }), systemClock.now);
    const desks = new Map([["sink", webhook.connect(settings, deps)]]);
    const delivery = startDelivery({
      desks,
      queue,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      perDesk: 16,
      pollMs: 0,
    });
    const startedAt = performance.now();
    let nextReport = COUNT / 5;
    while ((await delivery.round()) > 0) {
      if (received < nextReport) continue;
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(
        `${received} delivered, ${(received / seconds).toFixed(0)}/s, ${mib(liveHeapBytes())} MiB of live heap`,
      );
      nextReport += COUNT / 5;
    }
    console.log(`${received} of ${COUNT} received once each: ${received === COUNT ? "yes" : "NO"}`);
  } finally {
    await store.close();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
