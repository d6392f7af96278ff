import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { Observation, TrueDevice } from "./identity-site.ts";

/** Which asset an observation was given to; undefined for none. */
export type Placed = { readonly keys: readonly SubjectKey[]; readonly asset: string | undefined };

export type Score = {
  /** Assets with strong observations of two true devices or more. */
  readonly falseMerges: number;
  /** True devices in them beyond one each. */
  readonly mergedDevices: number;
  /** Assets beyond one per true device. */
  readonly falseSplits: number;
  /** falseSplits over true devices with a lasting key. */
  readonly duplicateRate: number;
  /** Visitors' observations that were given to an asset of theirs. */
  readonly visitorAssets: number;
  /** True devices seen by a lasting key that have no asset. */
  readonly lost: number;
};

const textOf = ({ kind, vendor, value }: SubjectKey): string => `${kind}|${vendor ?? ""}|${value}`;

/**
 * Strong is an observation with a key that is one device's own; what has none (a dock's MAC, an address) can't be held against
 * anybody. Keys of two devices in one observation are a fault of the truth and refused.
 */
export const score = (truth: readonly TrueDevice[], placed: readonly Placed[]): Score => {
  const owner = new Map<string, TrueDevice>();
  for (const device of truth)
    for (const key of device.keys) {
      const other = owner.get(textOf(key));
      if (other && other !== device)
        throw new Error(`truth: ${textOf(key)} is told of ${other.device} and ${device.device}`);
      owner.set(textOf(key), device);
    }
  const assetsOf = new Map<TrueDevice, Set<string>>();
  const devicesOf = new Map<string, Set<TrueDevice>>();
  const seen = new Set<TrueDevice>();
  for (const { keys, asset } of placed) {
    const device = keys.map((key) => owner.get(textOf(key))).find((d) => d !== undefined);
    if (!device) continue;
    seen.add(device);
    if (asset === undefined) continue;
    assetsOf.set(device, (assetsOf.get(device) ?? new Set()).add(asset));
    devicesOf.set(asset, (devicesOf.get(asset) ?? new Set()).add(device));
  }
  const lasting = [...seen].filter(({ visitor }) => !visitor);
  const splits = lasting.reduce((sum, device) => sum + Math.max(0, (assetsOf.get(device)?.size ?? 0) - 1), 0);
  return {
    falseMerges: [...devicesOf.values()].filter(({ size }) => size > 1).length,
    mergedDevices: [...devicesOf.values()].reduce((sum, { size }) => sum + size - 1, 0),
    falseSplits: splits,
    duplicateRate: lasting.length === 0 ? 0 : splits / lasting.length,
    visitorAssets: [...seen].filter((d) => d.visitor).reduce((sum, d) => sum + (assetsOf.get(d)?.size ?? 0), 0),
    lost: lasting.filter((device) => !assetsOf.has(device)).length,
  };
};

/** Errors of a strategy that knows no visitors: every ghost it made of one counts. */
export const errorsOf = ({ mergedDevices, falseSplits, visitorAssets }: Score): number =>
  mergedDevices + falseSplits + visitorAssets;

/** What others do, in the same form: the first of these keys that is known decides, and all of them are noted. */
const firstKnown = (kinds: readonly SubjectKey["kind"][], observations: readonly Observation[]): Placed[] => {
  const assets = new Map<string, string>();
  let count = 0;
  return observations.map(({ keys }) => {
    const usable = kinds
      .flatMap((kind) => keys.filter((key) => key.kind === kind))
      .map(({ kind, value }) => `${kind} ${value.toLowerCase()}`);
    if (usable.length === 0) return { keys, asset: undefined };
    const asset = usable.map((text) => assets.get(text)).find((found) => found !== undefined) ?? `asset-${++count}`;
    for (const text of usable) if (!assets.has(text)) assets.set(text, asset);
    return { keys, asset };
  });
};

export const simpleStrategies = (truth: readonly TrueDevice[], observations: readonly Observation[]) => ({
  macOnly: score(truth, firstKnown(["mac", "chassisMac"], observations)),
  serialUuidName: score(truth, firstKnown(["serial", "hardwareUuid", "hostname"], observations)),
  addressOnly: score(truth, firstKnown(["ip"], observations)),
});
