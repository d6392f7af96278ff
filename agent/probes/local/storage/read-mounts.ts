import type { Tree } from "../tree.ts";
import { type Mount, parseMountinfo, realMounts } from "./mounts.ts";

/** pid 1's view where we may see it: a sandboxed agent's own has read-only and private mounts that the host has not. */
export const readMounts = (tree: Tree): readonly Mount[] =>
  realMounts(parseMountinfo(tree.readText("/proc/1/mountinfo") || tree.readText("/proc/self/mountinfo") || ""));

const MAX_LAYERS = 8;

/** Whether any layer below a block device is encrypted; layers are found by their slaves. @param dev "major:minor". */
export const isEncrypted = (tree: Tree, dev: string, depth = 0): boolean => {
  const sys = tree.real(`/sys/dev/block/${dev}`);
  if (sys === undefined || depth > MAX_LAYERS) return false;
  if (/^CRYPT-/.test(tree.value(`${sys}/dm/uuid`) ?? "")) return true;
  return tree
    .list(`${sys}/slaves`)
    .some((name) => isEncrypted(tree, tree.value(`${sys}/slaves/${name}/dev`) ?? "", depth + 1));
};
