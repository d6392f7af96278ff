import type { IpAddress } from "../../../shared/ip.ts";
import { type Datagrams, openDatagrams } from "./datagram.ts";
import { addressOf, decodeDns, dnsTypes, encodeQuestion, reverseName } from "./dns-message.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { printable, toHostName } from "./printable.ts";

const PORT = 5353;
const GROUP4 = "224.0.0.251";
const GROUP6 = "ff02::fb";
const SERVICES = "_services._dns-sd._udp.local";
const MAX_SERVICES = 32;
const ASK_GROUP_TWICE_MS = 400;

export type MdnsAnswer = { readonly hostnames: readonly string[]; readonly services: readonly string[] };

/** Names and service types in what an mDNS responder says of itself, heard from `from`. */
export const decodeMdns = (bytes: Uint8Array, from: IpAddress): MdnsAnswer | undefined => {
  const message = decodeDns(bytes);
  if (message === undefined || !message.isResponse) return undefined;
  const hostnames = new Set<string>();
  const services = new Set<string>();
  for (const record of message.records) {
    const isOwnAddress = addressOf(record) === from;
    const isReverse = record.type === dnsTypes.PTR && record.name.toLowerCase() === reverseName(from);
    const host = toHostName(isOwnAddress ? record.name : isReverse ? (record.text ?? "") : "");
    if (host !== undefined) hostnames.add(host);
    if (record.type !== dnsTypes.PTR || isReverse) continue;
    const type = record.name.toLowerCase() === SERVICES ? record.text : record.name;
    const match = /(?:^|\.)(_[a-z0-9-]{1,62}\._(?:tcp|udp))\.local$/i.exec(type ?? "");
    if (match?.[1]) services.add(match[1].toLowerCase());
  }
  return { hostnames: [...hostnames].slice(0, 8), services: [...services].sort().slice(0, MAX_SERVICES) };
};

const hearFor = (family: 4 | 6, startedAt: () => number, deps: MethodDeps): Promise<Datagrams> =>
  openDatagrams(
    family,
    (bytes, from, port) => {
      // Answers come from the port of mDNS (RFC 6762, 11); whoever is no target is not our business.
      if (port !== PORT || !deps.targets.contains(from)) return;
      const answer = decodeMdns(bytes, from);
      if (answer === undefined) return;
      deps.saw({
        ...{ address: from, method: "mdns", atMs: deps.clock.now(), alive: true, hostnames: answer.hostnames },
        latencyMs: deps.clock.monotonic() - startedAt(),
        ...(answer.services.length > 0 && { detail: { services: printable(Buffer.from(answer.services.join(" "))) } }),
      });
    },
    (socket) => {
      if (family === 4) socket.setMulticastTTL(1);
    },
  );

/** Asks the group on every segment that has a target: once, and once more for what was lost. */
const askGroups = async (sockets: ReadonlyMap<4 | 6, Datagrams>, deps: MethodDeps, families: ReadonlySet<4 | 6>) => {
  const question = encodeQuestion(0, SERVICES, dnsTypes.PTR, true);
  for (let ask = 0; ask < 2; ask++) {
    if (families.has(4)) {
      deps.charge(1);
      deps.aside(`mDNS ${GROUP4}`, 1);
      sockets.get(4)?.send(question, PORT, GROUP4);
    }
    for (const device of families.has(6) ? new Set(deps.links6.map((link) => link.device)) : []) {
      deps.charge(1);
      deps.aside(`mDNS ${GROUP6}%${device}`, 1);
      sockets.get(6)?.send(question, PORT, `${GROUP6}%${device}`);
    }
    await deps.clock.sleep(ASK_GROUP_TWICE_MS, deps.signal);
  }
};

const run = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  let startedAt = deps.clock.monotonic();
  const sockets = new Map<4 | 6, Datagrams>();
  const families = new Set<4 | 6>();
  if (deps.targets.size4 > 0 && deps.targets.ranges4.some((r) => deps.isOnLink(r))) families.add(4);
  if (deps.targets.prefixes6.length > 0 && deps.links6.length > 0) families.add(6);
  try {
    sockets.set(4, await hearFor(4, () => startedAt, deps));
    if (families.has(6)) sockets.set(6, await hearFor(6, () => startedAt, deps));
    await askGroups(sockets, deps, families);
    startedAt = deps.clock.monotonic();
    for (const address of addresses) {
      if (address.includes(":")) continue;
      await deps.permit(address);
      sockets.get(4)?.send(encodeQuestion(0, reverseName(address), dnsTypes.PTR, true), PORT, address);
    }
    await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    for (const socket of sockets.values()) socket.close();
  }
};

/**
 * Multicast DNS from a port of our own: one question to the group for all services, and to each host that is known for
 * its own name. The group is no target: the summary lists the questions.
 */
export const mdns: SweepMethod = { name: "mdns", purpose: "group", families: [4, 6], packets: () => 0, run };
