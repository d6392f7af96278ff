import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describeError, exitCodes, isRollcallError } from "../../shared/errors.ts";
import { type SectionName, sectionNames, sections } from "../../shared/protocol/sections.ts";
import type { AgentConfig } from "../config.ts";
import { exampleConfig } from "../config-text.ts";
import { type Directories, directoriesOf } from "../directories.ts";
import { toIdentity } from "../identity.ts";
import { isEnrolled, readIdentityFile } from "../identity-file.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";
import { findStatus } from "./status.ts";

export type Finding = {
  readonly level: "ok" | "note" | "problem";
  readonly subject: string;
  readonly text: string;
  readonly remedy?: string;
};

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** What leaves this host under this configuration, in a person's words. */
export const whatLeaves = (config: AgentConfig, inventory: readonly SectionName[]): string[] => {
  const personal = sectionNames.filter((name) => sections[name].personal);
  const on = personal.filter((name) => config.inventory.personal.includes(name));
  const to =
    config.uplink === "mqtt"
      ? `the broker ${config.mqtt?.url ?? ""}, signed`
      : (config.collector.url ?? "the collector of enrolment");
  return [
    `to: ${to}`,
    config.inventory.enabled
      ? `this host's inventory every ${config.inventory.intervalMinutes} min, what changed of: ${inventory.join(", ")}`
      : "no inventory of this host",
    on.length === 0
      ? `nothing of persons: ${personal.join(", ")} are off`
      : `personal data that was switched on: ${on.join(", ")} (off: ${personal.filter((name) => !on.includes(name)).join(", ") || "none"})`,
    `a heartbeat every ${config.heartbeatSeconds} s: clock, hash of what is known, how late timers were`,
    config.neighbours.enabled
      ? "neighbours that this host's kernel has talked to (MAC and IP address), read without sending anything"
      : "no neighbours",
    ...(config.scopes.length === 0
      ? ["no packet to anybody but the collector: no scopes are configured"]
      : config.scopes.map(
          ({ name, targets, intervalMinutes, packetsPerSecond }) =>
            `packets to ${targets.join(", ")} (scope "${name}") every ${intervalMinutes} min, at most ${packetsPerSecond ?? "250 on-link, 1000 routed"} a second; who answered`,
        )),
  ];
};

const checkState = ({ state }: Directories): Finding[] => {
  if (!isEnrolled(state))
    return [
      {
        ...{ level: "problem", subject: "enrolment", text: `no identity in ${state}` },
        remedy: "rollcall-agent enrol --url https://HOST --token @FILE",
      },
    ];
  try {
    const { file } = toIdentity(readIdentityFile(state), state);
    const key = statSync(join(state, "agent.key"));
    return [
      { level: "ok", subject: "enrolment", text: `${file.agentId} at ${file.collectorUrl}` },
      (key.mode & 0o077) === 0
        ? { level: "ok", subject: "key", text: "readable by its owner only" }
        : {
            ...{ level: "problem", subject: "key", text: `${join(state, "agent.key")} is readable by others` },
            remedy: `chmod 600 ${join(state, "agent.key")}`,
          },
    ];
  } catch (error) {
    return [
      {
        ...{ level: "problem", subject: "enrolment", text: describeError(error) },
        ...(isRollcallError(error, "state.permission") && { remedy: "run this as the agent's user, or as root" }),
      },
    ];
  }
};

const checkSmbios = ({ inventory }: AgentConfig): Finding => {
  const places = [
    "/sys/firmware/dmi/tables/DMI",
    "/run/rollcall-agent/smbios",
    ...(inventory.smbiosFile ? [inventory.smbiosFile] : []),
  ];
  const subject = "SMBIOS";
  if (places.some(isReadable)) return { level: "ok", subject, text: "serials, UUID and memory modules are readable" };
  if (!existsSync(places[0] ?? ""))
    return { level: "note", subject, text: "this host has no SMBIOS tables (usual for containers and small boards)" };
  return {
    ...{ level: "note", subject, text: "serials, UUID and memory modules are root's to read" },
    remedy: "the systemd unit hands them over at its start (systemd/README.md)",
  };
};

const findProgram = (name: string, path: string): string | undefined =>
  [...path.split(":"), "/usr/sbin", "/sbin"].map((folder) => join(folder, name)).find(existsSync);

/** Programs that widen what the agent sees, none of which it needs. */
const programs: readonly {
  readonly name: string;
  readonly gives: string;
  readonly package: string;
  readonly forSweeps?: true;
}[] = [
  { name: "ip", gives: "ages of neighbours", package: "iproute2" },
  {
    name: "ping",
    gives: "ICMP, where the kernel allows it to ordinary users",
    package: "iputils-ping",
    forSweeps: true,
  },
  { name: "smartctl", gives: "health of disks", package: "smartmontools" },
];

