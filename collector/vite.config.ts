import { defineConfig } from "vite";

/**
 * The collector as one file for Node: `dist/rollcall-collector.mjs`. Its threads start from the same file. The console is
 * built apart and lies beside it.
 */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { noExternal: true },
  build: {
    ssr: "main.ts",
    target: "node24",
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    rolldownOptions: { output: { entryFileNames: "rollcall-collector.mjs", codeSplitting: false } },
  },
});
