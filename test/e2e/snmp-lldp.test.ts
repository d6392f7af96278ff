import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { openSqliteSpool } from "../../agent/spool/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { silentLog } from "../../shared/log.ts";
import type { LinkRow } from "../../shared/model/place.ts";
import { keptBodySchema } from "../../shared/protocol/envelope.ts";
import { describeWith, findProgram } from "../support/requires.ts";
import { connectScripted, enrolScripted } from "../support/scripted-agent.ts";
import { startTestCollector } from "../support/start-collector.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));

/** Two hosts joined by a cable, each with lldpd, which feeds the LLDP-MIB of its snmpd over AgentX. */
describeWith(
  "two lldpd on one cable",
  [{ program: "snmpd" }, { program: "lldpd" }, { program: "ip", package: "iproute2" }, { root: true }],
  () => {
    const nodes = ["a", "b"].map((letter) => ({
      letter,
      namespace: `rsl${process.pid}${letter}`,
      device: `rsl${process.pid}${letter}`,
    }));
    const folder = mkdtempSync(join(tmpdir(), "rollcall-lldp-"));
    const children: ChildProcess[] = [];
    const inside = (
      namespace: string,
      command: string,
      args: readonly string[],
      env: NodeJS.ProcessEnv = {},
    ): ChildProcess => {
      const child = spawn("ip", ["netns", "exec", namespace, findProgram(command) ?? command, ...args], {
        stdio: "ignore",
        env: { ...process.env, ...env },
      });
      children.push(child);
      return child;
    };

    const stop = async (child: ChildProcess): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    };

    const startLldpd = ({ letter, namespace }: (typeof nodes)[number]): ChildProcess => {
      const sockets = ["-u", join(folder, `lldpd-${letter}`), "-x", "-X", join(folder, `agentx-${letter}`)];
      return inside(namespace, "lldpd", ["-d", ...sockets, "-S", `node ${letter}`]);
    };

    /** Makes it tell of itself each second, once it listens to commands. */
    const hurry = ({ letter, namespace }: (typeof nodes)[number]) => {
      const command = [findProgram("lldpcli") ?? "lldpcli", "-u", join(folder, `lldpd-${letter}`)];
      const configure = [...command, "configure", "lldp", "tx-interval", "1"];
      return until(
        `lldpd of ${letter}`,
        () =>
          run("ip", ["netns", "exec", namespace, ...configure]).then(
            () => true,
            () => false,
          ),
        { timeoutMs: 60_000, everyMs: 200 },
      );
    };

    afterAll(async () => {
      for (const child of children) await stop(child);
      for (const { namespace } of nodes) await run("ip", ["netns", "del", namespace]).catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    });

    type Neighbour = {
      readonly protocol: string;
      readonly localPort: string;
      readonly remoteSystemDescription?: string;
      readonly remoteChassisId: string;
      readonly localIfIndex?: number;
    };
    type Sections = {
      readonly neighbours?: readonly Neighbour[];
      readonly interfaces?: readonly { readonly name?: string; readonly mac?: string; readonly ifIndex: number }[];
    };
    const read = async (namespace: string): Promise<Sections> => {
      const { stdout } = await run("ip", [
        "netns",
        "exec",
        namespace,
        process.execPath,
        program,
        "snmp",
        "127.0.0.1",
        "--port",
        "1161",
        "--json",
      ]).catch((error) => error);
      return stdout === "" ? {} : (JSON.parse(stdout).sections ?? {});
    };

    /** What the agent's own SNMP round keeps of the device that it runs on. */
    const round = async ({ letter, namespace }: (typeof nodes)[number]) => {
      const credentialsFile = join(folder, "credentials.yaml");
      writeFileSync(credentialsFile, "- { version: 2c, community: public }\n");
      const stateDatabase = join(folder, `${letter}.sqlite`);
      const limits = { softBytes: 1 << 20, hardBytes: 1 << 20 };
      const own = { agentId: "agt_lldp", clock: systemClock, log: silentLog, failPoint: noFailPoint };
      openSqliteSpool({ ...own, path: stateDatabase, limits }).close();
      const job = {
        ...{ kind: "snmp", scope: "lab", realm: "lab", port: 1161, targets: ["127.0.0.1"], exclude: [], personal: [] },
        ...{
          credentialsFile,
          stateDatabase,
          statesFile: join(folder, `${letter}.json`),
        },
      };
      const running = run("ip", ["netns", "exec", namespace, process.execPath, program, "round"]);
      running.child.stdin?.end(JSON.stringify(job));
      const { stdout } = await running;
      const lines = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { kind: string; body?: unknown });
      return lines.filter(({ kind }) => kind === "keep").map(({ body }) => keptBodySchema.parse(body));
    };

    const drawnLinks = async () => {
      const collector = await startTestCollector();
      try {
        const agent = await connectScripted(collector.url, await enrolScripted(collector));
        for (const node of nodes) await agent.deliver(...(await round(node)));
        const { items } = await collector.get<{ items: readonly LinkRow[] }>("/api/v1/links");
        await agent.close();
        return items;
      } finally {
        await collector.stop();
      }
    };

    it("see each other, each on its own port, and are one link in the collector", { timeout: 280_000 }, async () => {
      // lldpd gives up its rights and connects to AgentX as a user of its own.
      chmodSync(folder, 0o777);
      for (const { namespace } of nodes) await run("ip", ["netns", "add", namespace]);
      const [a, b] = nodes as [(typeof nodes)[number], (typeof nodes)[number]];
      await run("ip", [
        "link",
        "add",
        a.device,
        "netns",
        a.namespace,
        "type",
        "veth",
        "peer",
        "name",
        b.device,
        "netns",
        b.namespace,
      ]);
      for (const { letter, namespace, device } of nodes) {
        for (const link of ["lo", device]) await run("ip", ["-n", namespace, "link", "set", link, "up"]);
        const socket = join(folder, `agentx-${letter}`);
        const configuration = join(folder, `snmpd-${letter}.conf`);
        writeFileSync(
          configuration,
          `master agentx\nagentXSocket ${socket}\nagentXPerms 0777 0777\nrocommunity public\n`,
        );
        const files = [
          "-Lf",
          join(folder, `log-${letter}`),
          "-C",
          "-c",
          configuration,
          "-p",
          join(folder, `pid-${letter}`),
        ];
        inside(namespace, "snmpd", ["-f", ...files, "udp:127.0.0.1:1161"], {
          SNMP_PERSISTENT_DIR: join(folder, `state-${letter}`),
          MIBS: "",
        });
        await until(`snmpd of ${letter}`, async () => (await read(namespace)).interfaces !== undefined, {
          timeoutMs: 30_000,
          everyMs: 200,
        });
      }
      const seen = async ({ namespace }: (typeof nodes)[number]) => {
        const sections = await read(namespace);
        return sections.neighbours?.length ? sections : undefined;
      };
      // Now and then an lldpd misses its AgentX master at the start and tells it nothing for minutes: both begin anew then.
      const meet = async (triesLeft: number): Promise<readonly [Sections, Sections]> => {
        const started = nodes.map((node) => startLldpd(node));
        try {
          for (const node of nodes) await hurry(node);
          const fromA = await until("a to see b", () => seen(a), { timeoutMs: 30_000, everyMs: 500 });
          return [fromA, await until("b to see a", () => seen(b), { timeoutMs: 30_000, everyMs: 500 })];
        } catch (error) {
          if (triesLeft === 0) throw error;
          for (const child of started) await stop(child);
          return meet(triesLeft - 1);
        }
      };
      const [fromA, fromB] = await meet(2);
      const port = (sections: Sections, name: string) => sections.interfaces?.find((i) => i.name === name);
      expect(fromA.neighbours).toMatchObject([
        {
          protocol: "lldp",
          localPort: a.device,
          localIfIndex: port(fromA, a.device)?.ifIndex,
          remoteSystemDescription: "node b",
          remoteChassisId: port(fromB, b.device)?.mac,
        },
      ]);
      expect(fromB.neighbours).toMatchObject([
        {
          protocol: "lldp",
          localPort: b.device,
          localIfIndex: port(fromB, b.device)?.ifIndex,
          remoteSystemDescription: "node a",
          remoteChassisId: port(fromA, a.device)?.mac,
        },
      ]);
      const links = await drawnLinks();
      expect(links).toMatchObject([{ both: true, protocols: ["lldp"] }]);
      expect(links[0]?.until).toBeUndefined();
      expect(links[0]?.ends.map((end) => end.port).sort()).toEqual([a.device, b.device]);
      expect(new Set(links[0]?.ends.map(({ assetId }) => assetId)).size).toBe(2);
      expect(links[0]?.ends.every(({ assetId }) => assetId !== undefined)).toBe(true);
    });
  },
);
