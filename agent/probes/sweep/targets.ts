import { isIP } from "node:net";
import { RollcallError } from "../../../shared/errors.ts";
import { type IpAddress, ipv4FromNumber, ipv4ToNumber, parseIp } from "../../../shared/ip.ts";

/** IPv4 addresses from `first` to `last`, both included, as numbers. */
export type Range4 = { readonly first: number; readonly last: number };
export type Prefix6 = { readonly address: IpAddress; readonly length: number };

/**
 * What a sweep may send packets to, and nothing else. IPv4 is kept as disjoint, sorted ranges (a /12 is one), and each
 * address has an index from 0 to `size4 - 1`; IPv6 as prefixes, of which single addresses are the longest.
 */
export type Targets = {
  readonly ranges4: readonly Range4[];
  readonly size4: number;
  readonly prefixes6: readonly Prefix6[];
  readonly contains: (address: string) => boolean;
  readonly at4: (index: number) => IpAddress;
  /** -1 when the address is no target. */
  readonly index4: (address: string) => number;
  /** Names that were given as targets, by the address they led to. */
  readonly names: ReadonlyMap<string, string>;
};

export type ResolveName = (name: string) => Promise<readonly string[]>;

const LAST4 = 2 ** 32 - 1;
const MAX_PARTS = 65_536;

const fault = (text: string, why: string): RollcallError => new RollcallError("usage.target", `${text}: ${why}`);

const parse4 = (text: string): number | undefined => (isIP(text) === 4 ? ipv4ToNumber(text) : undefined);

const parseLength = (text: string, spec: string, max: number): number => {
  const length = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (length < 0 || length > max) throw fault(spec, `a prefix length goes from 0 to ${max}`);
  return length;
};

const parseCidr = (spec: string): Range4 | Prefix6 => {
  const [base = "", tail = ""] = [spec.slice(0, spec.indexOf("/")), spec.slice(spec.indexOf("/") + 1)];
  const first = parse4(base);
  if (first !== undefined) {
    const size = 2 ** (32 - parseLength(tail, spec, 32));
    const start = Math.floor(first / size) * size;
    return { first: start, last: start + size - 1 };
  }
  const address = isIP(base) === 6 ? parseIp(base) : undefined;
  if (address === undefined) throw fault(spec, `"${base}" is not an address`);
  return { address, length: parseLength(tail, spec, 128) };
};

/** "10.0.0.1-10.0.1.20" or "10.0.0.1-50"; undefined when it is no range (host names may have a dash). */
const parseRange = (spec: string): Range4 | undefined => {
  const match = /^([\d.]+)-([\d.]+)$/.exec(spec);
  if (!match) return undefined;
  const [, from = "", to = ""] = match;
  const first = parse4(from);
  const last = parse4(/^\d{1,3}$/.test(to) ? from.replace(/\d+$/, to) : to);
  if (first === undefined) throw fault(spec, `"${from}" is not an address`);
  if (last === undefined) throw fault(spec, `"${to}" is neither an address nor a number from 0 to 255`);
  if (last < first) throw fault(spec, "the range ends before it begins");
  return { first, last };
};

const isHostName = (text: string): boolean =>
  text.length <= 253 && /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i.test(text) && !/^[\d.]+$/.test(text);

const parseOne = (spec: string): Range4 | Prefix6 | { readonly name: string } => {
  if (spec.includes("/")) return parseCidr(spec);
  const range = parseRange(spec);
  if (range !== undefined) return range;
  const single = parse4(spec);
  if (single !== undefined) return { first: single, last: single };
  if (isIP(spec.replace(/%.*$/, "")) === 6) return toPrefix(parseIp(spec) as IpAddress);
  if (isHostName(spec)) return { name: spec };
  if (/^[\d.]+$/.test(spec)) throw fault(spec, "not an address: an IPv4 address has four numbers from 0 to 255");
  throw fault(spec, "neither an address, a range (10.0.0.1-50), a network (10.0.0.0/24) nor a host name");
};

const toPrefix = (address: IpAddress): Range4 | Prefix6 => {
  const four = parse4(address);
  return four === undefined ? { address, length: 128 } : { first: four, last: four };
};

/** Sorted, and joined where they touch. */
const merge = (ranges: readonly Range4[]): Range4[] => {
  const out: { first: number; last: number }[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = out.at(-1);
    if (before !== undefined && range.first <= before.last + 1) before.last = Math.max(before.last, range.last);
    else out.push({ ...range });
  }
  return out;
};

const subtract = (ranges: readonly Range4[], holes: readonly Range4[]): Range4[] => {
  let left: Range4[] = [...ranges];
  for (const hole of holes) {
    left = left.flatMap((range) => {
      if (hole.last < range.first || hole.first > range.last) return [range];
      return [
        { first: range.first, last: hole.first - 1 },
        { first: hole.last + 1, last: range.last },
      ].filter((r) => r.first <= r.last);
    });
  }
  return left;
};

/** The 128 bits of an IPv6 address. */
export const ipv6ToBigInt = (address: string): bigint => {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right].reduce((n, part) => (n << 16n) | BigInt(Number.parseInt(part, 16)), 0n);
};

export const ipv6FromBigInt = (bits: bigint): IpAddress => {
  const parts = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return parseIp(parts.join(":")) as IpAddress;
};

