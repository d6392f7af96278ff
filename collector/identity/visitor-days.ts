/** How many visitors each network had on each day: pure. */

/** An interval in which a MAC set by software was seen and nothing that lasts beside it. */
export type Visit = {
  readonly realm: string;
  /** Absent where no address was told. */
  readonly cidr?: string;
  readonly mac: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

export type VisitorCounts = { readonly realm: string; readonly cidr?: string; readonly counts: readonly number[] };

/**
 * Different MACs a day from one day to another, both counted, by realm and network.
 * @param dayOf days since 1970-01-01 in the local time of whoever reads it
 */
export const countVisitors = (
  visits: Iterable<Visit>,
  {
    fromDay,
    throughDay,
    dayOf,
  }: { readonly fromDay: number; readonly throughDay: number; readonly dayOf: (atMs: number) => number },
): readonly VisitorCounts[] => {
  const networks = new Map<
    string,
    { readonly of: Pick<Visit, "realm" | "cidr">; readonly days: Map<number, Set<string>> }
  >();
  for (const { realm, cidr, mac, firstAtMs, lastAtMs } of visits) {
    const [first, last] = [Math.max(fromDay, dayOf(firstAtMs)), Math.min(throughDay, dayOf(lastAtMs))];
    if (first > last) continue;
    const label = `${realm}\0${cidr ?? ""}`;
    const network = networks.get(label) ?? { of: { realm, ...(cidr !== undefined && { cidr }) }, days: new Map() };
    networks.set(label, network);
    for (let day = first; day <= last; day++) network.days.set(day, (network.days.get(day) ?? new Set()).add(mac));
  }
  const length = throughDay - fromDay + 1;
  return [...networks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { of, days }]) => ({ ...of, counts: Array.from({ length }, (_, i) => days.get(fromDay + i)?.size ?? 0) }));
};
