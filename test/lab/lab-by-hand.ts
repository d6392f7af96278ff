import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { createLab, type HostKind, type HostSpec, removeLab } from "../support/lab.ts";
import { type Daemon, daemonPrograms, startDaemon, waitForDaemon } from "../support/lab-daemons.ts";
import { createOffice } from "../support/lab-office.ts";

const usage = `usage: npm run lab -- up [--hosts N] [--kind KIND] [--subnet 10.77.0.0/24] [--loss P] [--daemon NAME]... [--office] [--name LAB]
       npm run lab -- exec [--name LAB] HOST CMD...     HOST is "scanner", "switch", or "h1", "h2" ...
       npm run lab -- loss PERCENT | sleep HOST | wake HOST | down   [--name LAB]

up stays in the foreground; Ctrl-C takes everything down. Needs root, iproute2 and nftables.
kinds: plain, arp-only, no-icmp, tcp-swallow, udp-swallow, daemons-only
daemons: ${Object.keys(daemonPrograms).join(", ")}; the first goes to h1, the second to h2 ...
`;

const kinds: readonly string[] = ["plain", "arp-only", "no-icmp", "tcp-swallow", "udp-swallow", "daemons-only"];

const options = {
  hosts: { type: "string", default: "10" },
  kind: { type: "string", default: "plain" },
  subnet: { type: "string", default: "10.77.0.0/24" },
  loss: { type: "string", default: "0" },
  daemon: { type: "string", multiple: true, default: [] as string[] },
  office: { type: "boolean", default: false },
  name: { type: "string", default: "rclab" },
} as const;

const addressAt = (base: string, offset: number): string => {
  const n = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");
};

const execute = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, [...args], { stdio: "inherit" });
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });

const inside = (name: string, host: string, command: readonly string[]): Promise<number> =>
  execute("ip", ["netns", "exec", `${name}-${host}`, ...command]);

const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setInterval(() => {}, 60_000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => {
        clearInterval(timer);
        resolve();
      });
  });

type Values = {
  readonly [K in keyof typeof options]: (typeof options)[K] extends { type: "boolean" }
    ? boolean
    : K extends "daemon"
      ? readonly string[]
      : string;
};

const bringUp = async (values: Values) => {
  if (values.office) return createOffice(values.name);
  const [base = "10.77.0.0", length = "24"] = values.subnet.split("/");
  const hosts: HostSpec[] = Array.from({ length: Number(values.hosts) }, (_, i) => ({
    name: `h${i + 1}`,
    address: addressAt(base, i + 10),
    kind: values.kind as HostKind,
  }));
  const scanner = { name: "scanner", address: addressAt(base, 2) };
  const lab = await createLab({
    prefix: values.name,
    segments: [{ name: "lab", prefixLength: Number(length), hosts: [scanner, ...hosts] }],
  });
  for (const [i, daemon] of values.daemon.entries()) {
    startDaemon(lab, `h${i + 1}`, daemon as Daemon);
    await waitForDaemon(lab, `h${i + 1}`, daemon as Daemon);
  }
  return lab;
};

const up = async (values: Values): Promise<number> => {
  if (!kinds.includes(values.kind)) return refuse(`"${values.kind}" is no kind`);
  const unknown = values.daemon.find((name) => !(name in daemonPrograms));
  if (unknown !== undefined) return refuse(`"${unknown}" is no daemon`);
  if (!(Number(values.hosts) >= 0 && Number(values.hosts) <= 400))
    return refuse("--hosts goes from 0 to 400: the neighbour table is one for all namespaces");
  const lab = await bringUp(values);
  await lab.setLoss(Number(values.loss));
  process.stdout.write(`the lab is up: npm run lab -- exec scanner CMD   (Ctrl-C takes it down)\n`);
  await untilStopped();
  await lab.stop();
  return 0;
};

const refuse = (why: string): number => {
  process.stderr.write(`lab: ${why}\n\n${usage}`);
  return 64;
};

const setLoss = (name: string, percent: number): Promise<number> => {
  const rules =
    percent === 0
      ? ""
      : `table bridge loss { chain f { type filter hook forward priority 0; numgen random mod 1000 < ${Math.min(999, Math.round(percent * 10))} drop; }; }`;
  return inside(name, "switch", ["nft", `table bridge loss; delete table bridge loss; ${rules}`]);
};

/** @returns an exit code of sysexits. */
export const main = async (args: readonly string[]): Promise<number> => {
  const [verb, ...rest] = args;
  if (verb === "exec") {
    const named = rest[0] === "--name";
    const [host, ...command] = named ? rest.slice(2) : rest;
    if (host === undefined || command.length === 0) return refuse("exec wants a host and a command");
    return inside(named ? (rest[1] ?? "") : "rclab", host, command);
  }
  let parsed: { readonly values: Values; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: rest, options, allowPositionals: true }) as unknown as typeof parsed;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [operand = ""] = positionals;
  switch (verb) {
    case "up":
      if (process.getuid?.() !== 0) return refuse("making namespaces needs root");
      return up(values);
    case "down":
      await removeLab(values.name);
      return 0;
    case "loss":
      return operand === "" ? refuse("loss wants a percentage") : setLoss(values.name, Number(operand));
    case "sleep":
    case "wake":
      if (operand === "") return refuse(`${verb} wants a host`);
      return execute("ip", ["-n", `${values.name}-${operand}`, "link", "set", "eth0", verb === "wake" ? "up" : "down"]);
    default:
      return refuse(verb === undefined ? "say what to do" : `"${verb}" is no verb`);
  }
};
