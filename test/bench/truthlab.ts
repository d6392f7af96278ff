import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** `npm run bench -- truthlab [--seeds N --seed S --json …]`: the collector's own verb with its defaults, which are the base rates. */
export const run = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
    const child = spawn(process.execPath, [program, "truthlab", ...args], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => {
      process.exitCode = code ?? 1;
      resolve();
    });
  });
