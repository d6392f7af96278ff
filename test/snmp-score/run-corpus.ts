/** The real probe over UDP against replayed records, in batches, so that the replayer holds only some of them in memory. */
import { openAccess } from "../../agent/snmp/access.ts";
import { readDevice } from "../../agent/snmp/inventory.ts";
import type { Profile } from "../../agent/snmp/profiles/profile.ts";
import * as registry from "../../agent/snmp/profiles/registry.ts";
import { createSocketPool, type SocketPool } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import { systemRandom } from "../../shared/random.ts";
import { type ReplayedDevice, type ReplayOptions, startReplay } from "../support/snmp-replay.ts";
import { toResultLine } from "./result.ts";
import { type Decisions, decisionsOf, labelProfiles } from "./rules.ts";

const BATCH = 150;

export type ResultLine = ReturnType<typeof toResultLine> | { readonly record: string; readonly error: string };
export type CorpusRun = {
  readonly lines: readonly ResultLine[];
  readonly decisions: readonly Decisions[];
  readonly seconds: number;
  readonly requests: number;
  readonly varbinds: number;
  readonly timeouts: number;
};

export const runCorpus = async ({
  dir,
  names,
  generic,
  concurrency,
  replay: flaky = {},
}: {
  readonly dir: string;
  readonly names: readonly string[];
  readonly generic: boolean;
  readonly concurrency: number;
  readonly replay?: ReplayOptions;
}): Promise<CorpusRun> => {
  const profiles: readonly Profile[] = generic ? [] : labelProfiles(Object.values(registry));
  const pool = createSocketPool({ clock: systemClock, random: systemRandom });
  const totals = { requests: 0, varbinds: 0, timeouts: 0 };
  const lines: ResultLine[] = [];
  const decisions: Decisions[] = [];
  let seconds = 0;
  for (let i = 0; i < names.length; i += BATCH) {
    const replay = await startReplay(dir, { ...flaky, only: names.slice(i, i + BATCH) });
    const start = systemClock.monotonic();
    const one = (device: ReplayedDevice) => readOne(pool, device, profiles, totals, decisions);
    lines.push(...(await eachOf(replay.devices, concurrency, one)));
    seconds += (systemClock.monotonic() - start) / 1_000;
    await replay.stop();
  }
  await pool.close();
  return { lines, decisions, seconds, ...totals };
};

const readOne = async (
  pool: SocketPool,
  { ip, port, record }: ReplayedDevice,
  profiles: readonly Profile[],
  totals: { requests: number; varbinds: number; timeouts: number },
  decisions: Decisions[],
): Promise<ResultLine> => {
  const access = await openAccess({
    pool,
    clock: systemClock,
    target: { address: ip, port },
    credentials: [{ version: "2c", name: "replay", community: "public" }],
    strangerSends: 5,
  });
  if (access.status !== "ok") return { record, error: access.status };
  try {
    const device = await readDevice(access.session, { profiles, maxRows: 200_000 });
    const line = toResultLine(record, device);
    decisions.push(decisionsOf(record, device.identity));
    const stats = access.session.stats();
    totals.requests += stats.requests;
    totals.varbinds += stats.varbinds;
    totals.timeouts += stats.timeouts;
    return line;
  } catch (error) {
    return { record, error: describeError(error) };
  } finally {
    access.session.close();
  }
};

/** Runs `work` for all items, at most `limit` at a time; results in the order of the items. */
export const eachOf = async <T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
};
