import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { type CollectorProcess, createCollectorProcess } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import {
  connectScripted,
  enrolScripted,
  fullStep,
  type ScriptedAgent,
  type ScriptedState,
  snapshotOf,
} from "../support/scripted-agent.ts";
import type { TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
const run = (...args: readonly string[]) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr, lines: stderr.trim().split("\n") };
};

/** What `enrolScripted` needs of a collector, from one that is a process. */
const enrolAt = (collector: CollectorProcess): Promise<ScriptedState> =>
  enrolScripted({ url: collector.url, enrolToken: async () => collector.enrolToken() } as TestCollector);

/** The welcome, or undefined when the connection ended instead. */
const welcomeOf = (agent: ScriptedAgent) =>
  Promise.race([agent.waitFor("welcome").catch(() => undefined), agent.closed.then(() => undefined)]);

describe("faults of the surroundings", () => {
  const folder = temporaryFolder("faults");
  let collector: CollectorProcess;
  beforeAll(async () => {
    collector = createCollectorProcess({ folder: join(folder, "first"), port: await freePort() });
    collector.start();
    await collector.untilReady();
  });
  afterAll(() => collector.end());

  it("lists every fault of a configuration at once", () => {
    const file = join(folder, "five.yaml");
    writeFileSync(
      file,
      'listen: { port: 99999, tls: yes }\nmaxConnections: none\nlog: { level: loud }\nmqtt: { url: "http://x" }\n',
    );
    const { status, stderr, lines } = run("run", "-c", file, "--data", join(folder, "unused"));
    expect(status).toBe(78);
    expect(lines).toHaveLength(6);
    for (const option of ["listen.port", "listen.tls", "maxConnections", "log.level", "mqtt.url"])
      expect(stderr).toContain(`  ${option}: `);
  });

  it("tells in one line of a taken port, and of a folder that another collector uses", async () => {
    const { port } = new URL(collector.url);
    const taken = run("run", "--data", join(folder, "second"), "--port", port);
    expect([taken.status, taken.lines.filter((line) => line.startsWith("rollcall"))]).toEqual([
      69,
      [`rollcall-collector: port 127.0.0.1:${port} is taken: stop who uses it, or choose another with --port`],
    ]);
    const locked = run("run", "--data", collector.dataFolder, "--port", "0");
    expect(locked.status).toBe(69);
    expect(locked.lines.at(-1)).toContain(`another collector (process ${collector.pid()}) uses the data folder`);
  });

  it("prints the token and nothing else, and keeps neither it nor the key where others read", () => {
    const data = join(folder, "tokens");
    const { stdout, stderr } = run("token", "create", "--role", "administrator", "--data", data);
    expect(stdout).toMatch(/^rca_[\w-]{43}\n$/);
    expect(stderr).toBe("");
    expect(statSync(join(data, "collector.json")).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const name of ["rollcall.db", "collector.json"])
      expect(readFileSync(join(data, name)).includes(stdout.trim())).toBe(false);
  });

  it("names a damaged database and the remedy, in one line", () => {
    const data = join(folder, "damaged");
    run("token", "create", "--role", "viewer", "--data", data);
    writeFileSync(join(data, "rollcall.db"), "this is no database at all".repeat(100));
    const { status, lines } = run("run", "--data", data, "--port", "0");
    expect(status).toBe(65);
    expect(lines.at(-1)).toMatch(
      /^rollcall-collector: opening .*damaged; restore a backup \(rollcall-collector restore\)/,
    );
  });

  it("says what a data folder that is none lacks", () => {
    writeFileSync(join(folder, "file"), "");
    const { status, lines } = run("run", "--data", join(folder, "file", "data"), "--port", "0");
    expect(status).toBe(69);
    expect(lines.at(-1)).toContain("can't be used");
  });

  it("puts a backup back, after which agents send again what it lacks", async () => {
    const state = await enrolAt(collector);
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([fullStep("os", { "": { hostname: "kept" } })]));
    const copy = join(folder, "copy");
    expect(run("backup", copy, "--data", collector.dataFolder).status).toBe(0);
    await agent.deliver(snapshotOf([fullStep("os", { "": { hostname: "lost" } })]));
    await agent.close();
    expect(run("restore", copy, "--replace", "--data", collector.dataFolder).status).toBe(69);
    await collector.terminate();
    expect(run("restore", copy, "--replace", "--data", collector.dataFolder).status).toBe(0);
    collector.start();
    await collector.untilReady();
    const names = async () =>
      ((await collector.get("/assets?limit=10")).items as { name: string }[]).map(({ name }) => name);
    expect(await names()).toEqual(["kept"]);
    const again = await connectScripted(collector.url, state);
    expect(await again.waitFor("welcome")).toMatchObject({ have: 0 });
    expect(await again.waitFor("need")).toEqual({ kind: "need", hashes: true });
    await again.deliver(snapshotOf([fullStep("os", { "": { hostname: "sent-again" } })]));
    expect(await names()).toEqual(["sent-again"]);
    await again.close();
  });
});

