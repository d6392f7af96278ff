/**
 * Guesses which visitors were one device: phones that take another MAC every day or network. A guess links two sightings and is
 * never more than that; it joins no assets (design §4).
 */

/** One MAC set by software, as one network saw it. */
export type Visitor = {
  readonly realm: string;
  readonly mac: string;
  /** What it called itself by DHCP, mDNS or the like; lower case. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

export type Stitch = {
  readonly realm: string;
  readonly from: string;
  readonly to: string;
  /** How likely, 0 to 1. */
  readonly score: number;
  readonly because: string;
};

/** Longer away than this, ms, and the same name says little. */
const MAX_GAP_MS = 30 * 86_400_000;
/** What phones call themselves as they leave the factory, or by their model. */
const factoryName =
  /^(iphone|ipad|android|galaxy|redmi|pixel|huawei|oneplus|localhost|unknown)([- ]?[a-z0-9]{1,6}){0,3}$/;

/**
 * Links each visitor to the one that it probably was before: the same name, not at the same time, in the same network. A name that
 * two had at once, or that a factory gave, tells nothing.
 */
export const stitchVisitors = (visitors: readonly Visitor[]): Stitch[] => {
  const byName = new Map<string, Visitor[]>();
  for (const visitor of visitors)
    for (const name of new Set(visitor.names)) {
      if (factoryName.test(name)) continue;
      const label = `${visitor.realm}\0${name}`;
      const named = byName.get(label);
      if (named) named.push(visitor);
      else byName.set(label, [visitor]);
    }
  return [...byName].flatMap(([label, named]) => chain(label.slice(label.indexOf("\0") + 1), named));
};

const chain = (name: string, named: readonly Visitor[]): Stitch[] => {
  const inOrder = [...named].sort((a, b) => a.firstAtMs - b.firstAtMs || (a.mac < b.mac ? -1 : 1));
  const links: Stitch[] = [];
  for (const [i, to] of inOrder.entries()) {
    const from = inOrder[i - 1];
    if (!from || from.mac === to.mac) continue;
    // Both at once: the name is of two devices, and tells nothing of any.
    if (from.lastAtMs > to.firstAtMs) return [];
    const gapMs = to.firstAtMs - from.lastAtMs;
    if (gapMs > MAX_GAP_MS) continue;
    const isSameAddress = to.addresses.some((address) => from.addresses.includes(address));
    const score = Math.min(0.95, 0.9 - 0.3 * (gapMs / MAX_GAP_MS) + (isSameAddress ? 0.05 : 0));
    const address = isSameAddress ? " and the same address" : "";
    links.push({
      ...{ realm: to.realm, from: from.mac, to: to.mac, score: Math.round(score * 100) / 100 },
      because: `the same name "${name.slice(0, 64)}"${address}, and never at the same time`,
    });
  }
  return links;
};
