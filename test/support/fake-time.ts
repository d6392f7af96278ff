import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A wall clock for other programs that a test may set while they run; their monotonic clock goes on as it is. */
export type FakeTime = {
  /** For the programs that shall see it. */
  readonly env: Readonly<Record<string, string>>;
  /** How far it is ahead of the real one, from now on. */
  readonly set: (aheadMs: number) => void;
};

/** Debian keeps it in a folder of the machine's architecture. */
const findLibrary = (): string => {
  const found = readdirSync("/usr/lib")
    .map((folder) => join("/usr/lib", folder, "faketime/libfaketimeMT.so.1"))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("libfaketimeMT.so.1 is not below /usr/lib: install faketime");
  return found;
};

/** @param file a file of the test's own, which the programs read whenever they ask for the time. */
export const createFakeTime = (file: string): FakeTime => {
  const set = (aheadMs: number) =>
    writeFileSync(file, `${aheadMs < 0 ? "-" : "+"}${Math.abs(Math.round(aheadMs / 1_000))}`);
  set(0);
  return {
    set,
    env: {
      LD_PRELOAD: findLibrary(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
  };
};
