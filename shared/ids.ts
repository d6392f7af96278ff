import { z } from "zod";
import type { Random } from "./random.ts";

/** Crockford's base 32: no i, l, o, u, so that an id can be read aloud. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

const encode = (value: bigint, length: number): string => {
  let out = "";
  for (let v = value, i = 0; i < length; i++, v >>= 5n) out = ALPHABET[Number(v & 31n)] + out;
  return out;
};

/** A sortable id: 48 bits of milliseconds, 80 random bits, 26 characters (as ULID), with a prefix that tells its kind. */
const createId = (prefix: string, nowMs: number, random: Random): string => {
  const noise = random.bytes(10).reduce((n, b) => (n << 8n) | BigInt(b), 0n);
  return `${prefix}_${encode(BigInt(nowMs), 10)}${encode(noise, 16)}`;
};

const idSchema = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`));

export const agentIdSchema = idSchema("agt").brand<"AgentId">();
export const assetIdSchema = idSchema("ast").brand<"AssetId">();
export const incidentIdSchema = idSchema("inc").brand<"IncidentId">();
export const collectorIdSchema = idSchema("col").brand<"CollectorId">();
export type AgentId = z.infer<typeof agentIdSchema>;
export type AssetId = z.infer<typeof assetIdSchema>;
export type IncidentId = z.infer<typeof incidentIdSchema>;
export type CollectorId = z.infer<typeof collectorIdSchema>;

export const createAgentId = (nowMs: number, random: Random) => createId("agt", nowMs, random) as AgentId;
export const createAssetId = (nowMs: number, random: Random) => createId("ast", nowMs, random) as AssetId;
export const createIncidentId = (nowMs: number, random: Random) => createId("inc", nowMs, random) as IncidentId;
export const createCollectorId = (nowMs: number, random: Random) => createId("col", nowMs, random) as CollectorId;
/** For records without a brand of their own: "chg", "tok", "cmd", "obs", "swp". */
export const createRecordId = (prefix: string, nowMs: number, random: Random) => createId(prefix, nowMs, random);
