import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Network namespaces, bridges and hosts to scan: everything a sweep meets, on one machine.
 *
 * Each segment is a bridge in the namespace of the switch; each host is a namespace with one veth ("eth0"). Needs root,
 * iproute2 and nftables. A guardian process removes all of it when this process ends, however it ends.
 * The neighbour table is one for all namespaces of a kernel (1,024 rows by default): keep labs small or mostly silent.
 */

/** What a host does with packets that no daemon of its own wants. ARP and NDP are answered by all that are awake. */
export type HostKind =
  /** Echoes, resets and refuses as a kernel does. */
  | "plain"
  /** Answers ARP (and NDP) and nothing else. */
  | "arp-only"
  /** No echo; resets TCP, refuses UDP. */
  | "no-icmp"
  /** Swallows TCP; echoes, refuses UDP. */
  | "tcp-swallow"
  /** Swallows UDP, so its refusal never comes; echoes, resets TCP. */
  | "udp-swallow"
  /** Only what its daemons serve, by TCP or UDP; all else is swallowed. */
  | "daemons-only";

export type HostSpec = {
  readonly name: string;
  /** "10.77.0.5"; the segment knows the prefix length. Left out for hosts with IPv6 only. */
  readonly address?: string;
  readonly address6?: string;
  readonly mac?: string;
  readonly kind?: HostKind;
  /** TCP and UDP ports that stay open for the daemons of a host that swallows. */
  readonly open?: readonly string[];
  /** Further nftables rules of the input chain, before those of the kind. */
  readonly rules?: readonly string[];
  readonly gateway?: string;
  readonly nameserver?: string;
};

export type SegmentSpec = {
  readonly name: string;
  readonly prefixLength: number;
  readonly prefixLength6?: number;
  readonly hosts: readonly HostSpec[];
};

