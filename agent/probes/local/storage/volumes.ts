import { lookup } from "../../../../shared/lookup.ts";
import type { SectionItem } from "../../../../shared/protocol/sections.ts";
import { compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { readUdev } from "./udev.ts";

type Volume = SectionItem<"volumes">;

const SECTOR_BYTES = 512;

/** "vg0-home--data" names logical volume "home-data" of group "vg0": device-mapper doubles the dashes of each. */
export const splitLvmName = (name: string): { readonly group: string; readonly volume: string } | undefined => {
  const at = /[^-]-(?!-)/.exec(name);
  if (!at) return undefined;
  const undo = (part: string) => part.replaceAll("--", "-");
  return { group: undo(name.slice(0, at.index + 1)), volume: undo(name.slice(at.index + 2)) };
};

/** The prefix of a mapped device's UUID tells who made it: "LVM-...", "CRYPT-LUKS2-...", "mpath-...". */
export const mappedKind = (uuid: string | undefined): string => {
  const prefix = /^([A-Za-z]+)-/.exec(uuid ?? "")?.[1]?.toLowerCase();
  const kinds: Record<string, string> = {
    lvm: "lvm",
    crypt: "crypt",
    mpath: "multipath",
    dmraid: "raid",
    stratis: "stratis",
  };
  return lookup(kinds, prefix) ?? "device-mapper";
};

/** What a device is made of; mapped ones by their names, since "dm-3" is another one after the next start. */
const readMembers = (tree: Tree, sys: string): string[] =>
  tree.list(`${sys}/slaves`).map((member) => tree.value(`${sys}/slaves/${member}/dm/name`) ?? member);

const readMapped = (tree: Tree, device: string): Volume | undefined => {
  const sys = `/sys/block/${device}`;
  const name = tree.value(`${sys}/dm/name`);
  const uuid = tree.value(`${sys}/dm/uuid`);
  if (name === undefined) return undefined;
  const kind = mappedKind(uuid);
  const lvm = kind === "lvm" ? splitLvmName(name) : undefined;
  return compact({
    id: uuid ?? `name:${name}`,
    kind,
    name: lvm === undefined ? name : `${lvm.group}/${lvm.volume}`,
    level: kind === "crypt" ? /^CRYPT-(\w+)-/.exec(uuid ?? "")?.[1]?.toLowerCase() : undefined,
    state: tree.value(`${sys}/dm/suspended`) === "1" ? "suspended" : "active",
    sizeBytes: (tree.number(`${sys}/size`) ?? 0) * SECTOR_BYTES,
    members: readMembers(tree, sys),
  });
};

const readRaid = (tree: Tree, device: string): Volume | undefined => {
  const sys = `/sys/block/${device}`;
  const level = tree.value(`${sys}/md/level`);
  if (level === undefined) return undefined;
  const udev = readUdev(tree, tree.value(`${sys}/dev`));
  const uuid = tree.value(`${sys}/md/uuid`) ?? udev.get("MD_UUID");
  const missing = tree.number(`${sys}/md/degraded`) ?? 0;
  return compact({
    id: uuid ?? `name:${device}`,
    kind: "md",
    name: udev.get("MD_DEVNAME") ?? device,
    level,
    // "clean" and "active" alternate with every write: only what needs a person is told apart.
    state:
      missing > 0
        ? "degraded"
        : /^(inactive|broken|readonly)/.test(tree.value(`${sys}/md/array_state`) ?? "")
          ? "inactive"
          : "healthy",
    sizeBytes: (tree.number(`${sys}/size`) ?? 0) * SECTOR_BYTES,
    members: readMembers(tree, sys),
  });
};

const readPool = (tree: Tree, pool: string): Volume | undefined => {
  const state = tree.value(`/proc/spl/kstat/zfs/${pool}/state`);
  return state === undefined ? undefined : { id: `zpool:${pool}`, kind: "zfs", name: pool, state: state.toLowerCase() };
};

/** Software RAID, device mapper (LVM, encryption, multipath) and ZFS pools. */
export const readVolumes = (tree: Tree): Volume[] => {
  const devices = tree.list("/sys/block");
  return [
    ...devices.filter((name) => /^dm-\d+$/.test(name)).map((name) => readMapped(tree, name)),
    ...devices.filter((name) => /^md\d+$|^md_/.test(name)).map((name) => readRaid(tree, name)),
    ...tree.list("/proc/spl/kstat/zfs").map((name) => readPool(tree, name)),
  ].filter((volume) => volume !== undefined);
};
