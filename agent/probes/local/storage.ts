import { accessSync, constants } from "node:fs";
import { statfs } from "node:fs/promises";
import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe, type ProbeDeps, type ProbeOutcome, type SectionFailure } from "../probe.ts";
import { findSystemProgram, readProgram } from "./program.ts";
import { type Disk, readDisks } from "./storage/disks.ts";
import { isRemote, type Mount } from "./storage/mounts.ts";
import { isEncrypted, readMounts } from "./storage/read-mounts.ts";
import { emmcStatus, hasSmart, parseSmartctl } from "./storage/smart.ts";
import { decodeUdev, readUdev } from "./storage/udev.ts";
import { readVolumes } from "./storage/volumes.ts";
import { compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { isContainer } from "./virtual.ts";

const SECTOR_BYTES = 512;
const TIMEOUT_MS = 20_000;
const SMART_TIMEOUT_MS = 5_000;

/** Disks that smartctl is asked about in one round: a full inventory is to start five programs at most. */
const MAX_SMART_DISKS = 3;

const readPartitions = (tree: Tree, mounts: readonly Mount[]): SectionItem<"partitions">[] => {
  const byUuid = new Map(
    tree.list("/dev/disk/by-uuid").map((uuid) => [tree.linkName(`/dev/disk/by-uuid/${uuid}`), uuid]),
  );
  return tree.list("/sys/block").flatMap((disk) =>
    tree
      .list(`/sys/block/${disk}`)
      .filter((name) => name.startsWith(disk) && tree.exists(`/sys/block/${disk}/${name}/partition`))
      .map((name) => {
        const sys = `/sys/block/${disk}/${name}`;
        const dev = tree.value(`${sys}/dev`);
        const udev = readUdev(tree, dev);
        const partName = /^PARTNAME=(.+)$/m.exec(tree.readText(`${sys}/uevent`) ?? "")?.[1];
        return compact({
          name,
          disk,
          uuid: udev.get("ID_FS_UUID") ?? byUuid.get(name),
          label: decodeUdev(udev.get("ID_FS_LABEL_ENC") ?? udev.get("ID_FS_LABEL")) ?? partName,
          type: udev.get("ID_FS_TYPE") ?? mounts.find((mount) => mount.dev === dev)?.type,
          sizeBytes: (tree.number(`${sys}/size`) ?? 0) * SECTOR_BYTES,
        });
      }),
  );
};

type Space = { readonly sizeBytes: number; readonly freeBytes: number };

/** Size and free space of a local file system. ZFS and btrfs share their space between mounts, so their size is no property. */
const readSpace = async (mount: Mount): Promise<Space | undefined> => {
  if (isRemote(mount.type)) return undefined;
  try {
    const { blocks, bsize, bavail } = await statfs(mount.mountPoint);
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
};

const readFilesystems = async (tree: Tree, mounts: readonly Mount[], live: boolean) => {
  const gauges: Record<string, number> = {};
  const items: SectionItem<"filesystems">[] = [];
  for (const mount of mounts) {
    const space = live ? await readSpace(mount) : undefined;
    if (space !== undefined) gauges[`filesystem.freeBytes:${mount.mountPoint.slice(0, 200)}`] = space.freeBytes;
    const fixedSize = mount.type !== "zfs" && mount.type !== "btrfs";
    items.push(
      compact({
        mountPoint: mount.mountPoint,
        device: mount.source,
        type: mount.type,
        sizeBytes: fixedSize ? space?.sizeBytes : undefined,
        readOnly: mount.superReadOnly,
        encrypted: isRemote(mount.type) ? undefined : isEncrypted(tree, mount.dev),
      }),
    );
  }
  return { items, gauges };
};

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

type Rated = { readonly disks: Disk[]; readonly failures: readonly SectionFailure[] };

/** Adds the disks' own verdicts: eMMC says it in a file, the others only to root and by smartctl. */
const rateDisks = async (tree: Tree, found: readonly Disk[], { live, signal }: ProbeDeps): Promise<Rated> => {
  const disks = found.map((disk) => {
    const smartStatus = emmcStatus(tree.value(`/sys/block/${disk.name}/device/life_time`));
    return compact({ ...disk, smartStatus });
  });
  const asked = disks.filter(hasSmart);
  if (!live || asked.length === 0) return { disks, failures: [] };
  const failure = (kind: SectionFailure["kind"], reason: string): Rated => ({
    disks,
    failures: [{ section: "disks", kind, reason }],
  });
  if (!asked.every(({ name }) => isReadable(`/dev/${name}`)))
    return failure("needs-privilege", "SMART state: smartctl needs root");
  const smartctl = findSystemProgram("smartctl");
  if (smartctl === undefined) return failure("failed", "SMART state: smartctl is not there (package smartmontools)");
  const verdicts = new Map<string, Disk["smartStatus"]>();
  for (const { id, name } of asked.slice(0, MAX_SMART_DISKS)) {
    const limits = { signal, timeoutMs: SMART_TIMEOUT_MS, maxBytes: 1_048_576 };
    // Standby: a sleeping disk is not woken for this; smartctl then gives no verdict.
    const report = await readProgram(smartctl, ["--json", "-n", "standby", "-H", `/dev/${name}`], limits);
    if (report !== undefined) verdicts.set(id, parseSmartctl(report));
  }
  const rated = disks.map((disk) => compact({ ...disk, smartStatus: verdicts.get(disk.id) ?? disk.smartStatus }));
  const reason = `SMART state: asked for ${MAX_SMART_DISKS} of ${asked.length} disks`;
  return {
    disks: rated,
    failures: asked.length > MAX_SMART_DISKS ? [{ section: "disks", kind: "cut", reason }] : [],
  };
};

/** A container has file systems; disks and partitions are its host's. */
const readContainerStorage = async (tree: Tree, mounts: readonly Mount[], live: boolean): Promise<ProbeOutcome> => {
  const { items, gauges } = await readFilesystems(tree, mounts, live);
  return { status: "ok", sections: { disks: [], partitions: [], filesystems: items, volumes: [] }, gauges };
};

/** Disks, partitions, file systems, RAID and LVM. Sources: /sys/block, udev's notes, mountinfo; smartctl for SMART verdicts. */
export const storage = defineProbe({
  name: "storage",
  sections: ["disks", "partitions", "filesystems", "volumes"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const mounts = readMounts(tree);
    if (isContainer(tree)) return readContainerStorage(tree, mounts, deps.live);
    const { disks, failures } = await rateDisks(tree, readDisks(tree), deps);
    const filesystems = await readFilesystems(tree, mounts, deps.live);
    const partitions = readPartitions(tree, mounts);
    const volumes = readVolumes(tree);
    return {
      status: "ok",
      sections: { disks, partitions, filesystems: filesystems.items, volumes },
      failures,
      gauges: filesystems.gauges,
    };
  },
});
