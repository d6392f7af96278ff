import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { exitCodes, RollcallError } from "../../shared/errors.ts";
import {
  type DeviceOutcome,
  type DeviceRound,
  runSnmpRound,
  type SnmpRoundSummary,
  type SnmpTarget,
} from "../probes/snmp/round.ts";
import { parseTargets, type Targets } from "../probes/sweep/targets.ts";
import { loadVendors } from "../probes/sweep/vendor.ts";
import {
  authProtocols,
  describeCredentialFault,
  privProtocols,
  type SnmpCredential,
  type UsmCredential,
} from "../snmp/credentials.ts";
import { parseCredentials } from "../snmp/credentials-file.ts";
import type { Profile } from "../snmp/profiles/profile.ts";
import { keepYoungHeapSmall } from "../young-heap.ts";
import type { CliCommand, CliDeps } from "./deps.ts";
import { renderDevice, renderRefusal } from "./snmp-sheet.ts";

type SnmpOptions = {
  readonly port: number;
  readonly community: readonly string[];
  readonly credentials?: string;
  readonly v3User?: string;
  readonly v3Level?: UsmCredential["level"];
  readonly v3AuthProtocol: UsmCredential["authProtocol"];
  readonly v3AuthKey?: string;
  readonly v3PrivProtocol: UsmCredential["privProtocol"];
  readonly v3PrivKey?: string;
  readonly concurrency: number;
  readonly generic?: true;
  readonly clients?: true;
  readonly full?: true;
  readonly json?: true;
};

const MAX_SECRET_FILE = 65_536;
/** A whole inventory of each is asked for: more than a /16 of devices is asked for by mistake. */
const MAX_TARGETS = 65_536;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const wholeNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };

const readFile = (path: string, what: string): string => {
  try {
    const text = readFileSync(path, "utf8");
    if (text.length > MAX_SECRET_FILE) throw new RollcallError("usage.file", `${what} ${path}: larger than 64 KiB`);
    return text;
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError("usage.file", `${what} ${path} can't be read`, { cause: error });
  }
};

/** Lines of standard input, one for each secret that is asked for. */
const createPrompt = ({ stdin, stderr }: CliDeps) => {
  let lines: readonly string[] | undefined;
  let used = 0;
  return async (what: string): Promise<string> => {
    if (stdin.isTTY) stderr.write(`${what}: `);
    if (lines === undefined || stdin.isTTY) {
      let text = "";
      for await (const chunk of stdin) {
        text += String(chunk);
        if (text.length > MAX_SECRET_FILE || (stdin.isTTY && text.includes("\n"))) break;
      }
      lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
      used = 0;
    }
    const line = lines[used++];
    if (line === undefined || line === "")
      throw new RollcallError("usage.secret", `${what}: nothing on standard input`);
    return line;
  };
};

type SecretReader = (reference: string, what: string) => Promise<string>;

/** Secrets stay out of argument lists, which every user of the host can read: @FILE, env:NAME or "-"; a literal works with a warning. */
const createSecretReader = (deps: CliDeps): SecretReader => {
  const prompt = createPrompt(deps);
  return async (reference, what) => {
    if (reference === "-") return prompt(what);
    if (reference.startsWith("@") || reference.startsWith("env:")) return resolveReference(reference, deps);
    deps.stderr.write(
      `warning: other users of this host can read the ${what} in the argument list: use @FILE, env:NAME or -\n`,
    );
    return reference;
  };
};

const resolveReference = (reference: string, { env }: CliDeps): string => {
  if (reference.startsWith("@")) return readFile(reference.slice(1), "the secret in").replace(/\r?\n$/, "");
  if (!reference.startsWith("env:")) return reference;
  const value = env[reference.slice(4)];
  if (value === undefined || value === "")
    throw new RollcallError("usage.secret", `environment variable ${reference.slice(4)} is not set`);
  return value;
};

