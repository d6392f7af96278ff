import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/** Where a program of the system is: never looked for along PATH, which whoever started us chose. */
export const findSystemProgram = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));

export type ProgramLimits = { readonly signal: AbortSignal; readonly timeoutMs: number; readonly maxBytes: number };

/**
 * What a program prints, in the C locale and without input. Exit codes other than 0 are no failure: smartctl, for one,
 * says in them how the disk is. Undefined where it could not be started, was too slow, or printed too much.
 */
export const readProgram = (
  file: string,
  args: readonly string[],
  { signal, timeoutMs, maxBytes }: ProgramLimits,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    const env = { PATH: FOLDERS.join(":"), LC_ALL: "C" };
    const options = { env, signal, timeout: timeoutMs, maxBuffer: maxBytes, killSignal: "SIGKILL" } as const;
    const child = execFile(file, args, options, (error, stdout) =>
      resolve(error !== null && typeof error.code !== "number" ? undefined : stdout),
    );
    child.stdin?.end();
  });
