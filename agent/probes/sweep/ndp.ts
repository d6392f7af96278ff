import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import type { IpAddress } from "../../../shared/ip.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import { decodePingLine } from "./echo.ts";
import type { Link6 } from "./local-network.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { readIpNeigh, readProcArp } from "./neighbour-table.ts";
import { ipv6FromBigInt, ipv6ToBigInt, prefix6Contains } from "./targets.ts";

/** Addresses that people give by hand: ::1 to ::ff. */
const LOW_NUMBERS = 255;
const MAX_CANDIDATES = 4_096;
/** A prefix this long is asked address by address. */
const SMALL_PREFIX = 120;
const POLL_MS = 150;
const NEW_WAIT_MS = 2_300;
/** A stale row is probed 5 s after its use, three times, a second apart. */
const STALE_WAIT_MS = 8_400;
const GROUP_WAIT_S = 2;

/** The interface identifier that a MAC makes (RFC 4291, appendix A): ff:fe in the middle, the U/L bit turned. */
export const eui64 = (mac: MacAddress): bigint => {
  const octets = mac.split(":").map((part) => Number.parseInt(part, 16));
  const [a = 0, ...rest] = octets;
  return [a ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)].reduce((n, octet) => (n << 8n) | BigInt(octet), 0n);
};

/** The MAC inside an address that was made of one; undefined for all others. */
export const macOfEui64 = (address: string): MacAddress | undefined => {
  const octets = Array.from({ length: 8 }, (_, i) => Number((ipv6ToBigInt(address) >> BigInt(56 - 8 * i)) & 0xffn));
  if (octets[3] !== 0xff || octets[4] !== 0xfe) return undefined;
  const mac = [(octets[0] ?? 0) ^ 2, octets[1], octets[2], octets[5], octets[6], octets[7]];
  return mac.map((octet) => (octet ?? 0).toString(16).padStart(2, "0")).join(":") as MacAddress;
};

const joinId = (link: Link6, id: bigint): IpAddress => {
  const host = (1n << BigInt(128 - link.length)) - 1n;
  return ipv6FromBigInt((ipv6ToBigInt(link.address) & ~host) | (id & host));
};

/**
 * Echoes to "all nodes", by the system's ping (one a second is the most that it allows us), from one of our addresses:
 * answers come from addresses of its kind.
 */
const pingGroup = (link: Link6, deps: MethodDeps): Promise<IpAddress[]> =>
  new Promise((resolve) => {
    const heard = new Set<IpAddress>();
    const argv = [
      "-6",
      "-n",
      "-i",
      "1",
      "-w",
      String(GROUP_WAIT_S),
      "-I",
      link.address.startsWith("fe80") ? link.device : link.address,
      `ff02::1%${link.device}`,
    ];
    const child = spawn("ping", argv, {
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    });
    const onAbort = () => child.kill("SIGKILL");
    deps.signal.addEventListener("abort", onAbort, { once: true });
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (data: string) => {
      const lines = (rest + data).slice(-65_536).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const address = decodePingLine(line)?.address;
        if (address !== undefined && heard.size < MAX_CANDIDATES) heard.add(address);
      }
    });
    const end = () => {
      deps.signal.removeEventListener("abort", onAbort);
      resolve([...heard]);
    };
    child.once("error", end);
    child.once("close", end);
  });

const echoAll = async (links: readonly Link6[], deps: MethodDeps): Promise<IpAddress[]> => {
  try {
    for (const link of links) await deps.aside(`ICMPv6 ff02::1%${link.device}`, GROUP_WAIT_S);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
    return [];
  }
  return (await Promise.all(links.map((link) => pingGroup(link, deps)))).flat();
};

const tableMacs = (deps: MethodDeps): MacAddress[] => {
  try {
    return readProcArp(deps.options.procArpPath).flatMap(({ mac }) => mac ?? []);
  } catch {
    return [];
  }
};

/** Whom to ask on one prefix of ours, as far as it is a target. */
const candidatesOf = (link: Link6, ids: ReadonlySet<bigint>, deps: MethodDeps): Set<IpAddress> => {
  const out = new Set<IpAddress>();
  const add = (address: IpAddress) => {
    if (address !== link.address && out.size < MAX_CANDIDATES && deps.targets.contains(address)) out.add(address);
  };
  for (const prefix of deps.targets.prefixes6) {
    if (
      !prefix6Contains({ address: link.address, length: link.length }, prefix.address) ||
      prefix.length < SMALL_PREFIX
    )
      continue;
    const first = ipv6ToBigInt(prefix.address) & ~((1n << BigInt(128 - prefix.length)) - 1n);
    for (let i = 0n; i < 1n << BigInt(128 - prefix.length); i++) add(ipv6FromBigInt(first + i));
  }
  for (const id of ids) add(joinId(link, id));
  for (let i = 1n; i <= BigInt(LOW_NUMBERS); i++) add(joinId(link, i));
  return out;
};

