import { statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AgentStatus, statusText } from "../../agent/cli/status.ts";
import { askAgent, startStatusServer, statusSocketPath } from "../../agent/status-server.ts";
import { systemClock } from "../../shared/clock.ts";
import { temporaryFolder } from "../support/temporary.ts";

const status: AgentStatus = {
  ...{
    version: "0.1.0",
    pid: 7,
    startedAtMs: 0,
    atMs: 7_200_000,
    name: "web1",
    agentId: "agt_x",
    collectorId: "col_y",
    pending: false,
  },
  link: {
    ...{
      uplink: "websocket",
      state: "waiting",
      sinceMs: 7_190_000,
      lastError: "connecting to wss://c",
      connections: 3,
    },
    total: { sentBytes: 123_456, receivedBytes: 789 },
    lastCycle: undefined,
    lastUnchangedCycle: { sentBytes: 238, receivedBytes: 2, atMs: 1, messages: 0 },
    lastChangedCycle: undefined,
  },
  position: { instance: 0, epoch: 2, nextSequence: 9, lastSequence: 6, lastDigest: null },
  spool: { messages: 2, bytes: 1_234, oldestAtMs: 7_140_000, folded: 0, settled: 6, softLimitBytes: 1, notKept: 4 },
  counts: { sentMessages: 8, forged: 0, stale: 0, refused: 0, resends: 0 },
  rounds: [
    {
      ...{ name: "inventory", intervalMs: 900_000, running: false, runs: 2, failures: 1, lastError: "timed out" },
      ...{ lastStartedAtMs: 1, lastEndedAtMs: 7_000_000, lastTookMs: 1_500, nextAtMs: 7_260_000 },
    },
  ],
  clockJumps: 0,
  usage: { rssBytes: 64_000_000, cpuMs: 2_500 },
};

const answers = (a: number) => ({ status: () => ({ a }), sleep: () => Promise.resolve({ said: true }) });

/** What a plain connection is told that says these words. */
const toldTo = (folder: string, words: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = connect(statusSocketPath(folder), () => void (words === "" || socket.write(words)));
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("end", () => resolve(JSON.parse(text)));
    socket.on("error", reject);
  });

describe("status", () => {
  it("says in aligned lines how the agent is", () => {
    const lines = statusText(status).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "uplink           websocket, waiting for 10 s",
        "last error       connecting to wss://c",
        "unchanged cycle  240 B (238 B sent, 2 B received)",
        "changed cycle    none yet",
        "spool            2 messages, 1234 B, the oldest 60 s old",
        "not kept         4",
        "inventory        3 min ago, took 1.5 s, failed: timed out, next in 60 s",
      ]),
    );
    expect(lines.some((line) => line.startsWith("forged"))).toBe(false);
  });

  it("is answered over a socket for the agent's own user, which a killed agent's leftover does not block", async () => {
    const folder = join(temporaryFolder("status"), "run");
    const stop = await startStatusServer(folder, answers(1), systemClock);
    expect(statSync(statusSocketPath(folder)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await askAgent(folder, systemClock)).toEqual({ a: 1 });
    await stop();
    writeFileSync(statusSocketPath(folder), "");
    const stopAgain = await startStatusServer(folder, answers(2), systemClock);
    expect(await askAgent(folder, systemClock)).toEqual({ a: 2 });
    await stopAgain();
  });

  it("takes one word: its status, also for who says nothing, or that the host goes to sleep", async () => {
    const folder = join(temporaryFolder("words"), "run");
    const stop = await startStatusServer(folder, answers(1), systemClock);
    expect(await askAgent(folder, systemClock, "sleep")).toEqual({ said: true });
    expect(await toldTo(folder, "")).toEqual({ a: 1 });
    expect(await toldTo(folder, "status\n")).toEqual({ a: 1 });
    for (const noise of ["toString\n", "x".repeat(10_000), "\u0000\n"])
      expect(await toldTo(folder, noise)).toEqual({ error: "expected status or sleep" });
    await stop();
  });

  it("says who can't be asked", async () => {
    await expect(askAgent(temporaryFolder("nobody"), systemClock)).rejects.toThrow(/no agent is running here/);
    await expect(startStatusServer(`/tmp/${"x".repeat(120)}`, answers(1), systemClock)).rejects.toThrow(
      /too long a name/,
    );
  });
});
