/**
 * The SNMP round of a scope as the daemon runs it: credentials and what is known of the devices come from files, rounds are
 * handed on as they end, and what was learned of the devices is kept for the next time.
 */
import { readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { RollcallError } from "../../../shared/errors.ts";
import { parseCredentials } from "../../snmp/credentials-file.ts";
import * as profiles from "../../snmp/profiles/registry.ts";
import { type DeviceState, deviceStateSchema } from "./change-check.ts";
import {
  type DeviceOutcome,
  type DeviceRound,
  runSnmpRound,
  type SnmpRoundDeps,
  type SnmpRoundSummary,
  stateKey,
} from "./round.ts";

export type SnmpJob = {
  readonly realm: string;
  readonly addresses: readonly string[];
  readonly port?: number;
  readonly credentialsFile: string;
  /** Holds which credential opened which device, and its signs of change; no secret. Lost, it is found out anew. */
  readonly stateFile: string;
  readonly wirelessClients?: boolean;
};

export type SnmpJobDeps = SnmpRoundDeps & { readonly env: Readonly<Record<string, string | undefined>> };

const MAX_FILE = 64 << 20;
const stateFileSchema = z.record(z.string().max(64), deviceStateSchema);

export const runSnmpJob = async (
  job: SnmpJob,
  deps: SnmpJobDeps,
  onRound: (round: DeviceRound) => void | Promise<void>,
  onMiss: (outcome: Exclude<DeviceOutcome, DeviceRound>) => void = () => {},
): Promise<SnmpRoundSummary> => {
  const credentials = parseCredentials(await readText(job.credentialsFile, "the SNMP credentials"), (reference) =>
    resolve(reference, deps.env),
  );
  const states = await readStates(job.stateFile);
  const summary = await runSnmpRound(
    {
      targets: job.addresses.map((address) => ({ address, port: job.port ?? 161 })),
      credentials,
      profiles: Object.values(profiles),
      realm: job.realm,
      states: new Map(states),
      ...(job.wirelessClients === undefined ? {} : { wirelessClients: job.wirelessClients }),
    },
    deps,
    async (outcome) => {
      if (outcome.status !== "read") return onMiss(outcome);
      states.set(stateKey(outcome.target), outcome.state);
      await onRound(outcome);
    },
  );
  await writeStates(job.stateFile, states);
  return summary;
};

const readText = async (path: string, what: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new RollcallError("config.snmp-credentials", `reading ${what} ${path}`, { cause });
  }
};

/** Secrets of one line, as everywhere: "@FILE", "env:NAME", or as they are. */
const resolve = (reference: string, env: SnmpJobDeps["env"]): string => {
  if (reference.startsWith("@")) {
    try {
      return readFileSync(reference.slice(1), "utf8").replace(/\r?\n$/, "");
    } catch (cause) {
      throw new RollcallError("config.secret", `reading the secret in ${reference.slice(1)}`, { cause });
    }
  }
  if (!reference.startsWith("env:")) return reference;
  const value = env[reference.slice(4)];
  if (value === undefined || value === "")
    throw new RollcallError("config.secret", `environment variable ${reference.slice(4)} is not set`);
  return value;
};

/** A file that is missing, damaged or of another version costs one full round, no more. */
const readStates = async (path: string): Promise<Map<string, DeviceState>> => {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > MAX_FILE) return new Map();
    const parsed = stateFileSchema.safeParse(JSON.parse(text));
    return new Map(parsed.success ? Object.entries(parsed.data) : []);
  } catch {
    return new Map();
  }
};

const writeStates = async (path: string, states: ReadonlyMap<string, DeviceState>): Promise<void> => {
  const fresh = `${path}.new`;
  await writeFile(fresh, JSON.stringify(Object.fromEntries(states)), { mode: 0o600 });
  await rename(fresh, path);
};
