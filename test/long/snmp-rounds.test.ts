import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { openAccess } from "../../agent/snmp/access.ts";
import { readDevice } from "../../agent/snmp/inventory.ts";
import { createSocketPool } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { eachOf } from "../snmp-score/run-corpus.ts";
import { defaultCorpus, hasCorpus, startReplay } from "../support/snmp-replay.ts";

const ROUNDS = 10_000;
const descriptors = (): number => readdirSync("/proc/self/fd").length;

if (!hasCorpus() && process.env["ROLLCALL_TEST_REQUIRE"] === "all")
  throw new Error(`device rounds: skipped, needs the SNMP corpus in ${defaultCorpus}`);

/** Devices opened, read and closed again and again in one process: sockets and memory after the first tenth stay what they are. */
it.skipIf(!hasCorpus())(
  "reads ten thousand devices with flat memory and descriptors",
  { timeout: 1_800_000 },
  async () => {
    const replay = await startReplay(defaultCorpus, {
      only: ["brother", "zynos_mgs3712", "edgeos", "routeros_rb760igs"],
      repeat: 8,
      preload: true,
    });
    const pool = createSocketPool({ clock: systemClock, random: systemRandom });
    const heaps: number[] = [];
    const fds: number[] = [];
    let read = 0;
    const targets = Array.from({ length: ROUNDS }, (_, i) => replay.devices[i % replay.devices.length]!);
    for (let done = 0; done < ROUNDS; done += ROUNDS / 10) {
      await eachOf(targets.slice(done, done + ROUNDS / 10), 16, async ({ ip, port }) => {
        const access = await openAccess({
          pool,
          clock: systemClock,
          target: { address: ip, port },
          credentials: [{ version: "2c", name: "c", community: "public" }],
          strangerSends: 4,
        });
        if (access.status !== "ok") return;
        const device = await readDevice(access.session, { profiles: [] });
        access.session.close();
        if (device.system.sysDescr !== undefined && device.truncated.length === 0) read++;
      });
      globalThis.gc?.();
      heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
      fds.push(descriptors());
    }
    await pool.close();
    await replay.stop();
    process.stderr.write(`heap MiB ${heaps.map((h) => h.toFixed(0)).join(" ")}; descriptors ${fds.join(" ")}\n`);
    expect(read).toBe(ROUNDS);
    expect(Math.max(...fds.slice(1)) - fds[0]!).toBeLessThanOrEqual(2);
    expect(Math.min(...heaps.slice(-3))).toBeLessThan(Math.max(...heaps.slice(0, 3)) * 1.5 + 20);
  },
);
