import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program is, on PATH or in the folders that only root's PATH names. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, name))
    .find(isExecutable);

export type Requirement = { readonly program: string; readonly package?: string } | { readonly root: true };

const missing = (requirement: Requirement): string | undefined => {
  if ("root" in requirement) return process.getuid?.() === 0 ? undefined : "root";
  return findProgram(requirement.program) ? undefined : (requirement.package ?? requirement.program);
};

/**
 * A `describe` that needs more than Node: skips, saying in one line what to install, where something is missing;
 * with ROLLCALL_TEST_REQUIRE=all a skip is a failure.
 */
export const describeWith = (name: string, requirements: readonly Requirement[], body: () => void): void => {
  const lacking = requirements.map(missing).filter((what) => what !== undefined);
  if (lacking.length === 0) return void describe(name, body);
  const advice = `${name}: skipped, needs ${lacking.join(", ")}`;
  if (process.env["ROLLCALL_TEST_REQUIRE"] === "all")
    throw new Error(`${advice} (ROLLCALL_TEST_REQUIRE=all forbids skipping)`);
  process.stderr.write(`${advice}\n`);
  describe.skip(name, body);
};
