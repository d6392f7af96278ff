import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { startDelivery } from "../../collector/tickets/delivery.ts";
import { connectDesks, deskConfigSchema } from "../../collector/tickets/desks.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { createDeliveryQueue } from "../../collector/tickets/outbox.ts";
import { systemClock, toTimestamp } from "../../shared/clock.ts";
import { incidentIdSchema } from "../../shared/ids.ts";
import { silentLog } from "../../shared/log.ts";
import { systemRandom } from "../../shared/random.ts";

/**
 * The writing half of a collector, to be killed: opens incidents up to a number, every second one of which is over at once,
 * each with its intents in its own transaction, and delivers what waits. Arguments: database, configuration of the desk as
 * JSON, number of incidents, when the test began (epoch ms). Prints "done" when nothing waits, and goes on telling what stands until it is killed.
 */
const [path = "", config = "{}", total = "0", anchor = "0"] = process.argv.slice(2);
const store = openSqliteStore(path);
const deps = { clock: systemClock, log: silentLog, http: createHttpClient({ timeoutMs: 8_000 }) };
const [configured] = connectDesks([deskConfigSchema.parse(JSON.parse(config))], deps, (reference) => reference);
if (!configured) throw new Error("no desk");
const { name } = configured;

/** The n-th incident's id is the same in every life. */
const idOf = (n: number) => incidentIdSchema.parse(`inc_${String(n).padStart(26, "0")}`);

const openIncident = (n: number) =>
  store.transaction(async (tx) => {
    const incidentId = idOf(n);
    if (await tx.incidents.get(incidentId)) return false;
    const openedAt = toTimestamp(systemClock.now());
    const isOver = n % 2 === 0;
    await tx.incidents.put({
      ...{
        incidentId,
        kind: "device-missing",
        condition: `device-missing/${n}`,
        state: isOver ? "resolved" : "open",
        openedAt,
      },
      ...{
        title: `device ${n} is missing`,
        summary: "Nobody has seen it.",
        impact: "medium",
        urgency: "medium",
        priority: 3,
      },
      ...{ confidence: 0.9, reopened: 0, children: 0, version: 1 },
      ...(isOver ? { resolvedAt: openedAt } : {}),
    });
    for (const action of isOver ? (["open", "comment", "resolve"] as const) : (["open", "comment"] as const))
      await tx.outbox.put({
        outboxId: `${n}-${action}`,
        connector: name,
        key: `rollcall:${incidentId}`,
        action,
        text: `${action} ${n}`,
        attempts: 0,
        dueMs: 0,
      });
    return true;
  });

// Waits are shortened, so that a test sees in minutes what takes hours: the clock that counts them runs a hundred times
// faster, and is the same in every life. How long a call may still be under way is not the clock's matter but the desk's.
const SPEED = 100;
const UNDER_WAY_MS = 20_000;
const anchorMs = Number(anchor);
const quick = { ...systemClock, now: () => anchorMs + (systemClock.now() - anchorMs) * SPEED };
const queue = createDeliveryQueue(store, () => ({ locale: "en", timeZone: "UTC" }), quick.now, {
  underWayMs: UNDER_WAY_MS * SPEED,
});
const delivery = startDelivery({
  desks: new Map([[name, configured.desk]]),
  queue,
  clock: quick,
  random: systemRandom,
  log: silentLog,
  pollMs: 100,
});

for (let n = 1; n <= Number(total); n++) if (await openIncident(n)) await systemClock.sleep(100);
for (;;) {
  const waiting = await store.transaction((tx) => tx.outbox.due(Number.MAX_SAFE_INTEGER, 1));
  if (waiting.length === 0) break;
  await systemClock.sleep(200);
}
// A desk that forgets is told again now; it would be by itself within two minutes.
await delivery.renew();
process.stdout.write("done\n");
setInterval(() => {}, 1_000);
