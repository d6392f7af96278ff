import { z } from "zod";

/**
 * SNMP credentials with their secrets resolved. `name` is what logs, results and errors call them by; it never contains a
 * secret. Protocols: SHA-224 to SHA-512 after RFC 7860; AES-256 in the two key extensions in use, after Blumenthal
 * ("aes256", draft-blumenthal-aes-usm) and after Reeder ("aes256r", draft-reeder-snmpv3-usm-3desede, which Cisco took).
 */
export const authProtocols = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;
export const privProtocols = ["des", "aes128", "aes256", "aes256r"] as const;

const communitySchema = z.strictObject({
  name: z.string().min(1).max(64),
  version: z.enum(["1", "2c"]),
  community: z.string().min(1).max(255),
});

const usmSchema = z.strictObject({
  name: z.string().min(1).max(64),
  version: z.literal("3"),
  user: z.string().min(1).max(32),
  level: z.enum(["noAuthNoPriv", "authNoPriv", "authPriv"]),
  authProtocol: z.enum(authProtocols).default("sha256"),
  authKey: z.string().max(255).default(""),
  privProtocol: z.enum(privProtocols).default("aes128"),
  privKey: z.string().max(255).default(""),
});

export const snmpCredentialSchema = z.discriminatedUnion("version", [communitySchema, usmSchema]);
export type SnmpCredential = z.infer<typeof snmpCredentialSchema>;
export type UsmCredential = z.infer<typeof usmSchema>;

/** RFC 3414, 11.2: pass phrases have at least eight characters; agents refuse shorter ones, so say it before asking them. */
export const describeCredentialFault = (credential: SnmpCredential): string | undefined => {
  if (credential.version !== "3" || credential.level === "noAuthNoPriv") return undefined;
  if (credential.authKey.length < 8)
    return `SNMPv3 credential ${credential.name}: the authentication pass phrase needs at least 8 characters`;
  if (credential.level === "authPriv" && credential.privKey.length < 8)
    return `SNMPv3 credential ${credential.name}: the privacy pass phrase needs at least 8 characters`;
  return undefined;
};

/** Most secure first: v3 by level, then communities; stable within. Strangers are thus handed a community only when v3 failed. */
export const orderCredentials = (credentials: readonly SnmpCredential[]): readonly SnmpCredential[] => {
  const rank = (c: SnmpCredential) =>
    c.version !== "3" ? 3 : c.level === "authPriv" ? 0 : c.level === "authNoPriv" ? 1 : 2;
  return credentials
    .map((c, i) => [c, i] as const)
    .sort(([a, i], [b, k]) => rank(a) - rank(b) || i - k)
    .map(([c]) => c);
};
