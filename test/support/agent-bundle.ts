import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Verbs that this tree does not have yet are left to fail when they are asked for. */
const tolerant: Plugin = {
  name: "tolerant",
  enforce: "pre",
  resolveId: (source, importer) =>
    source.startsWith(".") && importer !== undefined && !existsSync(resolve(dirname(importer), source))
      ? { id: source, external: true }
      : null,
};

/**
 * The agent in the form in which it is installed: bundled, so that no type stripper runs at its start. For benchmarks
 * that count the start of the program.
 */
export const bundleAgent = async (): Promise<{ readonly program: readonly string[]; readonly remove: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bundle-"));
  await build({
    ...{ root, configFile: false, logLevel: "error", plugins: [tolerant] },
    ssr: { noExternal: true },
    build: { ssr: "agent/main.ts", outDir: folder, emptyOutDir: true, minify: false, target: "node24" },
  });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  chmodSync(folder, 0o755);
  return {
    program: [process.execPath, join(folder, "main.js")],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
