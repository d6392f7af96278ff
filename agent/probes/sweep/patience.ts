import type { IpAddress } from "../../../shared/ip.ts";

const MIN_PATIENCE_MS = 250;
const ENOUGH_TIMES = 5;
/** A /12 has as many /24. Networks beyond get full patience. */
const MAX_NETWORKS = 4_096;

export type Patience = {
  readonly learn: (address: IpAddress, latencyMs: number) => void;
  /** How long an answer of this address is waited for. */
  readonly ms: (address: IpAddress) => number;
};

/**
 * Six times the slowest round trip of the address's own network, when there are enough to tell; never more than was
 * configured. Networks are told apart because the near ones answer first: what their answers take says nothing of a site
 * behind a slow line.
 *
 * @param networkOf addresses with one round-trip time: a segment of ours, a /24 behind routers.
 */
export const createPatience = (mostMs: number, networkOf: (address: IpAddress) => string): Patience => {
  const networks = new Map<string, { slowestMs: number; times: number }>();
  return {
    learn: (address, latencyMs) => {
      const name = networkOf(address);
      const known = networks.get(name);
      if (known !== undefined) {
        known.slowestMs = Math.max(known.slowestMs, latencyMs);
        known.times++;
      } else if (networks.size < MAX_NETWORKS) networks.set(name, { slowestMs: latencyMs, times: 1 });
    },
    ms: (address) => {
      const known = networks.get(networkOf(address));
      if (known === undefined || known.times < ENOUGH_TIMES) return mostMs;
      return Math.min(mostMs, Math.max(MIN_PATIENCE_MS, 6 * known.slowestMs));
    },
  };
};
