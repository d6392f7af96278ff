import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DeviceState, deviceStateSchema } from "../../agent/probes/snmp/change-check.ts";
import { openAccess } from "../../agent/snmp/access.ts";
import { createSocketPool } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { createApiClient } from "../support/api-client.ts";
import { freePort } from "../support/free-port.ts";
import {
  type AgentProcess,
  type CollectorProcess,
  createAgentProcess,
  createCollectorProcess,
} from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { createSnmpd } from "../support/snmpd.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const collectorProgram = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

/** A device is named in a scope, the agent reads it, the collector has it as an asset: with the real programs and snmpd. */
describeWith("an agent's daemon and a device named in its scope", [{ program: "snmpd" }], () => {
  const folder = temporaryFolder("snmp-daemon");
  const lines = ["sysName closet-3.example", "sysLocation closet 3", "rocommunity gopher 127.0.0.1"];
  const pool = createSocketPool({ clock: systemClock, random: systemRandom });
  let snmpd: Awaited<ReturnType<typeof createSnmpd>>;
  let collector: CollectorProcess;
  let agent: AgentProcess;
  let call: ReturnType<typeof createApiClient>;

  beforeAll(async () => {
    snmpd = await createSnmpd(lines);
    collector = createCollectorProcess({ folder: join(folder, "collector"), port: await freePort() });
    const token = collector.enrolToken();
    const ofApi = ["token", "create", "--role", "administrator", "--data", collector.dataFolder];
    const apiToken = execFileSync(process.execPath, [collectorProgram, ...ofApi], { encoding: "utf8" }).trim();
    call = createApiClient(collector.url, apiToken);
    collector.start();
    await collector.untilReady();
    const credentialsFile = join(folder, "credentials.yaml");
    writeFileSync(credentialsFile, '- { name: closets, version: 2c, community: "gopher" }\n', { mode: 0o600 });
    const snmp = `{ credentialsFile: ${credentialsFile}, port: ${snmpd.port} }`;
    agent = createAgentProcess({
      ...{ folder: join(folder, "agent"), name: "reader", collectorUrl: collector.url, token },
      set: [
        `scopes=[{ name: closets, targets: [127.0.0.1], snmp: ${snmp} }]`,
        ...["inventory.enabled=false", "neighbours.enabled=false", "heartbeatSeconds=1"],
      ],
    });
    agent.start();
  });
  afterAll(async () => {
    await pool.close();
    await agent?.terminate();
    await collector?.terminate();
    await snmpd?.stop();
  });

  /** What the agent remembers of the device between rounds. */
  const state = (): DeviceState | undefined => {
    const name = readdirSync(agent.folder).find((file) => /^snmp-\w+\.json$/.test(file));
    if (name === undefined) return undefined;
    const [found] = Object.values(JSON.parse(readFileSync(join(agent.folder, name), "utf8")) as object);
    return found === undefined ? undefined : deviceStateSchema.parse(found);
  };
  /** Requests that snmpd has had since its start (snmpInPkts), this one included. */
  const packets = async (): Promise<number> => {
    const credentials = [{ version: "2c", name: "c", community: "gopher" }] as const;
    const access = await openAccess({ pool, clock: systemClock, target: snmpd, credentials });
    if (access.status !== "ok") throw new Error("snmpd does not answer the test");
    const oid = "1.3.6.1.2.1.11.1.0";
    const value = (await access.session.get([oid])).get(oid)?.value;
    access.session.close();
    return Number(value);
  };
  /** The collector asks for a reading; gives what the agent remembers after it and how many requests it took. */
  const readNow = async () => {
    const [before, from] = [state()?.readAtMs ?? 0, await packets()];
    const action = { kind: "snmp", scope: "closets", targets: ["127.0.0.1"] };
    await until(
      "the agent takes the command",
      async () => (await call("POST", `/agents/${agent.agentId}/commands`, { body: { action } })).status === 200,
      { timeoutMs: 60_000, everyMs: 200 },
    );
    const after = await until("the device is read", () => ((state()?.readAtMs ?? 0) > before ? state() : undefined), {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    return { after, requests: (await packets()) - from };
  };
  type Asset = { readonly assetId: string; readonly name: string };
  const assetNamed = (name: string) =>
    until(
      `the asset ${name}`,
      async () => {
        const { body } = await call("GET", "/assets?limit=50");
        return (body as { items: readonly Asset[] }).items.find((asset) => asset.name.startsWith(name));
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
  const items = async <T>(asset: Asset, section: string): Promise<readonly T[]> => {
    const { body } = await call("GET", `/assets/${asset.assetId}/sections/${section}?limit=500`);
    return (body as { items: readonly { item: T }[] }).items.map(({ item }) => item);
  };

  it("reads it into an asset with its sections, then asks only whether it changed, and reads it again when it did", async () => {
    const first = await readNow();
    const asset = await assetNamed("closet-3");
    const [system] = await items<Record<string, unknown>>(asset, "system");
    expect(system).toMatchObject({ sysName: "closet-3.example", sysLocation: "closet 3" });
    const interfaces = await items<{ name: string; kind: string }>(asset, "interfaces");
    expect(interfaces).toContainEqual(expect.objectContaining({ name: "lo", kind: "loopback" }));
    expect(await items<{ address: string }>(asset, "addresses")).toContainEqual(
      expect.objectContaining({ address: "127.0.0.1" }),
    );
    expect(first.after.fullAtMs).toBe(first.after.readAtMs);

    const second = await readNow();
    expect(second.after.fullAtMs).toBe(first.after.fullAtMs);
    expect(second.requests).toBeLessThan(first.requests / 2);
    expect((await items<object>(asset, "system")).length).toBe(1);

    lines[0] = "sysName closet-4.example";
    await snmpd.restart();
    const third = await readNow();
    expect(third.after.fullAtMs).toBe(third.after.readAtMs);
    await until(
      "the new name",
      async () => (await items<{ sysName: string }>(asset, "system"))[0]?.sysName === "closet-4.example",
      { timeoutMs: 60_000, everyMs: 100 },
    );
    const { body } = await call("GET", `/changes?assetId=${asset.assetId}&section=system`);
    expect((body as { items: readonly object[] }).items).toContainEqual(
      expect.objectContaining({ kind: "changed", field: "sysName", after: "closet-4.example" }),
    );
  });
});
