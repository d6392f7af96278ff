import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../shared/random.ts";
import type { Line, TrueDevice } from "./identity-site.ts";

/**
 * Observations as bad as they come: in no order, twice, by clocks that are days wrong, with any mix of the keys that a device has, between
 * few addresses and names that all take from each other, and beside them what names no device. A dozen devices, a few hundred lines.
 */
const START = 1_767_603_600_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const docks: readonly SubjectKey[] = ["a0:ce:c8:00:00:01", "a0:ce:c8:00:00:02"].map((value) => ({
  kind: "mac",
  value,
}));
const junk: readonly SubjectKey[] = [
  { kind: "serial", vendor: "hp", value: "To be filled by O.E.M." },
  { kind: "hardwareUuid", value: "00000000-0000-0000-0000-000000000000" },
  { kind: "mac", value: "00:00:5e:00:01:05" },
  { kind: "mac", value: "02:42:ac:11:00:02" },
];
const methods = ["arp", "arp", "router-arp", "fdb", "icmp", "dhcp", "mdns", "snmp", "local", "local"] as const;

type Box = {
  readonly realm: string;
  readonly macs: readonly SubjectKey[];
  readonly hardware: readonly SubjectKey[];
  readonly engine: readonly SubjectKey[];
  readonly name: SubjectKey;
  agent: string | undefined;
  dock: readonly SubjectKey[];
  address: number;
};

export const simulateAdversary = (seed: number): { readonly lines: Line[]; readonly truth: TrueDevice[] } => {
  const random = createSeededRandom(seed);
  const below = (n: number) => Math.floor(random.next() * n);
  const chance = (p: number) => random.next() < p;
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[]): T => from[below(from.length)] as T;
  const some = (keys: readonly SubjectKey[], p: number) => keys.filter(() => chance(p));
  const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");

  const boxOf = (_: unknown, i: number): Box => {
    const uuid: SubjectKey = { kind: "hardwareUuid", value: `${hex(below(1 << 24), 8)}-0000-4000-8000-${hex(i, 12)}` };
    // Two makers use one text.
    const serial: SubjectKey = { kind: "serial", vendor: i % 2 ? "hp" : "dell", value: `SER${100 + (i >> 1)}` };
    return {
      realm: pick(["a", "b"]),
      macs: Array.from({ length: 1 + below(3) }, (_mac, j) => ({
        kind: "mac",
        value: `00:1b:21:00:00:${hex(i * 8 + j, 2)}`,
      })),
      hardware: some([uuid, serial], 0.7),
      engine: some([{ kind: "engineId", value: `80001f88${i}abc` }], 0.3),
      name: { kind: "hostname", value: pick(["pc1", "pc2", `pc${10 + i}`]) },
      agent: chance(0.6) ? `agent${i}` : undefined,
      ...{ dock: [], address: below(12) },
    };
  };
  const boxes = Array.from({ length: 4 + below(10) }, boxOf);

  const keysOf = (box: Box, method: (typeof methods)[number]): SubjectKey[] => {
    const ip: SubjectKey = { kind: "ip", value: `10.0.0.${10 + box.address}` };
    const mac = pick([...box.macs, ...box.dock]);
    switch (method) {
      case "icmp":
        return [ip];
      case "fdb":
        return [mac];
      case "mdns":
        return [ip, box.name];
      case "dhcp":
        return [mac, ip, box.name];
      case "arp":
      case "router-arp":
        return chance(0.9) ? [mac, ip] : [mac];
      case "snmp":
        return [
          ...some([...box.hardware, ...box.macs, ...box.engine], 0.8),
          ...some([ip, box.name], 0.7),
          ...some(junk, 0.1),
        ];
      case "local":
        return [
          ...some([...box.hardware, ...box.macs], 0.9),
          ...box.dock,
          ...some([ip, box.name], 0.8),
          ...some(junk, 0.1),
        ];
      default:
        return method satisfies never;
    }
  };

  const lines: Line[] = [];
  let nowMs = START;
  for (let i = 60 + below(250); i > 0; i--) {
    nowMs += below(4) * below(3 * HOUR);
    const box = pick(boxes);
    if (chance(0.1)) box.address = below(12);
    if (chance(0.03)) box.dock = chance(0.5) ? [pick(docks)] : [];
    if (box.agent !== undefined && chance(0.03)) {
      if (chance(0.7)) lines.push({ atMs: nowMs, heardMs: nowMs, agent: box.agent, ends: "lost" });
      if (chance(0.7)) box.agent = `${box.agent}+`;
    }
    const method = pick(methods);
    if (method === "local" && box.agent === undefined) continue;
    const keys = keysOf(box, method);
    if (chance(0.3)) keys.reverse();
    const atMs = chance(0.05) ? nowMs - below(5 * DAY) : chance(0.02) ? nowMs + below(DAY) : nowMs;
    const heardMs = nowMs + (chance(0.2) ? below(2 * HOUR) : 0);
    const who = method === "local" && box.agent !== undefined ? { agent: box.agent } : {};
    const line: Line = { atMs, heardMs, realm: box.realm, method, ...who, keys };
    if (keys.length > 0) lines.push(line, ...(chance(0.1) ? [{ ...line, heardMs: heardMs + below(HOUR) }] : []));
  }
  return {
    lines: lines.sort((a, b) => a.heardMs - b.heardMs),
    truth: boxes.map(({ macs, hardware }, i) => ({ device: `d${i}`, keys: [...macs, ...hardware] })),
  };
};
