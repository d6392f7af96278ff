import { isIP, isIPv4 } from "node:net";

export type IpAddress = string & { readonly __brand: "IpAddress" };

/** Canonical text of an address (RFC 5952 for IPv6, IPv4-mapped as IPv4, zone kept out), or undefined. */
export const parseIp = (text: string): IpAddress | undefined => {
  const bare = text.trim().replace(/%.*$/, "");
  if (isIPv4(bare)) return bare as IpAddress;
  if (isIP(bare) !== 6) return undefined;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped?.[1] && isIPv4(mapped[1])) return mapped[1] as IpAddress;
  // The WHATWG URL parser writes IPv6 hosts in RFC 5952 form.
  const host = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mappedHex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mappedHex)
    return ipv4FromNumber(Number.parseInt(mappedHex[1] ?? "0", 16) * 65_536 + Number.parseInt(mappedHex[2] ?? "0", 16));
  return host as IpAddress;
};

export const ipv4ToNumber = (ip: string): number => ip.split(".").reduce((n, part) => n * 256 + Number(part), 0);

export const ipv4FromNumber = (n: number): IpAddress =>
  `${Math.floor(n / 16_777_216) % 256}.${Math.floor(n / 65_536) % 256}.${Math.floor(n / 256) % 256}.${n % 256}` as IpAddress;

export const isIpv4 = (ip: string): boolean => isIPv4(ip);
