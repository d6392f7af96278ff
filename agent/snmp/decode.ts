/**
 * From varbinds to values, pure and total: whatever type an agent sends, the answer is the value or undefined, never an
 * exception. Bytes that are no text stay out of texts, a text where a number was due is read as a number where it is one.
 */
import { toTimestamp } from "../../shared/clock.ts";
import { type IpAddress, parseIp } from "../../shared/ip.ts";
import { type MacAddress, macFromBytes, parseMac } from "../../shared/mac.ts";
import { tags, type Varbind } from "./reader.ts";

type Maybe = Varbind | undefined;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin = new TextDecoder("windows-1252");
const cyrillic = new TextDecoder("windows-1251");
const chinese = new TextDecoder("gb18030");

/** Longest text kept of one value; agents answer with at most a datagram, so this only bounds the absurd. */
const MAX_TEXT = 16_384;

/** Every second octet zero (but one in a longer text): UTF-16, which some printers and Windows services send. */
const utf16Of = (bytes: Uint8Array): string | undefined => {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i % 2]!++;
  const half = bytes.length / 2;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const enough = half >= 8 ? half - 1 : half;
  if (zeros[1]! >= enough && zeros[0] === 0) return new TextDecoder("utf-16le").decode(bytes);
  if (zeros[0]! >= enough && zeros[1] === 0) return new TextDecoder("utf-16be").decode(bytes);
  return undefined;
};

/**
 * Which 8-bit charset: letters of western texts stand alone among ASCII; in Chinese (GBK) and Russian (1251) texts high
 * octets come in runs. GB 2312's frequent characters lead with B0..D7 and always come in pairs; Russian small letters are E0..FF.
 */
const decodeHighBytes = (bytes: Uint8Array): string => {
  let runs = 0;
  let high = 0;
  let pairs = 0;
  let commonPairs = 0;
  let oddRuns = 0;
  for (let i = 0; i < bytes.length; ) {
    if (bytes[i]! < 0x80) {
      i++;
      continue;
    }
    const start = i;
    while (i < bytes.length && bytes[i]! >= 0x80) i++;
    runs++;
    high += i - start;
    if ((i - start) % 2 === 1) oddRuns++;
    for (let k = start; k + 1 < i; k += 2) {
      pairs++;
      if (bytes[k]! >= 0xb0 && bytes[k]! <= 0xd7 && bytes[k + 1]! >= 0xa1) commonPairs++;
    }
  }
  if (high / runs < 2) return latin.decode(bytes);
  if (oddRuns === 0 && commonPairs * 2 > pairs) return chinese.decode(bytes);
  return high / runs >= 3 ? cyrillic.decode(bytes) : latin.decode(bytes);
};

/** Text of octets in whatever charset they seem to be, as sent but for trailing NULs. Undefined for binary data. */
export const decodeTextBytes = (bytes: Uint8Array): string | undefined => {
  let end = Math.min(bytes.length, MAX_TEXT);
  const wide = utf16Of(bytes.subarray(0, end));
  if (wide !== undefined) return clean(wide);
  while (end > 0 && bytes[end - 1] === 0) end--;
  const body = bytes.subarray(0, end);
  let ascii = true;
  for (const b of body) {
    if (b >= 0x80) ascii = false;
    else if (b < 0x20 && b !== 9 && b !== 10 && b !== 13 && b !== 0 && b !== 12 && b !== 11 && b !== 27)
      return undefined;
  }
  if (ascii) return clean(latin.decode(body));
  try {
    return clean(utf8.decode(body));
  } catch {
    return clean(decodeHighBytes(body));
  }
};

/** NFC, no NULs or other control characters but line breaks and tabs, outer white space gone; undefined if nothing is left. */
const clean = (text: string): string | undefined => {
  const out = text.replace(CONTROL, "").normalize("NFC").trim();
  return out === "" ? undefined : out;
};
const CONTROL = new RegExp(
  `[${String.fromCharCode(0)}-${String.fromCharCode(8)}\\u000b\\u000c\\u000e-\\u001f\\u007f\\ufeff]`,
  "g",
);

/** Text of a value; numbers as decimal text, OIDs and addresses dotted. Undefined for empty and for binary values. */
export const decodeText = (varbind: Maybe): string | undefined => {
  const value = varbind?.value;
  if (value === undefined || value === null) return undefined;
  if (value instanceof Uint8Array) return decodeTextBytes(value);
  return clean(String(value));
};

/** Whole number of any numeric type; of a text only if all of it is a decimal number. Counter64 beyond 2^53 loses its last digits: use `decodeCounter`. */
export const decodeNumber = (varbind: Maybe): number | undefined => {
  const value = varbind?.value;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (!(value instanceof Uint8Array) || varbind?.type !== tags.octetString || value.length > 24) return undefined;
  const text = decodeTextBytes(value);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
};

