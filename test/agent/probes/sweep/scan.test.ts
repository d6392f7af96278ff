import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import type { CliDeps } from "../../../../agent/cli/deps.ts";
import { scanCommand } from "../../../../agent/cli/scan.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { isRollcallError } from "../../../../shared/errors.ts";
import { silentLog } from "../../../../shared/log.ts";
import { createSeededRandom } from "../../../../shared/random.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const folder = temporaryFolder("scan");
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return `@${path}`;
};

const collectText = (stream: PassThrough): (() => string) => {
  let text = "";
  stream.on("data", (data: Buffer) => {
    text += data.toString("utf8");
  });
  return () => text;
};

/** The verb as `main.ts` calls it, with streams that are kept. */
const run = async (args: readonly string[], { env = {}, input = "", stopAtLine = 0 } = {}) => {
  const [stdout, stderr, stop] = [new PassThrough(), new PassThrough(), new AbortController()];
  const [out, err] = [collectText(stdout), collectText(stderr)];
  let code = 0;
  const deps: CliDeps = {
    ...{ clock: systemClock, random: createSeededRandom(1), log: silentLog, env, stdout, stderr, signal: stop.signal },
    stdin: Readable.from(input === "" ? [] : [input]),
    ...{
      platform: "linux" as const,
      architecture: "x64" as const,
      pid: 1,
      uid: 1,
      self: ["node"] as const,
      version: "0",
    },
    exit: (given) => {
      code = given;
    },
    usage: () => ({ rssBytes: 0, heapBytes: 0, cpuMs: 0 }),
    failPoint: () => {},
  };
  const command = scanCommand(deps)
    .exitOverride()
    .configureOutput({ writeErr: (text) => void stderr.write(text), writeOut: (text) => void stdout.write(text) });
  stdout.on("data", () => {
    if (stopAtLine > 0 && out().split("\n").length > stopAtLine) stop.abort(new Error("stopped"));
  });
  const error = await command.parseAsync([...args], { from: "user" }).catch((e: unknown) => e);
  await systemClock.sleep(1);
  return { error, code, stdout: out(), stderr: err() };
};

/** Loopback answers at once; a process that had to wait for its processor must not take that for silence. */
const tcpOnly = ["--methods", "tcp", "--timeout", "5000"];

