import type { ChildProcess } from "node:child_process";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLab, type Lab } from "../support/lab.ts";
import { describeWith } from "../support/requires.ts";
import { until } from "../support/until.ts";

/**
 * The stories of presence with the real programs: a collector, two agents and some silent hosts, each in a network
 * namespace of its own on one segment. Everything runs some hundred times faster than in an office: sweeps every six
 * seconds, heartbeats every second.
 */
const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "openssl" },
] as const;

const NET = "10.83.7";
const program = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const agentProgram = program("agent/rollcall-agent.mjs");
const collectorProgram = program("collector/rollcall-collector.mjs");

const policy = {
  silentMinMs: 4_000,
  closedPatienceMs: 3_000,
  patienceMinMs: 8_000,
  lookIntervalMs: 6_000,
  confirmMs: 5_000,
  ownLatenessMs: 8_000,
};
const silentHosts = ["server", "camera", "printer", "phone", "badge"];

describeWith("presence with real agents", needs, () => {
  const prefix = `rcp${process.pid}`;
  let lab: Lab;
  let token: string;
  const running = new Map<string, ChildProcess>();
  const logs = new Map<string, string[]>();
  const told = () => [...logs].map(([name, lines]) => `--- ${name}\n${lines.join("").slice(-3_000)}`).join("\n");

  const certificates = () => {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const run = (...args: string[]) => execFileSync("openssl", args, { cwd: lab.folder, stdio: "ignore" });
    run("req", "-x509", ...curve, "-subj", "/CN=lab authority", "-keyout", "ca.key", "-out", "ca.pem");
    const names = ["-addext", `subjectAltName=IP:${NET}.1,IP:127.0.0.1`];
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.pem"];
    run("req", "-x509", ...curve, "-subj", "/CN=hub", ...names, ...signed);
  };
  const file = (name: string) => join(lab.folder, name);
  const collectorSets = () => [
    `dataDirectory=${JSON.stringify(file("data"))}`,
    "listen.host=0.0.0.0",
    "listen.port=7717",
    `listen.certFile=${file("tls.pem")}`,
    `listen.keyFile=${file("tls.key")}`,
    ...Object.entries(policy).map(([name, value]) => `presence.${name}=${value}`),
  ];
  const sets = (list: readonly string[]) => list.flatMap((one) => ["--set", one]);
  /** Agents run as nobody: they need no right, and can't read the SMBIOS identity that namespaces of one machine share. */
  const userOf = (host: string) => (host === "hub" ? {} : { user: "nobody" });
  const node = (host: string, argv: readonly string[], env: Record<string, string> = {}) =>
    lab.exec(host, [process.execPath, ...argv], { env, timeoutMs: 60_000, ...userOf(host) });

  const start = (name: string, host: string, argv: readonly string[]) => {
    const child = lab.spawn(host, [process.execPath, ...argv], userOf(host));
    running.set(name, child);
    const lines = logs.get(name) ?? [];
    logs.set(name, lines);
    child.stderr?.on("data", (data) => lines.push(String(data)));
  };
  const startCollector = () => start("collector", "hub", [collectorProgram, "run", ...sets(collectorSets())]);
  const agentSets = (name: string) => [
    `stateDirectory=${file(name)}`,
    `name=${name}`,
    "realm=lab",
    "heartbeatSeconds=1",
    "inventory.intervalMinutes=1",
    "neighbours.enabled=false",
    "reconnect.minSeconds=0.2",
    "reconnect.maxSeconds=1",
    `collector.caFile=${file("ca.pem")}`,
    `scopes=${JSON.stringify([{ name: "lan", targets: [`${NET}.0/28`], methods: ["arp"], intervalMinutes: 0.1 }])}`,
    "commands.perHour=5000",
  ];
  const startAgent = (name: string) => start(name, name, [agentProgram, "run", ...sets(agentSets(name))]);
  const end = async (name: string, signal: NodeJS.Signals = "SIGKILL") => {
    const child = running.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };

  // Every call is a program in the collector's namespace: its API is nowhere else.
  const script =
    "const r = await fetch(process.argv[1], { headers: { authorization: 'Bearer ' + process.env.TOKEN } }); process.stdout.write(await r.text())";
  const get = async (path: string): Promise<{ items: Record<string, string>[] }> => {
    const { stdout } = await node(
      "hub",
      ["--no-warnings", "--input-type=module", "-e", script, `https://127.0.0.1:7717/api/v1${path}`],
      { TOKEN: token, NODE_EXTRA_CA_CERTS: file("ca.pem") },
    );
    return JSON.parse(stdout) as { items: Record<string, string>[] };
  };
  const macs = Object.fromEntries(
    [...silentHosts, "one", "two"].map((name, i) => [name, `00:16:3e:07:00:${(16 + i).toString(16)}`]),
  );
  const assetOf = async (host: string) =>
    (await get("/assets?limit=100")).items.find((asset) => asset["primaryMac"] === macs[host]);
  const incidents = async () => (await get("/incidents?limit=200")).items;
  const openKinds = async () =>
    (await incidents())
      .filter((i) => i["state"] !== "resolved")
      .map((i) => `${i["kind"]} ${i["state"]}`)
      .sort();
  const missing = async () => (await incidents()).filter((i) => i["kind"] === "device-missing");
  const soon = <T>(what: string, look: () => Promise<T | false | undefined>, timeoutMs = 240_000) =>
    until(what, look, { timeoutMs, everyMs: 1_000 });
  const quiet = () => soon("no case is open", async () => (await openKinds()).length === 0);
  const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  beforeAll(async () => {
    lab = await createLab({
      prefix,
      segments: [
        {
          name: "lan",
          prefixLength: 24,
          hosts: [
            { name: "hub", address: `${NET}.1` },
            { name: "one", address: `${NET}.2`, mac: macs["one"]! },
            { name: "two", address: `${NET}.3`, mac: macs["two"]! },
            ...silentHosts.map((name, i) => ({ name, address: `${NET}.${4 + i}`, mac: macs[name]! })),
          ],
        },
      ],
    });
    chmodSync(lab.folder, 0o755);
    certificates();
    mkdirSync(file("data"), { recursive: true });
    const made = await node("hub", [
      collectorProgram,
      "token",
      "create",
      "--role",
      "administrator",
      "--data",
      file("data"),
    ]);
    token = made.stdout.trim();
    startCollector();
    await soon("the collector answers", () =>
      get("/assets").then(
        (page) => Array.isArray(page.items),
        () => false,
      ),
    );
    for (const name of ["one", "two"]) {
      mkdirSync(file(name));
      chownSync(file(name), 65_534, 65_534);
      const enrol = await node("hub", [collectorProgram, "token", "create", "--enrol", "--data", file("data")]);
      const options = ["enrol", "--url", `https://${NET}.1:7717`, "--token", "env:ENROL_TOKEN", "--ca", file("ca.pem")];
      const done = await node(name, [agentProgram, ...options, ...sets(agentSets(name))], {
        ENROL_TOKEN: enrol.stdout.trim(),
      });
      if (done.code !== 0) throw new Error(`enrolling ${name}: ${done.stderr}`);
      startAgent(name);
    }
    await soon(
      "both agents see all hosts",
      async () => {
        const assets = await Promise.all(silentHosts.map(assetOf));
        return assets.every((asset) => asset?.["presence"] === "present");
      },
      240_000,
    ).catch((cause: unknown) => {
      throw new Error(`the agents see nothing:\n${told()}`, { cause });
    });
    // Two more rounds, so that the interval is known and both have looked.
    await rest(20_000);
  }, 700_000);
  afterAll(async () => {
    for (const name of running.keys()) await end(name);
    await lab?.stop();
  });

  it("calls an unplugged host missing, once, and resolves that when it is plugged in again", async () => {
    await lab.setAwake("server", false);
    const [incident] = await soon("the case", async () => {
      const found = await missing();
      return found.length > 0 && found;
    });
    expect(incident).toMatchObject({ state: "open" });
    expect((await missing()).length).toBe(1);
    await lab.setAwake("server", true);
    await quiet();
    expect((await missing()).map((i) => i["state"])).toEqual(["resolved"]);
    expect((await assetOf("server"))?.["presence"]).toBe("present");
  }, 700_000);

  it("says of a killed agent that its host lives, and nothing of the host", async () => {
    const before = (await missing()).length;
    await end("two");
    const incident = await soon("the case", async () =>
      (await incidents()).find((i) => i["kind"] === "agent-silent" && i["state"] === "open"),
    );
    expect(incident["summary"]).toMatch(/^The connection was closed by a living host/);
    await rest(25_000);
    expect((await missing()).length).toBe(before);
    startAgent("two");
    await quiet();
  }, 700_000);

  it("calls a stopped agent silent, not its host missing, and is content when it goes on", async () => {
    const before = (await missing()).length;
    running.get("two")?.kill("SIGSTOP");
    const incident = await soon("the case", async () =>
      (await incidents()).find((i) => i["kind"] === "agent-silent" && i["state"] === "open"),
    );
    expect(incident["summary"]).not.toMatch(/closed by a living host/);
    await rest(20_000);
    expect((await missing()).length).toBe(before);
    running.get("two")?.kill("SIGCONT");
    await quiet();
  }, 700_000);

  it("calls an agent's host missing when its link is cut and the other agent does not see it; one case, all resolved on return", async () => {
    const before = (await missing()).length;
    await lab.setAwake("two", false);
    await soon(
      "both cases, one part of the other",
      async () => {
        const kinds = await openKinds();
        return kinds.includes("device-missing open") && kinds.includes("agent-silent part-of") && kinds.length === 2;
      },
      240_000,
    );
    expect((await missing()).length).toBe(before + 1);
    await lab.setAwake("two", true);
    await quiet();
  }, 700_000);

  it("calls nobody missing because one of two agents is deaf", async () => {
    const before = (await missing()).length;
    await lab.nft(
      "two",
      "table arp deaf { chain i { type filter hook input priority 0;\narp operation reply drop\n}\n}\n",
    );
    await rest(40_000);
    expect((await missing()).length).toBe(before);
    for (const name of silentHosts) expect((await assetOf(name))?.["presence"]).toBe("present");
    await lab.nft("two", "delete table arp deaf");
    await quiet();
  }, 700_000);

  it("raises nothing when the collector itself was away", async () => {
    const before = (await incidents()).length;
    await end("collector");
    await rest(20_000);
    startCollector();
    await soon("the collector answers", () =>
      get("/assets").then(
        () => true,
        () => false,
      ),
    );
    await rest(25_000);
    expect((await incidents()).length, told()).toBe(before);
  }, 700_000);
});
