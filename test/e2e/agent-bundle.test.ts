import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";

/** The agent as it is installed: copied away from the project, without node_modules. */
describe("the bundled agent", () => {
  const folder = temporaryFolder("bundle");
  const program = join(folder, "rollcall-agent.mjs");
  const agent = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: "utf8", cwd: "/" });

  beforeAll(async () => {
    const configFile = fileURLToPath(new URL("../../agent/vite.config.ts", import.meta.url));
    await build({ configFile, logLevel: "error", build: { outDir: folder } });
  }, 60_000);

  it("has the project's version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(agent("--version").stdout.trim()).toBe(version);
  });

  it.each([
    [["inventory", "--section", "os", "--json"], /"os"/],
    [["scan", "127.0.0.1", "--json"], /127\.0\.0\.1/],
    [["snmp", "--help"], /SNMP/],
    [["run", "--help"], /SIGTERM/],
    [["enrol", "--help"], /token/],
    [["doctor", "--example-config"], /heartbeatSeconds: 30/],
  ])("runs %j", (args, expected) => {
    const { stdout, stderr } = agent(...args);
    expect(stderr).not.toMatch(/Error|Cannot find/);
    expect(stdout).toMatch(expected);
  });

  it("imports nothing but node's own modules and its own parts", () => {
    const texts = [program, ...readdirSync(join(folder, "parts")).map((name) => join(folder, "parts", name))].map(
      (path) => readFileSync(path, "utf8"),
    );
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/^(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']/gm)].map(([, from]) => from ?? ""),
    );
    expect(imported.length).toBeGreaterThan(20);
    expect(imported.filter((from) => !from.startsWith("node:") && !from.startsWith("./"))).toEqual([]);
  });

  it("spares the daemon the libraries of the command line", () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      const text = readFileSync(path, "utf8");
      for (const [, from] of text.matchAll(/^(?:import|export)\b[^;'"]*?["'](\.[^"']+)["']/gm))
        visit(join(path, "..", from ?? ""));
    };
    for (const name of readdirSync(join(folder, "parts")))
      if (/^(main|daemon|websocket)\.mjs$/.test(name)) visit(join(folder, "parts", name));
    const kilobytes = [...reached].reduce((sum, path) => sum + readFileSync(path).length, 0) / 1_000;
    process.stdout.write(`the daemon reads ${reached.size} files, ${kilobytes.toFixed(0)} kB\n`);
    expect(reached.size).toBeGreaterThan(3);
    expect([...reached].join()).not.toMatch(/commander|yaml|zod|schemas|sections/);
    expect(kilobytes).toBeLessThan(400);
  });
});
