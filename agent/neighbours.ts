import type { Clock } from "../shared/clock.ts";
import type { Sighting } from "../shared/protocol/observation.ts";
import { readLocalNetwork } from "./probes/sweep/local-network.ts";
import { type NeighbourRow, readIpNeigh } from "./probes/sweep/neighbour-table.ts";

/** A row that was confirmed longer ago than this is memory, not life. */
const FRESH_S = 60;
const MAX_SIGHTINGS = 10_000;

export type NeighbourWatch = {
  /** Neighbours that proved to be there, and that were not told lately. Sends nothing to the network. */
  readonly look: () => Promise<readonly Sighting[]>;
  /** The networks that this host is on: what its kernel's table can speak of. */
  readonly networks: () => readonly string[];
};

const toSighting = (
  { address, mac, device, confirmedS = 0 }: NeighbourRow,
  realm: string,
  nowMs: number,
): Sighting => ({
  subject: {
    id: `mac:${mac}`,
    realm,
    keys: [
      { kind: "mac", value: String(mac) },
      { kind: "ip", value: address },
    ],
  },
  method: "neighbours",
  observedAtMs: nowMs - confirmedS * 1_000,
  interface: device.slice(0, 256),
});

/**
 * Reads the kernel's own table of neighbours: who this host has lately talked to on its segments. Only rows with an age
 * (iproute2 tells it) count as life, so that a host without `ip` says nothing here rather than something stale.
 */
export const createNeighbourWatch = ({
  clock,
  realm,
  repeatMs,
  readRows = async () => [...((await readIpNeigh(4)) ?? []), ...((await readIpNeigh(6)) ?? [])],
}: {
  readonly clock: Pick<Clock, "now">;
  readonly realm: string;
  readonly repeatMs: number;
  readonly readRows?: () => Promise<readonly NeighbourRow[]>;
}): NeighbourWatch => {
  const told = new Map<string, number>();
  return {
    look: async () => {
      const now = clock.now();
      const fresh = (await readRows()).filter(
        ({ mac, confirmedS }) => mac !== undefined && confirmedS !== undefined && confirmedS <= FRESH_S,
      );
      const news = fresh.filter(
        ({ address, mac }) => now - (told.get(`${mac} ${address}`) ?? Number.NEGATIVE_INFINITY) >= repeatMs,
      );
      for (const [key, atMs] of told) if (now - atMs >= repeatMs) told.delete(key);
      for (const { address, mac } of news.slice(0, MAX_SIGHTINGS)) told.set(`${mac} ${address}`, now);
      return news.slice(0, MAX_SIGHTINGS).map((row) => toSighting(row, realm, now));
    },
    networks: () => {
      const { links, links6 } = readLocalNetwork();
      const four = links.map(({ address, range }) => `${address}/${32 - Math.log2(range.last - range.first + 1)}`);
      const six = links6.map(({ address, length }) => `${address}/${length}`);
      return [...four, ...six].slice(0, 1_024);
    },
  };
};
