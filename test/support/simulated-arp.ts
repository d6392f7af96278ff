import type { ArpWire } from "../../agent/probes/sweep/arp-wire.ts";
import type { NeighbourRow } from "../../agent/probes/sweep/neighbour-table.ts";
import type { Clock } from "../../shared/clock.ts";
import type { IpAddress } from "../../shared/ip.ts";
import type { MacAddress } from "../../shared/mac.ts";
import type { Random } from "../../shared/random.ts";

/** A kernel that resolves addresses as Linux does: three questions, a second apart, in a table that overflows silently. */
export type SimulatedArp = ArpWire & {
  /** Every question on the wire: address and time. */
  readonly questions: () => readonly { readonly address: string; readonly atMs: number }[];
  /** A row from an earlier conversation, whose neighbour was confirmed so long ago. */
  readonly remember: (address: string, confirmedAgoS: number, state: "REACHABLE" | "STALE") => void;
  readonly forget: () => void;
  /** Another host takes the address and speaks: the kernel notes its MAC. */
  readonly replace: (address: string, mac: MacAddress) => void;
  /** Another host has the address and has said nothing yet: it answers who asks all, and nobody who asks the one before it. */
  readonly supplant: (address: string, mac: MacAddress) => void;
};

export type SimulatedArpOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly hosts: ReadonlySet<string>;
  /** Of a question and its answer, together. */
  readonly loss?: number;
  readonly tableLimit?: number;
  /** Hosts that refuse UDP, so that a stale row is proven at once. */
  readonly refuses?: ReadonlySet<string>;
  readonly rttMs?: number;
};

type Row = {
  readonly startedAt: number;
  readonly answeredAt: number;
  readonly known?: "REACHABLE" | "STALE";
  confirmedAt: number;
  usedAt?: number;
};

export const macOfHost = (address: string): MacAddress =>
  `00:00:5e:${address
    .split(".")
    .slice(1)
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join(":")}` as MacAddress;

export const createSimulatedArp = (options: SimulatedArpOptions): SimulatedArp => {
  const { clock, random, hosts, loss = 0, tableLimit = 1_024, refuses = new Set(), rttMs = 1 } = options;
  const rows = new Map<string, Row>();
  const macs = new Map<string, MacAddress>();
  const supplanted = new Map<string, MacAddress>();
  const questions: { address: string; atMs: number }[] = [];
  const now = () => clock.monotonic();
  const answerTime = (address: string, from: number): number => {
    for (let ask = 0; ask < 3; ask++)
      if (hosts.has(address) && random.next() >= loss) return from + ask * 1_000 + rttMs;
    return Number.POSITIVE_INFINITY;
  };
  const resolved = (row: Row) => now() >= row.answeredAt;
  const held = () =>
    [...rows.values()].filter((row) => row.known || resolved(row) || now() - row.startedAt < 3_000).length;
  /** A stale row is probed 5 s after use; then it is confirmed, or gone 3 s later. */
  const probe = (address: string, row: Row): "ok" | "failed" => {
    if (row.known !== "STALE" || row.usedAt === undefined || now() - row.usedAt < 5_000) return "ok";
    const isThere = hosts.has(address) && !supplanted.has(address);
    if (isThere) row.confirmedAt = Math.max(row.confirmedAt, row.usedAt + 5_001);
    return isThere || now() - row.usedAt < 8_000 ? "ok" : "failed";
  };
  const toRow = (address: string, row: Row): NeighbourRow => {
    const base = { address: address as IpAddress, device: "eth0" };
    if (row.known !== undefined ? probe(address, row) === "failed" : !resolved(row))
      return { ...base, state: "FAILED" };
    const confirmedS = Math.floor((now() - row.confirmedAt) / 1_000);
    return { ...base, mac: macs.get(address) ?? macOfHost(address), confirmedS, state: row.known ?? "REACHABLE" };
  };
  const all = (): NeighbourRow[] => [...rows].map(([address, row]) => toRow(address, row));
  return {
    send: (address) => {
      const before = rows.get(address);
      if (before?.known !== undefined) {
        before.usedAt ??= now();
        if (probe(address, before) === "ok") return;
        const mac = supplanted.get(address);
        if (mac !== undefined) macs.set(address, mac);
        rows.delete(address);
      } else if (before !== undefined && (resolved(before) || now() - before.startedAt < 3_000)) return;
      if (!rows.has(address) && held() >= tableLimit) return;
      const answeredAt = answerTime(address, now());
      rows.set(address, { startedAt: now(), answeredAt, confirmedAt: answeredAt });
      for (let ask = 0; ask < 3 && now() + ask * 1_000 < answeredAt; ask++)
        questions.push({ address, atMs: now() + ask * 1_000 });
    },
    rows: () => all().map(({ address, device, mac }) => ({ address, device, ...(mac && { mac }) })),
    agedRows: async () => all(),
    knock: async (address) => {
      const row = rows.get(address);
      if (row !== undefined) row.usedAt ??= now();
      await clock.sleep(rttMs);
      return refuses.has(address);
    },
    close: () => {},
    questions: () => questions,
    remember: (address, agoS, state) =>
      void rows.set(address, { startedAt: 0, answeredAt: 0, known: state, confirmedAt: now() - agoS * 1_000 }),
    forget: () => rows.clear(),
    replace: (address, mac) => void macs.set(address, mac),
    supplant: (address, mac) => void supplanted.set(address, mac),
  };
};
