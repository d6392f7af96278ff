import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { type CronJob, parseAnacrontab, parseCrontab } from "./cron.ts";
import { createUnitReader } from "./read-units.ts";
import { timerSchedule, unitValue } from "./systemd-units.ts";
import { clip, compact, maskSecrets } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Task = SectionItem<"scheduledTasks">;

const readTimers = (tree: Tree): Task[] =>
  createUnitReader(tree)
    .read(".timer", [])
    .filter(({ enabled }) => enabled !== "alias")
    .map(({ name, file, enabled }) =>
      compact({
        source: "systemd",
        name: clip(name, 256),
        schedule: clip(timerSchedule(file) ?? "none", 256),
        command: unitValue(file, "Timer.Unit") ?? name.replace(/\.timer$/, ".service"),
        enabled: enabled === "enabled" || enabled === "static" || enabled === "generated",
      }),
    );

/** A job's name is where it stands and what it does: a line's number would rename all below an inserted one. */
const toTasks = (source: string, jobs: readonly CronJob[]): Task[] => {
  const seen = new Map<string, number>();
  return jobs.map(({ schedule, command }) => {
    const masked = clip(maskSecrets(command), 4_096);
    const base = clip(masked, 240);
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return {
      source,
      name: count === 1 ? base : `${base} #${count}`,
      schedule: clip(schedule, 256),
      command: masked,
      enabled: true,
    };
  });
};

const readCrontabs = (tree: Tree): Task[] => {
  const system = ["/etc/crontab", ...tree.list("/etc/cron.d").map((name) => `/etc/cron.d/${name}`)];
  // cron skips names with dots (packagers' leftovers), and so do we.
  const shared = system
    .filter((path) => /\/[A-Za-z0-9_-]+$/.test(path))
    .flatMap((path) => toTasks(path, parseCrontab(tree.readText(path) ?? "", true)));
  // root's own table only: those of others tell of people (design §1.7).
  const root = ["/var/spool/cron/crontabs/root", "/var/spool/cron/root"].flatMap((path) =>
    toTasks("crontab of root", parseCrontab(tree.readText(path) ?? "", false)),
  );
  return [...shared, ...root];
};

const readFolders = (tree: Tree): Task[] =>
  ["hourly", "daily", "weekly", "monthly"].flatMap((period) =>
    tree
      .list(`/etc/cron.${period}`)
      .filter((name) => /^[A-Za-z0-9_-]+$/.test(name))
      .map((name) => {
        const path = `/etc/cron.${period}/${name}`;
        const isExecutable = ((tree.mode(path) ?? 0) & 0o111) !== 0;
        return { source: `/etc/cron.${period}`, name, schedule: `@${period}`, command: path, enabled: isExecutable };
      }),
  );

const readAnacron = (tree: Tree): Task[] =>
  parseAnacrontab(tree.readText("/etc/anacrontab") ?? "").map(({ name, schedule, command }) => ({
    source: "/etc/anacrontab",
    name: clip(name, 256),
    schedule,
    command: clip(maskSecrets(command), 4_096),
    enabled: true,
  }));

const TIMEOUT_MS = 20_000;

/** What runs by the clock: systemd timers, cron, anacron. What looks like a secret in a command is masked. */
export const scheduledTasks = defineProbe({
  name: "scheduledTasks",
  sections: ["scheduledTasks"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const found = [...readTimers(tree), ...readCrontabs(tree), ...readFolders(tree), ...readAnacron(tree)];
    return { status: "ok", sections: { scheduledTasks: found } };
  },
});
