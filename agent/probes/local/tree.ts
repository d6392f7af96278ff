import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { RollcallError } from "../../../shared/errors.ts";
import type { ProbeDeps } from "../probe.ts";

/**
 * A host's files as the probes see them: bounded, under a root that symbolic links can't lead out of, and never blocking
 * on a FIFO or a device. What is absent reads as undefined; what permissions keep from us does too, and is listed in
 * `denied`, so that a probe can say "needs privilege" where it matters.
 *
 * Reading is synchronous on purpose: an inventory is thousands of tiny reads from /proc and /sys in a process of its own,
 * and probes then read like what they are. Each read checks the probe's time-out instead.
 */
export type Tree = {
  readonly readText: (path: string, limits?: { readonly maxBytes?: number }) => string | undefined;
  readonly readBytes: (
    path: string,
    limits?: { readonly maxBytes?: number; readonly offset?: number },
  ) => Uint8Array | undefined;
  /** The one value that most files of /sys hold, trimmed; undefined where it is empty or longer than any value. */
  readonly value: (path: string) => string | undefined;
  /** `value` as a whole decimal number. */
  readonly number: (path: string) => number | undefined;
  /** Names in a folder, in order; none where there is no such folder. */
  readonly list: (path: string) => readonly string[];
  readonly exists: (path: string) => boolean;
  readonly isDirectory: (path: string) => boolean;
  /** What a symbolic link says, unresolved. */
  readonly link: (path: string) => string | undefined;
  /** Last part of what a symbolic link says: the driver, the subsystem, the parent. */
  readonly linkName: (path: string) => string | undefined;
  /** The path without symbolic links, within the tree. */
  readonly real: (path: string) => string | undefined;
  /** Undefined, too, for a time that no calendar has. */
  readonly modifiedAtMs: (path: string) => number | undefined;
  readonly mode: (path: string) => number | undefined;
  readonly sizeBytes: (path: string) => number | undefined;
  /** Where the file is for a library that opens it itself (SQLite). */
  readonly hostPath: (path: string) => string | undefined;
  /** Paths that exist but that we may not read. */
  readonly denied: readonly string[];
};

const MAX_LINKS = 40;
/** The end of 9999, the last moment that RFC 3339 can write. */
const LATEST_MS = 253_402_300_799_999;
const MAX_NAMES = 200_000;
const DEFAULT_MAX_BYTES = 1_048_576;
const CHUNK = 65_536;
/** No value of /sys or /proc is longer; what is, is something else. */
const MAX_VALUE_BYTES = 65_536;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
const isDenied = (error: unknown): boolean => codeOf(error) === "EACCES" || codeOf(error) === "EPERM";
/** What a file system says of something that is not there, not ready, or not of that kind; drivers answer reads with any of them. */
const absent = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EINVAL",
  "EIO",
  "ENODEV",
  "ENXIO",
  "ENODATA",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EISDIR",
  "ESRCH",
  "EAGAIN",
  "EBUSY",
  "ENOTCONN",
  "ESTALE",
  "ETIMEDOUT",
  "EREMOTEIO",
  "EOVERFLOW",
  "EBADMSG",
  "EPROTO",
  "ECONNRESET",
  "ENOTTY",
  "EPIPE",
  "ENOMEDIUM",
  "ERR_INVALID_ARG_VALUE",
  "UNKNOWN",
]); // biome format: keep as a table

/**
 * Follows symbolic links as if `root` were "/", so that a recorded or foreign tree can't point outside itself.
 * @returns the path on the running host, or undefined where links loop.
 */
const createResolver = (root: string): ((path: string) => string | undefined) => {
  if (root === "/") return (path) => path;
  const folders = new Map<string, string | undefined>();
  const linkOf = (path: string): string | undefined => {
    try {
      return lstatSync(join(root, path)).isSymbolicLink() ? readlinkSync(join(root, path)) : undefined;
    } catch {
      return undefined;
    }
  };
  const walk = (path: string, budget: { links: number }): string | undefined => {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    let here = "";
    for (const [i, part] of parts.entries()) {
      if (part === "..") {
        here = here.slice(0, Math.max(0, here.lastIndexOf("/")));
        continue;
      }
      const next = `${here}/${part}`;
      if (folders.has(next) && folders.get(next) === next) {
        here = next;
        continue;
      }
      const target = linkOf(next);
      if (target === undefined) {
        if (i < parts.length - 1) folders.set(next, next);
        here = next;
        continue;
      }
      if (++budget.links > MAX_LINKS) return undefined;
      const rest = parts.slice(i + 1).join("/");
      return walk(target.startsWith("/") ? `${target}/${rest}` : `${here}/${target}/${rest}`, budget);
    }
    return here === "" ? "/" : here;
  };
  return (path) => {
    const inner = walk(path, { links: 0 });
    return inner === undefined ? undefined : join(root, inner);
  };
};

