import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { decodeLastlog, decodeWtmp, lastlogOffset } from "./login-records.ts";
import { clip, compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type User = SectionItem<"users">;

/** passwd(5). The first part of GECOS is the full name. */
export const parsePasswd = (text: string): readonly User[] =>
  text.split("\n").flatMap((line) => {
    const [name, , uid, , gecos, home, shell] = line.split(":");
    if (!name || uid === undefined || shell === undefined || line.startsWith("#")) return [];
    const fullName = gecos?.split(",")[0]?.trim();
    return [
      compact({
        name: clip(name, 256),
        uid,
        fullName: fullName ? clip(fullName, 256) : undefined,
        home: home || undefined,
        shell: shell.trim() || undefined,
      }),
    ];
  });

/** group(5). */
export const parseGroup = (text: string): readonly SectionItem<"groups">[] =>
  text.split("\n").flatMap((line) => {
    const [name, , gid, members] = line.split(":");
    if (!name || gid === undefined || line.startsWith("#")) return [];
    return [
      {
        name: clip(name, 256),
        gid,
        members: (members ?? "")
          .split(",")
          .map((m) => m.trim())
          .filter(Boolean)
          .sort()
          .slice(0, 4_096),
      },
    ];
  });

const WTMP_BYTES = 384;
const MAX_WTMP_BYTES = WTMP_BYTES * 20_000;

/** The newest records, which are at the end. */
const readWtmp = (tree: Tree): Uint8Array => {
  const whole = Math.floor((tree.sizeBytes("/var/log/wtmp") ?? 0) / WTMP_BYTES) * WTMP_BYTES;
  const offset = Math.max(0, whole - MAX_WTMP_BYTES);
  return tree.readBytes("/var/log/wtmp", { maxBytes: MAX_WTMP_BYTES, offset }) ?? new Uint8Array();
};

const createLastLogins = (tree: Tree): ((user: User) => number | undefined) => {
  const wtmp = decodeWtmp(readWtmp(tree));
  return ({ name, uid }) => {
    const number = Number(uid);
    const record =
      Number.isSafeInteger(number) && number >= 0 && number < 4_294_967_295
        ? tree.readBytes("/var/log/lastlog", lastlogOffset(number))
        : undefined;
    const times = [decodeLastlog(record), wtmp.get(name)].filter((seconds) => seconds !== undefined);
    return times.length === 0 ? undefined : Math.max(...times);
  };
};

const TIMEOUT_MS = 10_000;

/** Local users and groups with last logins. They are about people: off unless switched on. Passwords are never read. */
export const users = defineProbe({
  name: "users",
  sections: ["users", "groups"],
  platforms: ["linux"],
  personal: true,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const lastLogin = createLastLogins(tree);
    const found = parsePasswd(tree.readText("/etc/passwd", { maxBytes: 16_777_216 }) ?? "").map((user) => {
      const seconds = lastLogin(user);
      return compact({ ...user, lastLoginAt: seconds === undefined ? undefined : toTimestamp(seconds * 1_000) });
    });
    const groups = parseGroup(tree.readText("/etc/group", { maxBytes: 16_777_216 }) ?? "");
    return { status: "ok", sections: { users: found, groups } };
  },
});
