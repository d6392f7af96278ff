import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { isEncrypted, readMounts } from "./storage/read-mounts.ts";
import { compact, parseAssignments } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Check = SectionItem<"security">;

const isEnabledUnit = (tree: Tree, unit: string): boolean =>
  ["multi-user.target.wants", "sysinit.target.wants", "basic.target.wants", "network-pre.target.wants"].some(
    (target) => tree.link(`/etc/systemd/system/${target}/${unit}`) !== undefined,
  );

/** The manager that is switched on; whether its rules let everything through is the kernel's to tell, to root alone. */
const readFirewall = (tree: Tree): Check => {
  const ufw = parseAssignments(tree.readText("/etc/ufw/ufw.conf") ?? "").get("ENABLED");
  if (ufw === "yes") return { check: "firewall", state: "on", product: "ufw" };
  for (const [unit, product] of [
    ["firewalld.service", "firewalld"],
    ["nftables.service", "nftables"],
    ["netfilter-persistent.service", "iptables-persistent"],
    ["iptables.service", "iptables"],
  ] as const) // biome format: keep as a table
    if (isEnabledUnit(tree, unit)) return { check: "firewall", state: "on", product };
  const tables = tree.value("/proc/net/ip_tables_names");
  if (tables !== undefined && /\bfilter\b/.test(tables))
    return {
      check: "firewall",
      state: "partial",
      product: "iptables",
      detail: "a filter table is loaded by no known manager",
    };
  if (tree.denied.includes("/proc/net/ip_tables_names") || /^nf_tables /m.test(tree.readText("/proc/modules") ?? ""))
    return {
      check: "firewall",
      state: "unknown",
      detail: "no manager is switched on; the kernel's rules are root's to read",
    };
  return compact({ check: "firewall", state: "off" as const, product: ufw === undefined ? undefined : "ufw" });
};

/** Of the local file systems that hold data; boot partitions stay plain on most encrypted hosts. */
const readDiskEncryption = (tree: Tree): Check => {
  const mounts = readMounts(tree);
  const data = mounts.filter(({ mountPoint, dev }) => !/^\/(boot|efi)(\/|$)/.test(mountPoint) && !dev.startsWith("0:"));
  if (data.length === 0) return { check: "disk-encryption", state: "unknown" };
  const plain = data.filter(({ dev }) => !isEncrypted(tree, dev));
  const state = plain.length === 0 ? "on" : plain.length === data.length ? "off" : "partial";
  return compact({
    check: "disk-encryption",
    state: state as "on" | "off" | "partial",
    product: state === "off" ? undefined : "dm-crypt",
    detail:
      state === "partial"
        ? `plain: ${plain
            .map(({ mountPoint }) => mountPoint)
            .slice(0, 20)
            .join(", ")}`
        : undefined,
  });
};

const SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/** An EFI variable is four bytes of attributes and then its value (UEFI 2.10, 3.3). */
const readSecureBoot = (tree: Tree): Check => {
  const bytes = tree.readBytes(SECURE_BOOT, { maxBytes: 64 });
  if (bytes?.length === 5) return { check: "secure-boot", state: bytes[4] === 1 ? "on" : "off" };
  return tree.exists("/sys/firmware/efi")
    ? { check: "secure-boot", state: "unknown", detail: "the firmware's variables can't be read" }
    : { check: "secure-boot", state: "off", detail: "not started by UEFI" };
};

const readTpm = (tree: Tree): Check => {
  const [first] = tree.list("/sys/class/tpm").filter((name) => /^tpm\d+$/.test(name));
  if (first === undefined) return { check: "tpm", state: "off" };
  const major = tree.value(`/sys/class/tpm/${first}/tpm_version_major`);
  return compact({ check: "tpm", state: "on" as const, detail: major === undefined ? undefined : `version ${major}` });
};

const readSelinux = (tree: Tree): Check => {
  const enforce = tree.value("/sys/fs/selinux/enforce");
  if (enforce === "1") return { check: "selinux", state: "on", detail: "enforcing" };
  if (enforce === "0") return { check: "selinux", state: "partial", detail: "permissive" };
  return { check: "selinux", state: "off" };
};

