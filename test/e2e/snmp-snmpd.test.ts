import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Access, openAccess } from "../../agent/snmp/access.ts";
import type { SnmpCredential, UsmCredential } from "../../agent/snmp/credentials.ts";
import { readDevice } from "../../agent/snmp/inventory.ts";
import * as registry from "../../agent/snmp/profiles/registry.ts";
import type { SnmpSession } from "../../agent/snmp/session.ts";
import { createSocketPool } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { describeWith } from "../support/requires.ts";
import { createSnmpd } from "../support/snmpd.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));

const right: UsmCredential = {
  version: "3",
  name: "user inventory",
  user: "inventory",
  level: "authPriv",
  authProtocol: "sha256",
  authKey: "a long pass phrase",
  privProtocol: "aes128",
  privKey: "another pass phrase",
};

const configuration = [
  "sysName lab-host.example",
  "sysLocation rack 7",
  "rocommunity gopher 127.0.0.1",
  'createUser inventory SHA-256 "a long pass phrase" AES "another pass phrase"',
  "rouser inventory priv",
  'createUser strong SHA-512 "a long pass phrase" AES-256 "another pass phrase"',
  "rouser strong priv",
  'createUser old MD5 "a long pass phrase" AES "another pass phrase"',
  "rouser old auth",
  'createUser blindfold SHA-256 "a long pass phrase" AES "another pass phrase"',
  "createUser plain",
  "rouser plain noauth",
];

describeWith("against Net-SNMP's snmpd", [{ program: "snmpd" }], () => {
  let snmpd: Awaited<ReturnType<typeof createSnmpd>>;
  const pool = createSocketPool({ clock: systemClock, random: systemRandom });
  beforeAll(async () => {
    snmpd = await createSnmpd(configuration);
  });
  afterAll(async () => {
    await pool.close();
    await snmpd.stop();
  });
  const open = (...credentials: readonly SnmpCredential[]): Promise<Access> =>
    openAccess({ pool, clock: systemClock, target: snmpd, credentials });
  const opened = async (credential: SnmpCredential): Promise<SnmpSession> => {
    const access = await open(credential);
    if (access.status !== "ok") throw new Error(`refused: ${JSON.stringify(access.refusals)}`);
    return access.session;
  };

  it.each<readonly [string, SnmpCredential]>([
    ["v1", { version: "1", name: "c", community: "gopher" }],
    ["v2c", { version: "2c", name: "c", community: "gopher" }],
    ["v3 noAuthNoPriv", { ...right, user: "plain", level: "noAuthNoPriv" }],
    ["v3 authNoPriv MD5", { ...right, user: "old", authProtocol: "md5", level: "authNoPriv" }],
    ["v3 authPriv SHA-256 and AES-128", right],
    ["v3 authPriv SHA-512 and AES-256", { ...right, user: "strong", authProtocol: "sha512", privProtocol: "aes256" }],
  ])("reads the host by %s", async (_, credential) => {
    const session = await opened(credential);
    const device = await readDevice(session, { profiles: Object.values(registry) });
    session.close();
    expect(device.system).toMatchObject({ sysName: "lab-host.example", sysLocation: "rack 7" });
    expect(device.interfaces.some((i) => i.ifDescr === "lo" && i.ifType === "softwareLoopback")).toBe(true);
    expect(device.addresses.some(({ address }) => address === "127.0.0.1")).toBe(true);
    expect(device.memoryBytes).toBeGreaterThan(0);
    expect(device.system.snmpEngineID).toMatch(/^80001f88/);
    expect(device.truncated).toEqual([]);
  });

  it("tells wrong user, wrong authentication key, wrong privacy key, level and view apart", async () => {
    const denials = [
      [{ ...right, user: "nobody" }, "unknown-user"],
      [{ ...right, authKey: "not the pass phrase" }, "wrong-auth-key"],
      [{ ...right, authProtocol: "sha384" }, "wrong-auth-key"],
      [{ ...right, privKey: "not the pass phrase" }, "wrong-privacy-key"],
      [{ ...right, user: "plain" }, "security-level"],
      [{ ...right, user: "blindfold" }, "access"],
    ] as const;
    for (const [credential, denial] of denials) {
      const access = await open(credential);
      expect(access).toMatchObject({ status: "denied", refusals: [{ denial }] });
    }
    expect(await open({ version: "2c", name: "c", community: "wrong" })).toEqual({ status: "silent", refusals: [] });
    expect(await open({ ...right, authKey: "short" })).toMatchObject({
      status: "silent",
      refusals: [{ denial: "invalid" }],
    });
  });

  it("finds the credential that fits among wrong ones, v3 before communities", async () => {
    const access = await open({ version: "2c", name: "c", community: "gopher" }, { ...right, user: "nobody" }, right);
    expect(access).toMatchObject({ status: "ok", session: { credential: { user: "inventory" } } });
    if (access.status === "ok") access.session.close();
  });

  it("goes on when the engine restarts, and when it has lost its boot counter", async () => {
    const session = await opened(right);
    const name = "1.3.6.1.2.1.1.5.0";
    expect((await session.get([name])).size).toBe(1);
    await snmpd.restart();
    expect((await session.get([name])).size).toBe(1);
    await snmpd.restart({ forget: true });
    expect((await session.get([name])).size).toBe(1);
    expect(session.isSilent()).toBe(false);
    session.close();
  });

  it("is shown by the command line with secrets from files and the environment, never in its output", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-snmp-cli-"));
    writeFileSync(join(folder, "auth"), `${right.authKey}\n`);
    const args = [
      "snmp",
      snmpd.address,
      "--port",
      String(snmpd.port),
      "--v3-user",
      "inventory",
      "--v3-auth-key",
      `@${join(folder, "auth")}`,
      "--v3-priv-key",
      "env:PRIVACY",
    ];
    const env = { ...process.env, PRIVACY: right.privKey };
    const json = await run(process.execPath, [program, ...args, "--json"], { env });
    const device = JSON.parse(json.stdout);
    expect(device).toMatchObject({
      address: "127.0.0.1",
      status: "read",
      partial: false,
      sections: { system: { sysName: "lab-host.example" } },
    });
    expect(json.stdout + json.stderr).not.toMatch(/pass phrase/);
    const sheet = await run(process.execPath, [program, ...args], { env });
    expect(sheet.stdout).toContain("lab-host.example");
    expect(sheet.stdout).toMatch(/interfaces \(\d+\)/);
    expect(sheet.stderr).toBe("");
    const wrong = await run(process.execPath, [program, ...args], {
      env: { ...env, PRIVACY: "not the pass phrase" },
    }).catch((error) => error);
    expect(wrong).toMatchObject({ code: 77, stderr: expect.stringContaining("wrong-privacy-key") });
    rmSync(folder, { recursive: true });
  });
});
