import type { IpAddress } from "../../../shared/ip.ts";
import { type Datagrams, openDatagrams, setMulticast } from "./datagram.ts";
import { addressOf, decodeDns, dnsTypes, encodeQuestion, reverseName } from "./dns-message.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { toHostName } from "./printable.ts";

const PORT = 5353;
const GROUP4 = "224.0.0.251";
const GROUP6 = "ff02::fb";
const SERVICES = "_services._dns-sd._udp.local";
const MAX_SERVICES = 32;
/** When the group is asked, counted from the ask before: what was lost or came while a host was busy is asked again. */
const ASK_GROUP_AFTER_MS = [0, 400, 1_000] as const;

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

const createHearing = (deps: MethodDeps) => {
  const asked = new Map<IpAddress, number>();
  return {
    asked: (address: IpAddress) => void asked.set(address, deps.clock.monotonic()),
    hear: (bytes: Uint8Array, from: IpAddress, port: number) => {
      // Answers come from the port of mDNS (RFC 6762, 11); whoever is no target is not our business.
      if (port !== PORT || !deps.targets.contains(from)) return;
      const answer = decodeMdns(bytes, from);
      if (answer === undefined) return;
      const askedAt = asked.get(from);
      deps.saw({
        ...{ address: from, method: "mdns", atMs: deps.clock.now(), alive: true, hostnames: answer.hostnames },
        ...(askedAt !== undefined && { latencyMs: deps.clock.monotonic() - askedAt }),
        ...(answer.services.length > 0 && { detail: { services: answer.services.join(" ").slice(0, 256) } }),
      });
    },
  };
};
type Hearing = ReturnType<typeof createHearing>;
type Group = { readonly socket: Datagrams; readonly address: string; readonly title: string };

/** A socket for each segment that has a target, since a question to a group must say where it goes out. */
const openGroups = (hearing: Hearing, deps: MethodDeps): Promise<Group[]> => {
  const wants6 = deps.targets.prefixes6.length > 0;
  const devices6 = wants6 ? [...new Set(deps.links6.map((link) => link.device))] : [];
  return Promise.all([
    ...deps.groupLinks.map(async (link) => ({
      socket: await openDatagrams(4, hearing.hear, (s) => setMulticast(s, link.address, 1)),
      ...{ address: GROUP4, title: `mDNS ${GROUP4}` },
    })),
    ...devices6.map(async (device) => ({
      socket: await openDatagrams(6, hearing.hear),
      ...{ address: `${GROUP6}%${device}`, title: `mDNS ${GROUP6}%${device}` },
    })),
  ]);
};

/** Asks the group on every segment: once, and twice more for what was lost. */
const askGroups = async (groups: readonly Group[], deps: MethodDeps): Promise<void> => {
  const question = encodeQuestion(0, SERVICES, dnsTypes.PTR, true);
  if (groups.length === 0) return;
  for (const waitMs of ASK_GROUP_AFTER_MS) {
    if (waitMs > 0) await deps.clock.sleep(waitMs, deps.signal);
    for (const { socket, address, title } of groups) {
      await deps.aside(title, 1);
      socket.send(question, PORT, address);
    }
  }
};

/** Each host's own name, from itself. Responders answer their own link only (RFC 6762, 5.5). */
const askHosts = async (addresses: Iterable<IpAddress>, socket: Datagrams, hearing: Hearing, deps: MethodDeps) => {
  let asked = 0;
  for (const address of addresses) {
    if (address.includes(":") || deps.linkOf(address) === undefined) continue;
    await deps.permit(address);
    hearing.asked(address);
    socket.send(encodeQuestion(0, reverseName(address), dnsTypes.PTR, true), PORT, address);
    asked++;
  }
  if (asked > 0) await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
};

const run = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  const hearing = createHearing(deps);
  const known = [...addresses];
  // With hosts to ask, the group has been asked before.
  const groups = known.length > 0 ? [] : await openGroups(hearing, deps);
  const direct = await openDatagrams(4, hearing.hear);
  try {
    await askGroups(groups, deps);
    await askHosts(known, direct, hearing, deps);
    if (groups.length > 0) await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    for (const { socket } of groups) socket.close();
    direct.close();
  }
};

/**
 * Multicast DNS from a port of our own: one question to the group for all services, and to each host that is known for
 * its own name. The group is no target: the summary lists the questions.
 */
export const mdns: SweepMethod = { name: "mdns", purpose: "group", families: [4, 6], packets: () => 0, run };
