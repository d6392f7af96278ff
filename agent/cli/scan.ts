import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { exitCodes, RollcallError } from "../../shared/errors.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import type { Random } from "../../shared/random.ts";
import { methodNames } from "../probes/sweep/context.ts";
import type { Device } from "../probes/sweep/devices.ts";
import { runSweep, type SweepEvent, type SweepResult } from "../probes/sweep/engine.ts";
import { isPublic, parseTargets, type Targets } from "../probes/sweep/targets.ts";
import { loadVendors } from "../probes/sweep/vendor.ts";
import { keepYoungHeapSmall } from "../young-heap.ts";
import type { CliDeps } from "./deps.ts";
import type { Delivery } from "./scan-delivery.ts";
import type { ScanView } from "./scan-views.ts";

type ScanOptions = {
  readonly methods?: readonly string[];
  readonly rate?: number;
  readonly exclude?: readonly string[];
  readonly community?: readonly string[];
  readonly ports?: readonly number[];
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly yes?: boolean;
  readonly timeout?: number;
  readonly collector?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly config?: string;
  readonly set?: readonly string[];
};

const MAX_FILE_BYTES = 4 * 1_048_576;
/** More than this, or the public internet, is asked for by mistake more often than on purpose. */
const MANY = 65_536;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const list = (value: string): readonly string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const wholeNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };

const ports = (text: string): readonly number[] => {
  const found = list(text).map(wholeNumber(1, 65_535));
  if (found.length === 0 || found.length > 100) throw new InvalidArgumentError("Give 1 to 100 ports.");
  return [...new Set(found)];
};

const readBounded = async (path: string, what: string): Promise<string> => {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead > MAX_FILE_BYTES) throw new RollcallError("usage.file", `${what} ${path}: larger than 4 MiB`);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError("usage.file", `${what} ${path} can't be read`, { cause: error });
  } finally {
    await file?.close();
  }
};

/** Targets and exclusions may come from files: one or more a line, "#" begins a comment. */
const expandFiles = async (specs: readonly string[], what: string): Promise<readonly string[]> => {
  const out: string[] = [];
  for (const spec of specs) {
    if (!spec.startsWith("@")) {
      out.push(spec);
      continue;
    }
    const path = spec.slice(1);
    const text = await readBounded(path, what);
    const named = text
      .split("\n")
      .flatMap((line) => line.replace(/#.*/, "").split(/[\s,]+/))
      .filter((part) => part !== "");
    if (named.length === 0) throw new RollcallError("usage.target", `${path}: the file names no target`);
    out.push(...named);
  }
  return out;
};

const readLine = async ({ stdin, stderr }: CliDeps, prompt: string): Promise<string> => {
  if (stdin.isTTY) stderr.write(prompt);
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes("\n") || text.length > 4_096) break;
  }
  return text.split("\n")[0]?.replace(/\r$/, "") ?? "";
};

/** Secrets stay out of argument lists, which every user of the host can read. */
const readCommunities = async (given: readonly string[], deps: CliDeps): Promise<readonly string[]> => {
  const out: string[] = [];
  for (const value of given) {
    if (value.startsWith("@")) {
      const text = await readBounded(value.slice(1), "the file of communities");
      out.push(
        ...text
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== ""),
      );
    } else if (value.startsWith("env:")) {
      const found = deps.env[value.slice(4)];
      if (found === undefined) throw new RollcallError("usage.secret", `the environment has no ${value.slice(4)}`);
      out.push(found);
    } else if (value === "-") out.push(await readLine(deps, "SNMP community: "));
    else {
      deps.stderr.write(
        "warning: other users of this host can read a community in the argument list: use @FILE, env:NAME or -\n",
      );
      out.push(value);
    }
  }
  if (out.length > 8)
    throw new RollcallError("usage.secret", "more than 8 communities: every one is told to every host");
  return out;
};

const resolveName = async (name: string): Promise<readonly string[]> => {
  const { lookup } = await import("node:dns/promises");
  return (await lookup(name, { all: true })).map(({ address }) => address);
};

const guard = (targets: Targets, yes: boolean): void => {
  if (yes) return;
  if (isPublic(targets))
    throw new RollcallError(
      "usage.target",
      "there are public addresses among the targets: add --yes if you may scan them",
    );
  if (targets.size4 > MANY)
    throw new RollcallError("usage.target", `${targets.size4} addresses are many: add --yes if you mean it`);
};

const sweepIdOf = (nowMs: number, random: Random): string =>
  `scan-${nowMs.toString(36)}-${Buffer.from(random.bytes(6)).toString("hex")}`;

const loadView = async (options: ScanOptions, deps: CliDeps): Promise<ScanView> => {
  const { createJsonView, createPersonView } = await import("./scan-views.ts");
  return options.json ? createJsonView(deps.stdout) : createPersonView(deps, options.csv ?? false);
};

