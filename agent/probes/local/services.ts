import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { createUnitReader } from "./read-units.ts";
import { type UnitFile, unitValue } from "./systemd-units.ts";
import { clip, compact, maskSecrets } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Service = SectionItem<"services">;

const MAX_DEPTH = 6;

/**
 * Services that have processes right now: their control groups exist and are not empty. A service that runs once and ends
 * has none. systemd itself would have to be asked for more (failed, exited), by a program and over a bus.
 */
const readRunning = (tree: Tree): readonly string[] => {
  const found = new Set<string>();
  const visit = (folder: string, depth: number): void => {
    for (const name of tree.list(folder)) {
      if (name.endsWith(".service")) {
        const populated = /^populated 1$/m.test(tree.readText(`${folder}/${name}/cgroup.events`) ?? "");
        if (populated || tree.value(`${folder}/${name}/cgroup.procs`) !== undefined) found.add(name);
      } else if (name.endsWith(".slice") && depth < MAX_DEPTH) visit(`${folder}/${name}`, depth + 1);
    }
  };
  for (const base of ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"])
    for (const slice of ["system.slice", "machine.slice"]) visit(`${base}/${slice}`, 0);
  return [...found];
};

/**
 * Whether a service is meant to run all the time, so that its state says something. Those that run once, and those that
 * others start when they need them, would be found running or not by chance.
 */
const isLasting = (file: UnitFile, enabled: string): boolean =>
  (enabled === "enabled" || enabled === "generated") && unitValue(file, "Service.Type") !== "oneshot";

const readSystemd = (tree: Tree): Service[] => {
  const running = readRunning(tree);
  const isRunning = new Set(running);
  return createUnitReader(tree)
    .read(".service", running)
    .filter(({ enabled }) => enabled !== "alias")
    .map(({ name, file, enabled }) => {
      const command = unitValue(file, "Service.ExecStart");
      const description = unitValue(file, "Unit.Description");
      return compact({
        manager: "systemd",
        name: clip(name, 256),
        description: description === undefined ? undefined : clip(description, 256),
        enabled,
        state: isLasting(file, enabled) ? (isRunning.has(name) ? "running" : "stopped") : undefined,
        user: unitValue(file, "Service.User"),
        command: command === undefined ? undefined : clip(maskSecrets(command), 4_096),
      });
    });
};

/** Scripts that systemd does not stand in for, with the runlevels that start them. */
const readSysv = (tree: Tree, units: ReadonlySet<string>): Service[] => {
  const started = new Set(
    ["rc2.d", "rc3.d", "rc4.d", "rc5.d"].flatMap((level) =>
      [...tree.list(`/etc/${level}`), ...tree.list(`/etc/rc.d/${level}`)].flatMap(
        (name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? [],
      ),
    ),
  );
  return tree
    .list("/etc/init.d")
    .filter(
      (name) =>
        !/^(README|skeleton|functions|rc|rcS|\.|.*\.(dpkg|rpm)\w*$)/.test(name) && !units.has(`${name}.service`),
    )
    .map((name) => ({ manager: "sysv", name, enabled: started.has(name) ? "enabled" : "disabled" }));
};

const readOpenrc = (tree: Tree): Service[] => {
  if (!tree.isDirectory("/etc/runlevels")) return [];
  const levels = tree.list("/etc/runlevels").flatMap((level) => tree.list(`/etc/runlevels/${level}`));
  const enabled = new Set(levels);
  const started = new Set(tree.list("/run/openrc/started"));
  return tree.list("/etc/init.d").map((name) => ({
    manager: "openrc",
    name,
    enabled: enabled.has(name) ? "enabled" : "disabled",
    state: started.has(name) ? "running" : "stopped",
  }));
};

const TIMEOUT_MS = 20_000;

/** Services of systemd, OpenRC and SysV init. Sources: unit files and their links, control groups, runlevels. */
export const services = defineProbe({
  name: "services",
  sections: ["services"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const systemd = readSystemd(tree);
    const openrc = readOpenrc(tree);
    const sysv = openrc.length > 0 ? [] : readSysv(tree, new Set(systemd.map(({ name }) => name)));
    const found = [...systemd, ...openrc, ...sysv];
    return found.length === 0 ? { status: "no-data" } : { status: "ok", sections: { services: found } };
  },
});
