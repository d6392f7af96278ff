import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";
import type { Coverage } from "../../shared/protocol/sweep.ts";
import type { PresencePolicy } from "./policy.ts";

/**
 * How long before it is reported a kind of evidence may have been true for the last time, and how far it reaches.
 * "everywhere": only what proves the device itself. "segment": a MAC, on the segment where it is heard. "address": that
 * somebody answers there. Second-hand tables age: ARP rows of routers live four hours by default (Cisco IOS, RFC 1122
 * 2.3.2.1 leaves it open), FDB rows five minutes (IEEE 802.1Q, 8.8.3), DHCP leases a day.
 */
type Kind = { readonly staleMs: number; readonly reach: "everywhere" | "segment" | "address" };

const kinds: Record<Method, Kind> = {
  local: { staleMs: 0, reach: "everywhere" },
  session: { staleMs: 0, reach: "everywhere" },
  snmp: { staleMs: 0, reach: "everywhere" },
  arp: { staleMs: 0, reach: "segment" },
  ndp: { staleMs: 0, reach: "segment" },
  lldp: { staleMs: 120_000, reach: "segment" },
  cdp: { staleMs: 180_000, reach: "segment" },
  neighbours: { staleMs: 60_000, reach: "segment" },
  wireless: { staleMs: 300_000, reach: "segment" },
  fdb: { staleMs: 300_000, reach: "segment" },
  "router-arp": { staleMs: 14_400_000, reach: "segment" },
  dhcp: { staleMs: 86_400_000, reach: "segment" },
  icmp: { staleMs: 0, reach: "address" },
  tcp: { staleMs: 0, reach: "address" },
  udp: { staleMs: 0, reach: "address" },
  mdns: { staleMs: 0, reach: "address" },
  ssdp: { staleMs: 0, reach: "address" },
  netbios: { staleMs: 0, reach: "address" },
  rdns: { staleMs: 86_400_000, reach: "address" },
};

export type Proof = {
  /** The latest time for which it proves the device to have been there. */
  readonly atMs: number;
  readonly grade: "key" | "address";
  /** Proves the device wherever it is heard; others only where it was last seen, elsewhere they open "moved". */
  readonly everywhere: boolean;
  readonly address: string | null;
  readonly mac: string | null;
};

const strongKeys = new Set(["agent", "hardwareUuid", "serial", "engineId", "chassisMac"]);

/**
 * What one sighting proves of the device that identity placed it at. Identity never places a foreign MAC at an asset, so an
 * address that a stranger answers proves nothing here; one without any MAC is graded "address", and doesn't outweigh the
 * misses of an observer that hears MACs.
 */
export const proofOf = (seen: {
  readonly method: Method;
  readonly keys: readonly SubjectKey[];
  readonly atMs: number;
}): Proof | undefined => {
  // A name in DNS is an entry in a book, not a sign of life.
  if (seen.method === "rdns") return undefined;
  const kind = kinds[seen.method];
  const find = (wanted: SubjectKey["kind"]) => seen.keys.find((key) => key.kind === wanted)?.value ?? null;
  const mac = find("mac");
  const isKeyed = mac !== null || seen.keys.some((key) => strongKeys.has(key.kind));
  return {
    atMs: seen.atMs - kind.staleMs,
    grade: isKeyed ? "key" : "address",
    everywhere: kind.reach === "everywhere" && isKeyed,
    address: find("ip"),
    mac,
  };
};

/** A run of addresses whose silence counts: asked often enough, for long enough. */
export const countsAsAsked = (run: Coverage, policy: PresencePolicy): boolean =>
  run.asks >= policy.minAsks && run.spreadMs >= policy.minSpreadMs;
