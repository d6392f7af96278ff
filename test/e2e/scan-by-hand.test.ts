import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockState } from "../../agent/spool/lock.ts";
import { startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";

const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };
type Listed<T> = { readonly items: readonly T[] };
type AgentView = { readonly agentId: string; readonly name: string; readonly state: string };

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  promisify(execFile)(process.execPath, [program, ...args], { env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  );

describe("scan --collector", () => {
  const folder = temporaryFolder("scan-by-hand");
  let collector: TestCollector;
  let nobody: Server;
  beforeAll(async () => {
    collector = await startTestCollector();
    nobody = createServer((_, response) => void response.writeHead(404).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => nobody.once("listening", resolve));
  });
  afterAll(async () => {
    await collector.stop();
    nobody.close();
  });

  const scan = (url: string, state: string, token?: string) =>
    run(
      [
        ...["scan", "127.0.0.5-6", "--methods", "tcp", "--timeout", "5000", "--json"],
        ...["--collector", url, "--set", `stateDirectory=${join(folder, state)}`],
        ...(token === undefined ? [] : ["--token", "env:SCAN_TOKEN"]),
      ],
      { SCAN_TOKEN: token ?? "" },
    );
  const agents = async () => (await collector.get<Listed<AgentView>>("/api/v1/agents")).items;
  /** What the collector holds of sweeps: by whom, of what, with how many sightings. */
  const sweeps = () => {
    const db = new DatabaseSync(join(collector.dataDirectory, "rollcall.db"), { readOnly: true });
    const rows = db
      .prepare("SELECT agent_id, scope, realm, verdict, sighting_count FROM sweeps ORDER BY ended_at")
      .all();
    db.close();
    return rows;
  };

  it("makes an identity with a token, hands over, and needs no token the next time", async () => {
    const first = await scan(collector.url, "new", await collector.enrolToken({ approval: false }));
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/handed over to .*: scan-\S+, acknowledged/),
    });
    expect(first.stdout.trim().split("\n").at(-1)).toContain('"event":"summary"');
    expect(await scan(collector.url, "new")).toMatchObject({ code: 0, stderr: expect.stringMatching(/acknowledged/) });
    const [agent] = await agents();
    expect(agent).toMatchObject({ name: expect.stringMatching(/\(scans by hand\)$/), state: "said-goodbye" });
    const swept = {
      agent_id: agent?.agentId,
      scope: "by hand",
      realm: "default",
      verdict: "could-see",
      sighting_count: 2,
    };
    expect(sweeps()).toMatchObject([swept, swept]);
    expect(await collector.get("/api/v1/incidents")).toMatchObject({ items: [] });
  });

  it("speaks as the host's agent where there is one, and not while its daemon does", async () => {
    const name = "own";
    const enrolled = await run(
      [
        ...["enrol", "--url", collector.url, "--token", "env:ENROL_TOKEN", "--json"],
        ...["--set", `stateDirectory=${join(folder, name)}`],
      ],
      { ENROL_TOKEN: await collector.enrolToken({ approval: false }) },
    );
    const { agentId } = JSON.parse(enrolled.stdout) as { agentId: string };
    expect(await scan(collector.url, name)).toMatchObject({ code: 0, stderr: expect.stringContaining(agentId) });
    expect(sweeps().at(-1)).toMatchObject({ agent_id: agentId, scope: "by hand" });
    const unlock = lockState(join(folder, name));
    const locked = await scan(collector.url, name);
    unlock();
    expect(locked).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringMatching(/the agent that runs on .* add --token @FILE/),
    });
  });

  it("says what is wrong before a packet leaves", async () => {
    const { port } = nobody.address() as { port: number };
    const waiting = await collector.enrolToken({ approval: true });
    const ended = await Promise.all([
      scan(collector.url, "bare"),
      scan(collector.url, "other", "wrong"),
      scan(`http://127.0.0.1:${port}`, "new"),
      scan(collector.url, "waiting", waiting),
    ]);
    expect(ended).toMatchObject([
      { code: 64, stdout: "", stderr: expect.stringMatching(/no identity in .* add --token @FILE or env:NAME/) },
      { code: 1, stdout: "", stderr: expect.stringMatching(/the collector does not take this token/) },
      { code: 69, stdout: "", stderr: expect.stringMatching(/reaching the collector at .*answered 404 instead of/) },
      { code: 1, stdout: "", stderr: expect.stringMatching(/a person must approve this agent/) },
    ]);
  });
});
