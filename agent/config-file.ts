import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { RollcallError } from "../shared/errors.ts";
import { type AgentConfig, agentConfigSchema, crossFaults } from "./config.ts";

/**
 * Configuration from defaults, file, environment and `--set`, the later winning. Every fault is found before anything
 * starts, and all are told at once.
 */
export type ConfigSources = {
  /** Text of the YAML file; undefined when there is none. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `path=value`, as given to --set. */
  readonly sets: readonly string[];
};

export type LoadedConfig = { readonly config: AgentConfig; readonly warnings: readonly string[] };

type Fault = { readonly where: string; readonly message: string };
type Tree = Record<string, unknown>;
type JsonSchema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
};

const PREFIX = "ROLLCALL_AGENT_";
/** Options that hold a secret: a literal must not stand in an argument list, where every user of the host can read it. */
export const secretOptions: ReadonlySet<string> = new Set(["mqtt.password"]);

export const configJsonSchema = (): JsonSchema => z.toJSONSchema(agentConfigSchema, { io: "input" }) as JsonSchema;

/** Dotted paths of all single options and lists; the inside of a list is set as a whole. */
export const optionPaths = (schema: JsonSchema = configJsonSchema(), prefix = ""): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    child.properties === undefined ? [`${prefix}${name}`] : optionPaths(child, `${prefix}${name}.`),
  );

/** `collector.caFile` is ROLLCALL_AGENT_COLLECTOR_CA_FILE. */
export const envNameOf = (path: string): string =>
  PREFIX +
  path
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase();

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

const put = (tree: Tree, [first = "", ...rest]: readonly string[], value: unknown): Tree => {
  const below = tree[first];
  return { ...tree, [first]: rest.length === 0 ? value : put(isTree(below) ? below : {}, rest, value) };
};

/** Values outside the file are YAML too, so that numbers, switches and lists look as they do there. */
const parseValue = (text: string): unknown => {
  try {
    return parseYaml(text) ?? text;
  } catch {
    return text;
  }
};

const readFile = (file: ConfigSources["file"], faults: Fault[]): Tree => {
  if (file === undefined) return {};
  try {
    // Aliases multiply what a small file costs to read; a configuration needs none.
    const tree: unknown = parseYaml(file.text, { maxAliasCount: 0 }) ?? {};
    if (isTree(tree)) return tree;
    faults.push({ where: file.path, message: "must hold options, one a line" });
  } catch (error) {
    faults.push({ where: file.path, message: String((error as Error).message).split("\n")[0] ?? "is not YAML" });
  }
  return {};
};

const fromEnvironment = (env: ConfigSources["env"], known: readonly string[], tree: Tree, faults: Fault[]): Tree => {
  const byName = new Map(known.map((path) => [envNameOf(path), path]));
  let result = tree;
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || name === `${PREFIX}CONFIG` || value === undefined) continue;
    const path = byName.get(name);
    if (path === undefined) faults.push({ where: name, message: "is no option" });
    else result = put(result, path.split("."), parseValue(value));
  }
  return result;
};

const fromSets = (sets: readonly string[], known: readonly string[], tree: Tree, faults: Fault[]): Tree => {
  let result = tree;
  for (const set of sets) {
    const at = set.indexOf("=");
    const path = at < 0 ? set : set.slice(0, at);
    const value = set.slice(at + 1);
    if (at < 0) faults.push({ where: `--set ${path}`, message: "expected path=value" });
    else if (!known.includes(path)) faults.push({ where: `--set ${path}`, message: "is no option" });
    else if (secretOptions.has(path) && !/^(@|env:)/.test(value))
      faults.push({
        where: `--set ${path}`,
        message: "a secret must not stand on a command line: use @FILE or env:NAME",
      });
    else result = put(result, path.split("."), parseValue(value));
  }
  return result;
};

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );

const toFaults = (error: z.ZodError): Fault[] =>
  error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ where: pathText([...issue.path, key]), message: "is no option" }))
      : [{ where: pathText(issue.path) || "configuration", message: issue.message }],
  );

const secretWarnings = (config: AgentConfig): string[] =>
  config.mqtt?.password !== undefined && !/^(@|env:)/.test(config.mqtt.password)
    ? ["mqtt.password stands in the configuration as it is: @FILE or env:NAME keeps it apart"]
    : [];

/** @throws RollcallError `config.invalid`, whose message lists every fault on a line of its own. */
export const loadConfig = ({ file, env, sets }: ConfigSources): LoadedConfig => {
  const faults: Fault[] = [];
  const known = optionPaths();
  const tree = fromSets(sets, known, fromEnvironment(env, known, readFile(file, faults), faults), faults);
  const parsed = agentConfigSchema.safeParse(tree);
  if (!parsed.success) faults.push(...toFaults(parsed.error));
  else faults.push(...crossFaults(parsed.data).map(({ path, message }) => ({ where: path, message })));
  if (!parsed.success || faults.length > 0) {
    const lines = faults.map(({ where, message }) => `  ${where}: ${message}`);
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    throw new RollcallError("config.invalid", `configuration has ${count}:\n${lines.join("\n")}`);
  }
  return { config: parsed.data, warnings: secretWarnings(parsed.data) };
};
