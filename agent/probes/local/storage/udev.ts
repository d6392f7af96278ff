import type { Tree } from "../tree.ts";

/** udev's notes about a block device, readable by everybody: /run/udev/data/b259:0 with lines "E:ID_SERIAL=...". */
export const parseUdevData = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return line.startsWith("E:") && at > 0 ? [[line.slice(2, at), line.slice(at + 1)] as const] : [];
    }),
  );

/** udev writes white space and other odd ASCII of labels as \x20; valid UTF-8 it leaves as it is. */
export const decodeUdev = (text: string | undefined): string | undefined =>
  text?.replace(/\\x([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** @param dev "major:minor", as /sys says it. */
export const readUdev = (tree: Tree, dev: string | undefined): ReadonlyMap<string, string> =>
  parseUdevData(dev === undefined ? "" : (tree.readText(`/run/udev/data/b${dev}`) ?? ""));
