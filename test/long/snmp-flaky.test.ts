import { describe, expect, it } from "vitest";
import { type DeviceRound, runSnmpRound } from "../../agent/probes/snmp/round.ts";
import * as registry from "../../agent/snmp/profiles/registry.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { systemRandom } from "../../shared/random.ts";
import { defaultCorpus, hasCorpus, type ReplayOptions, startReplay } from "../support/snmp-replay.ts";

/** Switches, routers, a printer and a host: small enough to be read in seconds even where each answer takes 200 ms. */
const only = [
  "3com_4200",
  "aos6",
  "brother",
  "ciscosb_cbs350-4x",
  "edgeos",
  "cumulus_bgp",
  "routeros_rb760igs",
  "zynos_mgs3712",
];

const readAll = async (flaky: ReplayOptions): Promise<ReadonlyMap<string, DeviceRound>> => {
  const replay = await startReplay(defaultCorpus, { only, preload: true, ...flaky });
  const records = new Map(replay.devices.map(({ ip, record }) => [ip, record]));
  const found = new Map<string, DeviceRound>();
  await runSnmpRound(
    {
      targets: replay.devices.map(({ ip, port }) => ({ address: ip, port })),
      credentials: [
        { version: "2c", name: "c", community: "public" },
        { version: "1", name: "c1", community: "public" },
      ],
      profiles: Object.values(registry),
      realm: "test",
    },
    { clock: systemClock, random: systemRandom, log: silentLog, signal: new AbortController().signal },
    (outcome) => {
      if (outcome.status === "read") found.set(records.get(outcome.target.address)!, outcome);
    },
  );
  await replay.stop();
  return found;
};

if (!hasCorpus() && process.env["ROLLCALL_TEST_REQUIRE"] === "all")
  throw new Error(`flaky SNMP devices: skipped, needs the SNMP corpus in ${defaultCorpus}`);
if (!hasCorpus()) process.stderr.write(`flaky SNMP devices: skipped, needs the SNMP corpus in ${defaultCorpus}\n`);

describe.skipIf(!hasCorpus())("flaky devices", async () => {
  const clean = hasCorpus() ? await readAll({}) : new Map<string, DeviceRound>();

  it.each<readonly [string, ReplayOptions]>([
    ["20 % loss", { loss: 0.2 }],
    ["200 ms of delay", { delay: 200 }],
    ["20 % loss and 200 ms of delay", { loss: 0.2, delay: 200 }],
    ["jitter that puts answers out of order", { delay: 5, jitter: 300 }],
    ["GETBULK dropped", { noBulk: "drop" }],
    ["GETBULK answered with genErr", { noBulk: "generr" }],
    ["answers of at most 300 octets", { maxSize: 300 }],
    ["at most 3 repetitions", { maxRepetitions: 3 }],
    ["50 answers a second", { rate: 50 }],
  ])("reads the same with %s", { timeout: 300_000 }, async (_, flaky) => {
    const found = await readAll(flaky);
    for (const record of only) {
      expect(found.get(record)?.contents, record).toEqual(clean.get(record)?.contents);
      expect(found.get(record)?.partial, record).toBe(false);
    }
  });

  it.each([20, 100, 500])(
    "marks as partial whatever is missing when OIDs stop increasing after %i",
    { timeout: 120_000 },
    async (loopAfter) => {
      const found = await readAll({ loopAfter });
      let partial = 0;
      for (const record of only) {
        const [whole, seen] = [clean.get(record)!, found.get(record)!];
        const failed = new Set(seen.failures.map(({ section }) => section));
        if (seen.partial) partial++;
        for (const section of whole.looked)
          if (!failed.has(section))
            expect(seen.contents[section], `${record} ${section}`).toEqual(whole.contents[section]);
      }
      expect(partial).toBeGreaterThan(0);
    },
  );

  it("reads a device that speaks v1 only, but for its 64-bit counters", { timeout: 120_000 }, async () => {
    const found = await readAll({ v1Only: true });
    for (const record of only) {
      expect(found.get(record)?.credential.version).toBe("1");
      expect(found.get(record)?.contents.interfaces, record).toEqual(clean.get(record)?.contents.interfaces);
    }
  });
});
