import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleAgent } from "./agent-bundle.ts";
import { createLab, type HostSpec, inUser, type Lab, type SegmentSpec } from "./lab.ts";
import { until } from "./until.ts";

/**
 * A collector ("hub", first address of the first segment) and real agents, each in a network namespace of its own.
 * Everything runs some hundred times faster than in an office: sweeps every six seconds, heartbeats every second.
 */
export type StoryLabSpec = {
  readonly prefix: string;
  /** First three octets of the hub's address. */
  readonly net: string;
  readonly prefixLength: number;
  readonly hosts: readonly HostSpec[];
  readonly segments?: readonly SegmentSpec[];
  /** `scopes` is told the lab's folder, where files of `prepare` may lie. */
  readonly agents: readonly { readonly name: string; readonly scopes: (folder: string) => readonly unknown[] }[];
  readonly presence: Readonly<Record<string, unknown>>;
  /** After the namespaces are there and before the first agent looks: routers, daemons. */
  readonly prepare?: (lab: Lab) => Promise<void>;
};

export type Row = Readonly<Record<string, unknown>>;
export type Case = Row & {
  readonly incidentId: string;
  readonly kind: string;
  readonly state: string;
  readonly title: string;
  readonly summary: string;
  readonly assetId?: string;
  readonly agentId?: string;
  readonly parentId?: string;
};

export type StoryLab = Awaited<ReturnType<typeof openStoryLab>>;

const collectorProgram = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
const LIMIT_MS = 240_000;

/** Bytes between a socket file and the collector's port: its API is nowhere but in its own namespace. */
const forwarder = `
const net = require("node:net");
net.createServer((near) => {
  const far = net.connect(7717, "127.0.0.1");
  near.pipe(far).pipe(near);
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
}).listen(process.argv[1]);`;

