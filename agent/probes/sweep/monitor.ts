import type { Clock } from "../../../shared/clock.ts";
import type { LocalNetwork } from "./local-network.ts";
import type { TableStatistics } from "./neighbour-table.ts";

/** What the observer noticed of its own health while it looked. */
export type Health = {
  readonly latenessMs: () => number;
  /** Interfaces that were there at the start and were missing, or had lost the address, at some time since. */
  readonly lostDevices: () => readonly string[];
  readonly tablePeak: () => number | undefined;
  readonly tableFulls: () => number | undefined;
  readonly stop: () => void;
};

const TICK_MS = 50;
const LOOK_MS = 500;

export const startMonitor = (
  clock: Clock,
  network: LocalNetwork,
  readNetwork: () => LocalNetwork,
  readTable: () => TableStatistics | undefined,
): Health => {
  let [latest, stopped] = [0, false];
  let lookedAt = clock.monotonic();
  const lost = new Set<string>();
  const first = readTable();
  let [peak, fulls] = [first?.entries, first?.tableFulls];
  const look = () => {
    lookedAt = clock.monotonic();
    const now = readNetwork();
    for (const { device, address } of network.links)
      if (!now.links.some((link) => link.device === device && link.address === address)) lost.add(device);
    const table = readTable();
    if (table === undefined) return;
    peak = Math.max(peak ?? 0, table.entries);
    fulls = table.tableFulls;
  };
  let cancel = () => {};
  const tick = (due: number) => {
    cancel = clock.after(TICK_MS, () => {
      if (stopped) return;
      const now = clock.monotonic();
      latest = Math.max(latest, now - due);
      if (now - lookedAt >= LOOK_MS) look();
      tick(now + TICK_MS);
    });
  };
  tick(clock.monotonic() + TICK_MS);
  return {
    latenessMs: () => Math.round(latest),
    lostDevices: () => [...lost],
    tablePeak: () => peak,
    tableFulls: () => (fulls === undefined || first === undefined ? undefined : fulls - first.tableFulls),
    stop: () => {
      stopped = true;
      cancel();
      look();
    },
  };
};
