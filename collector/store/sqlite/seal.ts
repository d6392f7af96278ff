import { hash } from "node:crypto";

/**
 * A digest of what a row holds, 9 octets in base64: enough that a row altered by accident or by hand is noticed. It is no
 * signature: who can write the file can write the seal too.
 */
export const sealOf = (values: readonly unknown[]): string =>
  hash(
    "sha256",
    JSON.stringify(values, (_, value: unknown) => (value === undefined ? null : value)),
    "base64",
  ).slice(0, 12);