export const openStoryLab = async (spec: StoryLabSpec) => {
  const { net, prefixLength, agents } = spec;
  const bundle = await bundleAgent();
  const hub: HostSpec = { name: "hub", address: `${net}.1` };
  const lan: SegmentSpec = { name: "lan", prefixLength, hosts: [hub, ...spec.hosts] };
  const lab = await createLab({ prefix: spec.prefix, segments: [lan, ...(spec.segments ?? [])] });
  const file = (name: string) => join(lab.folder, name);
  const running = new Map<string, ChildProcess>();
  const logs = new Map<string, string[]>();
  const told = () => [...logs].map(([name, lines]) => `--- ${name}\n${lines.join("").slice(-3_000)}`).join("\n");
  let token = "";
  let presence = spec.presence;

  /** Agents run as nobody: they need no right, and can't read the SMBIOS identity that namespaces of one machine share. */
  const userOf = (host: string) => (host === "hub" ? {} : { user: "nobody" });
  const run = (host: string, argv: readonly string[], env: Record<string, string> = {}) =>
    lab.exec(host, argv, { env, timeoutMs: 60_000, ...userOf(host) });
  const start = (name: string, host: string, argv: readonly string[]) =>
    startAs(name, () => lab.spawn(host, argv, userOf(host)));
  const startAs = (name: string, spawn: () => ChildProcess) => {
    const child = spawn();
    running.set(name, child);
    const lines = logs.get(name) ?? [];
    logs.set(name, lines);
    child.stderr?.on("data", (data) => lines.push(String(data)));
    child.stdout?.resume();
  };
  const end = async (name: string, signal: NodeJS.Signals = "SIGKILL") => {
    const child = running.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };

  const certificates = () => {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: lab.folder, stdio: "ignore" });
    openssl("req", "-x509", ...curve, "-subj", "/CN=lab authority", "-keyout", "ca.key", "-out", "ca.pem");
    const names = ["-addext", `subjectAltName=IP:${net}.1,IP:127.0.0.1`];
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.pem"];
    openssl("req", "-x509", ...curve, "-subj", "/CN=hub", ...names, ...signed);
  };
  const sets = (list: readonly string[]) => list.flatMap((one) => ["--set", one]);
  const setsOf = (name: string, values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).map(
      ([key, value]) => `${name}.${key}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    );
  const startCollector = () =>
    start("collector", "hub", [
      ...[process.execPath, collectorProgram, "run"],
      ...sets([
        `dataDirectory=${JSON.stringify(file("data"))}`,
        "listen.host=0.0.0.0",
        "listen.port=7717",
        `listen.certFile=${file("tls.pem")}`,
        `listen.keyFile=${file("tls.key")}`,
        ...setsOf("presence", presence),
      ]),
    ]);
  const agentSets = (name: string, scopes: readonly unknown[]) => [
    `stateDirectory=${file(name)}`,
    `name=${name}`,
    "realm=lab",
    "heartbeatSeconds=1",
    "inventory.intervalMinutes=1",
    "neighbours.enabled=false",
    "reconnect.minSeconds=0.2",
    "reconnect.maxSeconds=1",
    `collector.caFile=${file("ca.pem")}`,
    `scopes=${JSON.stringify(scopes)}`,
    "commands.perHour=5000",
  ];
  const scopesOf = (name: string) => agents.find((agent) => agent.name === name)?.scopes(lab.folder) ?? [];
  const argvOf = (name: string, verb: readonly string[]) => [
    ...[...bundle.program, ...verb],
    ...sets(agentSets(name, scopesOf(name))),
  ];
  const startAgent = (name: string) => start(name, name, argvOf(name, ["run"]));
  /** As after a boot: the kernel's id of it is another one, for this program alone. */
  const startAgentAfterBoot = (name: string, bootId: string) => {
    writeFileSync(file(`${name}.boot`), `${bootId}\n`);
    const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
    const argv = ["sh", "-c", script, file(`${name}.boot`), ...inUser("nobody"), ...argvOf(name, ["run"])];
    startAs(name, () => lab.spawn(name, argv));
  };

  const ask = (method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const call = request(
        {
          ...{
            socketPath: file("api.sock"),
            host: "127.0.0.1",
            path: `/api/v1${path}`,
            method,
            rejectUnauthorized: false,
          },
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
        },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      );
      call.on("error", reject);
      call.setTimeout(20_000, () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const get = async <T = { items: Row[] }>(path: string): Promise<T> => {
    const { status, text } = await ask("GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    const { status, text } = await ask("POST", path, body);
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${text}`);
  };
  const soon = <T>(what: string, look: () => Promise<T | false | undefined>, timeoutMs = LIMIT_MS) =>
    until(what, look, { timeoutMs, everyMs: 500 });
  const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const answers = () =>
    soon("the collector answers", () =>
      get("/assets").then(
        () => true,
        () => false,
      ),
    );
  const cases = async () => (await get<{ items: Case[] }>("/incidents?limit=500")).items;
  const assets = async () => (await get("/assets?limit=500")).items;
  const stop = async () => {
    for (const name of running.keys()) await end(name);
    await lab.stop();
    bundle.remove();
  };

  const begin = async () => {
    chmodSync(lab.folder, 0o755);
    certificates();
    mkdirSync(file("data"), { recursive: true });
    await spec.prepare?.(lab);
    const createToken = async (...kind: string[]) => {
      const argv = [process.execPath, collectorProgram, "token", "create", ...kind, "--data", file("data")];
      return (await run("hub", argv)).stdout.trim();
    };
    token = await createToken("--role", "administrator");
    startCollector();
    start("forwarder", "hub", [process.execPath, "-e", forwarder, file("api.sock")]);
    await answers();
    const enrolOne = async ({ name }: { readonly name: string }) => {
      mkdirSync(file(name));
      chownSync(file(name), 65_534, 65_534);
      const options = ["enrol", "--url", `https://${net}.1:7717`, "--token", "env:ENROL_TOKEN", "--ca", file("ca.pem")];
      const done = await run(name, argvOf(name, options), { ENROL_TOKEN: await createToken("--enrol") });
      if (done.code !== 0) throw new Error(`enrolling ${name}: ${done.stderr}`);
      startAgent(name);
    };
    for (let i = 0; i < agents.length; i += 3) await Promise.all(agents.slice(i, i + 3).map(enrolOne));
  };
  try {
    await begin();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    lab,
    get,
    post,
    soon,
    rest,
    told,
    stop,
    end,
    startAgent,
    startAgentAfterBoot,
    cases,
    assets,
    answers,
    child: (name: string) => running.get(name),
    /** Runs the agent's program on its host, with its own configuration. */
    agent: (name: string, ...verb: string[]) => run(name, argvOf(name, verb)),
    /** What a host does that is suspended: its agent's last word, and then nothing runs and nothing is on the wire. */
    fallAsleep: async (name: string) => {
      const pid = running.get(name)?.pid ?? 0;
      const script = `"$@" && kill -STOP ${pid} && ip link set eth0 down`;
      const argv = [...inUser("nobody"), ...argvOf(name, ["goodbye", "--sleep"])];
      const { code, stdout, stderr } = await lab.exec(name, ["sh", "-c", script, "sh", ...argv], { timeoutMs: 60_000 });
      if (code !== 0 || !stdout.includes("goes to sleep")) throw new Error(`${name} sleeps not: ${stdout}${stderr}`);
    },
    agentState: async (name: string) =>
      (await get("/agents?limit=100")).items.find((agent) => agent["name"] === name)?.["state"],
    /** What the program of that name reads where the kernel says which boot this is. */
    bootIdOf: async (name: string) =>
      readFileSync(`/proc/${running.get(name)?.pid}/root/proc/sys/kernel/random/boot_id`, "utf8").trim(),
    /** The collector's program on its own data, while it runs. */
    collector: (...verb: string[]) => run("hub", [process.execPath, collectorProgram, ...verb, "--data", file("data")]),
    /** Starts it anew, with other rules where they are given. */
    startCollector: async (other: Readonly<Record<string, unknown>> = {}) => {
      presence = { ...presence, ...other };
      startCollector();
      await answers();
    },
    /** In the namespace of the switch, as root. */
    onSwitch: async (...argv: string[]) => {
      const { code, stdout, stderr } = await lab.exec("switch", argv);
      if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
      return stdout;
    },
    on: async (host: string, ...argv: string[]) => {
      const { code, stdout, stderr } = await lab.exec(host, argv);
      if (code !== 0) throw new Error(`${argv.join(" ")} on ${host}: ${stderr}`);
      return stdout;
    },
    byMac: async (mac: string) => (await assets()).find((asset) => asset["primaryMac"] === mac),
    byAddress: async (address: string) => (await assets()).find((asset) => asset["primaryAddress"] === address),
    /** Cases about an asset, newest first. */
    casesOf: async (assetId: unknown, kind = "device-missing") =>
      (await cases()).filter((one) => one.assetId === assetId && one.kind === kind),
  };
};
