/**
 * The contract between access to a device and knowledge about devices: MIB readers, profiles and inference ask a
 * `DeviceReader` and never see a socket, a credential or a retry. `session.ts` gives one over UDP; tests give one over
 * a recorded walk (`test/support/snmp-record-reader.ts`).
 */

/** BER tags of SNMP values (RFC 3416, 3; RFC 2578). */
export const tags = {
  integer: 2,
  octetString: 4,
  null: 5,
  oid: 6,
  ipAddress: 64,
  counter32: 65,
  gauge32: 66,
  timeTicks: 67,
  opaque: 68,
  counter64: 70,
} as const;

/**
 * A value as the device gave it: OCTET STRING and Opaque are bytes, OBJECT IDENTIFIER and IpAddress dotted text,
 * Counter64 bigint, the other numbers `number`, NULL null. Agents send wrong types: go through `decode.ts`, which
 * takes any of them.
 */
export type VarbindValue = Uint8Array | number | bigint | string | null;

export type Varbind = {
  /** Dotted, without a leading dot. */
  readonly oid: string;
  /** BER tag, see `tags`. */
  readonly type: number;
  readonly value: VarbindValue;
};

/** Why a walk is not the whole subtree. Whoever draws conclusions from absence must look at it. */
export type Truncation = {
  readonly root: string;
  /**
   * rows: `maxRows` reached. loop: the device's OIDs stopped increasing. timeout: it stopped answering.
   * error: it answered with an error, `detail` says which.
   */
  readonly reason: "rows" | "loop" | "timeout" | "error";
  readonly detail?: string;
};

export type Walk = {
  /** Root by root in the order asked, within a root in OID order. */
  readonly varbinds: readonly Varbind[];
  /** Empty for a complete walk; an absent subtree is complete and has no varbinds. */
  readonly truncated: readonly Truncation[];
};

export type WalkOptions = {
  /** Per root. Default 20,000 for `session.ts`. */
  readonly maxRows?: number;
};

export type DeviceReader = {
  /** Exact instances, any number of them. Those that the device does not have are absent from the map; they cost no extra round trip. */
  readonly get: (oids: readonly string[]) => Promise<ReadonlyMap<string, Varbind>>;
  /**
   * All objects below each root (a root that is itself an instance is not below itself). Several roots travel side by
   * side in the same requests: one call with ten columns is much cheaper than ten calls.
   */
  readonly walk: (roots: string | readonly string[], options?: WalkOptions) => Promise<Walk>;
  /**
   * The first object after each OID, wherever it is (GETNEXT): keyed by the OID asked. Tells in one round trip which of
   * many subtrees exist, and lets a search jump over tables. Absent at the end of the device's view.
   */
  readonly next: (oids: readonly string[]) => Promise<ReadonlyMap<string, Varbind>>;
  /**
   * The same device in another context: what v3 calls a context name and Cisco's community indexing writes
   * `community@10`. Reading it may fail with nothing but a time-out.
   */
  readonly inContext: (context: string) => DeviceReader;
};

/**
 * Which of `roots` hold at least one object. A root for which the device names something before it counts too: such an agent
 * goes round in circles, and only a walk, which then says so, keeps its tables from being taken for absent.
 */
export const readPresent = async (reader: DeviceReader, roots: readonly string[]): Promise<ReadonlySet<string>> => {
  const found = await reader.next(roots);
  return new Set(
    roots.filter((root) => {
      const oid = found.get(root)?.oid;
      return oid !== undefined && (isBelow(oid, root) || compareOids(oid, root) <= 0);
    }),
  );
};

/** True for a strict descendant. */
export const isBelow = (oid: string | undefined, root: string): boolean =>
  oid !== undefined && oid.length > root.length + 1 && oid.charCodeAt(root.length) === 46 && oid.startsWith(root);

/** Numeric order of OIDs, as agents sort (RFC 3416, 4.2.2): negative if a comes first. Allocates nothing: walks call it per varbind. */
export const compareOids = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === a.length || i === b.length) {
    // One continues where the other ends: "1.3" and "1.3.6", or "1.3" and "1.36".
    return a.length - b.length;
  }
  const aEnd = arcEnd(a, i);
  const bEnd = arcEnd(b, i);
  // Arcs have no leading zeros, so the longer one is the larger; an arc that ends here is the shorter OID's last shared one.
  if (aEnd !== bEnd) return aEnd - bEnd;
  return a.charCodeAt(i) - b.charCodeAt(i);
};

const arcEnd = (oid: string, from: number): number => {
  let end = from;
  while (end < oid.length && oid.charCodeAt(end) !== 46) end++;
  return end;
};
