import { createHash } from "node:crypto";
import type { Random } from "../../../shared/random.ts";

/** 256 random bits in base64url behind a prefix that tells what it opens (and lets secret scanners find it). */
export const createSecret = (prefix: "rce" | "rca" | "rcs" | "rcl", random: Random): string =>
  `${prefix}_${Buffer.from(random.bytes(32)).toString("base64url")}`;

/** What is kept of a secret. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");