const readCredentials = async (options: SnmpOptions, deps: CliDeps): Promise<readonly SnmpCredential[]> => {
  const secret = createSecretReader(deps);
  const out: SnmpCredential[] = [];
  if (options.credentials !== undefined)
    out.push(
      ...parseCredentials(readFile(options.credentials, "the file of credentials"), (reference) =>
        resolveReference(reference, deps),
      ),
    );
  if (options.v3User !== undefined) out.push(await readUsm(options.v3User, options, secret));
  const given = options.community.length > 0 || out.length > 0 ? options.community : ["public"];
  for (const [i, reference] of given.entries()) {
    const community = reference === "public" ? reference : await secret(reference, "SNMP community");
    const name = given.length > 1 ? `community ${i + 1}` : "community";
    out.push({ version: "2c", name, community }, { version: "1", name: `${name} (v1)`, community });
  }
  for (const credential of out) {
    const fault = describeCredentialFault(credential);
    if (fault) throw new RollcallError("usage.secret", fault);
  }
  return out;
};

const readUsm = async (user: string, options: SnmpOptions, secret: SecretReader): Promise<SnmpCredential> => {
  const level = options.v3Level ?? (options.v3PrivKey ? "authPriv" : options.v3AuthKey ? "authNoPriv" : "noAuthNoPriv");
  if (level !== "noAuthNoPriv" && options.v3AuthKey === undefined)
    throw new RollcallError("usage.secret", `--v3-level ${level} needs --v3-auth-key`);
  if (level === "authPriv" && options.v3PrivKey === undefined)
    throw new RollcallError("usage.secret", "--v3-level authPriv needs --v3-priv-key");
  return {
    version: "3",
    name: `user ${user}`,
    user,
    level,
    authProtocol: options.v3AuthProtocol,
    authKey: options.v3AuthKey === undefined ? "" : await secret(options.v3AuthKey, "authentication pass phrase"),
    privProtocol: options.v3PrivProtocol,
    privKey: options.v3PrivKey === undefined ? "" : await secret(options.v3PrivKey, "privacy pass phrase"),
  };
};

const resolveName = async (name: string): Promise<readonly string[]> => {
  const { lookup } = await import("node:dns/promises");
  return (await lookup(name, { all: true })).slice(0, 1).map(({ address }) => address);
};

const expand = (targets: Targets, port: number): readonly SnmpTarget[] => {
  const wide = targets.prefixes6.find(({ length }) => length < 128);
  if (wide)
    throw new RollcallError(
      "usage.target",
      `${wide.address}/${wide.length}: name single IPv6 addresses, prefixes can't be walked through`,
    );
  if (targets.size4 > MAX_TARGETS)
    throw new RollcallError("usage.target", `${targets.size4} addresses are too many at once: at most ${MAX_TARGETS}`);
  const four = Array.from({ length: targets.size4 }, (_, i) => targets.at4(i));
  return [...four, ...targets.prefixes6.map(({ address }) => address)].map((address) => ({ address, port }));
};

/** What a program gets of a device: the sections, not the raw tables they were made of. */
const toJson = (outcome: DeviceOutcome): object => {
  if (outcome.status !== "read") return { address: outcome.target.address, ...outcome, target: undefined };
  const {
    target,
    subject,
    everything,
    failures,
    gauges,
    partial,
    credential,
    notes,
    requests,
    varbinds,
    durationMs,
    observedAtMs,
  } = outcome;
  return {
    address: target.address,
    status: outcome.status,
    partial,
    observedAtMs,
    subject,
    sections: everything,
    failures,
    gauges,
    credential: { name: credential.name, version: credential.version },
    notes,
    requests,
    varbinds,
    durationMs: Math.round(durationMs),
  };
};

const summaryText = ({ read, partial, silent, denied, failed }: SnmpRoundSummary): string =>
  `${read} read${partial > 0 ? ` (${partial} not to the end)` : ""}, ${silent} silent, ${denied} refused us${failed > 0 ? `, ${failed} failed` : ""}\n`;

