import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { AgentStatus } from "../../agent/cli/status.ts";
import { freePort } from "../support/free-port.ts";
import { createAgentProcess, createCollectorProcess } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { createSnmpd } from "../support/snmpd.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));
const collectorProgram = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

/** Argument lists of all processes of this host, as any user of it can read them. */
const processList = (): string =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .join("\n");

/** Undefined while nobody listens: a program that asks would stand in the way of reading the process list often. */
const readStatus = (socket: string): Promise<AgentStatus | undefined> =>
  new Promise((resolve) => {
    let text = "";
    connect(socket)
      .on("data", (chunk) => {
        text += String(chunk);
      })
      .on("end", () => resolve(JSON.parse(text) as AgentStatus))
      .on("error", () => resolve(undefined));
  });

const filesBelow = (folder: string, isLeftOut: (name: string) => boolean): [name: string, text: string][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !isLeftOut(entry.name))
    .flatMap((entry): [name: string, text: string][] => {
      try {
        return [[entry.name, readFileSync(join(entry.parentPath, entry.name), "latin1")]];
      } catch {
        // Given its name, or removed, in between: the agent is at work meanwhile.
        return [];
      }
    });

/** The middle of a private key as its PEM file holds it. */
const keyText = (pem: string): string => pem.split("\n").find((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line)) ?? pem;

describeWith("canary secrets of an agent that reads devices", [{ program: "snmpd" }], () => {
  const folder = temporaryFolder("canary");
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it("stand in no process list, log, database, status, answer or page", async () => {
    const secrets = {
      community: "canary-community-4711",
      authKey: "canary-authentication-4713",
      privKey: "canary-privacy-4714",
    };
    const snmpd = await createSnmpd([`rocommunity ${secrets.community}`]);
    stops.push(snmpd.stop);
    const at = (name: string) => join(folder, name);
    writeFileSync(at("community"), `${secrets.community}\n`, { mode: 0o600 });
    const usm = `level: authPriv, authKey: ${secrets.authKey}, privKey: ${secrets.privKey}`;
    writeFileSync(
      at("credentials.yaml"),
      [`- { version: "3", user: reader, ${usm} }`, `- { version: 2c, community: "@${at("community")}" }`].join("\n"),
      { mode: 0o600 },
    );
    const collector = createCollectorProcess({
      ...{ folder: at("collector"), port: await freePort(), set: ["log.level=debug"] },
    });
    stops.push(collector.end);
    const enrolToken = collector.enrolToken();
    collector.start();
    await collector.untilReady();
    const snmp = `{ credentialsFile: ${at("credentials.yaml")}, port: ${snmpd.port} }`;
    const agent = createAgentProcess({
      ...{ folder: at("agent"), name: "canary", collectorUrl: collector.url, token: enrolToken },
      set: [`scopes=[{ name: here, targets: [127.0.0.1], snmp: ${snmp} }]`, "log.level=debug", "heartbeatSeconds=1"],
    });
    stops.push(agent.kill);
    agent.start();
    const lists: string[] = [];
    const sampling = setInterval(() => lists.push(processList()), 40);
    stops.push(async () => clearInterval(sampling));
    const settled = async () => (await readStatus(join(agent.folder, "agent.sock")))?.spool.settled ?? 0;
    await until("the host in the books", settled, { timeoutMs: 60_000, everyMs: 40 });
    const apiToken = execFileSync(
      process.execPath,
      [collectorProgram, "token", "create", "--role", "administrator", "--data", collector.dataFolder],
      { encoding: "utf8" },
    ).trim();
    const asked = await fetch(`${collector.url}/api/v1/agents/${agent.agentId}/commands`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      body: JSON.stringify({ action: { kind: "snmp", scope: "here", targets: ["127.0.0.1"] } }),
    });
    expect(asked.status).toBe(200);
    // What it read is noted under the stream of its source, so the credential that fits was found and used.
    const isRead = () => {
      const state = filesBelow(agent.folder, (name) => !name.startsWith("state.sqlite"));
      return state.some(([, text]) => text.includes("snmp/"));
    };
    await until("the device to be read", isRead, { timeoutMs: 60_000, everyMs: 60 });

    const keys = {
      ...{ enrolToken, apiToken },
      agentKey: keyText(readFileSync(join(agent.folder, "agent.key"), "utf8")),
      collectorKey: keyText(JSON.parse(readFileSync(join(collector.dataFolder, "collector.json"), "utf8")).signingKey),
    };
    const verb = (...words: string[]) =>
      execFileSync(process.execPath, [program, ...words, "--set", `stateDirectory=${agent.folder}`], {
        encoding: "utf8",
      });
    const answers = ["/assets?limit=50", "/agents", "/audit?limit=500", `/agents/${agent.agentId}`].map(
      async (path): Promise<[string, string]> => [path, JSON.stringify(await collector.get(path))],
    );
    const pages = ["/", "/metrics"].map(
      async (path): Promise<[string, string]> => [path, await (await fetch(`${collector.url}${path}`)).text()],
    );
    const told: [where: string, text: string][] = [
      ...lists.map((list): [string, string] => ["process list", list]),
      ["status", verb("status", "--json")],
      ["doctor", verb("doctor", "--json")],
      // The key's own file is where it belongs.
      ...filesBelow(agent.folder, (name) => name === "agent.key"),
      ...filesBelow(at("collector"), (name) => name === "collector.json"),
      ...(await Promise.all([...answers, ...pages])),
    ];
    expect(lists.some((list) => list.includes("\0round"))).toBe(true);
    const leaks = Object.entries({ ...secrets, ...keys }).flatMap(([name, secret]) => {
      expect(secret.length).toBeGreaterThan(16);
      return told.filter(([, text]) => text.includes(secret)).map(([where]) => `${name} in ${where}`);
    });
    expect(leaks).toEqual([]);
  }, 90_000);
});
