import { machine } from "node:os";
import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { parseOsRelease } from "./os-release.ts";
import { compact, significantLines } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

/** The zone behind /etc/localtime: what follows "zoneinfo/" in its link. */
export const zoneOfLink = (target: string | undefined): string | undefined =>
  /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(target ?? "")?.[1];

/** The first dotted name that /etc/hosts gives this host, which is what `hostname --fqdn` asks for first. */
export const fqdnFromHosts = (hosts: string, hostname: string): string | undefined => {
  const wanted = hostname.toLowerCase();
  if (wanted.includes(".")) return wanted;
  for (const line of significantLines(hosts)) {
    const names = line
      .split("#")[0]
      ?.trim()
      .split(/\s+/)
      .slice(1)
      .map((name) => name.toLowerCase());
    if (!names?.includes(wanted)) continue;
    const full = names.find((name) => name.startsWith(`${wanted}.`) && !name.endsWith(".localdomain"));
    if (full !== undefined) return full;
  }
  return undefined;
};

/** When the system was put on its disk: what the installers leave behind, else the birth of the root file system. */
const readInstalledAt = (tree: Tree): string | undefined => {
  const marks = ["/var/log/installer/syslog", "/var/log/installer", "/root/anaconda-ks.cfg", "/lost+found"];
  const at = marks.map((path) => tree.modifiedAtMs(path)).find((ms) => ms !== undefined && ms > 0);
  return at === undefined ? undefined : toTimestamp(at);
};

const readOs = (tree: Tree, live: boolean): SectionItem<"os"> => {
  const release = parseOsRelease(tree.readText("/etc/os-release") ?? tree.readText("/usr/lib/os-release") ?? "");
  const kernel = (name: string) => tree.value(`/proc/sys/kernel/${name}`);
  const hostname = kernel("hostname") ?? tree.value("/etc/hostname");
  const fqdn = hostname === undefined ? undefined : fqdnFromHosts(tree.readText("/etc/hosts") ?? "", hostname);
  const nisDomain = kernel("domainname");
  return compact({
    ...release,
    // Debian's point release changes with updates and is what advisories speak of; VERSION_ID stays "12".
    build: release.build ?? (release.id === "debian" ? tree.value("/etc/debian_version") : undefined),
    kernel: kernel("osrelease"),
    architecture: live ? machine() : kernel("arch"),
    hostname,
    fqdn,
    domain: fqdn?.split(".").slice(1).join(".") || (nisDomain === "(none)" ? undefined : nisDomain),
    timeZone: zoneOfLink(tree.link("/etc/localtime")) ?? tree.value("/etc/timezone"),
    machineId: tree.value("/etc/machine-id") ?? tree.value("/var/lib/dbus/machine-id"),
    installedAt: readInstalledAt(tree),
  });
};

/** Seconds since the epoch at which the kernel started, from /proc/stat; a gauge, since it moves with the clock. */
export const bootTimeOf = (stat: string): number | undefined => {
  const seconds = Number(/^btime (\d{1,12})$/m.exec(stat)?.[1]);
  return Number.isFinite(seconds) ? seconds : undefined;
};

const TIMEOUT_MS = 5_000;

/** Operating system, kernel, names, time zone. Boot time is a gauge. */
export const os = defineProbe({
  name: "os",
  sections: ["os"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const bootedAt = bootTimeOf(tree.readText("/proc/stat", { maxBytes: 16_777_216 }) ?? "");
    return {
      status: "ok",
      sections: { os: readOs(tree, deps.live) },
      gauges: bootedAt === undefined ? {} : { "os.bootedAtSeconds": bootedAt },
    };
  },
});
