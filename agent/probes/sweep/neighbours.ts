import type { MethodDeps, SweepMethod } from "./method.ts";
import { type NeighbourRow, readIpNeigh, readProcArp } from "./neighbour-table.ts";

/**
 * A row that was confirmed within a minute is told as life, at the time of its confirmation, where nothing else asks;
 * beside methods that ask it proves nothing: a host that left since would be a ghost.
 */
const FRESH_S = 60;

const readRows = async (family: 4 | 6, deps: MethodDeps): Promise<readonly NeighbourRow[]> => {
  const aged = await readIpNeigh(family);
  if (aged !== undefined || family === 6) return aged ?? [];
  try {
    return readProcArp(deps.options.procArpPath);
  } catch {
    return [];
  }
};

/** What the kernel knows already: sends nothing, always safe. */
export const neighbours: SweepMethod = {
  name: "neighbours",
  purpose: "passive",
  families: [4, 6],
  packets: () => 0,
  run: async (_addresses, deps) => {
    for (const family of [4, 6] as const) {
      for (const { address, mac, device, confirmedS } of await readRows(family, deps)) {
        if (mac === undefined || !deps.targets.contains(address)) continue;
        const ago = confirmedS ?? Number.POSITIVE_INFINITY;
        deps.saw({
          ...{ address, mac, device, method: "neighbours", alive: deps.alone && ago <= FRESH_S },
          atMs: deps.clock.now() - (ago <= FRESH_S ? ago * 1_000 : 0),
          ...(Number.isFinite(ago) && { detail: { confirmed: `${ago} s ago` } }),
        });
      }
    }
  },
};