/** Exact non-negative counter. */
export const decodeCounter = (varbind: Maybe): bigint | undefined => {
  const value = varbind?.value;
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : undefined;
};

/** Dotted OID of an OBJECT IDENTIFIER, or of a text that is one; "0.0" (nothing, RFC 2578) is undefined. */
export const decodeOid = (varbind: Maybe): string | undefined => {
  const value = varbind?.value;
  const text =
    typeof value === "string" && varbind?.type !== tags.ipAddress
      ? value
      : value instanceof Uint8Array
        ? decodeTextBytes(value)
        : undefined;
  const bare = text?.replace(/^\./, "");
  return bare !== undefined && /^\d+(\.\d+)+$/.test(bare) && bare !== "0.0" ? bare : undefined;
};

/** MAC of six octets, or of a text that spells one (some agents do). Undefined for all zero: that is how agents say none. */
export const decodeMac = (varbind: Maybe): MacAddress | undefined => {
  const value = varbind?.value;
  if (!(value instanceof Uint8Array)) return undefined;
  const mac = value.length === 6 ? macFromBytes(value) : parseMac(decodeTextBytes(value) ?? "");
  return mac === "00:00:00:00:00:00" ? undefined : mac;
};

/** Lower-case hex of any octets, "" for none. */
export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Colon-separated hex, the usual spelling of ids that are octets but not six of them. */
export const toColonHex = (bytes: Uint8Array): string => toHex(bytes).replace(/(..)(?=.)/g, "$1:");

export const decodeBytes = (varbind: Maybe): Uint8Array | undefined =>
  varbind?.value instanceof Uint8Array ? varbind.value : undefined;

/** Numbers of the bits that are set; bit 0 is the highest of the first octet (RFC 2578, 7.1.4). */
export const decodeBits = (varbind: Maybe): readonly number[] => {
  const bytes = decodeBytes(varbind);
  const out: number[] = [];
  for (let i = 0; bytes !== undefined && i < bytes.length && i < 512; i++)
    for (let bit = 0; bit < 8; bit++) if (bytes[i]! & (0x80 >> bit)) out.push(i * 8 + bit);
  return out;
};

/**
 * DateAndTime (RFC 2579): 8 octets of local time or 11 with the offset to UTC, as RFC 3339 UTC text with whole seconds.
 * Without an offset the time is taken as UTC. Undefined for zero dates and impossible ones.
 */
export const decodeDateAndTime = (varbind: Maybe): string | undefined => {
  const b = decodeBytes(varbind);
  if (b === undefined || (b.length !== 8 && b.length !== 11)) return undefined;
  const [year, month, day] = [b[0]! * 256 + b[1]!, b[2]!, b[3]!];
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || b[4]! > 23 || b[5]! > 59 || b[6]! > 60)
    return undefined;
  const offset = b.length === 11 ? (b[8] === 45 ? -1 : 1) * (b[9]! * 60 + b[10]!) : 0;
  const ms = Date.UTC(year, month - 1, day, b[4]!, b[5]!, b[6]!) - offset * 60_000;
  return toTimestamp(ms).replace(/\.\d{3}Z$/, "Z");
};
/**
 * Address from octets: 4 is IPv4, 16 IPv6, 8 and 20 the same with a zone id behind (InetAddressIPv4z, IPv6z, RFC 4001),
 * which is dropped. Undefined for every other length.
 */
export const ipFromBytes = (bytes: ArrayLike<number>): IpAddress | undefined => {
  if (bytes.length === 4 || bytes.length === 8) return parseIp(`${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`);
  if (bytes.length !== 16 && bytes.length !== 20) return undefined;
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! * 256 + bytes[i + 1]!).toString(16));
  return parseIp(groups.join(":"));
};

/** IpAddress, octets of an InetAddress, or a text that is an address. */
export const decodeIp = (varbind: Maybe): IpAddress | undefined => {
  const value = varbind?.value;
  if (typeof value === "string") return parseIp(value);
  if (!(value instanceof Uint8Array)) return undefined;
  // "10.1.2.3" is eight octets too: a text that spells an address is one.
  const spelled = value.length >= 7 && value.length < 64 ? parseIp(decodeTextBytes(value) ?? "") : undefined;
  return spelled ?? ipFromBytes(value);
};

/** Index part of an OID below `root` as numbers; undefined if it is not below. */
export const indexOf = (oid: string, root: string): readonly number[] | undefined => {
  if (!oid.startsWith(root) || oid.charCodeAt(root.length) !== 46) return undefined;
  return oid
    .slice(root.length + 1)
    .split(".")
    .map(Number);
};
