import { type IpAddress, ipv4ToNumber, parseIp } from "../../../shared/ip.ts";
import { lookup } from "../../../shared/lookup.ts";

/** Pure readers of the tables under /proc/net, which write addresses as the CPU of the host holds them: little-endian. */

/** "010200C0" is 192.0.2.1. */
export const parseHexIpv4 = (hex: string): IpAddress | undefined => {
  if (!/^[0-9a-f]{8}$/i.test(hex)) return undefined;
  const octets = [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return octets.join(".") as IpAddress;
};

const groups = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(":");

/** Plain order of bytes, as if_inet6 and ipv6_route write it. */
export const parseHexIpv6 = (hex: string): IpAddress | undefined =>
  /^[0-9a-f]{32}$/i.test(hex) ? parseIp(groups(hex)) : undefined;

/** Four words, each little-endian, as the socket tables write it. */
export const parseHexIpv6Words = (hex: string): IpAddress | undefined =>
  /^[0-9a-f]{32}$/i.test(hex)
    ? parseHexIpv6((hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join("")).join(""))
    : undefined;

const rows = (text: string): readonly (readonly string[])[] =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 1);

export type Route = {
  readonly destination: string;
  readonly gateway: string;
  readonly interface: string;
  readonly metric: number;
};

/** Contiguous ones of a mask; a mask with holes is nothing that a prefix can say. */
const prefixOfMask = (mask: string): number | undefined => {
  const bits = ipv4ToNumber(mask).toString(2).padStart(32, "0");
  return /^1*0*$/.test(bits) ? bits.replaceAll("0", "").length : undefined;
};

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** /proc/net/route: the main table's routes over interfaces. A route without gateway has "0.0.0.0". */
export const parseRoutes4 = (text: string): readonly Route[] =>
  rows(text)
    .slice(1)
    .flatMap((fields) => {
      const [name, destination, gateway, flags, , , metric, mask] = fields;
      const target = parseHexIpv4(destination ?? "");
      const via = parseHexIpv4(gateway ?? "");
      const prefix = prefixOfMask(parseHexIpv4(mask ?? "") ?? "0.0.0.1");
      const bits = Number.parseInt(flags ?? "0", 16);
      if (!name || target === undefined || via === undefined || prefix === undefined) return [];
      if ((bits & RTF_UP) === 0 || (bits & RTF_REJECT) !== 0) return [];
      return [{ destination: `${target}/${prefix}`, gateway: via, interface: name, metric: Number(metric) || 0 }];
    });

const RTF_LOCAL = 0x8000_0000;
const RTF_ANYCAST = 0x10_0000;

/** /proc/net/ipv6_route without the host's own addresses, multicast, and routes that only reject. */
export const parseRoutes6 = (text: string): readonly Route[] =>
  rows(text).flatMap((fields) => {
    const [destination, prefix, , , nextHop, metric, , , flags, name] = fields;
    const target = parseHexIpv6(destination ?? "");
    const via = parseHexIpv6(nextHop ?? "");
    const bits = Number.parseInt(flags ?? "0", 16);
    if (!name || target === undefined || via === undefined || name === "lo") return [];
    if ((bits & RTF_UP) === 0 || (bits & RTF_REJECT) !== 0 || /^ff/.test(target)) return [];
    // Bitwise operators of JavaScript are signed: compare the top bit as a number.
    if (bits >= RTF_LOCAL || (bits & RTF_ANYCAST) !== 0) return [];
    return [
      {
        destination: `${target}/${Number.parseInt(prefix ?? "0", 16)}`,
        gateway: via,
        interface: name,
        metric: Number.parseInt(metric ?? "0", 16),
      },
    ];
  });

export type Address = {
  readonly interface: string;
  readonly address: IpAddress;
  readonly prefixLength: number | undefined;
  readonly scope: "global" | "link" | "host" | undefined;
  /** IP-MIB's IpAddressOriginTC: "random" are privacy addresses that change by the day. */
  readonly origin: "manual" | "dhcp" | "linklayer" | "random" | undefined;
};

const IFA_F_TEMPORARY = 0x01;
const IFA_F_DEPRECATED = 0x20;
const IFA_F_PERMANENT = 0x80;
const scopes: Readonly<Record<string, Address["scope"]>> = { "00": "global", "10": "host", "20": "link" };

