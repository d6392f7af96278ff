import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { bundleAgent } from "../support/agent-bundle.ts";
import { createLab, type Lab } from "../support/lab.ts";
import { type Frame, startCapture } from "../support/lab-capture.ts";
import { createFarm } from "../support/lab-farm.ts";
import { createOffice, officeHosts, officeNetwork, scannerAddress } from "../support/lab-office.ts";
import { forgetNeighbours, scan } from "../support/lab-scan.ts";

/**
 * `npm run bench -- sweep [--rounds 5] [--loss 10] [--only office,loss,wide,routed] [--routed 20,18,16]`
 *
 * office: a /24 with 100 living hosts, by nmap, arp-scan and fping as root and by us as nobody, in turns, our neighbour
 * table emptied before each run: the start of the program to the last living host on its output, to its end (the
 * verdict), frames that left, asks per silent address, hosts found. Medians.
 * loss: the same at a loss of 10 % for each copy of a frame; found in each round.
 * wide: a /20 on the segment with 40 hosts. routed: ranges with 1 % alive, each host answering one method only.
 */

type Run = {
  readonly lastSeenMs: number;
  readonly totalMs: number;
  readonly found: number;
  readonly frames: number;
  readonly asks: number;
};
type Contestant = {
  readonly name: string;
  readonly run: (lab: Lab, network: string) => Promise<Omit<Run, "frames" | "asks">>;
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** A peer's output as it comes; `address` finds the living host that a line tells of. */
const runPeer = (lab: Lab, argv: readonly string[], address: RegExp): Promise<Omit<Run, "frames" | "asks">> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = lab.spawn("scanner", argv);
    const found = new Set<string>();
    let [rest, lastSeenMs] = ["", 0];
    child.stdout?.setEncoding("utf8").on("data", (data: string) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const match = address.exec(line)?.[1];
        if (match === undefined || match === scannerAddress || found.has(match)) continue;
        found.add(match);
        lastSeenMs = performance.now() - startedAt;
      }
    });
    child.stderr?.resume();
    child.once("error", reject);
    child.once("close", () => resolve({ lastSeenMs, totalMs: performance.now() - startedAt, found: found.size }));
  });

const peers: readonly Contestant[] = [
  {
    name: "nmap -sn -n (root)",
    run: (lab, network) => runPeer(lab, ["nmap", "-sn", "-n", network], /^Nmap scan report for (\S+)/),
  },
  {
    name: "arp-scan (root)",
    run: (lab, network) => runPeer(lab, ["arp-scan", "-I", "eth0", network], /^(\d+\.\d+\.\d+\.\d+)\t/),
  },
  {
    name: "fping -a -g (root)",
    run: (lab, network) => runPeer(lab, ["fping", "-a", "-q", "-g", network], /^(\d+\.\d+\.\d+\.\d+)/),
  },
];

const ours = (name: string, program: readonly string[], args: readonly string[]): Contestant => ({
  name,
  run: async (lab, network) => {
    const { seen, lastSeenMs, ms } = await scan(lab, [network, ...args], { program });
    return { lastSeenMs, totalMs: ms, found: seen.filter((s) => s.address !== scannerAddress).length };
  },
});

/** How often the least asked silent address was asked on the wire. */
const asksOfSilent = (frames: readonly Frame[], silent: readonly string[]): number => {
  const asks = new Map<string, number>();
  for (const frame of frames) if (frame.kind === "arp") asks.set(frame.to, (asks.get(frame.to) ?? 0) + 1);
  return Math.min(...silent.map((address) => asks.get(address) ?? 0));
};

const silentAddresses = Array.from({ length: 254 }, (_, i) => `10.77.0.${i + 1}`).filter(
  (address) => address !== scannerAddress && !officeHosts.some((host) => host.address === address),
);

const runOnce = async (lab: Lab, contestant: Contestant): Promise<Run> => {
  await forgetNeighbours(lab);
  const capture = await startCapture(lab);
  const startedAt = Date.now();
  const run = await contestant.run(lab, officeNetwork);
  const frames = (await capture.stop()).filter((f) => f.kind !== "arp-reply");
  // Asks count up to the verdict; what the kernel repeats after it is traffic, not knowledge.
  const before = frames.filter((f) => f.atMs <= startedAt + run.totalMs);
  return { ...run, frames: frames.length, asks: asksOfSilent(before, silentAddresses) };
};

