import "../../shared/check-node.mjs";

// npm run bench -- NAME [options]: each benchmark is one file, test/bench/NAME.ts, that exports `run(args)`.
const [name, ...args] = process.argv.slice(2);
const { readdirSync } = await import("node:fs");
const names = readdirSync(new URL(".", import.meta.url)).flatMap((f) => (f.endsWith(".ts") ? [f.slice(0, -3)] : []));
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [options], NAME one of: ${names.join(", ")}\n`);
  process.exit(64);
}
const { run } = await import(`./${name}.ts`);
await run(args);
