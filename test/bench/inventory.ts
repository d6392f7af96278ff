import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Answers,
  answersOf,
  readReference,
  type Score,
  scoreAnswers,
  steadyFacts,
} from "../support/host-reference.ts";
import { findProgram } from "../support/requires.ts";

/**
 * `npm run bench -- inventory [--rounds N] [--details]`: one full inventory of this host by Rollcall, FusionInventory's agent and
 * OCS Inventory's, each as root, in turns: wall, CPU (children included), peak memory of the largest process, programs
 * started (execve by strace, in a run of its own), and fields right, wrong and missing beside the system's own programs.
 *
 * Fields: every fact of test/support/host-reference.ts. A peer is given the benefit of its units (sizes within 1 MiB) and
 * of its names; a field that it does not report at all is missing.
 */

type Peer = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** From what it printed or wrote. */
  readonly answers: (stdout: string, folder: string) => Answers;
};

type Groups = readonly ReadonlyMap<string, string>[];

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const decode = (text: string): string => text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);

/** The blocks `<NAME>...</NAME>` of an inventory in XML, flat: fields by tag, the first of each. */
const blocks = (xml: string, name: string): Groups =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map((match) => {
    const found = new Map<string, string>();
    for (const [, tag = "", text = ""] of (match[1] ?? "").matchAll(/<(\w+)>([^<]*)<\/\1>/g))
      if (!found.has(tag)) found.set(tag, decode(text));
    return found;
  });

const MEBIBYTE = 1_048_576;

const prefixOf = (mask: string): string => {
  const parts = mask.includes(":")
    ? (mask.split("::")[0] ?? "")
        .split(":")
        .filter(Boolean)
        .map((part) => Number.parseInt(part, 16))
    : mask.split(".").map(Number);
  return String(parts.map((part) => part.toString(2).replaceAll("0", "").length).reduce((a, b) => a + b, 0));
};

/** What both peers share: they descend from one program. */
const commonAnswers = (xml: string, put: (fact: string, value: string | undefined) => void): void => {
  const [hardware] = blocks(xml, "HARDWARE");
  put("os.hostname", hardware?.get("NAME"));
  put("dns.servers", hardware?.get("DNS")?.replaceAll("/", " "));
  const memory = hardware?.get("MEMORY");
  put("memory.totalBytes", memory && String(Number(memory) * MEBIBYTE));
  const swap = hardware?.get("SWAP");
  put("memory.swapBytes", swap && String(Number(swap) * MEBIBYTE));
  for (const drive of blocks(xml, "DRIVES")) {
    const mount = drive.get("TYPE") ?? "";
    put(`filesystem.${mount}.type`, drive.get("FILESYSTEM"));
    put(`filesystem.${mount}.device`, drive.get("VOLUMN"));
    put(`filesystem.${mount}.sizeBytes`, drive.get("TOTAL") && String(Number(drive.get("TOTAL")) * MEBIBYTE));
  }
  for (const storage of blocks(xml, "STORAGES")) {
    const name = storage.get("NAME");
    // Both divide by 1,000, whatever they call it.
    put(`disk.${name}.sizeBytes`, storage.get("DISKSIZE") && String(Number(storage.get("DISKSIZE")) * 1e6));
    put(`disk.${name}.serialNumber`, storage.get("SERIALNUMBER"));
    put(`disk.${name}.model`, storage.get("MODEL"));
  }
  for (const network of blocks(xml, "NETWORKS")) {
    const name = network.get("DESCRIPTION");
    put(`interface.${name}.mtu`, network.get("MTU"));
    put(`interface.${name}.status`, network.get("STATUS")?.toLowerCase());
    const mac = network.get("MACADDR");
    put(`interface.${name}.mac`, mac === "00:00:00:00:00:00" ? undefined : mac);
    for (const [address, mask] of [
      ["IPADDRESS", "IPMASK"],
      ["IPADDRESS6", "IPMASK6"],
    ] as const) // biome format: keep as a table
      if (network.get(address)) put(`address.${name}.${network.get(address)}`, prefixOf(network.get(mask) ?? ""));
  }
  const gateway =
    hardware?.get("DEFAULTGATEWAY") ??
    blocks(xml, "NETWORKS")
      .map((network) => network.get("IPGATEWAY"))
      .find(Boolean);
  const device = blocks(xml, "NETWORKS")
    .find((network) => network.get("IPADDRESS") && !network.get("IPADDRESS")?.startsWith("127."))
    ?.get("DESCRIPTION");
  put(`route.0.0.0.0/0.${device}`, gateway);
  for (const software of blocks(xml, "SOFTWARES"))
    put(
      `package.${software.get("NAME")?.replace(/:\w+$/, "")}.${software.get("ARCH") ?? software.get("ARCHITECTURE")}`,
      software.get("VERSION"),
    );
};

