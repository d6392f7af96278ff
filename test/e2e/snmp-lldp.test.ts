import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { describeWith, findProgram } from "../support/requires.ts";
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

    afterAll(async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
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

    it("see each other, each on its own port", { timeout: 90_000 }, async () => {
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
        inside(namespace, "lldpd", [
          "-d",
          "-u",
          join(folder, `lldpd-${letter}`),
          "-x",
          "-X",
          socket,
          "-S",
          `node ${letter}`,
        ]);
      }
      for (const { letter, namespace } of nodes)
        await until(
          `lldpd of ${letter}`,
          () =>
            run("ip", [
              "netns",
              "exec",
              namespace,
              findProgram("lldpcli") ?? "lldpcli",
              "-u",
              join(folder, `lldpd-${letter}`),
              "configure",
              "lldp",
              "tx-interval",
              "1",
            ]).then(
              () => true,
              () => false,
            ),
          { timeoutMs: 20_000, everyMs: 200 },
        );
      const seen = async ({ namespace }: (typeof nodes)[number]) => {
        const sections = await read(namespace);
        return sections.neighbours?.length ? sections : undefined;
      };
      const fromA = await until("a to see b", () => seen(a), { timeoutMs: 40_000, everyMs: 500 });
      const fromB = await until("b to see a", () => seen(b), { timeoutMs: 40_000, everyMs: 500 });
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
    });
  },
);
