import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * Six projects. `unit` and `contracts` touch no network beyond loopback and take seconds; the files of `unit` share their
 * process and what it has imported, since modules keep no state but caches: that halves its time; `e2e` starts real processes,
 * brokers, browsers and ticket systems where they are installed, two files side by side, since they mostly wait; `lab` sweeps
 * networks of namespaces, whose neighbour table is one for the whole host; `long` holds kills, chaos, fuzzing and all seeds, two
 * files side by side, and `long-lab` what of that looks around in namespaces, or keeps time.
 */
type Options = {
  readonly testTimeout?: number;
  readonly exclude?: string[];
  readonly fileParallelism?: boolean;
  readonly isolate?: boolean;
  readonly sequence?: { readonly groupOrder: number };
};
/** Programs are started hundreds of times from their sources: what was stripped of its types once need not be again. */
const env = { NODE_COMPILE_CACHE: join(tmpdir(), "rollcall-test-compile-cache") };
/** Time-outs are those of a machine that is busy otherwise: what hangs is found out all the same, only later. */
const suite = (name: string, include: string[], options: Options = {}) => ({
  test: { name, include, environment: "node" as const, env, testTimeout: 60_000, hookTimeout: 180_000, ...options },
});

const lookingAround = ["test/long/{sweep,presence}*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default"],
    maxWorkers: 2,
    projects: [
      suite("unit", ["test/*.test.ts", "test/{agent,collector,shared}/**/*.test.ts"], { isolate: false }),
      suite("contracts", ["test/contracts/**/*.test.ts"], { testTimeout: 90_000 }),
      suite("e2e", ["test/{e2e,desks}/**/*.test.ts"], { testTimeout: 120_000, sequence: { groupOrder: 1 } }),
      suite("lab", ["test/lab/**/*.test.ts"], {
        ...{ testTimeout: 120_000, fileParallelism: false },
        sequence: { groupOrder: 2 },
      }),
      suite("long", ["test/long/**/*.test.ts"], {
        ...{ testTimeout: 1_800_000, exclude: lookingAround },
        sequence: { groupOrder: 3 },
      }),
      suite("long-lab", lookingAround, {
        ...{ testTimeout: 1_800_000, fileParallelism: false },
        sequence: { groupOrder: 4 },
      }),
    ],
  },
});