const readDevices = async (given: readonly string[], options: SnmpOptions, deps: CliDeps): Promise<void> => {
  const targets = expand(await parseTargets(given, [], resolveName), options.port);
  const credentials = await readCredentials(options, deps);
  const profiles: readonly Profile[] = options.generic
    ? []
    : Object.values(await import("../snmp/profiles/registry.ts"));
  const sheet = {
    colour: deps.stdout.isTTY === true && deps.env["NO_COLOR"] === undefined,
    full: options.full === true,
  };
  let written: Promise<unknown> = Promise.resolve();
  /** One after the other, waiting for a slow reader, so that a fleet does not pile up in memory. */
  const write = (text: string): Promise<unknown> => {
    written = written.then(() =>
      deps.stdout.write(text) ? undefined : once(deps.stdout, "drain", { signal: deps.signal }),
    );
    return written;
  };
  const show = async (outcome: DeviceOutcome): Promise<void> => {
    if (options.json) await write(`${JSON.stringify(toJson(outcome))}\n`);
    else if (outcome.status === "read") await write(`${renderDevice(outcome as DeviceRound, sheet)}\n`);
    // In a range silence is the ordinary case; it is counted, not listed.
    else if (targets.length <= 16 || outcome.status !== "silent") deps.stderr.write(renderRefusal(outcome));
  };
  keepYoungHeapSmall();
  const summary = await runSnmpRound(
    {
      targets,
      credentials,
      profiles,
      realm: "local",
      concurrency: options.concurrency,
      wirelessClients: options.clients === true,
      ...(options.generic !== true && { loadVendors }),
    },
    deps,
    show,
  );
  deps.signal.throwIfAborted();
  if (!options.json && targets.length > 1) deps.stderr.write(summaryText(summary));
  if (summary.read === 0) deps.exit(summary.denied > 0 ? exitCodes.noPermission : exitCodes.unavailable);
};

/** `rollcall-agent snmp`: devices read by SNMP, as a sheet for a person or one JSON object a line for a program. */
export const snmpCommand: CliCommand = (deps) =>
  new Command("snmp")
    .description("Reads devices by SNMP: who they are, and everything their standard tables tell.")
    .argument("<target...>", "addresses, host names, or ranges: 10.0.0.7, switch.example, 10.0.0.0/24, 10.0.0.1-50")
    .addOption(new Option("--port <number>", "UDP port").default(161).argParser(wholeNumber(1, 65_535)))
    .option(
      "--community <from>",
      "community from @FILE, env:NAME or - (asks); tried as v2c, then v1; may be repeated; default: public",
      collect,
      [],
    )
    .option("--credentials <file>", "YAML list of credentials, as the daemon's credentialsFile")
    .option("--v3-user <name>", "SNMPv3 user")
    .addOption(
      new Option("--v3-level <level>", "security level; default: as far as keys are given").choices([
        "noAuthNoPriv",
        "authNoPriv",
        "authPriv",
      ]),
    )
    .addOption(new Option("--v3-auth-protocol <name>", "authentication").choices([...authProtocols]).default("sha256"))
    .option("--v3-auth-key <from>", "authentication pass phrase from @FILE, env:NAME or -")
    .addOption(
      new Option(
        "--v3-priv-protocol <name>",
        "privacy; aes256 extends keys after Blumenthal, aes256r after Reeder (Cisco)",
      )
        .choices([...privProtocols])
        .default("aes128"),
    )
    .option("--v3-priv-key <from>", "privacy pass phrase from @FILE, env:NAME or -")
    .addOption(
      new Option("--concurrency <number>", "addresses tried at a time").default(256).argParser(wholeNumber(1, 1_024)),
    )
    .option("--generic", "without vendor profiles: what standards and inference give")
    .option("--clients", "also the clients of wireless controllers, which tells of people")
    .option("--full", "all rows of every table")
    .option("--json", "one JSON object a line for each device")
    .addHelpText(
      "after",
      "\nExit codes: 0 some device was read, 64 wrong arguments, 69 none answered, 77 all that answered refused our credentials.",
    )
    .action((targets: string[], options: SnmpOptions) => readDevices(targets, options, deps));
