/**
 * The file of a scope's SNMP credentials: a YAML (or JSON) list, tried in the order of `orderCredentials`. Secrets stand in it
 * as `@FILE` or `env:NAME`, or as they are where the file itself is for the agent only.
 */
import { parse } from "yaml";
import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { describeCredentialFault, type SnmpCredential, snmpCredentialSchema } from "./credentials.ts";

const MAX_CREDENTIALS = 32;
const secretFields = ["community", "authKey", "privKey"] as const;

const entrySchema = z.record(z.string(), z.union([z.string(), z.number()]));

/**
 * @param resolveSecret gives what stands behind a reference; throws a RollcallError that names the reference only.
 * @throws RollcallError `config.snmp-credentials` that names the entry and the option at fault, never a secret.
 */
export const parseCredentials = (
  text: string,
  resolveSecret: (reference: string) => string,
): readonly SnmpCredential[] => {
  const entries = z.array(entrySchema).min(1).max(MAX_CREDENTIALS).safeParse(parseTree(text));
  if (!entries.success)
    throw new RollcallError(
      "config.snmp-credentials",
      `SNMP credentials: expected a list of 1 to ${MAX_CREDENTIALS} entries, each with version, and community or user`,
    );
  const credentials = entries.data.map((entry, i) => {
    const named: Record<string, unknown> = {
      name: `credential ${i + 1}`,
      ...entry,
      version: String(entry["version"] ?? ""),
    };
    for (const field of secretFields)
      if (named[field] !== undefined) named[field] = resolveSecret(String(named[field]));
    const parsed = snmpCredentialSchema.safeParse(named);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new RollcallError(
        "config.snmp-credentials",
        `SNMP credentials, entry ${i + 1}: ${issue?.path.join(".") || "entry"}: ${issue?.message}`,
      );
    }
    const fault = describeCredentialFault(parsed.data);
    if (fault) throw new RollcallError("config.snmp-credentials", fault);
    return parsed.data;
  });
  // What is remembered of a device is remembered by the credential's name.
  const twice = credentials.find(({ name }, i) => credentials.findIndex((c) => c.name === name) !== i);
  if (twice)
    throw new RollcallError("config.snmp-credentials", `SNMP credentials: the name "${twice.name}" is there twice`);
  return credentials;
};

const parseTree = (text: string): unknown => {
  try {
    // Aliases multiply what a small file costs to read; credentials need none.
    return parse(text, { maxAliasCount: 0 });
  } catch {
    // The parser's own message quotes the line, which may hold a secret.
    throw new RollcallError("config.snmp-credentials", "SNMP credentials: the file is not YAML");
  }
};
