import { createRecent } from "../../../shared/recent.ts";
import { decodePatch, encodePatch, NO_PATCH, type Patch } from "./lists.ts";

/**
 * A patch as it lies in its row. A large one is packed; what changes after that is put beside it as text, and packed with it when
 * that has grown: packing and unpacking would cost more than everything else that a changed item costs.
 */
export type LyingPatch = { readonly patch: Patch; readonly packed?: Uint8Array; readonly since: Patch };

/** What may lie beside the packed part, in characters: some five changed packages. */
const MAX_SINCE_CHARS = 2_400;
/** Packed parts held as they were read, each some ten kilobytes: hosts change in bursts. */
const HELD_PARTS = 1_024;
/** The first octet where there are two parts, then the packed one's length; packed by itself it begins with zstd's number, 0x28. */
const SPLIT = 0x01;
const HEAD_BYTES = 5;

/** The second carried out after the first; it may name keys that the base never had, which do no harm. */
const inTurn = (first: Patch, second: Patch): Patch => {
  const put = new Map(first.put);
  const drop = new Set(first.drop);
  for (const key of second.drop) {
    put.delete(key);
    drop.add(key);
  }
  for (const [key, stored] of second.put) {
    drop.delete(key);
    put.set(key, stored);
  }
  return { put, drop };
};

const textOf = ({ put, drop }: Patch): string =>
  JSON.stringify({ put: Array.from(put, ([key, { hash, item }]) => [key, hash, item]), drop: [...drop] });

const encodeSplit = (packed: Uint8Array, text: string): Uint8Array => {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = SPLIT;
  head.writeUInt32LE(packed.length, 1);
  return Buffer.concat([head, packed, Buffer.from(text)]);
};

export type PatchCodec = {
  /** @param name whose patch it is: what was read of it last may be held. */
  readonly decode: (name: string, value: unknown) => LyingPatch;
  /** What `step` makes of `before`, which is `patch`. */
  readonly encode: (before: LyingPatch | undefined, step: Patch, patch: Patch) => string | Uint8Array | null;
};

export const createPatchCodec = (): PatchCodec => {
  const held = createRecent<string, { readonly packed: Uint8Array; readonly patch: Patch }>(HELD_PARTS);
  const unpack = (name: string, packed: Uint8Array): Patch => {
    const known = held.get(name);
    if (known && Buffer.compare(known.packed, packed) === 0) return known.patch;
    const patch = decodePatch(packed);
    held.set(name, { packed, patch });
    return patch;
  };
  return {
    decode: (name, value) => {
      if (!(value instanceof Uint8Array)) return { patch: decodePatch(value), since: NO_PATCH };
      if (value[0] !== SPLIT) return { patch: unpack(name, value), packed: value, since: NO_PATCH };
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      const end = HEAD_BYTES + bytes.readUInt32LE(1);
      const packed = bytes.subarray(HEAD_BYTES, end);
      const since = decodePatch(bytes.toString("utf8", end));
      return { patch: inTurn(unpack(name, packed), since), packed, since };
    },
    encode: (before, step, patch) => {
      const { packed, since } = before ?? { since: NO_PATCH };
      const text = packed && textOf(inTurn(since, step));
      return packed && text && text.length <= MAX_SINCE_CHARS ? encodeSplit(packed, text) : encodePatch(patch);
    },
  };
};