describe("scan", () => {
  it.each([
    [["300.1.1.1"], /300\.1\.1\.1: not an address/],
    [["10.0.0.0/99"], /a prefix length goes from 0 to 32/],
    [["no-such-host.invalid"], /no-such-host\.invalid: the name can't be resolved/],
    [[file("empty", "# nobody\n\n")], /empty: the file names no target/],
    [[file("bad", "10.0.0.1\n10.0.0.256\n")], /10\.0\.0\.256: not an address/],
    [["@/nonexistent/targets"], /the file of targets \/nonexistent\/targets can't be read/],
    [["8.8.8.0/30"], /public addresses .* add --yes/],
    [["10.0.0.0/15"], /131072 addresses are many: add --yes/],
    [["127.0.0.1", "--methods", "telepathy"], /"telepathy" is no method; there are arp, icmp/],
    [["127.0.0.1", "--json", "--csv"], /exclude each other/],
    [["127.0.0.1", "--community", "env:NOT_THERE"], /the environment has no NOT_THERE/],
    [["127.0.0.1", "--exclude", "127.0.0.0/8"], /no address is left to scan/],
    [["127.0.0.1", "--token", "env:T"], /--token and --ca are for --collector URL/],
    [["127.0.0.1", "--collector", "https://c", "--set", `stateDirectory=${folder}`], /no identity in .*add --token/],
  ])("refuses %j in clear words", async (args, message) => {
    const { error } = await run(args);
    expect(isRollcallError(error)).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect((error as { code: string }).code).toMatch(/^usage\./);
  });

  it.each([
    [["--collector", "ftp://c"], /collector\.url: must begin with https:/],
    [["--collector", "http://192.0.2.1"], /collector\.url: must begin with https:.* beyond this host/],
    [["--collector", "https://c", "--set", "nonsense=1"], /nonsense/],
  ])("refuses %j before it looks", async (args, message) => {
    const { error, stdout } = await run(["127.0.0.1", ...args]);
    expect((error as Error).message).toMatch(message);
    expect((error as { code: string }).code).toMatch(/^config\./);
    expect(stdout).toBe("");
  });

  it.each([
    [["127.0.0.1", "--rate", "0"], /whole number from 1 to 100000/],
    [["127.0.0.1", "--rate", "fast"], /whole number from 1 to 100000/],
    [["127.0.0.1", "--ports", "0,80"], /whole number from 1 to 65535/],
    [["127.0.0.1", "--nonsense"], /unknown option/],
    [[], /missing required argument/],
  ])("refuses the arguments %j", async (args, message) => {
    const { error, stderr } = await run(args);
    expect(error).toBeInstanceOf(CommanderError);
    expect(stderr).toMatch(message);
  });

  it("tells a program one JSON object a line: seen, device, summary", async () => {
    const server = createServer((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.2");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { stdout, stderr, error, code } = await run(["127.0.0.2", "--json", ...tcpOnly, "--ports", `${port},1`]);
    server.close();
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((e) => e["event"])).toEqual(["seen", "device", "summary"]);
    expect(events[0]).toMatchObject({ address: "127.0.0.2" });
    expect(events[1]).toMatchObject({
      address: "127.0.0.2",
      hostnames: [],
      evidence: [{ method: "tcp", detail: { [`tcp/${port}`]: "open", "tcp/1": "refused" } }],
    });
    expect(events[2]).toMatchObject({
      seen: 1,
      verdict: "could-see",
      packets: expect.any(Number),
      ms: expect.any(Number),
    });
    expect([error, stderr, code]).toEqual([expect.anything(), "", 0]);
  });

  it("shows a person a table on stdout and the summary on stderr", async () => {
    const { stdout, stderr } = await run(["127.0.0.3-4", ...tcpOnly]);
    expect(stdout).toMatch(/^ADDRESS +MAC +VENDOR +NAME +TYPE +SEEN BY +MS$/m);
    expect(stdout).toMatch(/^127\.0\.0\.3 .*tcp/m);
    expect(stderr).toMatch(/2 seen; \d+ packets in/);
    expect(stderr).toMatch(/the sweep could see/);
  });

  it("writes CSV", async () => {
    const { stdout } = await run(["127.0.0.3", "--csv", ...tcpOnly]);
    expect(stdout).toMatch(/^address,mac,vendor,name,type,seen by,ms\r\n127\.0\.0\.3,,,,,tcp,\d+\.\d\r\n$/);
  });

  it("takes targets and exclusions from files", async () => {
    const { stdout } = await run([
      file("some", "127.0.0.8/30 # four\n"),
      "--exclude",
      file("less", "127.0.0.9\n127.0.0.10"),
      "--csv",
      ...tcpOnly,
    ]);
    expect(stdout.match(/^127[.\d]+/gm)).toEqual(["127.0.0.8", "127.0.0.11"]);
  });

  it("warns of a community in the argument list and never prints one", async () => {
    const literal = await run(["127.0.0.1", "--community", "verysecret", "--methods", "snmp", "--timeout", "60"]);
    expect(literal.stderr).toMatch(/warning: .*use @FILE, env:NAME or -/);
    const asked = await run(["127.0.0.1", "--community", "-", "--methods", "snmp", "--timeout", "60"], {
      input: "verysecret\n",
    });
    const fromEnv = await run(["127.0.0.1", "--community", "env:C", "--json", "--methods", "snmp", "--timeout", "60"], {
      env: { C: "verysecret" },
    });
    for (const { stdout, stderr } of [literal, asked, fromEnv]) expect(stdout + stderr).not.toContain("verysecret");
    expect(asked.stderr).not.toMatch(/warning/);
  });

  // The promise of 200 ms is about the wire, and the lab holds it there; here a busy machine may delay the process itself.
  it("stops at once and tells what it knows", async () => {
    const { stdout } = await run(["127.0.0.0/20", "--json", "--methods", "tcp", "--rate", "200"], { stopAtLine: 10 });
    const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as {
      verdict: string;
      reasons: string[];
      seen: number;
    };
    expect(summary.seen).toBeGreaterThanOrEqual(10);
    // Of 4,094 hosts that answer, twenty seconds' worth.
    expect(summary.seen).toBeLessThan(1_000);
    expect(summary).toMatchObject({
      verdict: "partly",
      reasons: expect.arrayContaining(["the sweep was stopped before its end"]),
    });
  });
});
