import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { RollcallError } from "../errors.ts";
import { hash16 } from "./hash.ts";
import { claimedSize } from "./zstd.ts";

/**
 * How a message lies on the wire: one octet of flags (bit 0: zstd, bit 1: signed), 64 octets of Ed25519 signature if
 * signed, then UTF-8 JSON, compressed if flagged. The signature covers the domain, a context (the challenge's nonce on a
 * WebSocket hello, else empty), and the octets exactly as sent.
 */
const ZSTD = 1;
const SIGNED = 2;
const SIGNATURE_BYTES = 64;
/** Lists of packages come to a sixtieth. */
const MAX_RATIO = 256;
/** Below this, compression costs more octets than it saves. */
const COMPRESS_FROM_BYTES = 256;

export type Domain = "rollcall/1 up" | "rollcall/1 down";

const signedBytes = (domain: Domain, context: string, flags: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${domain}\0${context}\0`), Buffer.from([flags]), payload]);

export type Encoded = {
  readonly frame: Uint8Array;
  /** `hash16` of the JSON octets: the digest that acknowledgements name. */
  readonly digest: string;
};

export const encodeFrame = (
  json: string,
  signing?: { readonly domain: Domain; readonly key: KeyObject; readonly context?: string },
): Encoded => {
  const plain = Buffer.from(json);
  const compressed = plain.length >= COMPRESS_FROM_BYTES ? zstdCompressSync(plain) : plain;
  const useCompressed = compressed.length < plain.length;
  const payload = useCompressed ? compressed : plain;
  const flags = (useCompressed ? ZSTD : 0) | (signing ? SIGNED : 0);
  const signature = signing
    ? sign(null, signedBytes(signing.domain, signing.context ?? "", flags, payload), signing.key)
    : Buffer.alloc(0);
  return { frame: Buffer.concat([Buffer.from([flags]), signature, payload]), digest: hash16(plain) };
};

export type DecodedFrame = {
  /** The JSON's octets, decompressed. */
  readonly plain: Uint8Array;
  /** The same as text, made when it is asked for. */
  readonly json: string;
  readonly digest: string;
  readonly signed: boolean;
  readonly verifySignature: (domain: Domain, key: KeyObject, context?: string) => boolean;
};

/**
 * Unpacks a frame without trusting it. `maxBytes` bounds the JSON after decompression, so that a small bomb stays small.
 * @throws RollcallError `frame.malformed`, `frame.too-large` (give-up)
 */
export const decodeFrame = (frame: Uint8Array, { maxBytes }: { readonly maxBytes: number }): DecodedFrame => {
  const flags = frame[0];
  if (flags === undefined || (flags & ~(ZSTD | SIGNED)) !== 0)
    throw new RollcallError("frame.malformed", "frame has unknown flags");
  const signed = (flags & SIGNED) !== 0;
  const start = signed ? 1 + SIGNATURE_BYTES : 1;
  if (frame.length <= start) throw new RollcallError("frame.malformed", "frame is shorter than its header");
  const signature = frame.subarray(1, start);
  const payload = frame.subarray(start);
  const plain = (flags & ZSTD) !== 0 ? inflate(payload, maxBytes) : payload;
  if (plain.length > maxBytes)
    throw new RollcallError("frame.too-large", `message of ${plain.length} bytes, the limit is ${maxBytes}`);
  return {
    plain,
    get json() {
      return new TextDecoder("utf-8", { fatal: false }).decode(plain);
    },
    digest: hash16(plain),
    signed,
    verifySignature: (domain, key, context = "") =>
      signed && verify(null, signedBytes(domain, context, flags, payload), key, signature),
  };
};

const inflate = (payload: Uint8Array, maxBytes: number): Buffer => {
  try {
    // Room for all of it at once spares putting pieces together; a lie of what it comes to costs no more than a true bomb.
    const size = claimedSize(payload) ?? 0;
    const chunk = size > 0 && size <= Math.min(maxBytes, payload.length * MAX_RATIO) ? { chunkSize: size + 1_024 } : {};
    return zstdDecompressSync(payload, { maxOutputLength: maxBytes, ...chunk });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError || (cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw tooLarge
      ? new RollcallError("frame.too-large", `message inflates beyond the limit of ${maxBytes} bytes`, { cause })
      : new RollcallError("frame.malformed", "frame does not decompress", { cause });
  }
};

// Ed25519 keys travel as their raw 32 octets (RFC 8032) in base64url; node wants DER, whose prefixes are constant (RFC 8410).
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** @throws RollcallError `key.malformed` */
export const parsePublicKey = (base64url: string): KeyObject => {
  const raw = Buffer.from(base64url, "base64url");
  if (raw.length !== 32) throw new RollcallError("key.malformed", "public key is not 32 bytes of base64url");
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
};

export const formatPublicKey = (key: KeyObject): string =>
  (key.type === "private" ? createPublicKey(key) : key)
    .export({ format: "der", type: "spki" })
    .subarray(SPKI_PREFIX.length)
    .toString("base64url");

export const createSigningKey = (): KeyObject => generateKeyPairSync("ed25519").privateKey;
/** PKCS #8 PEM, for a 0600 file. */
export const exportSigningKey = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
export const importSigningKey = (pem: string): KeyObject => createPrivateKey(pem);
