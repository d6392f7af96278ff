import type { Tree } from "./tree.ts";

/**
 * Names of PCI and USB devices from the host's own copy of the ids files (package pci.ids, usb.ids or hwdata). The files
 * have 40,000 lines and an inventory asks for a few dozen: only what was asked for is kept.
 */
export type IdNames = { readonly vendor: string | undefined; readonly device: string | undefined };

const FOLDERS = ["/usr/share/hwdata", "/usr/share/misc"];
const MAX_BYTES = 8_388_608;

/** @param wanted "8086:2922", lower case. Lines: "8086  Intel" and below it, after a tab, "2922  82801IR". */
export const parseIds = (text: string, wanted: ReadonlySet<string>): ReadonlyMap<string, IdNames> => {
  const byVendor = Map.groupBy(wanted, (id) => id.slice(0, 4));
  const found = new Map<string, IdNames>();
  for (const [vendor, ids] of byVendor) {
    const start = text.startsWith(`${vendor} `) ? 0 : text.indexOf(`\n${vendor}  `) + 1;
    if (start === 0 && !text.startsWith(`${vendor} `)) continue;
    // A vendor's block ends at the next line that begins with neither a tab nor a comment.
    const block = /^[^\n]*(?:\n[\t#][^\n]*)*/.exec(text.slice(start, start + 1_000_000))?.[0] ?? "";
    const name = block.slice(6, block.indexOf("\n") < 0 ? undefined : block.indexOf("\n")).trim();
    for (const id of ids) {
      const device = new RegExp(`\\n\\t${id.slice(5)}  ([^\\n]+)`).exec(block)?.[1];
      found.set(id, { vendor: name, device });
    }
  }
  return found;
};

export const readIds = (tree: Tree, bus: "pci" | "usb", wanted: ReadonlySet<string>): ReadonlyMap<string, IdNames> => {
  if (wanted.size === 0) return new Map();
  for (const folder of FOLDERS) {
    const text = tree.readBytes(`${folder}/${bus}.ids`, { maxBytes: MAX_BYTES });
    if (text !== undefined) return parseIds(Buffer.from(text).toString("latin1"), wanted);
  }
  return new Map();
};
