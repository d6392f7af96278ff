import type { Clock } from "../../../shared/clock.ts";
import type { IpAddress } from "../../../shared/ip.ts";
import type { Log } from "../../../shared/log.ts";
import { isLocallyAdministered, type MacAddress } from "../../../shared/mac.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { Sweep } from "../../../shared/protocol/sweep.ts";
import type { Random } from "../../../shared/random.ts";
import { createContext, type SweepContext } from "./context.ts";
import type { Device } from "./devices.ts";
import type { LocalNetwork } from "./local-network.ts";
import type { Evidence, SweepMethod, SweepOptions } from "./method.ts";
import type { TableStatistics } from "./neighbour-table.ts";
import { sweepLinks, sweepRouted, sweepSparse } from "./phases.ts";
import { concludeSweep } from "./result.ts";
import type { Targets } from "./targets.ts";
import type { VendorOf } from "./vendor.ts";

export type SweepRequest = {
  readonly sweepId: string;
  readonly scope: string;
  readonly realm: string;
  readonly commandId?: string;
  readonly targets: Targets;
  /** Absent: all that fit the targets. */
  readonly methods?: readonly Method[];
  /** Packets a second over all methods, the kernel's repeats included. Absent: 250 on a segment of ours, 1,000 routed. */
  readonly rate?: number;
  readonly options?: Partial<SweepOptions>;
};

export type SweepEvent =
  /** A host's first sign of life in this sweep. */
  | {
      readonly kind: "seen";
      readonly address: IpAddress;
      readonly mac?: MacAddress;
      readonly method: Method;
      readonly atMs: number;
    }
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  | { readonly kind: "progress"; readonly sent: number; readonly planned: number; readonly seen: number };

export type SweepSummary = {
  readonly targets: number;
  readonly seen: number;
  /** Silent addresses that were asked twice or more over a second or more. */
  readonly covered: number;
  /** The least number of asks over the covered silent addresses. */
  readonly asks: number;
  readonly packets: number;
  readonly packetsByMethod: Readonly<Record<string, number>>;
  /** Packets to others than the targets, by whom. */
  readonly aside: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly ms: number;
};

export type SweepResult = {
  readonly sweep: Sweep;
  readonly devices: readonly Device[];
  readonly summary: SweepSummary;
};

export type SweepDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Stops the wire at once; the sweep then resolves with what is known so far. */
  readonly signal: AbortSignal;
  /** `loadVendors` of vendor.ts where a person or program is shown them; sightings travel without. */
  readonly loadVendors?: () => Promise<VendorOf>;
  /** For tests, and where the network is known otherwise. */
  readonly readNetwork?: () => LocalNetwork;
  readonly readTable?: () => TableStatistics | undefined;
  readonly methods?: Readonly<Record<string, SweepMethod>>;
};

const VENDORS_AT_MS = 450;

/** Ourselves need no asking; we are in the range, so we are in the result. */
const seeSelves = (context: SweepContext): void => {
  for (const { address, mac, device } of [...context.network.links, ...context.network.links6]) {
    if (!context.request.targets.contains(address)) continue;
    const deps = context.depsOf({
      name: "local",
      purpose: "passive",
      families: [4, 6],
      packets: () => 0,
      run: async () => {},
    });
    deps.saw({ address, method: "local", atMs: context.clock.now(), alive: true, device, ...(mac && { mac }) });
  }
};

const reportProgress = (context: SweepContext, emit: (event: SweepEvent) => void): (() => void) => {
  const { targets } = context.request;
  const onLinkOnly = targets.ranges4.every((r) =>
    context.network.links.some((l) => r.first >= l.range.first && r.last <= l.range.last),
  );
  const perAddress = onLinkOnly
    ? 1
    : context.methods
        .filter((m) => m.purpose === "ask" && m.families.includes(4))
        .reduce((sum, m) => sum + m.packets(context.options), 0);
  const planned = Math.max(1, targets.size4 * Math.max(1, perAddress));
  let cancel = () => {};
  const tick = () => {
    emit({ kind: "progress", sent: context.permits.sent(), planned, seen: context.devices.size() });
    cancel = context.clock.after(200, tick);
  };
  cancel = context.clock.after(100, tick);
  return () => cancel();
};

/**
 * The registry of makers is large to parse: it is loaded while the kernel waits for its second question, and only when
 * vendors are wanted and a MAC with a maker was seen.
 */
const createVendors = ({ clock, loadVendors }: SweepDeps, { devices }: SweepContext) => {
  let loading: Promise<VendorOf> | undefined;
  const get = (): Promise<VendorOf> => {
    const hasMaker = () => [...devices.macs().values()].some((mac) => !isLocallyAdministered(mac));
    if (loadVendors === undefined || !hasMaker()) return Promise.resolve(() => undefined);
    loading ??= loadVendors();
    return loading;
  };
  const cancel = clock.after(VENDORS_AT_MS, () => void get().catch(() => {}));
  return {
    get: () => {
      cancel();
      return get();
    },
  };
};

/**
 * One pass over the targets. Never rejects for what the network does; an aborted sweep resolves with what is known.
 * @param emit is called as things are seen, from within the sweep: keep it short.
 * @throws RollcallError `usage.method` for a method that does not exist.
 */
export const runSweep = async (
  request: SweepRequest,
  deps: SweepDeps,
  emit: (event: SweepEvent) => void = () => {},
): Promise<SweepResult> => {
  const context = createContext(request, deps, emit);
  const vendors = createVendors(deps, context);
  const stopProgress = reportProgress(context, emit);
  try {
    seeSelves(context);
    await Promise.all([sweepLinks(context), sweepRouted(context), sweepSparse(context)]);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    stopProgress();
    context.health.stop();
  }
  return concludeSweep(context, await vendors.get());
};