const readAll = (fd: number, path: string, maxBytes: number, offset: number | undefined): Uint8Array => {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    // One octet beyond the bound tells a file that just fits from one that does not.
    const wanted = offset === undefined ? maxBytes + 1 : maxBytes;
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, wanted - total));
    const got = readSync(fd, chunk, 0, chunk.length, offset === undefined ? null : offset + total);
    if (got === 0) break;
    total += got;
    // A read from a given offset asks for a piece; any other asks for the whole file and must not get half of it.
    if (total > maxBytes && offset === undefined)
      throw new RollcallError("probe.too-large", `reading ${path}: it is larger than ${maxBytes} bytes`);
    chunks.push(chunk.subarray(0, got));
    if (offset !== undefined && total >= maxBytes) break;
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
};

type TreeDeps = Pick<ProbeDeps, "root" | "clock" | "signal"> & {
  /** After this long every further read throws `probe.timed-out`. */
  readonly timeoutMs: number;
};

export const createTree = ({ root, clock, signal, timeoutMs }: TreeDeps): Tree => {
  const resolve = createResolver(root);
  const deadline = clock.monotonic() + timeoutMs;
  const denied = new Set<string>();

  /** Runs one call; absence and refusal become undefined. `path` is what the caller asked for. */
  const guarded = <T>(path: string, run: (hostPath: string) => T): T | undefined => {
    signal.throwIfAborted();
    if (clock.monotonic() > deadline)
      throw new RollcallError("probe.timed-out", `gave up at ${path} after ${timeoutMs} ms`);
    const hostPath = resolve(path);
    if (hostPath === undefined) return undefined;
    try {
      return run(hostPath);
    } catch (error) {
      if (isDenied(error)) denied.add(path);
      else if (!absent.has(codeOf(error))) throw error;
      return undefined;
    }
  };

  const readBytes: Tree["readBytes"] = (path, { maxBytes = DEFAULT_MAX_BYTES, offset } = {}) =>
    guarded(path, (hostPath) => {
      // O_NONBLOCK: opening a FIFO or a device without a medium must not wait.
      const fd = openSync(hostPath, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        return fstatSync(fd).isFile() ? readAll(fd, path, maxBytes, offset) : undefined;
      } finally {
        closeSync(fd);
      }
    });
  const readText: Tree["readText"] = (path, limits) => {
    const bytes = readBytes(path, limits);
    return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  };
  const value: Tree["value"] = (path) => {
    const bytes = readBytes(path, { maxBytes: MAX_VALUE_BYTES + 1, offset: 0 });
    if (bytes === undefined || bytes.length > MAX_VALUE_BYTES) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8").replaceAll("\0", "").trim();
    return text === "" ? undefined : text;
  };
  const stat = (path: string) => guarded(path, (hostPath) => statSync(hostPath));
  const link: Tree["link"] = (path) => {
    const cut = path.lastIndexOf("/");
    // The folder is resolved, the last part is not: it is the link that is asked for.
    return guarded(cut > 0 ? path.slice(0, cut) : "/", (folder) => readlinkSync(join(folder, path.slice(cut + 1))));
  };

  return {
    readBytes,
    readText,
    value,
    number: (path) => {
      const text = value(path);
      return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    },
    list: (path) => {
      const names = guarded(path, (hostPath) => readdirSync(hostPath)) ?? [];
      if (names.length > MAX_NAMES)
        throw new RollcallError("probe.too-large", `reading ${path}: more than ${MAX_NAMES} names`);
      return names.sort();
    },
    exists: (path) => stat(path) !== undefined,
    isDirectory: (path) => stat(path)?.isDirectory() === true,
    link,
    linkName: (path) => link(path)?.split("/").filter(Boolean).at(-1),
    real: (path) => {
      const hostPath = guarded(path, (resolved) => (root === "/" ? realpathSync.native(resolved) : resolved));
      if (hostPath === undefined || root === "/") return hostPath;
      return `/${hostPath.slice(root.length).replace(/^\/+/, "")}`;
    },
    modifiedAtMs: (path) => {
      const ms = stat(path)?.mtimeMs;
      return ms !== undefined && ms >= 0 && ms <= LATEST_MS ? ms : undefined;
    },
    mode: (path) => stat(path)?.mode,
    sizeBytes: (path) => stat(path)?.size,
    hostPath: resolve,
    get denied() {
      return [...denied];
    },
  };
};