const collect = (fill: (put: (fact: string, value: string | undefined) => void) => void): Answers => {
  const found = new Map<string, string>();
  fill((fact, value) => {
    if (value !== undefined && value !== "" && !found.has(fact)) found.set(fact, value);
  });
  return found;
};

const fusionAnswers = (xml: string): Answers =>
  collect((put) => {
    commonAnswers(xml, put);
    const [os] = blocks(xml, "OPERATINGSYSTEM");
    put("os.name", os?.get("NAME"));
    put("os.version", os?.get("VERSION"));
    put("os.kernel", os?.get("KERNEL_VERSION"));
    put("os.architecture", os?.get("ARCH"));
    put("os.timeZone", /<TIMEZONE>\s*<NAME>([^<]*)</.exec(xml)?.[1]);
    const boot = os?.get("BOOT_TIME");
    put("os.bootedAtSeconds", boot && String(Date.parse(`${boot.replace(" ", "T")}Z`) / 1_000));
    const cpus = blocks(xml, "CPUS");
    put("cpu.sockets", String(cpus.length));
    put("cpu.model", cpus[0]?.get("NAME"));
    put("cpu.manufacturer", cpus[0]?.get("MANUFACTURER"));
    put("cpu.coresPerSocket", cpus[0]?.get("CORE"));
    put("cpu.threadsPerSocket", cpus[0]?.get("THREAD"));
    put("cpu.stepping", cpus[0]?.get("STEPPING"));
    put("system.hypervisor", blocks(xml, "HARDWARE")[0]?.get("VMSYSTEM")?.toLowerCase());
    for (const port of blocks(xml, "PORTS")) put(`socket.${port.get("PROTOCOL")}`, port.get("NAME"));
  });

const ocsAnswers = (xml: string): Answers =>
  collect((put) => {
    commonAnswers(xml, put);
    const [hardware] = blocks(xml, "HARDWARE");
    put("os.name", hardware?.get("OSNAME")?.replace(/ \d+$/, ""));
    put("os.version", hardware?.get("OSVERSION"));
    const cpus = blocks(xml, "CPUS");
    put("cpu.sockets", cpus[0]?.get("NBSOCKET") ?? String(cpus.length));
    put("cpu.model", cpus[0]?.get("TYPE"));
    put("cpu.manufacturer", cpus[0]?.get("MANUFACTURER"));
    put("cpu.coresPerSocket", cpus[0]?.get("CORES"));
    put("cpu.threadsPerSocket", cpus[0]?.get("LOGICAL_CPUS"));
    put("os.architecture", cpus[0]?.get("CPUARCH"));
    put("os.timeZone", hardware?.get("TIMEZONE"));
  });

const bundle = fileURLToPath(new URL("../../agent/dist/rollcall-agent.mjs", import.meta.url));
const source = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));

const rollcall = (name: string, file: string): Peer => ({
  name,
  program: process.execPath,
  args: [file, "inventory", "--json"],
  answers: (stdout) => answersOf(JSON.parse(stdout) as Parameters<typeof answersOf>[0]),
});

const peersOn = (folder: string): readonly Peer[] => {
  const peers: Peer[] = [];
  if (existsSync(bundle)) peers.push(rollcall("rollcall (bundled)", bundle));
  peers.push(rollcall("rollcall (from source)", source));
  const fusion = findProgram("fusioninventory-inventory");
  if (fusion !== undefined)
    peers.push({ name: "fusioninventory-inventory", program: fusion, args: [], answers: fusionAnswers });
  const ocs = findProgram("ocsinventory-agent");
  if (ocs !== undefined)
    peers.push({
      name: "ocsinventory-agent",
      program: ocs,
      args: [`--local=${folder}`, `--basevardir=${folder}`],
      answers: (_, where) => {
        const file = readdirSync(where).find((name) => name.endsWith(".ocs"));
        return ocsAnswers(file === undefined ? "" : readFileSync(join(where, file), "utf8"));
      },
    });
  return peers;
};