const overlaps = (link: Link6, deps: MethodDeps): boolean =>
  deps.targets.prefixes6.some(
    (prefix) =>
      prefix6Contains({ address: link.address, length: Math.min(link.length, prefix.length) }, prefix.address) &&
      (prefix.length >= link.length || prefix6Contains(prefix, link.address)),
  );

const report = (
  address: IpAddress,
  link: Link6,
  deps: MethodDeps,
  latencyMs: number | undefined,
  mac?: MacAddress,
  by?: string,
): void =>
  deps.saw({
    ...{ address, method: "ndp", atMs: deps.clock.now(), alive: true, device: link.device },
    ...(mac && { mac }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(by && { detail: { by } }),
  });

/** Makes the kernel solicit each candidate and watches its table, as the ARP sweep does. */
const solicit = async (link: Link6, candidates: ReadonlySet<IpAddress>, deps: MethodDeps): Promise<void> => {
  const socket = createSocket("udp6");
  socket.on("error", () => {});
  const open = new Map<IpAddress, { readonly sentAt: number; readonly waitMs: number }>();
  const before = new Set((await readIpNeigh(6, link.device))?.flatMap((row) => (row.mac ? [row.address] : [])));
  const poll = async () => {
    const now = deps.clock.monotonic();
    for (const { address, mac, confirmedS = Number.POSITIVE_INFINITY } of (await readIpNeigh(6, link.device)) ?? []) {
      const asked = open.get(address);
      if (asked === undefined || mac === undefined) continue;
      // A row that was there proves nothing until it is confirmed after our question.
      if (before.has(address) && confirmedS * 1_000 + 1_000 >= now - asked.sentAt) continue;
      open.delete(address);
      report(address, link, deps, before.has(address) ? undefined : now - asked.sentAt, mac);
    }
    for (const [address, { sentAt, waitMs }] of open) if (now - sentAt > waitMs) open.delete(address);
  };
  try {
    for (const address of candidates) {
      await deps.permit(address);
      socket.send(
        Buffer.alloc(1),
        deps.options.closedPort,
        link.address.startsWith("fe80") ? `${address}%${link.device}` : address,
        () => {},
      );
      open.set(address, { sentAt: deps.clock.monotonic(), waitMs: before.has(address) ? STALE_WAIT_MS : NEW_WAIT_MS });
    }
    while (open.size > 0) {
      await deps.clock.sleep(POLL_MS, deps.signal);
      await poll();
    }
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    socket.close();
  }
};

const run = async (_addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  const links = deps.links6.filter((link) => overlaps(link, deps));
  if (links.length === 0) return deps.note("ndp: none of the targets is on a segment of ours");
  if ((await readIpNeigh(6)) === undefined)
    return deps.note("ndp: iproute2 (`ip`) is needed to read the neighbour table");
  const byDevice = deps.links6.filter(({ device }) => links.some((link) => link.device === device));
  const heard = await echoAll(byDevice, deps);
  const selves = new Set(deps.links6.map((link) => link.address));
  const others = heard.filter((address) => !selves.has(address));
  const hostBits = (1n << 64n) - 1n;
  const ids = new Set([
    ...[...deps.knownMacs(), ...tableMacs(deps)].map(eui64),
    ...others.map((address) => ipv6ToBigInt(address) & hostBits),
  ]);
  await Promise.all(
    links.map(async (link) => {
      const onLink = { address: link.address, length: link.length };
      const rows = new Map((await readIpNeigh(6, link.device))?.map((row) => [row.address, row.mac]));
      // An echo is life; to send it, its host and we have resolved each other.
      for (const address of others)
        if (deps.targets.contains(address) && prefix6Contains(onLink, address))
          report(address, link, deps, undefined, rows.get(address) ?? macOfEui64(address), "echo to all nodes");
      const candidates = candidatesOf(link, ids, deps);
      for (const address of others) candidates.delete(address);
      await solicit(link, candidates, deps);
    }),
  );
};

/**
 * IPv6 on our own segments, where no range can be walked: who answers an echo to all nodes, addresses made of known MACs,
 * and low numbers, each resolved by the kernel. Silent hosts with privacy addresses stay out of reach; the sweep says so.
 */
export const ndp: SweepMethod = { name: "ndp", purpose: "ask", families: [6], packets: () => 1, run };
