/**
 * As much BER as the socket facade needs: where the request id stands in a message, a message with another id, and an
 * answer made readable. net-snmp throws a whole answer away for one malformed value (an IpAddress of no octets, an empty
 * integer), which real agents send; `repairAnswer` replaces such values by NULL. Pure, bounded by the datagram.
 */

export type MessageHeader = {
  readonly version: number;
  /** Request id for v1 and v2c, msgID for v3. */
  readonly id: number;
  readonly idOffset: number;
  readonly idLength: number;
  /** v1 and v2c: the PDU's tag. v3: its tag where it is readable (noAuth, authNoPriv), else undefined. */
  readonly pduTag: number | undefined;
  /** v3: bit 0 authenticated, bit 1 encrypted. */
  readonly flags: number;
  /** v1 and v2c: offsets of the PDU's tag and of its body. */
  readonly pduOffset: number;
  readonly pduBody: number;
};

export const pduTags = { response: 0xa2, report: 0xa8 } as const;

type Tlv = { readonly tag: number; readonly start: number; readonly end: number };

/** The element at `at`: content from `start` to `end`. Undefined if it does not fit into `limit`. */
const elementAt = (bytes: Uint8Array, at: number, limit: number): Tlv | undefined => {
  if (at + 2 > limit) return undefined;
  const first = bytes[at + 1]!;
  if (first < 0x80)
    return at + 2 + first <= limit ? { tag: bytes[at]!, start: at + 2, end: at + 2 + first } : undefined;
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4 || at + 2 + octets > limit) return undefined;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + bytes[at + 2 + i]!;
  const start = at + 2 + octets;
  return start + length <= limit ? { tag: bytes[at]!, start, end: start + length } : undefined;
};

const integerOf = (bytes: Uint8Array, { start, end }: Tlv): number | undefined => {
  if (end === start || end - start > 6) return undefined;
  let value = bytes[start]! & 0x80 ? -1 : 0;
  for (let i = start; i < end; i++) value = value * 256 + bytes[i]!;
  return value;
};

/** Header of an SNMP message, or undefined for anything that is none. */
export const parseHeader = (bytes: Uint8Array): MessageHeader | undefined => {
  const message = elementAt(bytes, 0, bytes.length);
  if (message?.tag !== 0x30) return undefined;
  const versionElement = elementAt(bytes, message.start, message.end);
  if (versionElement?.tag !== 2) return undefined;
  const version = integerOf(bytes, versionElement);
  const second = elementAt(bytes, versionElement.end, message.end);
  if (second === undefined) return undefined;
  if (version === 3) return parseV3Header(bytes, message, second);
  if (version !== 0 && version !== 1) return undefined;
  const pdu = elementAt(bytes, second.end, message.end);
  const id = pdu && elementAt(bytes, pdu.start, pdu.end);
  const value = id?.tag === 2 ? integerOf(bytes, id) : undefined;
  if (second.tag !== 4 || !pdu || !id || value === undefined) return undefined;
  return {
    version,
    id: value,
    idOffset: id.start,
    idLength: id.end - id.start,
    pduTag: pdu.tag,
    flags: 0,
    pduOffset: second.end,
    pduBody: pdu.start,
  };
};

const parseV3Header = (bytes: Uint8Array, message: Tlv, global: Tlv): MessageHeader | undefined => {
  const id = elementAt(bytes, global.start, global.end);
  const maxSize = id && elementAt(bytes, id.end, global.end);
  const flags = maxSize && elementAt(bytes, maxSize.end, global.end);
  const security = elementAt(bytes, global.end, message.end);
  const value = id?.tag === 2 ? integerOf(bytes, id) : undefined;
  if (!id || value === undefined || flags?.tag !== 4 || flags.end === flags.start || !security) return undefined;
  const scoped = elementAt(bytes, security.end, message.end);
  return {
    version: 3,
    id: value,
    idOffset: id.start,
    idLength: id.end - id.start,
    pduTag: scoped?.tag === 0x30 ? scopedPduTag(bytes, scoped) : undefined,
    flags: bytes[flags.start]!,
    pduOffset: 0,
    pduBody: 0,
  };
};

