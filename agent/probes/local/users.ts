import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { decodeLastlog, decodeWtmp, lastlogOffset } from "./login-records.ts";
import { readSqlite } from "./sqlite-reader.ts";
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

/** Debian 13 and others keep last logins in SQLite, which lasts beyond 2038 (lastlog2 of util-linux). */
const readLastlog2 = async (tree: Tree): Promise<ReadonlyMap<string, number>> => {
  const rows = await readSqlite(tree, "/var/lib/lastlog/lastlog2.db", "SELECT Name, Time FROM Lastlog2");
  return new Map(
    (rows ?? []).flatMap(({ Name: name, Time: time }) =>
      typeof name === "string" && typeof time === "number" && time > 0 ? [[name, time] as const] : [],
    ),
  );
};

const createLastLogins = async (tree: Tree): Promise<(user: User) => number | undefined> => {
  const wtmp = decodeWtmp(readWtmp(tree));
  const lastlog2 = await readLastlog2(tree);
  return ({ name, uid }) => {
    const number = Number(uid);
    const isId = Number.isSafeInteger(number) && number >= 0 && number < 4_294_967_295;
    const record = isId ? tree.readBytes("/var/log/lastlog", lastlogOffset(number)) : undefined;
    const times = [decodeLastlog(record), wtmp.get(name), lastlog2.get(name)].filter(
      (seconds) => seconds !== undefined,
    );
    return times.length === 0 ? undefined : Math.max(...times);
  };
};

const LATEST_SECONDS = 253_402_300_799; // the end of 9999, which RFC 3339 can still write

const toTime = (seconds: number | undefined): string | undefined =>
  seconds === undefined || seconds > LATEST_SECONDS ? undefined : toTimestamp(seconds * 1_000);

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
    const lastLogin = await createLastLogins(tree);
    const found = parsePasswd(tree.readText("/etc/passwd", { maxBytes: 16_777_216 }) ?? "").map((user) => {
      const seconds = lastLogin(user);
      return compact({ ...user, lastLoginAt: toTime(seconds) });
    });
    const groups = parseGroup(tree.readText("/etc/group", { maxBytes: 16_777_216 }) ?? "");
    return { status: "ok", sections: { users: found, groups } };
  },
});
