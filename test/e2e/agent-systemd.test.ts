import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";

const source = (name: string): string => readFileSync(new URL(`../../systemd/${name}`, import.meta.url), "utf8");
/** Exposure as systemd 252 counts it, 0 to 10; the aims are the design's (§10). */
const units = [
  { name: "rollcall-agent", most: 2.0 },
  { name: "rollcall-agent-sleep", most: 2.0 },
  { name: "rollcall-collector", most: 1.5 },
] as const;

describeWith("systemd units", [{ program: "systemd-analyze", package: "systemd" }], () => {
  const folder = temporaryFolder("units");
  /** The units with programs that exist on the testing host, so that everything else can be verified. */
  const installed = (name: string, dropIn?: string): string => {
    // The drop-in would change what the other tests see.
    const own = join(folder, dropIn === undefined ? "plain" : "icmp");
    mkdirSync(own, { recursive: true });
    const path = join(own, `${name}.service`);
    writeFileSync(path, source(`${name}.service`).replaceAll("/usr/bin/node", process.execPath));
    if (dropIn !== undefined) {
      mkdirSync(`${path}.d`, { recursive: true });
      writeFileSync(join(`${path}.d`, "icmp.conf"), dropIn);
    }
    return path;
  };

  it.each(units)("$name is a valid unit", ({ name }) => {
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", installed(name)], {
      encoding: "utf8",
    });
    expect(`${stdout}${stderr}`.split("\n").filter((line) => line.includes(name))).toEqual([]);
    expect(status).toBe(0);
  });

  it("the ICMP drop-in is valid too", () => {
    const path = installed("rollcall-agent", source("rollcall-agent.service.d/icmp.conf.example"));
    const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
    expect(`${stdout}${stderr}`.split("\n").filter((line) => /rollcall|icmp/.test(line))).toEqual([]);
  });

  it.each(units)("$name is exposed by at most $most", ({ name, most }) => {
    const json = execFileSync(
      "systemd-analyze",
      ["security", "--offline=yes", "--json=short", "--no-pager", installed(name)],
      { encoding: "utf8" },
    );
    const text = execFileSync("systemd-analyze", ["security", "--offline=yes", "--no-pager", installed(name)], {
      encoding: "utf8",
    });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1]);
    const open = (JSON.parse(json) as { name: string; set: boolean; exposure: string | null }[])
      .filter(({ exposure: by }) => by !== null && Number(by) > 0)
      .map(({ name: directive }) => directive);
    process.stdout.write(`${name}: exposure ${exposure}, left open: ${open.join(", ")}\n`);
    expect(exposure).toBeLessThanOrEqual(most);
  });

  it("says in its README why each directive is left off", () => {
    const readme = source("README.md");
    for (const directive of [
      "MemoryDenyWriteExecute",
      "ProcSubset",
      "PrivateNetwork",
      "IPAddressDeny",
      "RootDirectory",
      "AF_NETLINK",
    ])
      expect(readme).toContain(directive);
  });
});