const readApparmor = (tree: Tree): Check => ({
  check: "apparmor",
  state: tree.value("/sys/module/apparmor/parameters/enabled") === "Y" ? "on" : "off",
});

/** Agents of malware scanners and of endpoint detection, by the unit or folder that they bring. */
const scanners: readonly (readonly [string, string])[] = [
  ["/opt/CrowdStrike/falcond", "CrowdStrike Falcon"],
  ["/opt/sentinelone", "SentinelOne"],
  ["/opt/microsoft/mdatp", "Microsoft Defender"],
  ["/opt/sophos-spl", "Sophos"],
  ["/opt/eset", "ESET"],
  ["/opt/ds_agent", "Trend Micro Deep Security"],
  ["/opt/carbonblack", "Carbon Black"],
  ["/opt/f-secure", "WithSecure"],
  ["/opt/kaspersky", "Kaspersky"],
  ["/opt/bitdefender-security-tools", "Bitdefender"],
  ["/var/ossec/bin/wazuh-control", "Wazuh"],
  ["/usr/sbin/clamd", "ClamAV"],
  ["/usr/bin/clamscan", "ClamAV"],
]; // biome format: keep as a table

const readAntivirus = (tree: Tree): Check => {
  const found = [...new Set(scanners.filter(([path]) => tree.exists(path)).map(([, product]) => product))];
  return found.length === 0
    ? { check: "antivirus", state: "off" }
    : {
        check: "antivirus",
        state: "on",
        product: found.join(", "),
        detail: "installed; whether it runs is in the services",
      };
};

/** update-notifier's file: "12 updates can be applied immediately." and "3 of these updates are standard security updates." */
export const parseUpdatesAvailable = (
  text: string,
): { readonly updates: number; readonly security: number } | undefined => {
  const updates = /^(\d+) (?:packages?|updates?) can be/m.exec(text)?.[1];
  const security = /^(\d+) (?:of these updates|updates?) (?:is|are) (?:a )?(?:standard )?security/m.exec(text)?.[1];
  return updates === undefined ? undefined : { updates: Number(updates), security: Number(security ?? 0) };
};

/** Known only where the host counts them itself; a restart that is due is told as well. */
const readUpdates = (tree: Tree): Check[] => {
  const counted = parseUpdatesAvailable(tree.readText("/var/lib/update-notifier/updates-available") ?? "");
  const restart = tree.exists("/run/reboot-required") || tree.exists("/var/run/reboot-required");
  const pending: Check[] =
    counted === undefined
      ? []
      : [
          {
            check: "pending-updates",
            state: counted.updates > 0 ? "on" : "off",
            detail: `${counted.updates} updates, ${counted.security} for security`,
          },
        ];
  return restart ? [...pending, { check: "restart-required", state: "on" }] : pending;
};

const readAutomaticUpdates = (tree: Tree): Check => {
  const apt = ["/etc/apt/apt.conf.d/20auto-upgrades", "/etc/apt/apt.conf.d/10periodic"]
    .map((path) => tree.readText(path) ?? "")
    .join("\n");
  if (/APT::Periodic::Unattended-Upgrade\s+"[1-9]/.test(apt))
    return { check: "automatic-updates", state: "on", product: "unattended-upgrades" };
  if (
    tree.link("/etc/systemd/system/timers.target.wants/dnf-automatic.timer") !== undefined ||
    tree.link("/etc/systemd/system/timers.target.wants/dnf-automatic-install.timer") !== undefined
  )
    return { check: "automatic-updates", state: "on", product: "dnf-automatic" };
  return { check: "automatic-updates", state: "off" };
};

const TIMEOUT_MS = 10_000;

/** How the host is guarded: one row per question. All from files that everybody may read. */
export const security = defineProbe({
  name: "security",
  sections: ["security"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const checks = [
      readFirewall,
      readDiskEncryption,
      readSecureBoot,
      readTpm,
      readSelinux,
      readApparmor,
      readAntivirus,
      readAutomaticUpdates,
    ];
    return { status: "ok", sections: { security: [...checks.map((check) => check(tree)), ...readUpdates(tree)] } };
  },
});