/** ScopedPDU: contextEngineID, contextName, PDU. */
const scopedPduTag = (bytes: Uint8Array, scoped: Tlv): number | undefined => {
  const engine = elementAt(bytes, scoped.start, scoped.end);
  const name = engine && elementAt(bytes, engine.end, scoped.end);
  const pdu = name && elementAt(bytes, name.end, scoped.end);
  return pdu?.tag;
};

const lengthOctets = (length: number): readonly number[] =>
  length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];

const wrap = (tag: number, parts: readonly Uint8Array[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOctets(length)]), ...parts]);
};

/** A v1 or v2c message with another request id (0x01000000..0x7fffffff, so that it has four octets). */
export const withRequestId = (message: Uint8Array, header: MessageHeader, id: number): Buffer => {
  const idElement = Uint8Array.from([2, 4, id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff]);
  const rest = message.subarray(header.idOffset + header.idLength);
  const pdu = wrap(header.pduTag ?? 0, [idElement, rest]);
  const outer = elementAt(message, 0, message.length);
  return wrap(0x30, [message.subarray(outer?.start ?? 0, header.pduOffset), pdu]);
};

/** Writes `id` over the request id in place, in as many octets as stand there (an agent may pad). False if it needs more. */
export const overwriteRequestId = (message: Uint8Array, header: MessageHeader, id: number): boolean => {
  if (header.idLength < 4 && id >= 2 ** (8 * header.idLength - 1)) return false;
  let rest = id;
  for (let i = header.idLength - 1; i >= 0; i--) {
    message[header.idOffset + i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
  return true;
};

const NULL_VALUE = Uint8Array.from([5, 0]);

const isReadable = (bytes: Uint8Array, { tag, start, end }: Tlv): boolean => {
  const length = end - start;
  switch (tag) {
    case 2:
      return length >= 1 && length <= 6;
    case 65:
    case 66:
    case 67:
      return length >= 1 && length <= 5;
    case 64:
      return length === 4;
    case 6:
      return length > 0 && bytes[end - 1]! < 0x80;
    case 70:
      return length >= 1 && length <= 9;
    case 4:
    case 68:
      return true;
    case 5:
    case 128:
    case 129:
    case 130:
      return length === 0;
    default:
      return false;
  }
};

/**
 * A v1 or v2c answer whose unreadable values are NULL and whose broken tail is cut, or undefined if nothing can be made of
 * it. Varbinds before the first structural fault stay.
 */
export const repairAnswer = (bytes: Uint8Array, header: MessageHeader): Buffer | undefined => {
  if (header.version === 3) return undefined;
  const outer = elementAt(bytes, 0, bytes.length);
  const pdu = outer && elementAt(bytes, header.pduOffset, outer.end);
  const id = pdu && elementAt(bytes, pdu.start, pdu.end);
  const status = id && elementAt(bytes, id.end, pdu.end);
  const index = status && elementAt(bytes, status.end, pdu.end);
  if (!outer || !pdu || !index || status?.tag !== 2 || index.tag !== 2) return undefined;
  const list = elementAt(bytes, index.end, pdu.end);
  // A list that claims more than the datagram holds was cut on the way: read it as far as it goes.
  let at = list?.start ?? index.end + 2;
  const limit = list?.end ?? pdu.end;
  const parts: Uint8Array[] = [];
  for (;;) {
    const varbind = elementAt(bytes, at, limit);
    const name = varbind?.tag === 0x30 ? elementAt(bytes, varbind.start, varbind.end) : undefined;
    if (!varbind || name?.tag !== 6 || !isReadable(bytes, name)) break;
    const value = elementAt(bytes, name.end, varbind.end);
    const valueBytes = value && isReadable(bytes, value) ? bytes.subarray(name.end, value.end) : NULL_VALUE;
    parts.push(wrap(0x30, [bytes.subarray(varbind.start, name.end), valueBytes]));
    at = varbind.end;
  }
  const body = wrap(pdu.tag, [bytes.subarray(pdu.start, index.end), wrap(0x30, parts)]);
  return wrap(0x30, [bytes.subarray(outer.start, header.pduOffset), body]);
};
