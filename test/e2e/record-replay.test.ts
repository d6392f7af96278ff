import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import {
  type AgentProcess,
  type CollectorProcess,
  createAgentProcess,
  createCollectorProcess,
} from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

type Row = Readonly<Record<string, unknown>>;

/** `run --record` with a real agent, over a restart of the collector; then `replay`, as a user tries a policy on his own history. */
describe("a recorded stream", () => {
  const folder = temporaryFolder("record");
  const recording = join(folder, "recording.jsonl");
  const root = join(folder, "root");
  const patience = ["presence.closedPatienceMs=1000", "presence.silentMinMs=20000"];
  let collector: CollectorProcess;
  let agent: AgentProcess;

  beforeAll(async () => {
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc/hostname"), "recorded-host\n");
    const options = ["--record", recording];
    collector = createCollectorProcess({ folder: join(folder, "c"), port: await freePort(), set: patience, options });
    collector.start();
    await collector.untilReady();
    agent = createAgentProcess({
      folder: join(folder, "agent"),
      name: "recorded",
      collectorUrl: collector.url,
      token: collector.enrolToken(),
      set: [
        ...[`inventory.root=${root}`, "heartbeatSeconds=1", "neighbours.enabled=false"],
        ...["reconnect.minSeconds=0.2", "reconnect.maxSeconds=1"],
      ],
    });
    agent.start();
  });
  afterAll(async () => {
    await agent?.kill();
    await collector?.terminate();
  });

  const items = async (path: string): Promise<readonly Row[]> => (await collector.get(path)).items;
  const isConnected = async () => (await items("/agents"))[0]?.["state"] === "connected";
  const replay = (...args: readonly string[]): readonly Row[] =>
    execFileSync(process.execPath, [program, "replay", recording, "--json", ...args], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("comes to the assets and cases of the day when it is played again, and to others under another policy", async () => {
    await until("the host is known", async () => (await items("/assets")).length === 1, { timeoutMs: 60_000 });
    await collector.terminate();
    collector.start();
    await collector.untilReady();
    await until("the agent is back", isConnected, { timeoutMs: 60_000 });
    await agent.kill();
    const [raised] = await until(
      "its silence is told",
      async () => {
        const open = await items("/incidents?state=open");
        return open.length > 0 ? open : undefined;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    const [asset] = await items("/assets");
    await collector.terminate();

    // It holds what hosts told: for the owner's eyes.
    expect(statSync(recording).mode & 0o777).toBe(0o600);
    const sets = patience.flatMap((one) => ["--set", one]);
    const again = replay("--tail", "0.1", ...sets);
    const of = (kind: string) => again.filter((row) => row["kind"] === kind);
    expect(of("asset")).toMatchObject([{ name: asset?.["name"] }]);
    expect(of("incident").map((row) => [row["incidentKind"], row["title"]])).toEqual([
      [raised?.["kind"], raised?.["title"]],
    ]);
    expect(of("summary")).toMatchObject([{ agents: 1, assets: 1, incidents: 1 }]);

    const patient = replay("--tail", "0.1", "--set", "closedPatienceMs=86400000", "--set", "silentMinMs=86400000");
    expect(patient.at(-1)).toMatchObject({ kind: "summary", incidents: 0 });
    const truth = join(folder, "truth.json");
    writeFileSync(truth, JSON.stringify({ gone: [{ mac: "0016.3E00.0001", from: "2026-03-02T10:00:00+01:00" }] }));
    expect(replay(...sets, "--truth", truth).at(-1)).toMatchObject({
      score: { recall: { hits: 0, of: 1 }, missed: [expect.stringContaining("nobody in this recording has this MAC")] },
    });
  }, 120_000);

  it("is refused with its line, and a policy or a truth that does not fit with what is wrong", () => {
    const refusal = (...args: readonly string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [program, "replay", ...args], { encoding: "utf8" });
      return `${status}: ${stderr}`;
    };
    const cut = join(folder, "cut.jsonl");
    writeFileSync(cut, '{"kind":"head","version":1,"atMs":1}\n\n{"kind":"arriv');
    expect(refusal(cut)).toMatch(/^[1-9]\d*: rollcall-collector: line 3 of the recording: is not JSON/);
    expect(refusal(join(folder, "none"))).toMatch(/^[1-9]\d*: rollcall-collector: reading recording .*none/);
    expect(refusal(recording, "--set", "nonsense=1")).toMatch(/^[1-9]\d*: rollcall-collector: .*nonsense/);
    const truth = join(folder, "bad-truth.json");
    writeFileSync(truth, '{"gone":[{"mac":"zz","from":"2026-03-02T10:00:00Z"}]}');
    expect(refusal(recording, "--truth", truth)).toMatch(/^[1-9]\d*: rollcall-collector: .*gone\.0\.mac: is no MAC/);
  }, 60_000);
});
