import { z } from "zod";

/** Schemas that every part of the protocol shares. They bound what a peer can make us keep; they never transform. */
export const shortText = z.string().max(256);
export const text = z.string().max(4_096);
export const longText = z.string().max(65_536);
export const count = z.int().min(0);
export const sizeBytes = z.number().min(0);
/** RFC 3339 UTC. */
export const timestamp = z.iso.datetime({ precision: 3 });
/** Epoch milliseconds; bounds keep arithmetic on them exact and dates printable. */
export const epochMs = z.number().min(0).max(8_640_000_000_000_000);
/** Canonical lower-case colon form (`shared/mac.ts`). */
export const macText = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
/** Canonical address text (`shared/ip.ts`). */
export const ipText = z
  .string()
  .max(45)
  .regex(/^[0-9a-f.:]+$/);
/** 16 bytes of SHA-256, as 32 hex digits. */
export const hashText = z.string().regex(/^[0-9a-f]{32}$/);
export const optional = z.exactOptional;
