import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** The dependency directions of the project, read off its import lines. */

const root = fileURLToPath(new URL("..", import.meta.url));

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\bdist\b|node_modules/.test(entry.parentPath))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

const files = ["agent", "collector", "shared"].flatMap(sourceFiles);
const source = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
/** Code without comments and strings' contents is not needed: imports stand at the start of a statement. */
const codeOf = (file: string): string =>
  (source.get(file) ?? "").replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:])\/\/.*$/gm, "$1");

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean; readonly passesOn: boolean };

const importsOf = (file: string): Import[] => {
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^"'();]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;
  for (const match of codeOf(file).matchAll(pattern)) {
    const to = match[3] ?? match[4] ?? "";
    found.push({
      from: file,
      to: to.startsWith(".") ? normalize(join(dirname(file), to)) : to,
      typeOnly: match[2] !== undefined,
      passesOn: match[1] === "export",
    });
  }
  return found;
};

const imports = files.flatMap(importsOf);
const inConsole = (file: string): boolean => file.startsWith("collector/console/");
const list = (found: readonly Import[]): string[] => found.map(({ from, to }) => `${from} -> ${to}`);

describe("architecture", () => {
  it("has sources to judge", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(40);
  });

  it("lets agent and collector meet on the wire only", () => {
    const crossing = imports.filter(
      ({ from, to }) =>
        (from.startsWith("agent/") && to.startsWith("collector/")) ||
        (from.startsWith("collector/") && to.startsWith("agent/")) ||
        (from.startsWith("shared/") && /^(agent|collector|test)\//.test(to)),
    );
    expect(list(crossing)).toEqual([]);
  });

  it("keeps shared/ free of I/O", () => {
    const allowed = /^(shared\/|zod$|yaml$|canonicalize$|ipaddr\.js$|node:(crypto|zlib|net|path)$)/;
    expect(list(imports.filter(({ from, to }) => from.startsWith("shared/") && !allowed.test(to)))).toEqual([]);
  });

  it("never imports tests, nor anything outside the project", () => {
    expect(list(imports.filter(({ to }) => /^(test\/|\.\.)/.test(to)))).toEqual([]);
  });

  it("lets only the adapters know the libraries they adapt", () => {
    const owners: Record<string, RegExp> = {
      "net-snmp": /^agent\/(snmp|probes\/sweep)\//,
      "node-arp": /^agent\/probes\/sweep\//,
      systeminformation: /^agent\/probes\/local\//,
      ws: /^(agent\/uplinks|collector\/ingest)\//,
      mqtt: /^(agent\/uplinks|collector\/ingest)\//,
      "mqtt/lib/client": /^agent\/uplinks\//,
      "node:sqlite": /^(agent\/(spool|probes\/local)|collector\/store)\//,
      kysely: /^collector\/store\//,
      fastify: /^collector\/api\//,
      nodemailer: /^collector\/tickets\//,
    };
    const strangers = imports.filter(
      ({ from, to, typeOnly }) => !typeOnly && owners[to] !== undefined && !owners[to]?.test(from),
    );
    expect(list(strangers)).toEqual([]);
  });

  it("takes time, chance and the process from outside", () => {
    const home = /^(shared\/(clock|random)\.ts|(agent|collector)\/main\.ts|(agent|collector)\/vite\.config\.ts)$/;
    const forbidden =
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bMath\.random\(|\bset(Timeout|Interval)\(|(?<![.\w"'-])process\.(?!platform)\w/;
    const guilty = files
      .filter((file) => !home.test(file) && !inConsole(file))
      .flatMap((file) =>
        codeOf(file)
          .split("\n")
          .filter((line) => forbidden.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(guilty).toEqual([]);
  });

  it("keeps the decision cores pure", () => {
    const core =
      /^(agent\/snapshot\.ts|agent\/snmp\/(decode\.ts|profiles\/)|collector\/(identity|record)\/|collector\/presence\/(states|rhythm|evidence)\.ts|collector\/incidents\/)/;
    const impure = imports.filter(
      ({ from, to }) =>
        core.test(from) && /^node:(fs|net|dgram|http|https|child_process|worker_threads|sqlite)/.test(to),
    );
    expect(list(impure)).toEqual([]);
  });

  it("has no import cycles", () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((i) => !i.typeOnly && source.has(i.to))
          .map((i) => i.to),
      ]),
    );
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") return void cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("lets plugins know neither their siblings nor their registry", () => {
    const registries = files.filter((file) => file.endsWith("/registry.ts"));
    expect(registries.length).toBeGreaterThan(3);
    const guilty = registries.flatMap((registry) => {
      const plugins = new Set(importsOf(registry).flatMap(({ to, passesOn }) => (passesOn ? [to] : [])));
      return imports.filter(
        ({ from, to }) => plugins.has(from) && (to === registry || (to !== from && plugins.has(to))),
      );
    });
    expect(list(guilty)).toEqual([]);
  });
});
