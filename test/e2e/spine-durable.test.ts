import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { createCollectorProcess } from "../support/processes.ts";
import { describeWith, findProgram } from "../support/requires.ts";
import { connectScripted, enrolScripted, fullStep, snapshotOf } from "../support/scripted-agent.ts";
import type { TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

describeWith("durability", [{ root: true }, { program: "strace" }], () => {
  const folder = temporaryFolder("durable");

  it("syncs the log between writing a message and acknowledging it", async () => {
    const collector = createCollectorProcess({ folder, port: await freePort() });
    collector.start();
    await collector.untilReady();
    const enrolment = { url: collector.url, enrolToken: async () => collector.enrolToken() } as TestCollector;
    const agent = await connectScripted(collector.url, await enrolScripted(enrolment));
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([fullStep("os", { "": { hostname: "warm" } })]));

    const trace = join(folder, "trace");
    const calls = "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg";
    const strace: ChildProcess = spawn(
      findProgram("strace") ?? "strace",
      ["-f", "-y", "-q", "-e", calls, "-s", "0", "-o", trace, "-p", String(collector.pid())],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    // The first tick under strace shows that every thread is followed.
    await until("strace to follow", () => readFileSync(trace, { encoding: "utf8", flag: "a+" }).length > 0, {
      timeoutMs: 30_000,
    });
    for (let n = 1; n <= 5; n++) await agent.deliver(snapshotOf([fullStep("os", { "": { hostname: `host-${n}` } })]));
    strace.kill("SIGINT");
    await new Promise((resolve) => strace.once("close", resolve));
    await agent.close();
    await collector.end();

    const lines = readFileSync(trace, "utf8").split("\n");
    // With -y a descriptor names its file or its connection.
    const isWrite = (line: string) => /pwrite64\(\d+<[^>]*rollcall\.db-wal>/.test(line);
    const isSync = (line: string) => /f(data)?sync\(\d+<[^>]*rollcall\.db-wal>/.test(line);
    const isAnswer = (line: string) => /(write|writev|sendto|sendmsg)\(\d+<(TCP|socket)/.test(line);
    let syncs = 0;
    let answered = true;
    let answers = 0;
    let pending = 0;
    for (const line of lines) {
      if (isWrite(line)) pending++;
      else if (isSync(line)) {
        pending = 0;
        syncs++;
        answered = false;
      } else if (isAnswer(line)) {
        answers++;
        // A tick may be writing meanwhile: then at least one sync lies between the last answer and this one.
        if (answered) expect(pending, line).toBe(0);
        answered = true;
      }
    }
    expect(syncs).toBeGreaterThanOrEqual(5);
    expect(answers).toBeGreaterThanOrEqual(5);
  }, 120_000);
});
