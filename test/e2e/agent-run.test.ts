import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AgentStatus } from "../../agent/cli/status.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Command } from "../../shared/protocol/envelope.ts";
import { createSigningKey, exportSigningKey, formatPublicKey } from "../../shared/protocol/frame.ts";
import type { Item } from "../../shared/protocol/items.ts";
import { describeWith } from "../support/requires.ts";
import { createSmallCollector, type SmallCollector } from "../support/small-collector.ts";
import { listenWebSocket } from "../support/small-collector-ws.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** The agent as a process, beside a collector's wire in memory: what the agent alone is answerable for. */

const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));
const home = temporaryFolder("agent-run");
let folders = 0;

/** A tree with nothing but an operating system and a dpkg database. */
const plantHost = (folder: string, versions: Readonly<Record<string, string>>): void => {
  mkdirSync(join(folder, "etc"), { recursive: true });
  mkdirSync(join(folder, "var/lib/dpkg"), { recursive: true });
  writeFileSync(join(folder, "etc/os-release"), 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n');
  writeFileSync(join(folder, "etc/hostname"), "planted\n");
  const paragraph = ([name, version]: [string, string]) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: A <a@b.c>\nVersion: ${version}\nDescription: text\n`;
  writeFileSync(join(folder, "var/lib/dpkg/status"), `${Object.entries(versions).map(paragraph).join("\n")}\n`);
};

const softwareOf = (collector: SmallCollector): Record<string, unknown> =>
  Object.fromEntries(
    [...(collector.streams.get("local/self")?.get("software")?.items.values() ?? [])].map((item: Item) => [
      item["name"],
      item["version"],
    ]),
  );

const setUp = async ({ intervalMinutes = 0.06, folder = join(home, String(folders++)) } = {}) => {
  const collector = createSmallCollector({ clock: systemClock });
  const identity = collector.enrol();
  const peer = await listenWebSocket(collector, identity);
  onTestFinished(() => peer.stop());
  const root = join(home, `root-${folders++}`);
  mkdirSync(folder, { recursive: true });
  plantHost(root, { bash: "5.2" });
  writeFileSync(join(folder, "agent.key"), exportSigningKey(identity.key), { mode: 0o600 });
  const collectorUrl = peer.url.replace("ws:", "http:").replace("/api/v1/agents/ws", "");
  writeFileSync(join(folder, "identity.json"), JSON.stringify({ ...identity.file, collectorUrl }), { mode: 0o600 });
  const sets = [`stateDirectory=${folder}`, `inventory.root=${root}`, "heartbeatSeconds=1", "neighbours.enabled=false"];
  const args = [
    ...sets,
    `inventory.intervalMinutes=${intervalMinutes}`,
    "reconnect.minSeconds=0.1",
    "reconnect.maxSeconds=0.5",
  ].flatMap((set) => ["--set", set]);
  let words = "";
  const start = (env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(process.execPath, [program, "run", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    child.stderr?.on("data", (chunk) => {
      words += String(chunk);
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const ended = (child: ChildProcess) =>
    new Promise<number | string>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null)
        return resolve(child.exitCode ?? child.signalCode ?? "");
      child.once("exit", (code, signal) => resolve(code ?? signal ?? ""));
    });
  const verb = (...more: string[]) =>
    spawnSync(process.execPath, [program, ...more, "--set", `stateDirectory=${folder}`], { encoding: "utf8" });
  const status = (): AgentStatus => JSON.parse(verb("status", "--json").stdout) as AgentStatus;
  return { collector, peer, folder, root, args, start, ended, verb, status, stderr: () => words };
};

describe("rollcall-agent run", () => {
  it("tells one installed package as one item, for less than 2 kB, and an unchanged cycle for less than 400 octets", async () => {
    const { collector, root, start, ended, status, verb } = await setUp();
    const child = start();
    await until("the first inventory", () => softwareOf(collector)["bash"] === "5.2", { timeoutMs: 60_000 });
    // On a busy machine beats come late, and the first inventory would be counted with the change.
    await until("an unchanged cycle", () => status().link.lastUnchangedCycle);
    const before = collector.accepted.length;
    plantHost(root, { bash: "5.2", curl: "7.88" });
    await until("the change", () => softwareOf(collector)["curl"] === "7.88", { timeoutMs: 60_000 });
    const change = collector.accepted.slice(before);
    expect(change).toHaveLength(1);
    expect(change[0]?.body).toMatchObject({ snapshot: { steps: [{ kind: "delta", section: "software", drop: [] }] } });
    const { link } = await until("an unchanged cycle after it", () => {
      const found = status();
      return (found.link.lastUnchangedCycle?.atMs ?? 0) > (found.link.lastChangedCycle?.atMs ?? 0) && found;
    });
    const octets = (cycle: typeof link.lastCycle) => (cycle?.sentBytes ?? 0) + (cycle?.receivedBytes ?? 0);
    process.stdout.write(
      `octets on the socket: ${octets(link.lastChangedCycle)} changed, ${octets(link.lastUnchangedCycle)} unchanged\n`,
    );
    expect(octets(link.lastChangedCycle)).toBeLessThan(2_000);
    expect(octets(link.lastUnchangedCycle)).toBeLessThan(400);
    expect(verb("status").stdout).toMatch(/unchanged cycle +\d+ B/);
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
    expect(collector.accepted.at(-1)?.body).toMatchObject({ kind: "goodbye", goodbye: { reason: "service-stop" } });
  });

  it("does what the collector asks within its own file, once, and says what it refuses", async () => {
    const { collector, peer, start } = await setUp({ intervalMinutes: 60 });
    start();
    await until("the first inventory", () => collector.accepted.length > 0, { timeoutMs: 60_000 });
    const say = (commandId: string, action: Command["action"]) =>
      peer.sessions.at(-1)?.say({ kind: "command", command: { commandId, expiresAtMs: Date.now() + 60_000, action } });
    say("c1", { kind: "inventory" });
    say("c1", { kind: "inventory" });
    say("c2", { kind: "look", scope: "world", targets: ["127.0.0.1"], methods: [] });
    const answers = () =>
      collector.accepted.flatMap(({ body }) => {
        if (body.kind === "refusal") return [`${body.refusal.commandId} refused: ${body.refusal.reason}`];
        return body.kind === "snapshot" && body.snapshot.commandId !== undefined
          ? [`${body.snapshot.commandId} done`]
          : [];
      });
    await until("two answers", () => answers().length >= 2, { timeoutMs: 60_000 });
    expect(answers().sort()).toEqual([
      "c1 done",
      'c2 refused: there is no scope "world" in the agent\'s configuration',
    ]);
  });

  it("keeps its goodbye when nobody hears it, and says it the next time", async () => {
    const { collector, peer, start, ended } = await setUp();
    const child = start();
    await until("the first inventory", () => collector.accepted.length > 0, { timeoutMs: 60_000 });
    collector.mood.welcome = false;
    peer.drop();
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
    expect(collector.accepted.some(({ body }) => body.kind === "goodbye")).toBe(false);
    collector.mood.welcome = true;
    start();
    await until("the goodbye", () => collector.accepted.some(({ body }) => body.kind === "goodbye"), {
      timeoutMs: 60_000,
    });
  });

  it("says in one line that another agent has its state folder", async () => {
    const { collector, start, ended, stderr } = await setUp();
    start();
    await until("the first inventory", () => collector.accepted.length > 0, { timeoutMs: 60_000 });
    const second = start({ ROLLCALL_LOG: "warn" });
    expect(await ended(second)).toBe(69);
    expect(stderr()).toMatch(/another agent is running on .*: stop it, or name another folder/);
  });

  it("takes up a damaged state: set aside in one line, and the collector has everything again", async () => {
    const { collector, folder, start, ended, stderr } = await setUp();
    const first = start();
    await until("the first inventory", () => softwareOf(collector)["bash"] === "5.2", { timeoutMs: 60_000 });
    first.kill("SIGKILL");
    await ended(first);
    const path = join(folder, "state.sqlite");
    writeFileSync(path, Buffer.alloc(statSync(path).size, 0xa5));
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    (collector.streams as Map<string, unknown>).clear();
    start();
    await until("the content under another epoch", () => softwareOf(collector)["bash"] === "5.2", {
      timeoutMs: 60_000,
    });
    expect(stderr().match(/was damaged and is set aside/g)).toHaveLength(1);
    expect(collector.held.epoch).toBe(2);
  });

  // The other points are for the kill suite (test/long), which hits them at random and many times.
  it.each(["spool.append.before-commit", "uplink.after-send", "spool.adopt.before-commit", "spool.migrate"])(
    "loses nothing and tells nothing twice when killed at %s",
    async (point) => {
      const { collector, root, start, ended } = await setUp();
      const dying = start({ ROLLCALL_FAIL_POINT: point });
      expect(await ended(dying)).toBe("SIGKILL");
      plantHost(root, { bash: "5.2", curl: "7.88" });
      start();
      await until("everything", () => softwareOf(collector)["curl"] === "7.88", { timeoutMs: 60_000 });
      const sequences = collector.accepted.map(({ epoch, sequence }) => `${epoch}/${sequence}`);
      expect(new Set(sequences).size).toBe(sequences.length);
      const puts = collector.accepted.flatMap(({ body }) =>
        body.kind === "snapshot"
          ? body.snapshot.steps.flatMap((step) =>
              step.section === "software" && step.kind !== "gone"
                ? Object.keys(step.kind === "full" ? step.items : step.put)
                : [],
            )
          : [],
      );
      expect(puts.filter((key) => key.includes("curl"))).toHaveLength(1);
    },
  );
});

describeWith("a full disk under the spool", [{ root: true }, { program: "mount" }], () => {
  it("costs nothing that was kept, is said, and what changed meanwhile is told when there is room", async () => {
    const disk = join(home, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", `rollcall-test-${process.pid}`, disk]);
    onTestFinished(() => void execFileSync("umount", ["-l", disk]));
    const { collector, root, start, status, stderr } = await setUp({ folder: join(disk, "state") });
    start();
    await until("the first inventory", () => softwareOf(collector)["bash"] === "5.2", { timeoutMs: 60_000 });
    const filler = join(disk, "filler");
    try {
      for (let i = 0; i < 2_000; i++) appendFileSync(filler, Buffer.alloc(4_096, 1));
    } catch {}
    // More than fits into what SQLite has allocated already.
    const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`package-${i}`, "1"]));
    plantHost(root, { bash: "5.2", ...many });
    await until("a round that could not be kept", () => status().spool.notKept > 0, {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    await until("the reason", () => /writing the state database: database or disk is full/.test(stderr()));
    expect(Object.keys(softwareOf(collector))).toEqual(["bash"]);
    rmSync(filler);
    await until("all packages", () => Object.keys(softwareOf(collector)).length === 6_001, { timeoutMs: 60_000 });
    const puts = collector.accepted.flatMap(({ body }) =>
      body.kind === "snapshot"
        ? body.snapshot.steps.flatMap((step) => (step.kind === "delta" ? Object.keys(step.put) : []))
        : [],
    );
    expect(puts.filter((key) => key.includes("package-7|"))).toHaveLength(1);
  });
});

describe("faults of arguments, configuration and enrolment", () => {
  const agent = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env: { ...process.env, ...env } });

  it("tells five faults of a configuration at once and ends with 78", () => {
    const path = join(home, "faults.yaml");
    writeFileSync(
      path,
      "heartbeatSeconds: soon\nuplink: pigeon\nhearbeat: 3\nscopes: [{ name: a, targets: [] }]\ncollector: { url: 'http://far.example' }\n",
    );
    const { status, stderr } = agent(["run", "--config", path]);
    expect(status).toBe(78);
    expect(stderr).toMatch(/configuration has 5 faults:/);
    expect(stderr.trim().split("\n")).toHaveLength(6);
  });

  it("takes a configuration that is larger than a pipe", async () => {
    const { collector, folder, start } = await setUp();
    const scope = (i: number) => ({
      name: `s${i}`,
      targets: Array.from({ length: 1_000 }, (_, n) => `10.${i}.${n >> 8}.${n & 255}`),
      intervalMinutes: 9_999,
    });
    const path = join(folder, "large.yaml");
    writeFileSync(
      path,
      JSON.stringify({ scopes: Array.from({ length: 60 }, (_, i) => ({ ...scope(i), quietHours: "00:00-23:59" })) }),
    );
    expect(statSync(path).size).toBeGreaterThan(500_000);
    start({ ROLLCALL_AGENT_CONFIG: path });
    const hello = await until("a hello", () => collector.hellos[0], { timeoutMs: 60_000 });
    expect(hello.scopes).toHaveLength(60);
    expect(hello.scopes[59]?.targets).toHaveLength(1_000);
  });

  it("says that it is not enrolled, and how to", () => {
    const { status, stderr } = agent(["run", "--set", `stateDirectory=${join(home, "nowhere")}`]);
    expect(status).toBe(78);
    expect(stderr).toMatch(/no identity in .*: run "rollcall-agent enrol/);
  });

  it.each([
    [["run", "--nope"], 64],
    [["fly"], 64],
    [[], 64],
    [["run", "--help"], 0],
    [["--version"], 0],
  ])("ends %j with %i", (args, code) => {
    expect(agent(args).status).toBe(code);
  });

  const withEnrolment = async (answer: { readonly status: number; readonly body: object }) => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += String(chunk);
      });
      request.on("end", () => {
        asked.push({ url: request.url, ...(JSON.parse(text) as object) });
        response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const folder = join(home, String(folders++));
    const { port } = server.address() as AddressInfo;
    const enrol = (env: Readonly<Record<string, string>> = {}) =>
      new Promise<{ code: number | null; text: string }>((resolve) => {
        const child = spawn(
          process.execPath,
          [
            program,
            "enrol",
            "--url",
            `http://127.0.0.1:${port}`,
            "--token",
            "env:TOKEN",
            "--set",
            `stateDirectory=${folder}`,
          ],
          { env: { ...process.env, TOKEN: "canary-4711", ...env } },
        );
        let text = "";
        child.stdout.on("data", (chunk) => {
          text += String(chunk);
        });
        child.stderr.on("data", (chunk) => {
          text += String(chunk);
        });
        child.once("close", (code) => resolve({ code, text }));
      });
    return { enrol, asked, folder };
  };

  const enrolled = {
    ...{ agentId: `agt_${"0".repeat(26)}`, collectorId: `col_${"0".repeat(26)}`, status: "approved" },
    ...{ collectorPublicKey: formatPublicKey(createSigningKey()), websocketPath: "/api/v1/agents/ws" },
  };

  it("makes a key for its owner only, and keeps it when enrolment is tried again", async () => {
    const { enrol, asked, folder } = await withEnrolment({ status: 200, body: enrolled });
    const first = await enrol();
    expect(first).toMatchObject({ code: 0, text: expect.stringContaining(`as ${enrolled.agentId}`) });
    for (const name of ["agent.key", "identity.json"]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(asked).toMatchObject([{ url: "/api/v1/enrol", token: "canary-4711" }]);
    expect(readFileSync(join(folder, "identity.json"), "utf8")).not.toContain("canary");
    expect(await enrol()).toMatchObject({ code: 64, text: expect.stringContaining("--again replaces that") });
  });

  it("tells a refused token in one line, without the token", async () => {
    const { enrol } = await withEnrolment({
      status: 401,
      body: { title: "Unauthorized", detail: "this token is used up" },
    });
    const { code, text } = await enrol();
    expect(code).not.toBe(0);
    expect(text).toMatch(/does not take this token: this token is used up/);
    expect(text).not.toContain("canary");
    expect(text.trim().split("\n")).toHaveLength(1);
  });

  it("tells in one line that a stranger answers", async () => {
    const { enrol } = await withEnrolment({ status: 200, body: { hello: "world" } });
    expect((await enrol()).text).toMatch(/did not answer as a collector does/);
  });

  it.each([
    ["http://far.example", /enrolment needs https/],
    ["https://me:pw@far.example", /must not carry credentials/],
    ["nonsense", /is no URL/],
  ])("enrols nowhere by %s", (url, message) => {
    const { status, stderr } = agent([
      "enrol",
      "--url",
      url,
      "--token",
      "env:HOME",
      "--set",
      `stateDirectory=${join(home, "x")}`,
    ]);
    expect(status).toBe(64);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("pw");
  });
});
