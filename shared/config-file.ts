import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { RollcallError } from "./errors.ts";

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

export type Loaded<Config> = { readonly config: Config; readonly warnings: readonly string[] };

/** A program's configuration, and what of it the schema alone can't say. */
export type ConfigFileSpec<Schema extends z.ZodType> = {
  readonly schema: Schema;
  /** Environment variables of options begin so: "ROLLCALL_AGENT_". */
  readonly prefix: string;
  /** Options that hold a secret: a literal must not stand in an argument list, where every user of the host can read it. */
  readonly secretOptions: ReadonlySet<string>;
  /** Faults between options that are each right. */
  readonly crossFaults: (config: z.output<Schema>) => readonly { readonly path: string; readonly message: string }[];
};

export type ConfigFile<Config> = {
  readonly jsonSchema: () => JsonSchema;
  /** Dotted paths of all single options and lists; the inside of a list is set as a whole. */
  readonly optionPaths: () => readonly string[];
  /** `collector.caFile` is ROLLCALL_AGENT_COLLECTOR_CA_FILE. */
  readonly envNameOf: (path: string) => string;
  /** @throws RollcallError `config.invalid`, whose message lists every fault on a line of its own. */
  readonly load: (sources: ConfigSources) => Loaded<Config>;
};

type Fault = { readonly where: string; readonly message: string };
type Tree = Record<string, unknown>;
export type JsonSchema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
};

const pathsOf = (schema: JsonSchema, prefix = ""): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    child.properties === undefined ? [`${prefix}${name}`] : pathsOf(child, `${prefix}${name}.`),
  );

const toEnvName = (prefix: string, path: string): string =>
  prefix +
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

/** What the sources are read into, and what was found wrong with them on the way. */
type Reading = { readonly known: readonly string[]; readonly faults: Fault[] };

const fromEnvironment = (env: ConfigSources["env"], prefix: string, tree: Tree, { known, faults }: Reading): Tree => {
  const byName = new Map(known.map((path) => [toEnvName(prefix, path), path]));
  let result = tree;
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || name === `${prefix}CONFIG` || value === undefined) continue;
    const path = byName.get(name);
    if (path === undefined) faults.push({ where: name, message: "is no option" });
    else result = put(result, path.split("."), parseValue(value));
  }
  return result;
};

const isLiteral = (secret: string): boolean => !/^(@|env:)/.test(secret);

const fromSets = (
  sets: readonly string[],
  secretOptions: ReadonlySet<string>,
  tree: Tree,
  { known, faults }: Reading,
): Tree => {
  let result = tree;
  for (const set of sets) {
    const at = set.indexOf("=");
    const path = at < 0 ? set : set.slice(0, at);
    const value = set.slice(at + 1);
    if (at < 0) faults.push({ where: `--set ${path}`, message: "expected path=value" });
    else if (!known.includes(path)) faults.push({ where: `--set ${path}`, message: "is no option" });
    else if (secretOptions.has(path) && isLiteral(value))
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

const valueAt = (tree: unknown, path: string): unknown =>
  path.split(".").reduce((below, name) => (isTree(below) ? below[name] : undefined), tree);

const secretWarnings = (config: unknown, secretOptions: ReadonlySet<string>): string[] =>
  [...secretOptions].flatMap((path) => {
    const value = valueAt(config, path);
    return typeof value === "string" && isLiteral(value)
      ? [`${path} stands in the configuration as it is: @FILE or env:NAME keeps it apart`]
      : [];
  });

const refuse = (faults: readonly Fault[]): never => {
  const lines = faults.map(({ where, message }) => `  ${where}: ${message}`);
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  throw new RollcallError("config.invalid", `configuration has ${count}:\n${lines.join("\n")}`);
};

export const createConfigFile = <Schema extends z.ZodType>({
  schema,
  prefix,
  secretOptions,
  crossFaults,
}: ConfigFileSpec<Schema>): ConfigFile<z.output<Schema>> => {
  const jsonSchema = (): JsonSchema => z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  const optionPaths = () => pathsOf(jsonSchema());
  return {
    jsonSchema,
    optionPaths,
    envNameOf: (path) => toEnvName(prefix, path),
    load: ({ file, env, sets }) => {
      const reading: Reading = { known: optionPaths(), faults: [] };
      const fromFile = readFile(file, reading.faults);
      const tree = fromSets(sets, secretOptions, fromEnvironment(env, prefix, fromFile, reading), reading);
      const parsed = schema.safeParse(tree);
      const more = parsed.success
        ? crossFaults(parsed.data).map(({ path, message }) => ({ where: path, message }))
        : toFaults(parsed.error);
      const faults = [...reading.faults, ...more];
      if (!parsed.success || faults.length > 0) return refuse(faults);
      return { config: parsed.data, warnings: secretWarnings(parsed.data, secretOptions) };
    },
  };
};