/** Connects before a packet leaves: who scans for an hour should not learn at its end that nobody listens. */
const openDelivery = async (
  { collector, token, ca, config, set = [] }: ScanOptions,
  targets: Targets,
  deps: CliDeps,
): Promise<Delivery | undefined> => {
  if (collector === undefined) {
    if (token !== undefined || ca !== undefined)
      throw new RollcallError("usage.collector", "--token and --ca are for --collector URL");
    return undefined;
  }
  const { openDelivery: open } = await import("./scan-delivery.ts");
  return open(
    {
      ...{ collector, set },
      ...(token !== undefined && { token }),
      ...(ca !== undefined && { ca }),
      ...(config !== undefined && { config }),
    },
    targets,
    deps,
  );
};

/** Below this a scan is over before its memory has grown. */
const WIDE = 2_048;

const sweepByHand = async (
  options: ScanOptions,
  targets: Targets,
  delivery: Delivery | undefined,
  deps: CliDeps,
): Promise<SweepResult> => {
  const communities = await readCommunities(options.community ?? [], deps);
  const view = await loadView(options, deps);
  const sweepId = sweepIdOf(deps.clock.now(), deps.random);
  if (targets.size4 > WIDE) keepYoungHeapSmall();
  const result: SweepResult = await runSweep(
    {
      ...{ sweepId, scope: "by hand", realm: delivery?.realm ?? "local", targets },
      // Asked for once, as by a command: nobody may conclude anything from its not coming again.
      commandId: sweepId,
      ...(options.methods && { methods: options.methods as readonly Method[] }),
      ...(options.rate !== undefined && { rate: options.rate }),
      options: {
        ...(communities.length > 0 && { communities }),
        ...(options.ports && { tcpPorts: options.ports }),
        ...(options.timeout !== undefined && { timeoutMs: options.timeout }),
      },
    },
    { clock: deps.clock, random: deps.random, log: deps.log, signal: deps.signal, loadVendors },
    view.event,
  );
  await view.finish(result);
  return result;
};

const scan = async (given: readonly string[], options: ScanOptions, deps: CliDeps): Promise<void> => {
  if (options.json && options.csv) throw new RollcallError("usage.format", "--json and --csv exclude each other");
  const targets = await parseTargets(
    await expandFiles(given, "the file of targets"),
    await expandFiles(options.exclude ?? [], "the file of exclusions"),
    resolveName,
  );
  guard(targets, options.yes ?? false);
  const delivery = await openDelivery(options, targets, deps);
  try {
    const result = await sweepByHand(options, targets, delivery, deps);
    await delivery?.deliver(result.sweep);
    if (delivery) deps.stderr.write(`handed over to ${delivery.about}: ${result.sweep.sweepId}, acknowledged\n`);
    if (result.sweep.proof.verdict === "blind" && !deps.signal.aborted) deps.exit(exitCodes.unavailable);
  } finally {
    await delivery?.stop();
  }
};

/** `rollcall-agent scan`: one sweep, told to a person or a program. */
export const scanCommand = (deps: CliDeps): Command =>
  new Command("scan")
    .description("Look at a network once: who is there, by which evidence, and how well we could see.")
    .argument(
      "<target...>",
      "10.0.0.0/24, 10.0.0.1-50, 10.0.0.7, fd00::/64, a host name, or @FILE with such; lists with commas",
    )
    .option("--methods <list>", `of ${methodNames.join(", ")} (default: all)`, list)
    .option(
      "--rate <packets>",
      "packets a second, over all methods and with the kernel's repeats",
      wholeNumber(1, 100_000),
    )
    .option("--exclude <target>", "leave these out; may be repeated", collect)
    .option(
      "--community <from>",
      "SNMP community from @FILE, env:NAME or - (asks); default: public; may be repeated",
      collect,
    )
    .option("--ports <list>", "TCP ports to try (default: 443,22,80,445)", ports)
    .option("--timeout <ms>", "how long an answer is waited for", wholeNumber(50, 60_000))
    .option("--json", "one JSON object a line: seen, device, summary")
    .option("--csv", "a line for each device")
    .option("--yes", "also public addresses, and more than 65,536")
    .option("--collector <url>", "hand the result over to this collector, with the agent's identity or a token")
    .option("--token <from>", "enrolment token from @FILE or env:NAME: makes an identity for scans by hand, once")
    .option("--ca <file>", "PEM file with the authority of the collector's certificate")
    .option("-c, --config <file>", "with --collector: the agent's configuration file")
    .option(
      "--set <path=value>",
      "with --collector: one of its options, e.g. --set realm=lab; may be repeated",
      collect,
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 looked, 64 wrong arguments, 69 the sweep was blind or the collector not reached, 130 stopped by Ctrl-C.",
    )
    .action((targets: string[], options: ScanOptions) => scan(targets, options, deps));

export type { Device, SweepEvent };
