/** An RPM package header as the database keeps it: index entries, then a store (rpm's docs/format.md). All big-endian. */
export type RpmPackage = {
  readonly name: string;
  readonly epoch: number | undefined;
  readonly version: string;
  readonly release: string;
  readonly architecture: string | undefined;
  readonly vendor: string | undefined;
  readonly summary: string | undefined;
  readonly source: string | undefined;
  /** Seconds since the epoch. */
  readonly installTime: number | undefined;
};

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  installTime: 1008,
  vendor: 1011,
  architecture: 1022,
  source: 1044,
} as const; // biome format: keep as a table

const INT32 = 4;
const STRING = 6;
const I18NSTRING = 9;
const ENTRY_BYTES = 16;
const MAX_ENTRIES = 65_536;

/** Undefined for a header that does not hold together or names no package. Only the wanted tags are looked at. */
export const decodeRpmHeader = (blob: Uint8Array): RpmPackage | undefined => {
  if (blob.length < 8) return undefined;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const entries = view.getUint32(0);
  const store = 8 + entries * ENTRY_BYTES;
  if (entries > MAX_ENTRIES || store > blob.length) return undefined;
  const found = new Map<number, string | number>();
  for (let at = 8; at < store; at += ENTRY_BYTES) {
    const tag = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const from = store + view.getUint32(at + 8);
    if (from >= blob.length) continue;
    if (type === INT32 && from + 4 <= blob.length) found.set(tag, view.getUint32(from));
    else if (type === STRING || type === I18NSTRING) {
      const end = blob.indexOf(0, from);
      if (end >= 0) found.set(tag, Buffer.from(blob.subarray(from, end)).toString("utf8"));
    }
  }
  const text = (tag: number): string | undefined => {
    const value = found.get(tag);
    return typeof value === "string" && value !== "" && value !== "(none)" ? value : undefined;
  };
  const number = (tag: number): number | undefined => {
    const value = found.get(tag);
    return typeof value === "number" ? value : undefined;
  };
  const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)];
  if (name === undefined || version === undefined || release === undefined) return undefined;
  return {
    name,
    version,
    release,
    epoch: number(tags.epoch),
    architecture: text(tags.architecture),
    vendor: text(tags.vendor),
    summary: text(tags.summary),
    source: text(tags.source),
    installTime: number(tags.installTime),
  };
};
