import { defineConfig } from "vitest/config";

/**
 * Four projects. `unit` and `contracts` touch no network beyond loopback and take seconds; `e2e` starts real processes,
 * brokers, browsers and namespaces where they are installed; `long` holds kills, chaos, fuzzing and all seeds.
 */
const suite = (name: string, include: string[], options: { testTimeout?: number; fileParallelism?: boolean } = {}) => ({
  test: { name, include, environment: "node" as const, testTimeout: 15_000, hookTimeout: 60_000, ...options },
});

export default defineConfig({
  test: {
    reporters: ["default"],
    maxWorkers: 2,
    projects: [
      suite("unit", ["test/*.test.ts", "test/{agent,collector,shared}/**/*.test.ts"]),
      suite("contracts", ["test/contracts/**/*.test.ts"], { testTimeout: 30_000 }),
      suite("e2e", ["test/{e2e,lab,desks}/**/*.test.ts"], { testTimeout: 120_000, fileParallelism: false }),
      suite("long", ["test/long/**/*.test.ts"], { testTimeout: 1_800_000, fileParallelism: false }),
    ],
  },
});
