import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import { parseSockets, type Socket } from "./proc-net.ts";
import { clip, compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Owner = { readonly process: string; readonly service: string | undefined };

const tables = [
  ["tcp", "tcp"],
  ["tcp6", "tcp"],
  ["udp", "udp"],
  ["udp6", "udp"],
] as const; // biome format: keep as a table
const MAX_TABLE_BYTES = 67_108_864;

/** "/system.slice/ssh.service" belongs to ssh.service; a container's or a user's processes to the innermost unit. */
export const unitOfCgroup = (cgroup: string): string | undefined =>
  [...cgroup.matchAll(/([^/\n]+\.(?:service|scope))(?=\/|$)/gm)].at(-1)?.[1];

const readOwner = (tree: Tree, pid: string): Owner | undefined => {
  const process = tree.value(`/proc/${pid}/comm`);
  if (process === undefined) return undefined;
  return { process, service: unitOfCgroup(tree.readText(`/proc/${pid}/cgroup`) ?? "") };
};

/** Which processes hold the wanted sockets, by inode. Stops looking once all are found. */
const readOwners = (tree: Tree, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly Owner[]> => {
  const found = new Map<string, Owner[]>();
  for (const pid of tree.list("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const held = new Set<string>();
    for (const fd of tree.list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(tree.link(`/proc/${pid}/fd/${fd}`) ?? "")?.[1];
      if (inode !== undefined && wanted.has(inode)) held.add(inode);
    }
    const owner = held.size === 0 ? undefined : readOwner(tree, pid);
    if (owner !== undefined) for (const inode of held) found.set(inode, [...(found.get(inode) ?? []), owner]);
  }
  return found;
};

const readPortRange = (tree: Tree): readonly [number, number] => {
  const [low, high] = (tree.value("/proc/sys/net/ipv4/ip_local_port_range") ?? "32768 60999").split(/\s+/).map(Number);
  return [low ?? 32_768, high ?? 60_999];
};

const keyOf = ({ protocol, address, port }: Socket): string => `${protocol} ${address} ${port}`;

const joinNames = (names: readonly (string | undefined)[]): string | undefined => {
  const known = [...new Set(names.filter((name) => name !== undefined))].sort();
  return known.length === 0 ? undefined : clip(known.join(", "), 256);
};

/** Several sockets on one address and port (SO_REUSEPORT) are one row. */
const toItems = (
  sockets: readonly Socket[],
  owners: ReadonlyMap<string, readonly Owner[]>,
): SectionItem<"listening">[] =>
  [...Map.groupBy(sockets, keyOf).values()].map((group) => {
    const { protocol, address, port } = group[0] as Socket;
    const holders = group.flatMap(({ inode }) => owners.get(inode) ?? []);
    const process = joinNames(holders.map((owner) => owner.process));
    return compact({ protocol, address, port, process, service: joinNames(holders.map((owner) => owner.service)) });
  });

const TIMEOUT_MS = 15_000;

/**
 * Open doors: TCP sockets that listen and UDP sockets that take what strangers send, with the process behind each where
 * we may see it. Sources: /proc/net, /proc/PID/fd. UDP sockets on ports that the kernel dealt out are conversations
 * (a resolver's question, a probe of ours): they live for seconds, so they are counted as a gauge and not listed.
 */
export const listening = defineProbe({
  name: "listening",
  sections: ["listening"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const [low, high] = readPortRange(tree);
    const all = tables.flatMap(([file, protocol]) =>
      parseSockets(tree.readText(`/proc/net/${file}`, { maxBytes: MAX_TABLE_BYTES }) ?? "", protocol),
    );
    const isFleeting = ({ protocol, port }: Socket): boolean => protocol === "udp" && port >= low && port <= high;
    const doors = all.filter((socket) => !isFleeting(socket));
    const wanted = new Set(doors.map(({ inode }) => inode).filter((inode) => inode !== "0"));
    const owners = wanted.size === 0 ? new Map<string, Owner[]>() : readOwners(tree, wanted);
    // A process that ended while we looked is no missing right: some must be closed to us, or hidden (ProtectProc=).
    const isHidden = tree.denied.length > 0 || !tree.exists("/proc/1");
    // Without a count, which would be another failure every time that somebody opens a socket.
    const reason = "processes behind some sockets are hidden from us: other users' or another container's";
    const isSeen = [...wanted].every((inode) => owners.has(inode));
    const failures: SectionFailure[] =
      isSeen || !isHidden ? [] : [{ section: "listening", kind: "needs-privilege", reason }];
    return {
      status: "ok",
      sections: { listening: toItems(doors, owners) },
      failures,
      gauges: { "listening.fleetingUdp": all.length - doors.length },
    };
  },
});
