/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export type Mount = {
  /** "major:minor" of the file system. */
  readonly dev: string;
  /** Which part of the file system is mounted; "/" is all of it. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  /** Of the file system itself, not of this mount of it. */
  readonly superReadOnly: boolean;
};

/** The kernel writes white space and backslashes as \040. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

export const parseMountinfo = (text: string): readonly Mount[] =>
  text.split("\n").flatMap((line) => {
    const [left, right] = line.split(" - ");
    const [, , dev, root, mountPoint] = (left ?? "").split(" ");
    const [type, source, options] = (right ?? "").split(" ");
    if (!dev || !root || !mountPoint || !type || source === undefined) return [];
    return [
      {
        dev,
        root: unescapeOctal(root),
        mountPoint: unescapeOctal(mountPoint),
        type,
        source: unescapeOctal(source),
        superReadOnly: (options ?? "").split(",").includes("ro"),
      },
    ];
  });

/** File systems without storage behind them, and those of containers and snaps, which come and go with their packages. */
const unreal =
  /^(proc|sysfs|devtmpfs|devpts|tmpfs|ramfs|rootfs|cgroup2?|pstore|bpf|efivarfs|tracefs|debugfs|securityfs|hugetlbfs|mqueue|configfs|fusectl|binfmt_misc|autofs|rpc_pipefs|nsfs|selinuxfs|squashfs|erofs|overlay|aufs|fuse\.(?!sshfs|glusterfs|ceph|s3fs|rclone).*|nfsd|binder|iso9660|udf)$/;
/** Asking these for their size may wait for a server that is away. */
const remote = /^(nfs\d?|cifs|smb3?|smbfs|9p|ceph|afs|glusterfs|lustre|beegfs|fuse\..*|virtiofs|ncpfs|davfs)$/;

export const isRemote = (type: string): boolean => remote.test(type);

/**
 * The mounts that are this host's file systems: whole ones (a bind mount of a part shows nothing new, and a sandboxed agent
 * sees many), subvolumes of btrfs, and the root whatever it is made of. The last mount on a point hides those before.
 */
export const realMounts = (mounts: readonly Mount[]): readonly Mount[] => {
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  return [...visible.values()].filter(
    ({ mountPoint, type, root }) =>
      (mountPoint === "/" && type !== "rootfs") || (!unreal.test(type) && (root === "/" || type === "btrfs")),
  );
};
