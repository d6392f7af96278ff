import type { Stitch } from "../../collector/identity/stitch.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { TrueDevice } from "./identity-site.ts";

/** Which asset an observation was given to; undefined for none. `agent`: who spoke of its own host. */
export type Placed = {
  readonly keys: readonly SubjectKey[];
  readonly agent?: string;
  readonly asset: string | undefined;
};

export type Score = {
  /** Assets with strong observations of two true devices or more. */
  readonly falseMerges: number;
  /** True devices in them beyond one each. */
  readonly mergedDevices: number;
  /** Duplicates: assets beyond one per true device, where the device's own keys tell that they are one. */
  readonly falseSplits: number;
  /** falseSplits over true devices with a lasting key. */
  readonly duplicateRate: number;
  /** Assets beyond one that no two observations link: a machine without a serial after a new mainboard, say. */
  readonly untellable: number;
  /** Visitors' observations that were given to an asset of theirs. */
  readonly visitorAssets: number;
  /** True devices seen by a lasting key that have no asset. */
  readonly lost: number;
};

const textOf = ({ kind, vendor, value }: SubjectKey): string => `${kind}|${vendor ?? ""}|${value}`;

type Owners = ReadonlyMap<string, TrueDevice>;

/** @throws Error for a key that is told of two devices */
export const ownersOf = (truth: readonly TrueDevice[]): Owners => {
  const owners = new Map<string, TrueDevice>();
  for (const device of truth)
    for (const key of device.keys) {
      const other = owners.get(textOf(key));
      if (other && other !== device)
        throw new Error(`truth: ${textOf(key)} is told of ${other.device} and ${device.device}`);
      owners.set(textOf(key), device);
    }
  return owners;
};

/** Sets of texts that were seen together, over any number of steps. */
const createGroups = () => {
  const parents = new Map<string, string>();
  const rootOf = (text: string): string => {
    let root = text;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) root = up;
    parents.set(text, root);
    return root;
  };
  return {
    rootOf,
    join: (texts: readonly string[]) => {
      const [first, ...rest] = texts;
      if (first === undefined) return;
      for (const text of rest) parents.set(rootOf(text), rootOf(first));
    },
  };
};

/**
 * Strong is an observation with a key that is one device's own; what has none (a dock's MAC, an address) can't be held against
 * anybody. Keys of two devices in one observation are a fault of the truth.
 */
export const score = (truth: readonly TrueDevice[], placed: Iterable<Placed>): Score => {
  const owners = ownersOf(truth);
  const groups = createGroups();
  const assetsOf = new Map<TrueDevice, Map<string, Set<string>>>();
  const devicesOf = new Map<string, Set<TrueDevice>>();
  const seen = new Set<TrueDevice>();
  for (const { keys, agent, asset } of placed) {
    const byAgent = agent === undefined ? undefined : owners.get(`agent||${agent}`);
    const texts = byAgent ? [`agent||${agent}`] : keys.map(textOf);
    const device = byAgent ?? texts.map((text) => owners.get(text)).find((d) => d !== undefined);
    if (!device) continue;
    seen.add(device);
    const own = texts.filter((text) => owners.get(text) === device);
    groups.join(own);
    if (asset === undefined || own[0] === undefined) continue;
    const assets = assetsOf.get(device) ?? new Map<string, Set<string>>();
    assetsOf.set(device, assets.set(asset, (assets.get(asset) ?? new Set()).add(own[0])));
    devicesOf.set(asset, (devicesOf.get(asset) ?? new Set()).add(device));
  }
  const lasting = [...seen].filter(({ visitor }) => !visitor);
  const beyond = (device: TrueDevice) => Math.max(0, (assetsOf.get(device)?.size ?? 0) - 1);
  const splits = lasting.reduce((sum, device) => sum + duplicatesOf(assetsOf.get(device), groups.rootOf), 0);
  return {
    falseMerges: [...devicesOf.values()].filter(({ size }) => size > 1).length,
    mergedDevices: [...devicesOf.values()].reduce((sum, { size }) => sum + size - 1, 0),
    falseSplits: splits,
    duplicateRate: lasting.length === 0 ? 0 : splits / lasting.length,
    untellable: lasting.reduce((sum, device) => sum + beyond(device), 0) - splits,
    visitorAssets: [...seen].filter((d) => d.visitor).reduce((sum, d) => sum + (assetsOf.get(d)?.size ?? 0), 0),
    lost: lasting.filter((device) => !assetsOf.has(device)).length,
  };
};

