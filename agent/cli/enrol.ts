import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import { readSecret } from "../../shared/secret.ts";
import { directoriesOf, pinnedCaPath } from "../directories.ts";
import { enrol } from "../enrolment.ts";
import { hostName, readNamedFile } from "../host.ts";
import { prepareStateDirectory } from "../identity.ts";
import { isEnrolled, readIdentityFile } from "../identity-file.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";

type EnrolCliOptions = ConfigOptions & {
  readonly url?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly name?: string;
  readonly again?: boolean;
  readonly json?: boolean;
};

const TIMEOUT_MS = 30_000;

/** "-" asks on the terminal, or takes the one line of a pipe. */
const readToken = async (reference: string, { stdin, stderr, env, signal }: CliDeps): Promise<string> => {
  if (reference !== "-") {
    if (!/^(@|env:)/.test(reference))
      stderr.write(
        "warning: other users of this host can read a token in the argument list: use @FILE, env:NAME or -\n",
      );
    return readSecret(reference, env, readNamedFile).trim();
  }
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    return (await lines.question(stdin.isTTY ? "Token: " : "", { signal })).trim();
  } finally {
    lines.close();
  }
};

const run = async (options: EnrolCliOptions, deps: CliDeps): Promise<void> => {
  const { config } = readConfig(options, deps);
  const { state } = directoriesOf(config, deps.env);
  const url = options.url ?? config.collector.url;
  if (url === undefined) throw new RollcallError("usage.url", "name the collector: --url https://HOST");
  if (options.token === undefined)
    throw new RollcallError("usage.token", "an enrolment token is needed: --token @FILE, env:NAME or - (asks)");
  if (isEnrolled(state) && options.again !== true) {
    const file = readIdentityFile(state);
    throw new RollcallError(
      "usage.enrolled",
      `this state folder is enrolled at ${file.collectorUrl} as ${file.agentId}: --again replaces that`,
    );
  }
  const caFile = options.ca ?? config.collector.caFile;
  const ca = caFile === undefined ? undefined : readNamedFile(caFile);
  prepareStateDirectory(state);
  const { identity, status } = await enrol({
    ...{ url, stateDirectory: state, timeoutMs: TIMEOUT_MS, signal: deps.signal, clock: deps.clock },
    token: await readToken(options.token, deps),
    name: options.name ?? config.name ?? hostName(),
    ...(ca !== undefined && { ca }),
  });
  // Pinned with the identity, so that the configuration need not name it again.
  if (ca !== undefined) writeFileSync(pinnedCaPath(state), ca, { mode: 0o600 });
  if (options.json)
    deps.stdout.write(`${JSON.stringify({ agentId: identity.agentId, collectorId: identity.collectorId, status })}\n`);
  else {
    deps.stdout.write(`enrolled at ${identity.collectorUrl} as ${identity.agentId} (${identity.name})\n`);
    if (status === "pending")
      deps.stdout.write("a person must approve this agent at the collector; it may be started already\n");
  }
};

/** `rollcall-agent enrol`: keys and identity, once. */
export const enrolCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("enrol").description("Make this agent's keys and enrol at a collector, with a token from there."),
  )
    .option("--url <url>", "the collector, https://HOST[:PORT]")
    .option("--token <from>", "enrolment token from @FILE, env:NAME or - (asks)")
    .option("--ca <file>", "PEM file with the authority of the collector's certificate; pinned for later")
    .option("--name <name>", "name of this agent (default: the host name)")
    .option("--again", "replace the identity of a state folder that is enrolled already")
    .option("--json", "one JSON object on stdout")
    .action((options: EnrolCliOptions) => run(options, deps));
