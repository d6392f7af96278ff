import type { IpAddress } from "../../../shared/ip.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import type { ArpWire } from "./arp-wire.ts";
import type { MethodDeps } from "./method.ts";
import type { NeighbourRow } from "./neighbour-table.ts";

/** A row that was there before we asked: it proves nothing until its host answers anew. */
type Known = { readonly mac: MacAddress; readonly device: string };
export type KnownRows = Map<IpAddress, Known>;

/** A stale row is probed 5 s after use (delay_first_probe_time), three times, a second apart. */
const STALE_WAIT_MS = 8_400;
/** A REACHABLE row was confirmed at most 1.5 × 30 s ago (base_reachable_time). */
const FRESH_S = 45;
const MAX_KNOCKS = 64;

type Deps = MethodDeps & { readonly wire: ArpWire };

/** Rows with a MAC that we did not ask for: of hosts that talked lately, or that are gone. */
export const rememberKnown = (known: KnownRows, deps: Deps): void => {
  for (const row of deps.wire.rows()) {
    if (row.mac === undefined || !deps.targets.contains(row.address)) continue;
    if (deps.linkOf(row.address)?.device !== row.device) continue;
    known.set(row.address, { mac: row.mac, device: row.device });
  }
};

/** @param known as the table has it when the proof came: another host may have taken the address since the sweep began. */
const confirm = (
  deps: Deps,
  address: IpAddress,
  { mac, device }: Known,
  method: "arp" | "udp" | "neighbours",
  agoS = 0,
): void => {
  const detail = agoS > 0 ? { detail: { confirmed: `${agoS} s ago` } } : {};
  deps.saw({ address, method, atMs: deps.clock.now() - agoS * 1_000, alive: true, mac, device, ...detail });
};

const readNow = ({ wire }: Deps): KnownRows =>
  new Map(wire.rows().flatMap(({ address, mac, device }) => (mac === undefined ? [] : [[address, { mac, device }]])));

const knock = async (known: KnownRows, deps: Deps): Promise<void> => {
  const waiting = [...known];
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined && !deps.signal.aborted; next = waiting.pop()) {
      const [address, before] = next;
      await deps.permit(address);
      if (await deps.wire.knock(address, deps.options.timeoutMs))
        confirm(deps, address, readNow(deps).get(address) ?? before, "udp");
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_KNOCKS, waiting.length) }, worker)).catch((error: unknown) => {
    if (!deps.signal.aborted) throw error;
  });
};

/**
 * Proves or refutes the rows that were there before: by a refusal of UDP, by any other method of the sweep, or by the
 * kernel's own probes, which come 5 s after use. An ordinary user can't make it ask sooner.
 */
export const proveKnown = async (known: KnownRows, deps: Deps): Promise<void> => {
  const startedAt = deps.clock.monotonic();
  for (const [address, { mac, device }] of known)
    deps.saw({ address, method: "neighbours", atMs: deps.clock.now(), alive: false, mac, device });
  await knock(known, deps);
  const open = () => [...known].filter(([address]) => !deps.book.isSeen(deps.targets.index4(address)));
  const anew: Anew = new Map();
  while (open().length > 0 && !deps.signal.aborted) {
    const sinceMs = deps.clock.monotonic() - startedAt;
    await judgeKnown(known, deps, open(), { sinceMs, last: sinceMs >= STALE_WAIT_MS, anew });
    if (sinceMs >= STALE_WAIT_MS && anew.size === 0) break;
    await deps.clock.sleep(500, deps.signal).catch(() => {});
  }
};

/** Addresses of which everybody was asked, since their last holder answers no more, and when, ms since the beginning. */
type Anew = Map<IpAddress, number>;
/** Two asks a second apart, and a moment for the answer to the second. */
const ANEW_WAIT_MS = 1_300;

/** The kernel asks the last holder only; whoever has the address now hears nothing of that. So all are asked, as for a new row. */
const askAnew = async (deps: Deps, address: IpAddress, anew: Anew, sinceMs: number): Promise<void> => {
  const index = deps.targets.index4(address);
  // Three probes, sent to its last MAC, a second apart.
  deps.book.add(index, deps.elapsedMs() - 2_000);
  deps.book.add(index, deps.elapsedMs() - 1_000, 2);
  anew.set(address, sinceMs);
  await deps.permit(address, { book: false }).then(
    () => deps.wire.send(address),
    () => {},
  );
};

const isAnswered = (anew: Anew, row: NeighbourRow | undefined, address: IpAddress, sinceMs: number): boolean => {
  const askedMs = anew.get(address);
  const confirmedMs = (row?.confirmedS ?? Number.POSITIVE_INFINITY) * 1_000;
  return row?.mac !== undefined && (askedMs !== undefined || confirmedMs + 1_000 < sinceMs);
};

const judgeKnown = async (
  known: KnownRows,
  deps: Deps,
  open: readonly [IpAddress, Known][],
  { sinceMs, last, anew }: { readonly sinceMs: number; readonly last: boolean; readonly anew: Anew },
) => {
  const rows = new Map<string, NeighbourRow>();
  for (const device of new Set(open.map(([, { device }]) => device)))
    for (const row of (await deps.wire.agedRows(device)) ?? []) rows.set(`${device} ${row.address}`, row);
  const plain = rows.size === 0 ? readNow(deps) : undefined;
  for (const [address, before] of open) {
    const row = rows.get(`${before.device} ${address}`);
    const now = row?.mac === undefined ? (plain?.get(address) ?? before) : { device: before.device, mac: row.mac };
    if (isAnswered(anew, row, address, sinceMs)) {
      anew.delete(address);
      confirm(deps, address, now, "arp");
    } else if (anew.has(address)) {
      if (sinceMs - (anew.get(address) ?? 0) < ANEW_WAIT_MS) continue;
      anew.delete(address);
      known.delete(address);
    } else if (last && row?.state === "REACHABLE" && (row.confirmedS ?? 99) <= FRESH_S)
      confirm(deps, address, now, "neighbours", row.confirmedS);
    else if (last && plain?.has(address)) confirm(deps, address, now, "neighbours");
    else if (row?.state === "FAILED" || (last && row === undefined)) await askAnew(deps, address, anew, sinceMs);
  }
};
