/**
 * As much of BER as SNMP's light proof of life needs (X.690, RFC 3416, RFC 3412): to ask and to understand one answer.
 * What comes in is hostile: lengths are checked against what is there, depth and count are bounded, nothing throws.
 */
export type BerNode = { readonly tag: number; readonly bytes: Uint8Array };

const lengthBytes = (length: number): number[] => {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
};

export const berNode = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(1 + lengthBytes(length).length + length);
  out.set([tag, ...lengthBytes(length)]);
  let at = out.length - length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** INTEGER of 0 to 2^31 - 1. */
export const berInteger = (value: number): Uint8Array => {
  const bytes = [(value >>> 24) & 0x7f, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  while (bytes.length > 1 && bytes[0] === 0 && ((bytes[1] ?? 0) & 0x80) === 0) bytes.shift();
  return berNode(0x02, Uint8Array.from(bytes));
};

export const berText = (text: string | Uint8Array): Uint8Array =>
  berNode(0x04, typeof text === "string" ? new TextEncoder().encode(text) : text);

export const berSequence = (...parts: readonly Uint8Array[]): Uint8Array => berNode(0x30, ...parts);
export const berNull = Uint8Array.from([0x05, 0x00]);

export const berOid = (oid: string): Uint8Array => {
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return berNode(0x06, Uint8Array.from(bytes));
};

/** The nodes that stand one after the other in `bytes`; undefined when they are cut or longer than what is there. */
export const decodeBer = (bytes: Uint8Array, maxNodes = 64): BerNode[] | undefined => {
  const nodes: BerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++] as number;
    let length = bytes[at++];
    if (length === undefined || nodes.length >= maxNodes) return undefined;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3 || at + count > bytes.length) return undefined;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] as number);
    }
    if (at + length > bytes.length) return undefined;
    nodes.push({ tag, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return nodes;
};

/** An unsigned reading of an INTEGER of up to six bytes. */
export const berToNumber = ({ bytes }: BerNode): number | undefined =>
  bytes.length === 0 || bytes.length > 6 ? undefined : bytes.reduce((n, byte) => n * 256 + byte, 0);

export const berToOid = ({ bytes }: BerNode): string => {
  const parts: number[] = [];
  let value = 0;
  for (const byte of bytes.subarray(0, 256)) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else parts.push(value);
    value = 0;
  }
  return parts.join(".");
};
