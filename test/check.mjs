import "../shared/check-node.mjs";
import { spawn } from "node:child_process";

// npm run check: types, lint and format, and unit tests, side by side. Each of the first tells what it found when it ends.

/** Days of virtual time, or all the orders in which something can happen: `npm test` has these unit tests too. */
const onlyInTest = [
  "test/collector/identity/adversary.test.ts",
  "test/collector/presence/properties.test.ts",
  "test/collector/presence/repetition.test.ts",
  "test/collector/presence/stories.test.ts",
  "test/collector/query/answers.test.ts",
  "test/collector/store/late.test.ts",
  "test/collector/truthlab/trial.test.ts",
];
/** Three on two cores: some tests wait for the disk or for a program. */
const unit = ["run", "--config", ".vitest.config.ts", "--project", "unit", "--maxWorkers=3"];

const steps = [
  { name: "types", command: "tsc", args: [] },
  { name: "types of the console", command: "tsc", args: ["-p", "collector/console"] },
  { name: "lint and format", command: "biome", args: ["check", "--config-path=.biome.json", "."] },
  {
    name: "unit tests",
    command: "vitest",
    args: [...unit, ...onlyInTest.flatMap((file) => ["--exclude", file])],
    live: true,
  },
];

/** Whether it ended well. What it says is told at once, or when it ends and in one piece. */
const run = ({ name, command, args, live = false }) =>
  new Promise((resolve) => {
    const startedAt = Date.now();
    const child = spawn(command, args, { stdio: live ? "inherit" : ["ignore", "pipe", "pipe"] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => said.push(chunk));
    const end = (isWell, reason = "") => {
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      process.stdout.write(`${Buffer.concat(said)}${name}: ${isWell ? "ok" : `failed${reason}`}, ${seconds} s\n`);
      resolve(isWell);
    };
    child.on("error", (error) => end(false, ` (${error.message})`));
    child.on("close", (code) => end(code === 0));
  });

const ended = await Promise.all(steps.map(run));
process.exitCode = ended.every((isWell) => isWell) ? 0 : 1;