/** /proc/net/if_inet6. A deprecated address is kept only while connections use it, so it is left out. */
export const parseIfInet6 = (text: string): readonly Address[] =>
  rows(text).flatMap((fields) => {
    const [hex, , prefix, scope, flags, name] = fields;
    const address = parseHexIpv6(hex ?? "");
    const bits = Number.parseInt(flags ?? "0", 16);
    if (address === undefined || name === undefined || (bits & IFA_F_DEPRECATED) !== 0) return [];
    const made = (bits & IFA_F_PERMANENT) !== 0 ? "manual" : "linklayer";
    return [
      {
        interface: name,
        address,
        prefixLength: Number.parseInt(prefix ?? "80", 16),
        scope: lookup(scopes, scope),
        origin: (bits & IFA_F_TEMPORARY) !== 0 ? "random" : scope === "20" ? "linklayer" : made,
      },
    ];
  });

/** The host's own IPv4 addresses in /proc/net/fib_trie: the leaves with a "/32 host LOCAL" line. They name no interface. */
export const parseFibTrie = (text: string): readonly IpAddress[] => {
  const found = new Set<IpAddress>();
  let leaf: IpAddress | undefined;
  for (const line of text.split("\n")) {
    const address = /\|-- (\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1];
    if (address !== undefined) leaf = parseIp(address);
    else if (leaf !== undefined && /\/32 host LOCAL/.test(line)) found.add(leaf);
  }
  return [...found];
};

export const ipv4Scope = (address: string): Address["scope"] =>
  address.startsWith("127.") ? "host" : address.startsWith("169.254.") ? "link" : "global";

const contains = (route: Route, address: string): boolean => {
  const [network, prefix] = route.destination.split("/");
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(ipv4ToNumber(network ?? "") / size) === Math.floor(ipv4ToNumber(address) / size);
};

/** Gives a bare address the interface and prefix of the narrowest directly connected route that holds it. */
export const placeIpv4 = (address: IpAddress, routes: readonly Route[]): Address | undefined => {
  const scope = ipv4Scope(address);
  if (scope === "host") return { interface: "lo", address, prefixLength: 8, scope, origin: undefined };
  const direct = routes
    .filter((route) => route.gateway === "0.0.0.0" && route.destination !== "0.0.0.0/0" && contains(route, address))
    .sort((a, b) => Number(b.destination.split("/")[1]) - Number(a.destination.split("/")[1]))[0];
  if (direct === undefined) return undefined;
  return {
    interface: direct.interface,
    address,
    prefixLength: Number(direct.destination.split("/")[1]),
    scope,
    origin: undefined,
  };
};

export type Socket = {
  readonly protocol: "tcp" | "udp";
  readonly address: IpAddress;
  readonly port: number;
  readonly inode: string;
};

const TCP_LISTEN = "0A";
/** UDP knows no listening: an unconnected socket is in state CLOSE and receives from anybody. */
const UDP_UNCONNECTED = "07";

/** Sockets that take what strangers send, from /proc/net/{tcp,udp,tcp6,udp6}. */
export const parseSockets = (text: string, protocol: Socket["protocol"]): readonly Socket[] =>
  rows(text)
    .slice(1)
    .flatMap((fields) => {
      const [, local, , state] = fields;
      if (state !== (protocol === "tcp" ? TCP_LISTEN : UDP_UNCONNECTED)) return [];
      const [hex, port] = (local ?? "").split(":");
      const address = hex?.length === 8 ? parseHexIpv4(hex) : parseHexIpv6Words(hex ?? "");
      if (address === undefined || port === undefined) return [];
      return [{ protocol, address, port: Number.parseInt(port, 16), inode: fields[9] ?? "0" }];
    });

/** /etc/resolv.conf (resolv.conf(5)): up to three servers count there, but a stub may know more. */
export const parseResolvConf = (
  text: string,
): { readonly servers: readonly string[]; readonly search: readonly string[] } => {
  const servers: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (word === "nameserver" && rest[0] !== undefined) servers.push(parseIp(rest[0]) ?? rest[0]);
    // The last of "search" and "domain" wins.
    if (word === "search" || word === "domain") search = rest;
  }
  return { servers: [...new Set(servers)].slice(0, 32), search: search.slice(0, 32) };
};