type Cost = { readonly wallMs: number; readonly cpuMs: number; readonly peakKib: number };

/** GNU time's figures of a process and all it waited for; the peak is that of the largest single process. */
const runOnce = (peer: Peer, folder: string): { readonly stdout: string; readonly cost: Cost } => {
  const figures = join(folder, "time");
  const { stdout, error } = spawnSync(
    "/usr/bin/time",
    ["-o", figures, "-f", "%e %U %S %M", peer.program, ...peer.args],
    { encoding: "utf8", maxBuffer: 64 << 20 },
  );
  if (error) throw error;
  const [wall = 0, user = 0, system = 0, peak = 0] = (readFileSync(figures, "utf8").trim().split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  return { stdout, cost: { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000, peakKib: peak } };
};

const countPrograms = (peer: Peer, folder: string): number => {
  const trace = join(folder, "trace");
  const strace = findProgram("strace");
  if (strace === undefined) return Number.NaN;
  spawnSync(strace, ["-f", "-qq", "-e", "trace=execve", "-o", trace, peer.program, ...peer.args], {
    maxBuffer: 64 << 20,
  });
  return (
    readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => /execve\(.* = 0$/.test(line)).length - 1
  );
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const byKind = (names: readonly string[]): string => {
  const kinds = Map.groupBy(names, (name) => name.split(/[.:]/)[0] ?? "");
  return [...kinds].map(([kind, list]) => `${kind} ${list.length}`).join(", ") || "none";
};

const printScore = (name: string, score: Score, details: boolean): void => {
  process.stdout.write(
    `  ${name}: wrong: ${byKind(score.wrong)}; missing: ${byKind(score.missing)}; not in the reference: ${byKind(score.extra)}\n`,
  );
  if (!details) return;
  for (const line of score.wrong.slice(0, 40)) process.stdout.write(`    wrong   ${line}\n`);
  for (const line of score.missing.slice(0, 40)) process.stdout.write(`    missing ${line}\n`);
};

export const run = async (args: readonly string[]): Promise<void> => {
  const at = args.indexOf("--rounds");
  const rounds = at < 0 ? 5 : Math.max(1, Number(args[at + 1]) || 5);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-inventory-"));
  try {
    const peers = peersOn(folder);
    const costs = new Map<string, Cost[]>(peers.map(({ name }) => [name, []]));
    const scores = new Map<string, { readonly score: Score; readonly facts: number }>();
    for (let round = 0; round < rounds; round++)
      for (const peer of peers) {
        const before = round === 0 ? readReference() : undefined;
        const { stdout, cost } = runOnce(peer, folder);
        costs.get(peer.name)?.push(cost);
        if (before === undefined) continue;
        const facts = steadyFacts(before, readReference());
        scores.set(peer.name, { score: scoreAnswers(facts, peer.answers(stdout, folder)), facts: facts.size });
      }
    process.stdout.write(
      `median of ${rounds} rounds in turns; fields beside lsblk, findmnt, ip, lscpu, lsmem, ss, dpkg-query, /proc\n\n`,
    );
    process.stdout.write(
      `${"".padEnd(26)}${["wall ms", "CPU ms", "peak MiB", "programs", "right", "wrong", "missing"].map((head) => head.padStart(10)).join("")}\n`,
    );
    for (const peer of peers) {
      const all = costs.get(peer.name) ?? [];
      const { score } = scores.get(peer.name) ?? { score: { right: 0, wrong: [], missing: [], extra: [] } };
      const row = [
        median(all.map((c) => c.wallMs)),
        median(all.map((c) => c.cpuMs)),
        median(all.map((c) => c.peakKib)) / 1_024,
        countPrograms(peer, folder),
        score.right,
        score.wrong.length,
        score.missing.length,
      ];
      process.stdout.write(`${peer.name.padEnd(26)}${row.map((n) => String(Math.round(n)).padStart(10)).join("")}\n`);
    }
    process.stdout.write("\n");
    for (const [name, { score }] of scores) printScore(name, score, args.includes("--details"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