const checkPrograms = (config: AgentConfig, path: string): Finding[] =>
  programs
    .filter(({ forSweeps }) => forSweeps !== true || config.scopes.length > 0)
    .map(({ name, gives, package: from }): Finding => {
      const found = findProgram(name, path);
      return found === undefined
        ? { level: "note", subject: name, text: `not installed: no ${gives}`, remedy: `install ${from}` }
        : { level: "ok", subject: name, text: `${found}: ${gives}` };
    });

const checkTable = (config: AgentConfig): Finding[] => {
  if (config.scopes.length === 0) return [];
  try {
    const limit = Number(readFileSync("/proc/sys/net/ipv4/neigh/default/gc_thresh3", "utf8"));
    return limit >= 4_096
      ? [{ level: "ok", subject: "neighbour table", text: `room for ${limit} rows` }]
      : [
          {
            ...{
              level: "note",
              subject: "neighbour table",
              text: `room for ${limit} rows: networks larger than a /23 are swept slowly`,
            },
            remedy: "sysctl net.ipv4.neigh.default.gc_thresh3=8192",
          },
        ];
  } catch {
    return [
      {
        level: "note",
        subject: "neighbour table",
        text: "its limit can't be read here: sweeps keep to 250 addresses a second",
      },
    ];
  }
};

const checkRunning = async (options: ConfigOptions, deps: CliDeps): Promise<Finding> => {
  const subject = "daemon";
  try {
    const { link, pid, spool } = await findStatus(options, deps);
    if (link.state === "connected") return { level: "ok", subject, text: `process ${pid}, connected` };
    return {
      ...{
        level: "problem",
        subject,
        text: `process ${pid}, ${link.state}: ${link.lastError ?? "no attempt has ended yet"}`,
      },
      remedy: `nothing is lost: ${spool.messages} messages wait in the spool`,
    };
  } catch (error) {
    if (!isRollcallError(error)) throw error;
    return error.code === "status.permission"
      ? { level: "note", subject, text: error.message }
      : {
          level: "note",
          subject,
          text: "not running here",
          remedy: "rollcall-agent run, or systemctl start rollcall-agent",
        };
  }
};

const marks: Record<Finding["level"], string> = { ok: "ok      ", note: "note    ", problem: "PROBLEM " };

const findingText = ({ level, subject, text, remedy }: Finding): string =>
  `${marks[level]} ${subject}: ${text}\n${remedy === undefined ? "" : `          -> ${remedy}\n`}`;

type DoctorOptions = ConfigOptions & { readonly json?: boolean; readonly exampleConfig?: boolean };

const run = async (options: DoctorOptions, deps: CliDeps): Promise<void> => {
  if (options.exampleConfig) return void deps.stdout.write(exampleConfig());
  const { config } = readConfig(options, deps);
  const directories = directoriesOf(config, deps.env);
  const findings: Finding[] = [
    ...checkState(directories),
    await checkRunning(options, deps),
    ...(deps.platform === "linux" ? [checkSmbios(config), ...checkTable(config)] : []),
    ...checkPrograms(config, deps.env["PATH"] ?? ""),
    deps.uid === 0
      ? {
          level: "note",
          subject: "user",
          text: "root; the agent needs no privileges",
          remedy: "run it under the systemd unit, as a user of its own",
        }
      : { level: "ok", subject: "user", text: `uid ${deps.uid ?? "unknown"}: no privileges, none needed` },
  ];
  const registry = await import("../probes/local/registry.ts");
  const local = new Set(Object.values(registry).flatMap((probe): readonly SectionName[] => probe.sections));
  const leaves = whatLeaves(
    config,
    sectionNames.filter((name) => local.has(name) && !sections[name].personal),
  );
  if (options.json) deps.stdout.write(`${JSON.stringify({ leaves, directories, findings })}\n`);
  else {
    deps.stdout.write(`What leaves this host\n${leaves.map((line) => `  ${line}\n`).join("")}\n`);
    deps.stdout.write(`What is kept here\n  ${directories.state}: key, identity, spool and what was noted last\n\n`);
    deps.stdout.write(
      `What was found\n${findings.map((finding) => `  ${findingText(finding).replaceAll("\n ", "\n   ")}`).join("")}`,
    );
  }
  if (findings.some(({ level }) => level === "problem")) deps.exit(exitCodes.failure);
};

/** `rollcall-agent doctor`: what leaves the host, what is missing, what to do. Changes nothing. */
export const doctorCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("doctor").description(
      "Say what leaves this host, what is missing (files, rights, programs), and what to do.",
    ),
  )
    .option("--json", "one JSON object on stdout")
    .option("--example-config", "print the commented configuration file with all defaults, and nothing else")
    .addHelpText("after", "\nExit codes: 0 nothing wrong, 1 a problem was found, 78 the configuration has faults.")
    .action((options: DoctorOptions) => run(options, deps));
