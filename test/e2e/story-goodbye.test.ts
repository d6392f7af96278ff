import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** The last word of an agent, with the real program against a collector in this process. */
const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));
const run = promisify(execFile);
type Agent = { readonly agentId: string; readonly assetId?: string; readonly state: string };
type Page<T> = { readonly items: readonly T[] };

describe("an agent that is uninstalled", () => {
  let collector: TestCollector;
  beforeAll(async () => {
    collector = await startTestCollector({ config: { presence: { silentMinMs: 500, closedPatienceMs: 500 } } });
  });
  afterAll(() => collector.stop());

  it("is away while its host sleeps, is not missed after its last, signed goodbye, and what only it watched is unobserved", async () => {
    const state = join(temporaryFolder("goodbye"), "agent");
    const sets = [`stateDirectory=${state}`, "name=leaving", "heartbeatSeconds=1", `collector.url=${collector.url}`];
    const argv = sets.flatMap((set) => ["--set", set]);
    const agent = (...verb: readonly string[]) =>
      run(process.execPath, [program, ...verb, ...argv], { env: { ...process.env, TOKEN: token } });
    const token = await collector.enrolToken();
    await agent("enrol", "--url", collector.url, "--token", "env:TOKEN");
    const running = agent("run");
    const known = await until(
      "its host is known",
      async () =>
        (await collector.get<Page<Agent>>("/api/v1/agents")).items.find(({ assetId }) => assetId !== undefined),
      { timeoutMs: 60_000, everyMs: 200 },
    );
    await expect(agent("goodbye", "--removed")).rejects.toMatchObject({
      code: 69,
      stderr: expect.stringContaining("stop it first"),
    });
    const asset = () => collector.get<{ presence: string }>(`/api/v1/assets/${known.assetId}`);
    expect((await agent("goodbye", "--sleep")).stdout).toContain("knows that this host goes to sleep");
    await until("its host is away", async () => (await asset()).presence === "away", { timeoutMs: 60_000 });
    // The sleep was called off: it is still awake after some beats, and says hello.
    await until("its host is back", async () => (await asset()).presence === "present", { timeoutMs: 60_000 });
    running.child.kill("SIGKILL");
    await running.catch(() => {});
    await expect(agent("goodbye", "--sleep")).rejects.toMatchObject({ code: 69 });
    await expect(agent("goodbye")).rejects.toMatchObject({ code: 64 });
    await until(
      "its silence is a case",
      async () => (await collector.get<Page<object>>("/api/v1/incidents?state=open")).items.length === 1,
      { timeoutMs: 60_000, everyMs: 200 },
    );
    const { stdout } = await agent("goodbye", "--removed");
    expect(stdout).toContain("is not to be missed");
    await until("its host is unobserved", async () => (await asset()).presence === "unobserved", { timeoutMs: 60_000 });
    await until(
      "no case is open",
      async () => (await collector.get<Page<object>>("/api/v1/incidents?state=open")).items.length === 0,
    );
  }, 120_000);
});