export type LabSpec = { readonly prefix: string; readonly segments: readonly SegmentSpec[]; readonly ipv6?: boolean };

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };
export type RunOptions = {
  readonly user?: string;
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export type Lab = {
  readonly prefix: string;
  /** A folder of the lab's own, removed with it; the home of daemons. */
  readonly folder: string;
  readonly exec: (host: string, argv: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly spawn: (host: string, argv: readonly string[], options?: RunOptions) => ChildProcess;
  /** Joins a host to a segment with one more interface ("eth1"): routers. */
  readonly join: (host: string, segment: string, device: string, cidr: string) => Promise<void>;
  /** Every frame through the switch is lost with this probability, per copy. 0 mends it. */
  readonly setLoss: (percent: number) => Promise<void>;
  /**
   * Puts a slow line between a host's interface and its segment: each frame is held back, in both directions. Needs perl.
   * @param device of those made by `join`; absent: "eth0".
   */
  readonly setDelay: (host: string, milliseconds: number, device?: string) => Promise<void>;
  /** Asleep: its cable is there, nothing answers. */
  readonly setAwake: (host: string, awake: boolean) => Promise<void>;
  readonly nft: (host: string, script: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const run = (command: string, argv: readonly string[], { timeoutMs = 60_000, input, env }: RunOptions = {}) =>
  new Promise<Ran>((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: 256 * 1_048_576, ...(env && { env: { ...process.env, ...env } }) };
    const child = execFile(command, [...argv], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });

const must = async (what: string, command: string, argv: readonly string[], options?: RunOptions): Promise<string> => {
  const ran = await run(command, argv, options);
  if (ran.code !== 0) throw new Error(`${what}: ${ran.stderr.trim() || ran.stdout.trim() || `exit code ${ran.code}`}`);
  return ran.stdout;
};

const kindRules: Readonly<Record<HostKind, readonly string[]>> = {
  plain: [],
  "arp-only": ["meta l4proto != ipv6-icmp drop", "icmpv6 type echo-request drop"],
  "no-icmp": ["icmp type echo-request drop", "icmpv6 type echo-request drop"],
  "tcp-swallow": ["meta l4proto tcp drop"],
  "udp-swallow": ["meta l4proto udp drop"],
  "daemons-only": ["meta l4proto { tcp, udp } drop", "icmp type echo-request drop", "icmpv6 type echo-request drop"],
};

const firewallOf = ({ kind = "plain", open = [], rules = [] }: HostSpec): string => {
  const all = [
    ...rules,
    ...open.map((o) => `${o.replace("/", " dport ")} accept`),
    ...(kind === "plain" ? [] : ["iif lo accept", "ct state established,related accept"]),
    ...kindRules[kind],
  ];
  return `table inet host { chain input { type filter hook input priority 0; policy accept;\n${all.join("\n")}\n}\n}\n`;
};

/** Removes every namespace of the prefix with the processes in it. Harmless when there is none. */
export const removeLab = async (prefix: string): Promise<void> => {
  await run("sh", ["-c", cleanupScript(prefix)]);
};

const cleanupScript = (prefix: string, folder?: string): string =>
  [
    `for ns in $(ip netns list | cut -d' ' -f1 | grep '^${prefix}-'); do`,
    "  for pid in $(ip netns pids $ns); do kill -9 $pid; done; ip netns del $ns; rm -rf /etc/netns/$ns; done 2>/dev/null",
    folder === undefined ? ":" : `rm -rf '${folder}'`,
    `if [ -f ${backlogWas} ] && ! ip netns list | grep -q -- -switch; then cat ${backlogWas} > ${backlogFile}; rm -f ${backlogWas}; fi`,
  ].join("\n");

/** Frames that wait for a CPU, over all veths: a broadcast to 100 ports, 150 times in a millisecond, overflows the usual 1,000. */
const backlogFile = "/proc/sys/net/core/netdev_max_backlog";
const backlogWas = "/run/rollcall-lab.backlog";
const LAB_BACKLOG = 100_000;

const raiseBacklog = (): void => {
  const before = Number(readFileSync(backlogFile, "utf8"));
  if (before >= LAB_BACKLOG) return;
  writeFileSync(backlogWas, String(before));
  writeFileSync(backlogFile, String(LAB_BACKLOG));
};

/** A process that waits until we are gone (its input ends) and then cleans up; SIGKILL of us included. */
const startGuardian = (prefix: string, folder: string): (() => Promise<void>) => {
  const child = spawn("sh", ["-c", `trap '' INT TERM HUP; cat >/dev/null; ${cleanupScript(prefix, folder)}`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  return () =>
    new Promise<void>((resolve) => {
      child.ref();
      child.once("exit", () => resolve());
      child.stdin?.end();
    });
};

const hostScript = (host: HostSpec, segment: SegmentSpec, ipv6: boolean): string => {
  const lines = [
    ipv6
      ? "for f in all default eth0; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done"
      : "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6",
    "ip link set lo up",
    host.address === undefined ? ":" : `ip addr add ${host.address}/${segment.prefixLength} brd + dev eth0`,
    "ip link set eth0 up",
    host.address6 === undefined ? ":" : `ip addr add ${host.address6}/${segment.prefixLength6 ?? 64} dev eth0 nodad`,
    host.gateway === undefined ? ":" : `ip route add default via ${host.gateway}`,
    `nft -f - <<'RULES'\n${firewallOf(host)}\nRULES`,
  ];
  return lines.join("\n");
};

const linkLines = (prefix: string, segment: SegmentSpec, first: number): string[] =>
  segment.hosts.flatMap((host, i) => [
    `netns add ${prefix}-${host.name}`,
    `link add p${first + i} netns ${prefix}-switch type veth peer name eth0 ${host.mac ? `address ${host.mac} ` : ""}netns ${prefix}-${host.name}`,
  ]);

const buildSwitch = async (spec: LabSpec): Promise<void> => {
  const batch = [`netns add ${spec.prefix}-switch`];
  const inside: string[] = ["link set lo up"];
  let port = 0;
  for (const segment of spec.segments) {
    batch.push(...linkLines(spec.prefix, segment, port));
    inside.push(`link add br-${segment.name} type bridge forward_delay 0 mcast_snooping 0`);
    inside.push(`link set br-${segment.name} up`);
    for (const _ of segment.hosts) inside.push(`link set p${port++} master br-${segment.name} up`);
  }
  await must("making namespaces", "ip", ["-batch", "-"], { input: batch.join("\n") });
  await must("silencing the switch", "ip", [
    ...["netns", "exec", `${spec.prefix}-switch`, "sh", "-c"],
    "for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done",
  ]);
  await must("cabling the switch", "ip", ["-n", `${spec.prefix}-switch`, "-batch", "-"], { input: inside.join("\n") });
};

const setUpHost = async (spec: LabSpec, segment: SegmentSpec, host: HostSpec): Promise<void> => {
  const ns = `${spec.prefix}-${host.name}`;
  if (host.nameserver !== undefined) {
    mkdirSync(`/etc/netns/${ns}`, { recursive: true });
    writeFileSync(`/etc/netns/${ns}/resolv.conf`, `nameserver ${host.nameserver}\n`);
  }
  await must(`setting up ${host.name}`, "ip", ["netns", "exec", ns, "sh", "-e"], {
    input: hostScript(host, segment, spec.ipv6 ?? false),
  });
};

/** The kernel tells of a carrier up to a second after both ends are up; until then programs see no running interface. */
const waitForCarrier = async (prefix: string, host: string): Promise<void> => {
  for (let i = 0; i < 200; i++) {
    const { stdout } = await run("ip", ["-n", `${prefix}-${host}`, "-br", "link", "show", "eth0"]);
    if (/\sUP\s/.test(stdout)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${host} got no carrier`);
};

const delayProgram = fileURLToPath(new URL("./lab-delay.pl", import.meta.url));

/** A port leaves its bridge; a relay carries its frames to a new port there. It ends with the namespace. */
const layDelayedLine = async (
  prefix: string,
  { port, segment }: { readonly port: string; readonly segment: string },
  milliseconds: number,
): Promise<void> => {
  const [near, far] = [`${port}n`, `${port}f`];
  await must("laying a slow line", "ip", ["-n", `${prefix}-switch`, "-batch", "-"], {
    input: [
      `link set ${port} nomaster promisc on`,
      `link add ${near} type veth peer name ${far}`,
      `link set ${near} up promisc on`,
      `link set ${far} master br-${segment} up`,
    ].join("\n"),
  });
  const argv = ["netns", "exec", `${prefix}-switch`, "perl", delayProgram, port, near, String(milliseconds)];
  const relay = spawn("ip", argv, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    relay.once("error", reject);
    relay.once("exit", (code) => reject(new Error(`the slow line ended with ${code}`)));
    relay.stdout.once("data", () => resolve());
  });
};

/** Before a program and its arguments: without root's rights. */
export const inUser = (user: string | undefined): string[] =>
  user === undefined
    ? []
    : ["setpriv", `--reuid=${user}`, "--regid=nogroup", "--clear-groups", "--inh-caps=-all", "--"];

export const createLab = async (spec: LabSpec): Promise<Lab> => {
  const { prefix } = spec;
  await removeLab(prefix);
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  raiseBacklog();
  const endGuardian = startGuardian(prefix, folder);
  const enter = (host: string, argv: readonly string[], options: RunOptions = {}) => [
    ...["netns", "exec", `${prefix}-${host}`],
    ...inUser(options.user),
    ...argv,
  ];
  const exec: Lab["exec"] = (host, argv, options) => run("ip", enter(host, argv, options), options);
  const nft: Lab["nft"] = async (host, script) => {
    await must(`nftables of ${host}`, "ip", enter(host, ["nft", "-f", "-"]), { input: script });
  };
  const stop = async () => {
    await endGuardian();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await buildSwitch(spec);
    for (const segment of spec.segments) for (const host of segment.hosts) await setUpHost(spec, segment, host);
    for (const segment of spec.segments) for (const host of segment.hosts) await waitForCarrier(prefix, host.name);
  } catch (error) {
    await stop();
    throw error;
  }
  let ports = 0;
  const cables = new Map(
    spec.segments
      .flatMap(({ name, hosts }) => hosts.map((host) => ({ segment: name, host: host.name })))
      .map(({ segment, host }, i) => [`${host} eth0`, { segment, port: `p${i}` }]),
  );
  return {
    prefix,
    folder,
    exec,
    nft,
    stop,
    spawn: (host, argv, options = {}) =>
      spawn("ip", enter(host, argv, options), {
        stdio: ["pipe", "pipe", "pipe"],
        ...(options.env && { env: { ...process.env, ...options.env } }),
      }),
    join: async (host, segment, device, cidr) => {
      const port = `x${ports++}`;
      await must(`joining ${host} to ${segment}`, "ip", ["-batch", "-"], {
        input: `link add ${port} netns ${prefix}-switch type veth peer name ${device} netns ${prefix}-${host}`,
      });
      await must("plugging in", "ip", ["-n", `${prefix}-switch`, "link", "set", port, "master", `br-${segment}`, "up"]);
      const inside = `ip addr add ${cidr} dev ${device}; ip link set ${device} up; echo 1 > /proc/sys/net/ipv4/ip_forward`;
      await must(`addressing ${host}`, "ip", enter(host, ["sh", "-ec", inside]));
      cables.set(`${host} ${device}`, { segment, port });
    },
    setDelay: async (host, milliseconds, device = "eth0") => {
      const cable = cables.get(`${host} ${device}`);
      if (cable === undefined) throw new Error(`${host} has no ${device}`);
      await layDelayedLine(spec.prefix, cable, milliseconds);
    },
    setLoss: (percent) =>
      nft(
        "switch",
        `table bridge loss\ndelete table bridge loss\n${
          percent === 0
            ? ""
            : `table bridge loss { chain f { type filter hook forward priority 0;\nnumgen random mod 1000 < ${Math.min(999, Math.round(percent * 10))} drop\n}\n}\n`
        }`,
      ),
    setAwake: async (host, awake) => {
      await must(`putting ${host} to ${awake ? "work" : "sleep"}`, "ip", [
        ...["-n", `${prefix}-${host}`, "link", "set", "eth0", awake ? "up" : "down"],
      ]);
    },
  };
};