/** Assets of one device that its keys tell to be one, beyond one for each set of keys that were ever seen together. */
const duplicatesOf = (
  assets: ReadonlyMap<string, ReadonlySet<string>> | undefined,
  rootOf: (text: string) => string,
): number => {
  const groups = new Map<string, string>();
  const rootOfAsset = createGroups();
  for (const [asset, texts] of assets ?? []) {
    rootOfAsset.join([asset, ...[...texts].map(rootOf)]);
    for (const text of texts) groups.set(rootOf(text), asset);
  }
  const components = new Set([...groups.keys()].map(rootOfAsset.rootOf));
  return assets === undefined ? 0 : assets.size - components.size;
};

/** Errors of a strategy that knows no visitors: every ghost it made of one counts. */
export const errorsOf = ({ mergedDevices, falseSplits, untellable, visitorAssets }: Score): number =>
  mergedDevices + falseSplits + untellable + visitorAssets;

/** How well visitors were stitched: guesses that are right, over all guesses, and over all that there were to make. */
export const scoreStitches = (
  truth: readonly TrueDevice[],
  seenMacs: ReadonlySet<string>,
  stitches: readonly Stitch[],
) => {
  const owners = ownersOf(truth);
  const right = stitches.filter(({ from, to }) => {
    const device = owners.get(`mac||${from}`);
    return device !== undefined && device === owners.get(`mac||${to}`);
  }).length;
  const toFind = truth
    .filter(({ visitor }) => visitor)
    .reduce((sum, { keys }) => sum + Math.max(0, keys.filter(({ value }) => seenMacs.has(value)).length - 1), 0);
  return {
    guesses: stitches.length,
    precision: stitches.length === 0 ? 1 : right / stitches.length,
    recall: toFind === 0 ? 1 : right / toFind,
  };
};

/** A key with its number, one object for each: millions of observations are told by few keys. */
type Numbered = { readonly no: number; readonly key: SubjectKey; readonly text: string };
const createNumbers = () => {
  const numbers = new Map<string, Numbered>();
  return (key: SubjectKey): Numbered => {
    const text = textOf(key);
    const known = numbers.get(text) ?? { no: numbers.size, key, text: `${key.kind} ${key.value.toLowerCase()}` };
    numbers.set(text, known);
    return known;
  };
};

/** What others do, in the same form: the first of these keys that is known decides, and all of them are noted. */
const firstKnown = (kinds: readonly SubjectKey["kind"][]) => {
  const assets = new Map<string, string>();
  const told = new Map<string, Placed>();
  let count = 0;
  return {
    take: (keys: readonly Numbered[], agent: string | undefined): void => {
      const usable = kinds.flatMap((kind) => keys.filter(({ key }) => key.kind === kind)).map(({ text }) => text);
      const known = usable.map((text) => assets.get(text)).find((found) => found !== undefined);
      const asset = usable.length === 0 ? undefined : (known ?? `asset-${++count}`);
      if (asset !== undefined) for (const text of usable) if (!assets.has(text)) assets.set(text, asset);
      const strong = keys.filter(({ key }) => key.kind !== "ip" && key.kind !== "hostname");
      const label = `${asset ?? ""},${agent ?? ""},${strong.map(({ no }) => no).join()}`;
      if (told.has(label)) return;
      told.set(label, { keys: strong.map(({ key }) => key), asset, ...(agent === undefined ? {} : { agent }) });
    },
    placed: () => told.values(),
  };
};

/** Three simple strategies of others, told the same observations in the same order. */
export const createSimpleStrategies = () => {
  const numberOf = createNumbers();
  const strategies = {
    macOnly: firstKnown(["mac", "chassisMac"]),
    serialUuidName: firstKnown(["serial", "hardwareUuid", "hostname"]),
    addressOnly: firstKnown(["ip"]),
  };
  return {
    take: ({ keys, agent }: Pick<Placed, "keys" | "agent">): void => {
      const numbered = keys.map(numberOf);
      for (const strategy of Object.values(strategies)) strategy.take(numbered, agent);
    },
    scores: (truth: readonly TrueDevice[]) => ({
      macOnly: score(truth, strategies.macOnly.placed()),
      serialUuidName: score(truth, strategies.serialUuidName.placed()),
      addressOnly: score(truth, strategies.addressOnly.placed()),
    }),
  };
};
