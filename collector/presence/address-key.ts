import { ipv4ToNumber, isIpv4 } from "../../shared/ip.ts";

/** Text that sorts as the addresses do, families apart: "4" and 8 hex digits, "6" and 32. */
export const addressKey = (ip: string): string => {
  if (isIpv4(ip)) return `4${ipv4ToNumber(ip).toString(16).padStart(8, "0")}`;
  const [head = "", tail] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return `6${[...left, ...Array<string>(middle).fill("0"), ...right].map((part) => part.padStart(4, "0")).join("")}`;
};

/** Addresses in a closed range, at most `limit`; undefined where there are more, or the ends don't fit. */
export const rangeSize = (fromKey: string, toKey: string): number | undefined => {
  if (fromKey.length !== toKey.length || fromKey > toKey) return undefined;
  const from = BigInt(`0x${fromKey.slice(1)}`);
  const to = BigInt(`0x${toKey.slice(1)}`);
  const size = to - from + 1n;
  return size > 16_777_216n ? 16_777_216 : Number(size);
};