export const prefix6Contains = ({ address, length }: Prefix6, candidate: string): boolean => {
  const shift = BigInt(128 - length);
  return ipv6ToBigInt(address) >> shift === ipv6ToBigInt(candidate) >> shift;
};

/** Targets from ranges that may overlap. */
export const createTargets = (
  ranges: readonly Range4[],
  prefixes6: readonly Prefix6[] = [],
  names: ReadonlyMap<string, string> = new Map(),
  without: { readonly ranges: readonly Range4[]; readonly prefixes6: readonly Prefix6[] } = {
    ranges: [],
    prefixes6: [],
  },
): Targets => {
  const ranges4 = subtract(merge(ranges), merge(without.ranges));
  const starts: number[] = [];
  let size4 = 0;
  for (const range of ranges4) {
    starts.push(size4);
    size4 += range.last - range.first + 1;
  }
  /** The last range whose `key` is not above `value`. */
  const find = (value: number, key: (i: number) => number): number => {
    let [low, high] = [0, ranges4.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (key(middle) <= value) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  };
  const index4 = (address: string): number => {
    const n = parse4(address);
    if (n === undefined) return -1;
    const i = find(n, (k) => ranges4[k]?.first ?? LAST4);
    const range = ranges4[i];
    return range === undefined || n > range.last ? -1 : (starts[i] ?? 0) + n - range.first;
  };
  const contains6 = (address: string) =>
    prefixes6.some((p) => prefix6Contains(p, address)) && !without.prefixes6.some((p) => prefix6Contains(p, address));
  return {
    ranges4,
    size4,
    prefixes6,
    names,
    index4,
    at4: (index) => {
      const i = find(index, (k) => starts[k] ?? LAST4);
      return ipv4FromNumber((ranges4[i]?.first ?? 0) + index - (starts[i] ?? 0));
    },
    contains: (address) => (isIP(address) === 6 ? contains6(address) : index4(address) >= 0),
  };
};

/** Ranges that can't be a host's address: this network, multicast, reserved. */
const nobody: readonly Range4[] = [
  { first: 0, last: 2 ** 24 - 1 },
  { first: 224 * 2 ** 24, last: LAST4 },
];

const homely: readonly string[] = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"],
  ...["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15"],
];
const homely6: readonly Prefix6[] = [
  { address: "fc00::" as IpAddress, length: 7 },
  { address: "fe80::" as IpAddress, length: 10 },
  { address: "2001:db8::" as IpAddress, length: 32 },
  { address: "::1" as IpAddress, length: 128 },
];

/** Whether any target is on the public internet, where nobody has been asked for leave. */
export const isPublic = (targets: Targets): boolean => {
  const own = merge(homely.map((cidr) => parseCidr(cidr) as Range4));
  const four = targets.ranges4.some((r) => !own.some((o) => r.first >= o.first && r.last <= o.last));
  return (
    four || targets.prefixes6.some((p) => !homely6.some((h) => p.length >= h.length && prefix6Contains(h, p.address)))
  );
};

const split = (specs: readonly string[]): string[] =>
  specs.flatMap((spec) => spec.split(/[\s,]+/)).filter((spec) => spec !== "");

const expand = async (specs: readonly string[], resolve: ResolveName, faults: string[], names: Map<string, string>) => {
  const ranges: Range4[] = [];
  const prefixes6: Prefix6[] = [];
  const add = (part: Range4 | Prefix6): void => void ("first" in part ? ranges.push(part) : prefixes6.push(part));
  for (const spec of specs) {
    try {
      const part = parseOne(spec);
      if (!("name" in part)) {
        add(part);
        continue;
      }
      const addresses = (await resolve(part.name)).map(parseIp).filter((a) => a !== undefined);
      if (addresses.length === 0) throw fault(part.name, "this name has no address");
      for (const address of addresses) {
        names.set(address, part.name.toLowerCase().replace(/\.$/, ""));
        add(toPrefix(address));
      }
    } catch (error) {
      faults.push(error instanceof RollcallError ? error.message : `${spec}: the name can't be resolved`);
    }
  }
  return { ranges, prefixes6 };
};

/**
 * Targets from what a person wrote: addresses, ranges, networks, host names, in lists with commas or blanks.
 * @throws RollcallError `usage.target` that names every fault at once, one a line.
 */
export const parseTargets = async (
  specs: readonly string[],
  exclude: readonly string[],
  resolve: ResolveName,
): Promise<Targets> => {
  const [wanted, unwanted] = [split(specs), split(exclude)];
  if (wanted.length === 0) throw new RollcallError("usage.target", "no target is named");
  if (wanted.length + unwanted.length > MAX_PARTS)
    throw new RollcallError("usage.target", `more than ${MAX_PARTS} targets are named: use networks or ranges`);
  const faults: string[] = [];
  const names = new Map<string, string>();
  const take = await expand(wanted, resolve, faults, names);
  const leave = await expand(unwanted, resolve, faults, new Map());
  if (faults.length > 0) throw new RollcallError("usage.target", faults.slice(0, 20).join("\n"));
  const within = createTargets(take.ranges, take.prefixes6, names, {
    ranges: [...leave.ranges, ...nobody],
    prefixes6: leave.prefixes6,
  });
  if (within.size4 === 0 && within.prefixes6.length === 0)
    throw new RollcallError("usage.target", `${wanted.slice(0, 3).join(", ")}: no address is left to scan`);
  return within;
};
