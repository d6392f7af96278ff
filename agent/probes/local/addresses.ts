import { networkInterfaces } from "node:os";
import { z } from "zod";
import { parseIp } from "../../../shared/ip.ts";
import { defineProbe } from "../probe.ts";
import { type Address, ipv4Scope, parseFibTrie, parseIfInet6, parseRoutes4, placeIpv4 } from "./proc-net.ts";
import { compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

/** Throws where a sandbox keeps netlink from us; the files then have to do. */
const readInterfaces = (): ReturnType<typeof networkInterfaces> => {
  try {
    return networkInterfaces();
  } catch {
    return {};
  }
};

/** What the kernel answers over netlink (getifaddrs): IPv4 with prefixes, of interfaces that are up. No file has both. */
const askKernel = (): Address[] =>
  Object.entries(readInterfaces()).flatMap(([name, list]) =>
    (list ?? []).flatMap((entry) => {
      const address = parseIp(entry.address);
      if (entry.family !== "IPv4" || address === undefined) return [];
      const prefixLength = Number(entry.cidr?.split("/")[1] ?? 32);
      // "eth0:1" is a label of eth0, a custom of the 1990s that ifupdown still knows.
      return [
        { interface: name.split(":")[0] ?? name, address, prefixLength, scope: ipv4Scope(address), origin: undefined },
      ];
    }),
  );

/** Addresses that a DHCP client noted as leased: systemd-networkd's files, else dhclient's. */
const readLeases = (tree: Tree): ReadonlySet<string> => {
  const networkd = tree
    .list("/run/systemd/netif/leases")
    .map((name) => /^ADDRESS=(.+)$/m.exec(tree.readText(`/run/systemd/netif/leases/${name}`) ?? "")?.[1]);
  const dhclient = ["/var/lib/dhcp", "/var/lib/dhclient", "/var/lib/NetworkManager"].flatMap((folder) =>
    tree
      .list(folder)
      .filter((name) => /leases?$/.test(name))
      .flatMap((name) => {
        const text = tree.readText(`${folder}/${name}`) ?? "";
        return [...text.matchAll(/^\s*(?:fixed-address |ADDRESS=)([\d.]+);?$/gm)].map((match) => match[1]);
      }),
  );
  return new Set([...networkd, ...dhclient].filter((address) => address !== undefined));
};

const readIpv4 = (tree: Tree, live: boolean): Address[] => {
  const known = live ? askKernel() : [];
  const routes = parseRoutes4(tree.readText("/proc/net/route") ?? "");
  // An interface without carrier is left out above, but its addresses are still local: their route tells where they sit.
  const rest = parseFibTrie(tree.readText("/proc/net/fib_trie", { maxBytes: 16_777_216 }) ?? "")
    .filter((address) => !known.some((other) => other.address === address))
    .flatMap((address) => placeIpv4(address, routes) ?? []);
  const leases = readLeases(tree);
  return [...known, ...rest].map((item) => (leases.has(item.address) ? { ...item, origin: "dhcp" as const } : item));
};

const TIMEOUT_MS = 5_000;

/** Addresses by interface. Sources: if_inet6; for IPv4 the kernel's list, in a recorded tree fib_trie and the routes. */
export const addresses = defineProbe({
  name: "addresses",
  sections: ["addresses"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const found = [...readIpv4(tree, deps.live), ...parseIfInet6(tree.readText("/proc/net/if_inet6") ?? "")];
    return { status: "ok", sections: { addresses: found.map(compact) } };
  },
});
