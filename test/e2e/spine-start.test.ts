import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("npm start", () => {
  const folder = temporaryFolder("start");
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill("SIGKILL"));

  const start = () => {
    const started = spawn("npm", ["start", "--silent", "--", "--data", folder, "--port", "0"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let out = "";
    for (const stream of [started.stdout, started.stderr])
      stream.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
    child = started;
    const exit = new Promise<number | null>((resolve) => started.once("close", resolve));
    // As a terminal's Ctrl-C: to every process of the group.
    const interrupt = () => process.kill(-(started.pid ?? 0), "SIGINT");
    return { said: () => out, exit, interrupt };
  };

  it("brings up both, prints where and how to sign in once, tells the first asset, and stops both on Ctrl-C", async () => {
    const { said, exit, interrupt } = start();
    const url = await until("the address", () => /Rollcall is at (http:\/\/127\.0\.0\.1:\d+)/.exec(said())?.[1], {
      timeoutMs: 60_000,
    });
    await until("the first asset", () => /First asset after [\d.]+ s: \S+/.test(said()), { timeoutMs: 200_000 });
    // Not a terminal here: the link lies in a file of its own, and in nothing that a journal would keep.
    const path = join(folder, "sign-in-link");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const link = readFileSync(path, "utf8").trim();
    const code = link.split("#")[1] as string;
    expect(said()).not.toContain(code);

    const redeem = () =>
      fetch(`${url}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code }),
      });
    const first = await redeem();
    expect(first.ok).toBe(true);
    const cookie = first.headers.get("set-cookie")?.split(";")[0] as string;
    expect((await redeem()).ok).toBe(false);
    const assets = await fetch(`${url}/api/v1/assets`, { headers: { cookie } });
    const { items } = (await assets.json()) as { items: { agentId?: string; softwareCount?: number }[] };
    expect(items.find(({ agentId }) => agentId !== undefined)?.softwareCount).toBeGreaterThan(0);

    await until("the agent's process", () => findAgent(folder));
    interrupt();
    await exit;
    expect(said()).toContain("stopped");
    await until("the agent to be gone", () => findAgent(folder) === undefined);
  }, 300_000);

  it("goes on with the same agent the next time", async () => {
    const { said, exit, interrupt } = start();
    await until("the start", () => /Agent started/.test(said()), { timeoutMs: 60_000 });
    await until("the asset", () => /First asset after/.test(said()), { timeoutMs: 200_000 });
    interrupt();
    await exit;
  }, 300_000);
});

/** The agent's process by its state folder on the command line. */
const findAgent = (folder: string): number | undefined => {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return line.includes("rollcall-agent") && line.includes(folder);
      } catch {
        return false;
      }
    });
};
