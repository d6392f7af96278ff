import { parseIp } from "../../shared/ip.ts";
import type { Coverage } from "../../shared/protocol/sweep.ts";
import { addressKey } from "../presence/address-key.ts";

/** Networks as ranges of address keys, and how much of one was looked at. Pure. */

export type Subnet = {
  /** In canonical form: host bits zero. */
  readonly cidr: string;
  readonly firstKey: string;
  readonly lastKey: string;
  readonly prefixLength: number;
  /** Addresses that a host can have; as a number only, IPv6 has too many to count. */
  readonly size: number;
};

const bitsOf = (key: string): number => (key.length - 1) * 4;
const numberOf = (key: string): bigint => BigInt(`0x${key.slice(1)}`);
const keyOf = (family: string, value: bigint, bits: number): string =>
  `${family}${value.toString(16).padStart(bits / 4, "0")}`;

/** Text of an address key; IPv6 in its short form. */
export const addressOf = (key: string): string =>
  key.startsWith("4")
    ? (key.slice(1).match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16)).join(".")
    : (parseIp((key.slice(1).match(/.{4}/g) ?? []).join(":")) ?? "");

/** "10.0.4.7/22" is the network 10.0.4.0/22. Undefined for anything that is no network. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const match = /^([0-9a-f.:]{2,45})\/(\d{1,3})$/i.exec(text.trim());
  const address = match?.[1] === undefined ? undefined : parseIp(match[1]);
  if (address === undefined) return undefined;
  const key = addressKey(address);
  const [bits, prefixLength] = [bitsOf(key), Number(match?.[2])];
  if (prefixLength > bits) return undefined;
  const host = (1n << BigInt(bits - prefixLength)) - 1n;
  const first = numberOf(key) & ~host;
  const [firstKey, lastKey] = [keyOf(key[0]!, first, bits), keyOf(key[0]!, first | host, bits)];
  const all = Number(host + 1n);
  return {
    ...{ cidr: `${addressOf(firstKey)}/${prefixLength}`, firstKey, lastKey, prefixLength },
    // The first and the last address of an IPv4 network name it and everybody in it (RFC 3021: not in a /31).
    size: bits === 32 && prefixLength < 31 ? all - 2 : all,
  };
};

export const holds = ({ firstKey, lastKey }: Subnet, key: string): boolean =>
  key.length === firstKey.length && key >= firstKey && key <= lastKey;

/** The narrowest of the networks that hold an address. */
export const narrowest = <S extends Subnet>(subnets: readonly S[], key: string): S | undefined =>
  subnets.filter((subnet) => holds(subnet, key)).sort((a, b) => b.prefixLength - a.prefixLength)[0];

type Run = { readonly from: bigint; readonly to: bigint };

/**
 * Share of a network's addresses that a sweep covered so that its silence counts, 0 to 1.
 * @param counts whether a run was asked often enough, for long enough.
 */
export const shareCovered = (
  subnet: Subnet,
  coverage: readonly Coverage[],
  counts: (run: Coverage) => boolean,
): number => {
  const [low, high] = [numberOf(subnet.firstKey), numberOf(subnet.lastKey)];
  const runs = coverage.filter(counts).flatMap(({ from, to }): Run[] => {
    const [first, last] = [parseIp(from), parseIp(to)];
    if (first === undefined || last === undefined) return [];
    const [a, b] = [addressKey(first), addressKey(last)];
    if (a.length !== subnet.firstKey.length || b.length !== a.length) return [];
    const clipped = { from: numberOf(a) < low ? low : numberOf(a), to: numberOf(b) > high ? high : numberOf(b) };
    return clipped.from > clipped.to ? [] : [clipped];
  });
  let [covered, next] = [0n, low];
  for (const { from, to } of runs.sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const begin = from > next ? from : next;
    if (to < begin) continue;
    covered += to - begin + 1n;
    next = to + 1n;
  }
  return Math.min(1, Number(covered) / subnet.size);
};

/** "now" for what holds still: how two uses of one address by one device become one line. */
export type Use = {
  readonly address: string;
  readonly assetId: string;
  readonly fromMs: number;
  readonly lastMs: number;
  /** It has another holder by now, or none. */
  readonly ended: boolean;
};

/** A device's uses of an address that overlap or touch are one; by address, the latest first. */
export const foldUses = (uses: readonly Use[]): readonly Use[] => {
  const groups = Map.groupBy(uses, ({ address, assetId }) => `${address} ${assetId}`);
  const folded = [...groups.values()].flatMap((group) => {
    const out: Use[] = [];
    for (const use of group.sort((a, b) => a.fromMs - b.fromMs)) {
      const last = out.at(-1);
      if (last === undefined || use.fromMs > last.lastMs) out.push(use);
      else
        out[out.length - 1] = {
          ...last,
          lastMs: Math.max(last.lastMs, use.lastMs),
          ended: last.ended && use.ended,
        };
    }
    return out;
  });
  const key = (use: Use) => addressKey(use.address);
  return folded.sort((a, b) => (key(a) === key(b) ? b.lastMs - a.lastMs : key(a) < key(b) ? -1 : 1));
};
