import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The agent as it is installed: `dist/rollcall-agent.mjs` and its parts, without a TypeScript stripper and without node_modules.
 * One single file was measured too: a daemon of 181 MB, since node keeps the text of all verbs, vendors and profiles in memory
 * and rolldown runs the modules that its wrappers share. In parts, only what is imported is read.
 */
export default defineConfig({
  root: here("."),
  logLevel: "warn",
  publicDir: false,
  ssr: { noExternal: true, target: "node" },
  build: {
    ssr: here("./rollcall-agent.mjs"),
    outDir: here("./dist"),
    emptyOutDir: true,
    target: "node24",
    minify: false,
    sourcemap: false,
    rolldownOptions: {
      // Optional native helpers of ws, which does without them.
      external: [...builtinModules, /^node:/, "bufferutil", "utf-8-validate"],
      output: {
        format: "es",
        entryFileNames: "rollcall-agent.mjs",
        chunkFileNames: "parts/[name].mjs",
      },
    },
  },
});