describe("kills at named points", () => {
  const folder = temporaryFolder("points");
  let collector: CollectorProcess;
  let state: ScriptedState;
  /** What bash was before a point's changes, and how many were told before. */
  let told = 0;
  const versions = (version: string) => {
    const item = { manager: "dpkg", name: "bash", architecture: "all", version };
    return snapshotOf([fullStep("software", { "dpkg|bash|all|": item })]);
  };
  beforeAll(async () => {
    collector = createCollectorProcess({ folder, port: await freePort() });
    collector.start();
    await collector.untilReady();
    state = await enrolAt(collector);
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(versions("0"));
    await agent.close();
  });
  afterAll(() => collector.end());

  it.each(["collector.commit.inside", "collector.commit.before", "collector.commit.after"])(
    "loses nothing acknowledged and doubles nothing when killed at %s",
    async (point) => {
      await collector.kill();
      // Ticks and hellos commit too: some dozens of commits on, one of ours is the one.
      collector.start({ ROLLCALL_FAIL_POINT: `${point}:12` });
      await collector.untilReady().catch(() => {});
      const first = state.lastSequence + 1;
      const bodies = Array.from({ length: 20 }, (_, i) => versions(String(told + i + 1)));
      const sent = bodies.map((body, i) => ({ kind: "kept", sequence: first + i, spooledAtMs: 1, body }));
      let agent: ScriptedAgent | undefined;
      let deaths = 0;
      for (const life of [1, 2, 3]) {
        if (!collector.isRunning()) {
          deaths++;
          collector.start();
        }
        await collector.untilReady().catch(() => {});
        agent = await connectScripted(collector.url, { ...state, nextSequence: first + 20 }).catch(() => undefined);
        const welcome = agent && (await welcomeOf(agent));
        if (!agent || !welcome) continue;
        const { state: now, say } = agent;
        for (const { sequence, ...message } of sent)
          if (sequence > welcome.have) {
            say({ ...message, sequence, epoch: welcome.epoch });
            await until(`${sequence} in life ${life}`, () => now.lastSequence >= sequence || !collector.isRunning());
          }
        Object.assign(state, { lastSequence: now.lastSequence, lastDigest: now.lastDigest });
        if (now.lastSequence >= first + 19) break;
      }
      state.nextSequence = first + 20;
      await agent?.close();
      expect(deaths).toBe(1);
      const { items } = await collector.get("/changes?limit=100&section=software");
      const history = (items as { before: string; after: string }[])
        .toReversed()
        .map(({ before, after }) => [before, after]);
      told += 20;
      expect(history).toEqual(Array.from({ length: told }, (_, i) => [String(i), String(i + 1)]));
    },
    120_000,
  );
});

describeWith("a full disk", [{ root: true }, { program: "mount" }], () => {
  const folder = temporaryFolder("full");
  const disk = join(folder, "disk");
  afterAll(() => void spawnSync("umount", ["-l", disk]));

  it("refuses with a reason, loses nothing acknowledged, and goes on when there is room again", async () => {
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", `rollcall-test-${process.pid}`, disk]);
    const collector = createCollectorProcess({ folder: disk, port: await freePort() });
    collector.start();
    await collector.untilReady();
    const state = await enrolAt(collector);
    let agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    const software = (n: number) =>
      snapshotOf([
        fullStep(
          "software",
          Object.fromEntries(
            Array.from({ length: 300 }, (_, i) => {
              const item = {
                manager: "dpkg",
                name: `p${i}`,
                architecture: "all",
                version: `${n}.${(n * 7_919 + i * 104_729) % 1_000_003}`,
              };
              return [`dpkg|p${i}|all|`, item];
            }),
          ),
        ),
      ]);
    await agent.deliver(software(0));
    const filler = join(disk, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k", "count=1000"]);
    const message = (n: number) => ({
      kind: "kept",
      epoch: state.epoch,
      sequence: n + 1,
      spooledAtMs: 1,
      body: software(n),
    });
    let refusedAt = 0;
    for (let n = 1; n <= 60 && refusedAt === 0; n++) {
      agent.say(message(n));
      await until(
        `an answer to ${n}`,
        () => state.lastSequence >= n + 1 || agent.heard.some(({ kind }) => kind === "error"),
      );
      if (state.lastSequence < n + 1) refusedAt = n;
    }
    expect(refusedAt).toBeGreaterThan(0);
    expect(agent.heard.find(({ kind }) => kind === "error")).toMatchObject({ code: "store.full" });
    expect(collector.isRunning()).toBe(true);
    expect(collector.stderr()).toContain("no space left on the disk of the data folder");

    rmSync(filler);
    state.nextSequence = refusedAt + 2;
    agent = await until(
      "to be welcome again",
      async () => {
        const next = await connectScripted(collector.url, state);
        return (await welcomeOf(next)) && next;
      },
      { timeoutMs: 60_000 },
    );
    const welcome = await agent.waitFor("welcome");
    expect(welcome.have).toBe(refusedAt);
    agent.say(message(refusedAt));
    await until("the refused one to be taken", () => state.lastSequence === refusedAt + 1);
    const { items } = await collector.get("/assets?limit=10");
    const [asset] = items as { assetId: string }[];
    const newest = await collector.get(`/changes?limit=1&assetId=${asset?.assetId}`);
    expect(newest.items[0].after).toMatch(new RegExp(`^${refusedAt}\\.`));
    await agent.close();
    await collector.terminate();
  }, 120_000);
});
