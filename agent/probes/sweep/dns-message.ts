import { type IpAddress, ipv4ToNumber, parseIp } from "../../../shared/ip.ts";
import { ipv6ToBigInt } from "./targets.ts";

/**
 * DNS messages (RFC 1035) as multicast DNS and NetBIOS use them: one question out, any answer in. Hostile input: names are
 * bounded in length and pointers may only lead backwards, so that none loops; nothing throws.
 */
export const dnsTypes = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NBSTAT: 33, ANY: 255 } as const;

export type DnsRecord = {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
  readonly text?: string;
};
export type DnsMessage = { readonly id: number; readonly isResponse: boolean; readonly records: readonly DnsRecord[] };

const MAX_RECORDS = 256;

const encodeName = (name: string): number[] => [
  ...name.split(".").flatMap((label) => {
    const bytes = [...new TextEncoder().encode(label)].slice(0, 63);
    return [bytes.length, ...bytes];
  }),
  0,
];

/** @param unicast asks a multicast group to answer us alone (RFC 6762, 5.4). */
export const encodeQuestion = (id: number, name: string, type: number, unicast = false): Uint8Array =>
  Uint8Array.from([
    ...[id >> 8, id & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ...encodeName(name),
    ...[type >> 8, type & 0xff, unicast ? 0x80 : 0, 1],
  ]);

const readName = (bytes: Uint8Array, start: number): { readonly name: string; readonly next: number } | undefined => {
  const labels: string[] = [];
  let [at, next, length] = [start, -1, 0];
  for (let floor = start; ; ) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    if (size === 0) return { name: labels.join("."), next: next < 0 ? at + 1 : next };
    if ((size & 0xc0) === 0xc0) {
      const target = ((size & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      if (next < 0) next = at + 2;
      if (target >= floor) return undefined;
      floor = at = target;
      continue;
    }
    if (size > 63 || at + 1 + size > bytes.length) return undefined;
    length += size + 1;
    if (length > 255) return undefined;
    labels.push(new TextDecoder("latin1").decode(bytes.subarray(at + 1, at + 1 + size)));
    at += 1 + size;
  }
};

const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

const readRecord = (
  bytes: Uint8Array,
  at: number,
): { readonly record: DnsRecord; readonly next: number } | undefined => {
  const name = readName(bytes, at);
  if (name === undefined || name.next + 10 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(name.next);
  const size = view.getUint16(name.next + 8);
  const begin = name.next + 10;
  if (begin + size > bytes.length) return undefined;
  const target =
    type === dnsTypes.PTR ? readName(bytes, begin) : type === dnsTypes.SRV ? readName(bytes, begin + 6) : undefined;
  const record = { name: utf8(name.name), type, data: bytes.subarray(begin, begin + size) };
  return { record: target === undefined ? record : { ...record, text: utf8(target.name) }, next: begin + size };
};

/** All records of a message, whatever section they are in; undefined when it is cut or none. */
export const decodeDns = (bytes: Uint8Array): DnsMessage | undefined => {
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const questions = view.getUint16(4);
  const count = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  if (questions > 16 || count > MAX_RECORDS) return undefined;
  let at = 12;
  for (let i = 0; i < questions; i++) {
    const name = readName(bytes, at);
    if (name === undefined) return undefined;
    at = name.next + 4;
  }
  const records: DnsRecord[] = [];
  for (let i = 0; i < count; i++) {
    const read = readRecord(bytes, at);
    if (read === undefined) return undefined;
    records.push(read.record);
    at = read.next;
  }
  return { id: view.getUint16(0), isResponse: ((bytes[2] as number) & 0x80) !== 0, records };
};

/** "5.0.77.10.in-addr.arpa" or the nibbles of ip6.arpa. */
export const reverseName = (address: IpAddress): string =>
  address.includes(":")
    ? `${[...ipv6ToBigInt(address).toString(16).padStart(32, "0")].reverse().join(".")}.ip6.arpa`
    : `${[0, 8, 16, 24].map((shift) => (ipv4ToNumber(address) >>> shift) & 0xff).join(".")}.in-addr.arpa`;

/** The address in an A or AAAA record. */
export const addressOf = ({ type, data }: DnsRecord): IpAddress | undefined => {
  if (type === dnsTypes.A && data.length === 4) return parseIp([...data].join("."));
  if (type !== dnsTypes.AAAA || data.length !== 16) return undefined;
  const hex = Buffer.from(data).toString("hex");
  return parseIp((hex.match(/.{4}/g) ?? []).join(":"));
};
