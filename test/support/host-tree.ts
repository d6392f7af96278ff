import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One entry of a recorded tree: a file's text or octets, what a link says, or nothing for an empty folder. */
export type TreeEntry = readonly [
  path: string,
  content: string | { readonly base64: string } | { readonly link: string } | null,
];

const fixtures = fileURLToPath(new URL("../fixtures/trees/", import.meta.url));

/** Entries of test/fixtures/trees/NAME.tree: a line of JSON each. */
export const readTreeFixture = (name: string): readonly TreeEntry[] =>
  readFileSync(join(fixtures, `${name}.tree`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TreeEntry);

/** All planted files are of this time, so that install times derived from files are the same everywhere. */
export const plantedAt = new Date("2026-01-05T08:00:00.000Z");

/** Writes entries below a folder, which then is a root for `--root`. Later entries replace earlier ones. */
export const plantTree = (folder: string, entries: readonly TreeEntry[]): string => {
  for (const [path, content] of entries) {
    const target = join(folder, path);
    if (content === null) {
      mkdirSync(target, { recursive: true });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === "object" && "link" in content) {
      symlinkSync(content.link, target);
      continue;
    }
    writeFileSync(target, typeof content === "string" ? content : Buffer.from(content.base64, "base64"));
    utimesSync(target, plantedAt, plantedAt);
  }
  return folder;
};
