/**
 * Links between devices, out of what each says of its neighbours. Pure: half a link is one device's word on one of its ports;
 * two halves that name each other are one link.
 */

/** One device's word, kept as an interval: since when and until when it saw this neighbour on this port. */
export type Half = {
  readonly assetId: string;
  readonly port: string;
  /** Names by which the other end may know the port, the MAC among them. */
  readonly aliases: readonly string[];
  /** "lldp", "cdp". */
  readonly protocol: string;
  readonly remoteChassisId: string;
  readonly remotePortId: string;
  readonly remotePortDescription?: string;
  readonly remoteName?: string;
  /** The device that it names, where there is such an asset. */
  readonly remoteAssetId?: string;
  readonly fromMs: number;
  /** Absent: as of its latest tables. */
  readonly untilMs?: number;
};

export type LinkEnd = {
  readonly assetId?: string;
  /** For an end that is no asset: what the other end calls it. */
  readonly name?: string;
  readonly port: string;
};

export type Link = {
  readonly ends: readonly [LinkEnd, LinkEnd];
  readonly protocols: readonly string[];
  /** Both ends say so; otherwise one does. */
  readonly both: boolean;
  readonly fromMs: number;
  readonly untilMs?: number;
};

const same = (text: string): string => text.trim().toLowerCase();

/** Whether the half's word on the far port means that port of that device. */
const names = (half: Half, far: Half): boolean => {
  const known = new Set(far.aliases.map(same));
  return [half.remotePortId, half.remotePortDescription].some((text) => text !== undefined && known.has(same(text)));
};

const endOf = ({ assetId, port }: Half): LinkEnd => ({ assetId, port });

/** The far end by the word of the near one alone. */
const farEndOf = ({
  remoteAssetId,
  remoteName,
  remoteChassisId,
  remotePortId,
  remotePortDescription,
}: Half): LinkEnd => ({
  ...(remoteAssetId === undefined ? { name: remoteName ?? remoteChassisId } : { assetId: remoteAssetId }),
  // A port that is told by its MAC has a better name in its description, where there is one.
  port: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(remotePortId) ? (remotePortDescription ?? remotePortId) : remotePortId,
});

const textOf = ({ assetId, name, port }: LinkEnd): string => `${assetId ?? `~${name}`} ${same(port)}`;

const ordered = (a: LinkEnd, b: LinkEnd): readonly [LinkEnd, LinkEnd] => (textOf(a) <= textOf(b) ? [a, b] : [b, a]);

/** Two words on one link: from the earlier, open while either is. */
const join = (a: Link, b: Link): Link => {
  const { untilMs: _a, ...rest } = a;
  return {
    ...rest,
    protocols: [...new Set([...a.protocols, ...b.protocols])].sort(),
    both: a.both || b.both,
    fromMs: Math.min(a.fromMs, b.fromMs),
    ...(a.untilMs !== undefined && b.untilMs !== undefined && { untilMs: Math.max(a.untilMs, b.untilMs) }),
  };
};

const linkOf = (ends: Link["ends"], halves: readonly Half[]): Link => {
  const untils = halves.map(({ untilMs }) => untilMs);
  return {
    ends,
    protocols: [...new Set(halves.map(({ protocol }) => protocol))].sort(),
    both: new Set(halves.map(({ assetId }) => assetId)).size > 1,
    fromMs: Math.min(...halves.map(({ fromMs }) => fromMs)),
    ...(untils.every((until) => until !== undefined) && { untilMs: Math.max(...(untils as number[])) }),
  };
};

const pairKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/**
 * The other word for a half: that of the device it names, on the port it names. Where neither names a port that the other
 * knows (a port told by a number of its own), the only two open words between two devices mean one cable.
 */
const findOther = (half: Half, between: readonly Half[]): Half | undefined => {
  const others = between.filter(({ assetId }) => assetId === half.remoteAssetId);
  const byName = others.filter((other) => names(half, other) || names(other, half));
  const exact = byName.filter((other) => names(half, other) && names(other, half));
  const [only] = exact.length > 0 ? exact : byName;
  if (only !== undefined) return only;
  const isOpen = ({ untilMs }: Half) => untilMs === undefined;
  const portsOf = (halves: readonly Half[]) => new Set(halves.filter(isOpen).map(({ port }) => same(port)));
  const mine = between.filter(({ assetId }) => assetId === half.assetId);
  return isOpen(half) && portsOf(mine).size === 1 && portsOf(others).size === 1 ? others.find(isOpen) : undefined;
};

/** One link for each pair of ports, with its history: a cable that was moved is two links, the older one ended. */
export const matchLinks = (halves: readonly Half[]): readonly Link[] => {
  const between = Map.groupBy(
    halves.filter(({ remoteAssetId }) => remoteAssetId !== undefined),
    ({ assetId, remoteAssetId }) => pairKey(assetId, remoteAssetId ?? ""),
  );
  const links = new Map<string, Link>();
  for (const half of halves) {
    if (half.remoteAssetId === half.assetId) continue;
    const other =
      half.remoteAssetId === undefined
        ? undefined
        : findOther(half, between.get(pairKey(half.assetId, half.remoteAssetId)) ?? []);
    const link =
      other === undefined
        ? linkOf(ordered(endOf(half), farEndOf(half)), [half])
        : linkOf(ordered(endOf(half), endOf(other)), [half, other]);
    const key = link.ends.map(textOf).join(" | ");
    const known = links.get(key);
    links.set(key, known === undefined ? link : join(known, link));
  }
  return [...links.values()];
};
