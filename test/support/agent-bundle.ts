import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const configFile = fileURLToPath(new URL("../../agent/vite.config.ts", import.meta.url));

/**
 * The agent in the form in which it is installed: bundled, so that no type stripper runs at its start. For benchmarks
 * that count the start of the program.
 */
export const bundleAgent = async (): Promise<{ readonly program: readonly string[]; readonly remove: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bundle-"));
  await build({ configFile, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  chmodSync(folder, 0o755);
  return {
    program: [process.execPath, join(folder, "rollcall-agent.mjs")],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
