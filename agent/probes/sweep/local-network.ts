import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { type IpAddress, ipv4FromNumber, ipv4ToNumber, parseIp } from "../../../shared/ip.ts";
import { type MacAddress, parseMac } from "../../../shared/mac.ts";
import type { Range4 } from "./targets.ts";

/** One address of ours and the segment it is on. */
export type Link = {
  readonly device: string;
  readonly address: IpAddress;
  readonly mac: MacAddress | undefined;
  readonly range: Range4;
  readonly gateway: IpAddress | undefined;
};

export type Link6 = {
  readonly device: string;
  readonly address: IpAddress;
  readonly length: number;
  readonly mac: MacAddress | undefined;
};

export type LocalNetwork = { readonly links: readonly Link[]; readonly links6: readonly Link6[] };

/** Gateways by device from /proc/net/route, whose numbers are hexadecimal in host byte order (little endian here). */
export const decodeProcRoute = (text: string): Map<string, IpAddress> => {
  const out = new Map<string, IpAddress>();
  for (const line of text.split("\n").slice(1)) {
    const [device = "", , gateway = ""] = line.split(/\s+/);
    if (!/^[0-9A-F]{8}$/i.test(gateway) || gateway === "00000000" || out.has(device)) continue;
    const n = Number.parseInt(gateway.replace(/(..)(..)(..)(..)/, "$4$3$2$1"), 16);
    out.set(device, ipv4FromNumber(n));
  }
  return out;
};

const readGateways = (): Map<string, IpAddress> => {
  try {
    return decodeProcRoute(readFileSync("/proc/net/route", "utf8"));
  } catch {
    return new Map();
  }
};

/** Where we are: read anew for each sweep, since laptops move. Loopback is no segment: nothing there does ARP. */
export const readLocalNetwork = (): LocalNetwork => {
  const gateways = readGateways();
  const links: Link[] = [];
  const links6: Link6[] = [];
  for (const [device, addresses] of Object.entries(networkInterfaces())) {
    for (const { address: text, family, netmask, mac, internal, cidr } of addresses ?? []) {
      const address = parseIp(text);
      if (address === undefined || internal) continue;
      if (family === "IPv6") {
        links6.push({ device, address, length: Number(cidr?.split("/")[1] ?? 128), mac: parseMac(mac) });
        continue;
      }
      const size = 2 ** 32 - ipv4ToNumber(netmask);
      const first = Math.floor(ipv4ToNumber(address) / size) * size;
      if (size < 2) continue;
      links.push({
        device,
        address,
        mac: parseMac(mac),
        range: { first, last: first + size - 1 },
        gateway: gateways.get(device),
      });
    }
  }
  return { links, links6 };
};

/** The segment an address is on, or undefined when a router is between. */
export const linkOf = (network: LocalNetwork, address: string): Link | undefined => {
  const n = ipv4ToNumber(address);
  return network.links.find(({ range }) => n >= range.first && n <= range.last);
};

/** The addresses that name the segment itself and everybody on it: no host has them (RFC 3021 excepts /31). */
export const isSegmentAddress = ({ range }: Link, address: string): boolean => {
  const n = ipv4ToNumber(address);
  return range.last - range.first > 1 && (n === range.first || n === range.last);
};
