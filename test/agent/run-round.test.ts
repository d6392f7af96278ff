import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Job } from "../../agent/rounds/job.ts";
import { runRound } from "../../agent/rounds/run-round.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder("rounds");
let scripts = 0;

const job: Job = { kind: "inventory", realm: "lab", root: "/", stateDatabase: "/nowhere", personal: [] };

/** A child that says what a test wants; `round` is its argument, as in the agent. */
const childOf = (code: string): readonly [string, ...string[]] => {
  const path = join(folder, `${scripts++}.mjs`);
  writeFileSync(path, code);
  return [process.execPath, path];
};

const start = (code: string, signal = new AbortController().signal) => {
  const kept: KeptBody[] = [];
  const notes: string[] = [];
  const done = runRound(job, {
    ...{ self: childOf(code), env: process.env, signal },
    onKeep: (body) => void kept.push(body),
    onNote: (text) => void notes.push(text),
  });
  return { kept, notes, done };
};

const goodbye = '{"kind":"keep","body":{"kind":"goodbye","goodbye":{"reason":"sleep","atMs":1}}}';
const say = (...lines: string[]) => `process.stdout.write(${JSON.stringify(`${lines.join("\n")}\n`)});`;

describe("a round's child process", () => {
  it("gets its job on standard input, and what it says is kept in order", async () => {
    const { kept, notes, done } = start(`
      let text = ""; for await (const chunk of process.stdin) text += chunk;
      const job = JSON.parse(text);
      ${say(goodbye)}
      console.log(JSON.stringify({ kind: "note", text: process.argv[2] + " " + job.realm }));
      ${say(goodbye, '{"kind":"done"}')}`);
    await done;
    expect(kept).toHaveLength(2);
    expect(notes).toEqual(["round lab"]);
  });

  it("takes messages apart that arrive in pieces", async () => {
    const { kept, done } = start(`
      const text = ${JSON.stringify(`${goodbye}\n${goodbye}\n{"kind":"done"}\n`)};
      for (const letter of text) { process.stdout.write(letter); await new Promise(setImmediate); }`);
    await done;
    expect(kept).toHaveLength(2);
  });

  it.each([
    ["ends without being done", say(goodbye), /inventory round: exit code 0/],
    [
      "fails, with its last words",
      'console.error("warning: x"); throw new TypeError("no such thing")',
      /TypeError: no such thing/,
    ],
    ["says something that is no message", say("hello"), /not valid JSON/],
    ["says a message of another kind", say('{"kind":"exec","command":"rm"}'), /something else than messages/],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", /killed by SIGKILL/],
    ["never ends its line", 'for (let i = 0; i < 30; i++) process.stdout.write("x".repeat(1 << 20))', /larger than/],
  ])("fails the round when it %s", async (_, code, message) => {
    const outcome = await start(code).done.catch((error: unknown) => error as Error);
    expect(outcome).toBeInstanceOf(Error);
    expect((outcome as Error).message).toMatch(message);
  });

  it("is killed at its time-out, and what it said before is kept", async () => {
    const timeout = new AbortController();
    const { kept, done } = start(`${say(goodbye)} setInterval(() => {}, 1000);`, timeout.signal);
    const poll = setInterval(() => kept.length > 0 && timeout.abort(new Error("took too long")), 5);
    await expect(done).rejects.toThrow("took too long");
    clearInterval(poll);
  });

  it("is killed when what it says can't be kept, and the reason is the round's", async () => {
    const kept = runRound(job, {
      ...{ self: childOf(`${say(goodbye, goodbye)} setInterval(() => {}, 1000);`), env: process.env },
      signal: new AbortController().signal,
      onKeep: () => {
        throw new Error("the disk is full");
      },
      onNote: () => {},
    });
    await expect(kept).rejects.toThrow("the disk is full");
  });

  it("does not start when there is no such program", async () => {
    const missing = runRound(job, {
      ...{ self: ["/nowhere/node"], env: {}, signal: new AbortController().signal, onKeep: () => {}, onNote: () => {} },
    });
    await expect(missing).rejects.toThrow(/starting the process/);
  });
});
