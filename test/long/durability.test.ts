import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createSeededRandom } from "../../shared/random.ts";
import { freePort } from "../support/free-port.ts";
import { assetOf, createMember, softwareHistory } from "../support/kill-site.ts";
import { createCollectorProcess, type Restartable } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** What the kernel was asked to do, in order: the proof that "durable" means synced, and not merely written. */
type Call =
  | { readonly kind: "write"; readonly file: string; readonly end: number }
  | { readonly kind: "cut"; readonly file: string; readonly end: number }
  | { readonly kind: "sync"; readonly file: string }
  | { readonly kind: "ack" };

const parseTrace = (text: string): Call[] =>
  text.split("\n").flatMap((line): Call[] => {
    const file = basename(/\d+<([^>]*rollcall\.db[^>]*)>/.exec(line)?.[1] ?? "");
    const write = /pwrite64\(.*, (\d+), (\d+)(?:\)| <unfinished)/.exec(line);
    if (write && file) return [{ kind: "write", file, end: Number(write[1]) + Number(write[2]) }];
    const cut = /ftruncate\(\d+<[^>]*>, (\d+)\)/.exec(line);
    if (cut && file) return [{ kind: "cut", file, end: Number(cut[1]) }];
    if (/f(data)?sync\(/.test(line) && file) return [{ kind: "sync", file }];
    return /(write|writev|sendmsg|sendto)\(\d+<(TCP|socket)/.test(line) && /kind\\":\\"ack|"kind":"ack"/.test(line)
      ? [{ kind: "ack" }]
      : [];
  });

/** Follows a trace: which acknowledgements left while something of the log was not synced, and how far each file was synced. */
const judge = (calls: readonly Call[]) => {
  const written = new Map<string, number>();
  const synced = new Map<string, number>();
  const dirty = new Set<string>();
  let acks = 0;
  let early = 0;
  for (const call of calls) {
    if (call.kind === "write") {
      written.set(call.file, Math.max(written.get(call.file) ?? 0, call.end));
      dirty.add(call.file);
    } else if (call.kind === "cut") written.set(call.file, call.end);
    else if (call.kind === "sync") {
      synced.set(call.file, written.get(call.file) ?? 0);
      dirty.delete(call.file);
    } else {
      acks++;
      if (dirty.has("rollcall.db-wal")) early++;
    }
  }
  return { acks, early, synced };
};

const running: Restartable[] = [];
afterAll(() => Promise.all(running.map((one) => one.kill())), 60_000);
const patience = { timeoutMs: 180_000, everyMs: 300 };

describeWith("durability", [{ program: "strace" }], () => {
  it("has synced before it acknowledges, and keeps all that was acknowledged when what was not synced is gone", async () => {
    const folder = temporaryFolder("durability");
    const collector = createCollectorProcess({
      folder: join(folder, "collector"),
      port: await freePort(),
      set: ["log.level=warn"],
    });
    const token = collector.enrolToken();
    running.push(collector);
    collector.start();
    await collector.untilReady();
    const member = createMember({
      folder: join(folder, "host"),
      name: "host",
      collector,
      token,
      random: createSeededRandom(5),
      set: ["inventory.intervalMinutes=0.05"],
    });
    running.push(member.agent);
    await collector.kill();

    const trace = join(folder, "trace");
    collector.start({}, [
      "strace",
      "-f",
      "-y",
      "-s",
      "600",
      "-e",
      "trace=pwrite64,ftruncate,fdatasync,fsync,write,writev,sendmsg,sendto",
      "-o",
      trace,
    ]);
    await collector.untilReady();
    member.agent.start();
    await until("there is an asset", () => assetOf(collector, member.agent.agentId), patience);
    for (let i = 0; i < 8; i++) {
      member.host.change();
      const revision = `"${member.host.revision()}"`;
      await until(
        "the change is told",
        async () => {
          const history = await softwareHistory(collector, (await assetOf(collector, member.agent.agentId)) as string);
          return history.some(
            (change) => change.itemKey.includes("counter") && JSON.stringify(change.after) === revision,
          );
        },
        patience,
      );
    }
    const acknowledged: number = member.agent.status().position.lastSequence;
    await member.agent.kill();
    // strace dies with the collector's group, as a power cut would end both.
    const pids = execFileSync("pgrep", ["-f", `run --data ${collector.dataFolder}`], { encoding: "utf8" })
      .trim()
      .split("\n");
    for (const pid of pids)
      if (/node/.test(readFileSync(`/proc/${pid}/comm`, "utf8"))) process.kill(Number(pid), "SIGKILL");
    await until("the collector is gone", () => !collector.isRunning(), patience);

    const { acks, early, synced } = judge(parseTrace(readFileSync(trace, "utf8")));
    console.log(
      `durability: ${acks} acknowledgements seen, ${early} before their sync; acknowledged up to ${acknowledged}`,
    );
    expect(acks).toBeGreaterThanOrEqual(8);
    expect(early).toBe(0);
    for (const [file, length] of synced) {
      const path = join(collector.dataFolder, file);
      if (existsSync(path) && statSync(path).size > length) truncateSync(path, length);
    }
    collector.start();
    await collector.untilReady();
    const { items } = await collector.get(`/agents/${member.agent.agentId}`);
    expect(items[0].sequence).toBeGreaterThanOrEqual(acknowledged);
    const history = await softwareHistory(collector, (await assetOf(collector, member.agent.agentId)) as string);
    expect(member.host.faultsOf(history)).toEqual([]);
  }, 600_000);

  it("would notice an acknowledgement that came too early", () => {
    const write = { kind: "write", file: "rollcall.db-wal", end: 100 } as const;
    expect(judge([write, { kind: "ack" }]).early).toBe(1);
    expect(judge([write, { kind: "sync", file: "rollcall.db-wal" }, { kind: "ack" }]).early).toBe(0);
  });
});