const collect = async (
  lab: Lab,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Map<Contestant, Run[]>> => {
  const runs = new Map<Contestant, Run[]>(contestants.map((c) => [c, []]));
  for (let round = 0; round < rounds; round++)
    for (const contestant of contestants) runs.get(contestant)?.push(await runOnce(lab, contestant));
  return runs;
};

const table = (runs: ReadonlyMap<Contestant, readonly Run[]>): void => {
  print("| | last host shown ms | end ms | frames | asks per silent address | found of 100 (least) |");
  print("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const [{ name }, of] of runs) {
    const m = (key: keyof Run) => Math.round(median(of.map((r) => r[key])));
    print(
      `| ${name} | ${m("lastSeenMs")} | ${m("totalMs")} | ${m("frames")} | ${m("asks")} | ${Math.min(...of.map((r) => r.found))} |`,
    );
  }
};

const load = (): string => `load ${loadavg()[0]?.toFixed(1)} on 2 cores`;

const benchOffice = async (program: readonly string[], rounds: number): Promise<void> => {
  const lab = await createOffice(`rcbo${process.pid}`, { bare: true });
  try {
    const us = ours("rollcall scan --methods arp (nobody)", program, ["--methods", "arp"]);
    const all = ours("rollcall scan, all methods (nobody)", program, []);
    const runs = await collect(lab, [...peers, us, all], rounds);
    print(`\n## /24, 100 living hosts, ${rounds} rounds in turns (${load()})\n`);
    table(runs);
    const of = (contestant: Contestant, key: keyof Run) => median((runs.get(contestant) ?? []).map((r) => r[key]));
    for (const peer of peers.slice(0, 2)) {
      const [last, end] = [of(us, "lastSeenMs") / of(peer, "totalMs"), of(us, "totalMs") / of(peer, "totalMs")];
      print(
        `beside ${peer.name}: last host at ${last.toFixed(2)} of its run (aim 0.25), verdict at ${end.toFixed(2)} (aim 1.3)`,
      );
    }
  } finally {
    await lab.stop();
  }
};

const benchLoss = async (program: readonly string[], rounds: number, loss: number): Promise<void> => {
  const lab = await createOffice(`rcbl${process.pid}`, { bare: true });
  try {
    await lab.setLoss(loss);
    const us = ours("rollcall scan --methods arp (nobody)", program, ["--methods", "arp"]);
    const runs = await collect(lab, [...peers.slice(0, 2), us], rounds);
    print(`\n## the same at a loss of ${loss} % for each copy of a frame (${load()})\n`);
    table(runs);
    for (const [{ name }, of] of runs) print(`${name}: found ${of.map((r) => r.found).join(" ")}`);
  } finally {
    await lab.stop();
  }
};

const benchWide = async (program: readonly string[]): Promise<void> => {
  const hosts = Array.from({ length: 40 }, (_, i) => ({ name: `w${i}`, address: `10.77.${i % 16}.${i * 6 + 10}` }));
  const lab = await createLab({
    prefix: `rcbw${process.pid}`,
    segments: [{ name: "wide", prefixLength: 20, hosts: [{ name: "scanner", address: scannerAddress }, ...hosts] }],
  });
  try {
    print("\n## /20 on the segment, 40 living hosts\n");
    for (const contestant of [
      ...peers.slice(0, 2),
      ours("rollcall scan --methods arp (nobody)", program, ["--methods", "arp"]),
    ]) {
      await forgetNeighbours(lab);
      const { totalMs, found } = await contestant.run(lab, "10.77.0.0/20");
      print(`${contestant.name}: ${(totalMs / 1_000).toFixed(1)} s, found ${found} (${load()})`);
    }
  } finally {
    await lab.stop();
  }
};

const benchRouted = async (program: readonly string[], length: number): Promise<void> => {
  const { lab, alive, cidr } = await createFarm(`rcbr${process.pid}`, length, 0.01);
  try {
    const memory = `${lab.folder}/memory`;
    await lab.exec("scanner", ["sh", "-c", `: > ${memory}; chmod 777 ${lab.folder} ${memory}`]);
    const timed = ["/usr/bin/time", "-f", "%M %U %S", "-o", memory, ...program];
    const { summary, devices, ms } = await scan(lab, [cidr], { program: timed, timeoutMs: 1_800_000 });
    const [kilobytes = 0, user = 0, system = 0] = (await lab.exec("scanner", ["cat", memory])).stdout
      .trim()
      .split(" ")
      .map(Number);
    const missed = [...alive.keys()].filter((address) => !devices.has(address)).length;
    const ghosts = [...devices.keys()].filter((address) => !alive.has(address)).length;
    print(
      `${cidr}: ${(ms / 1_000).toFixed(1)} s, ${summary.packets} packets, ${Math.round(kilobytes / 1_024)} MiB, ${(user + system).toFixed(1)} CPU-s, found ${alive.size - missed} of ${alive.size}, ghosts ${ghosts}, ${summary.verdict} (${load()})`,
    );
  } finally {
    await lab.stop();
  }
};

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      loss: { type: "string", default: "10" },
      only: { type: "string", default: "office,loss,wide,routed" },
      routed: { type: "string", default: "22,20,18,16" },
    },
  });
  if (process.getuid?.() !== 0) throw new Error("the sweep's benchmark makes network namespaces: run it as root");
  const wanted = new Set(values.only.split(","));
  const { program, remove } = await bundleAgent();
  try {
    if (wanted.has("office")) await benchOffice(program, Number(values.rounds));
    if (wanted.has("loss")) await benchLoss(program, Number(values.rounds), Number(values.loss));
    if (wanted.has("wide")) await benchWide(program);
    if (wanted.has("routed")) {
      print("\n## routed, 1 % alive, each answering one of SNMP v2c, SNMP v3, one TCP port, ICMP, refused UDP\n");
      for (const length of values.routed.split(",")) await benchRouted(program, Number(length));
    }
  } finally {
    remove();
  }
};
