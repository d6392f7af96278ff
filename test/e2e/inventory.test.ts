import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { itemHash, toItems } from "../../shared/protocol/canonical.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import {
  answersOf,
  readNetworkReference,
  readReference,
  scoreAnswers,
  steadyFacts,
} from "../support/host-reference.ts";
import { plantTree, readTreeFixture } from "../support/host-tree.ts";
import { describeWith, findProgram } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";

const agent = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));

type Output = {
  readonly subject: {
    readonly id: string;
    readonly keys: readonly { readonly kind: string; readonly value: string }[];
  };
  readonly sections: Readonly<Record<string, unknown>>;
  readonly failures: readonly { readonly section: string; readonly kind: string; readonly reason: string }[];
  readonly gauges: Readonly<Record<string, number>>;
};

const run = (args: readonly string[], options: { readonly uid?: number } = {}) =>
  spawnSync(process.execPath, [agent, "inventory", ...args], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    ...options,
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" },
  });
const inventory = (...args: readonly string[]): Output => {
  const { status, stdout, stderr } = run(["--json", ...args]);
  if (status !== 0) throw new Error(`inventory ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Output;
};

const references = ["lsblk", "lscpu", "lsmem", "findmnt", "ip", "ss", "dpkg-query"].map((program) => ({ program }));

describeWith("inventory beside the system's own programs", references, () => {
  it("agrees with lsblk, findmnt, ip, lscpu, lsmem, ss, dpkg-query and /proc in every field", () => {
    const before = readReference();
    const found = inventory();
    const facts = steadyFacts(before, readReference());
    const score = scoreAnswers(facts, answersOf(found));
    const extra = score.extra.filter((name) => before.has(name) === facts.has(name) && !name.startsWith("socket."));
    process.stderr.write(
      `inventory: ${score.right} fields right, ${score.wrong.length} wrong, ${score.missing.length} missing of ${facts.size}\n`,
    );
    expect({ ...score, right: 0, extra }).toEqual({ right: 0, wrong: [], missing: [], extra: [] });
    expect(score.right).toBeGreaterThan(50);
  });
});

describeWith("inventory in a network namespace", [{ root: true }, { program: "ip" }], () => {
  const namespace = `rcinv${process.pid}`;
  afterAll(() => void spawnSync("ip", ["netns", "del", namespace]));

  it("agrees with ip about bridges, pairs, several addresses and routes by gateway", () => {
    execFileSync("ip", ["netns", "add", namespace]);
    const inside = (...args: readonly string[]): string =>
      execFileSync("ip", ["netns", "exec", namespace, ...args], { encoding: "utf8", maxBuffer: 64 << 20 });
    const setup = [
      "ip link set lo up",
      "ip link add br0 type bridge",
      "ip link add v0 type veth peer name v1",
      "ip link set v0 master br0 up",
      "ip link set v1 up",
      "ip link set br0 up mtu 1400",
      "ip addr add 192.0.2.77/25 dev br0",
      "ip addr add 192.0.2.78/25 dev br0",
      "ip addr add 198.51.100.1/30 dev v1",
      "ip addr add 2001:db8:5::1/64 dev br0 nodad",
      "ip route add 203.0.113.0/24 via 192.0.2.1",
      "ip route add default via 192.0.2.2 metric 50",
      "ip -6 route add default via 2001:db8:5::2",
    ];
    inside("sh", "-ec", setup.join("\n"));
    const names = ["interfaces", "addresses", "routes"];
    const output = JSON.parse(
      inside(process.execPath, agent, "inventory", "--json", "--section", names.join(",")),
    ) as Output;
    const answers = answersOf(output);
    const reference = readNetworkReference((program, ...args) => inside(program, ...args));
    const score = scoreAnswers(reference, answers);
    process.stderr.write(`inventory in a namespace: ${score.right} fields right of ${reference.size}\n`);
    expect({ ...score, right: 0 }).toEqual({ right: 0, wrong: [], missing: [], extra: [] });
    expect(reference.get("route.203.0.113.0/24.br0")).toEqual(["192.0.2.1"]);
  });
});

describe("the inventory command", () => {
  const fixture = join(temporaryFolder("inventory-cli"), "thinkpad");
  plantTree(fixture, readTreeFixture("thinkpad"));

  it("gives one JSON object with subject, sections and failures", () => {
    const { status, stdout } = run(["--json", "--root", fixture]);
    expect(status).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const output = JSON.parse(stdout) as Output;
    expect(Object.keys(output).slice(0, 3)).toEqual(["subject", "sections", "failures"]);
    expect(output.subject.keys[0]).toEqual({ kind: "hardwareUuid", value: "7f1d2acc-2f6b-11b2-a85c-8d1e2a3b4c5d" });
    expect(output.sections).not.toHaveProperty("users");
  });

  it("gives only the sections that are asked for, personal ones when named", () => {
    expect(
      Object.keys(inventory("--root", fixture, "--section", "dns,users", "--section", "battery").sections),
    ).toEqual(["battery", "dns", "users"]);
  });

  it("prints a sheet for a person, long lists cut and no control character let through", () => {
    const { stdout } = run(["--root", fixture]);
    expect(stdout).toContain("ThinkPad X1 Carbon Gen 9");
    expect(stdout).toMatch(/^battery \(1\)$/m);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("says in one line which section or root there is none of", () => {
    const section = run(["--section", "nonsense"]);
    expect(section.status).toBe(64);
    expect(section.stderr).toMatch(/no section is called "nonsense"/);
    const root = run(["--root", "/nonexistent"]);
    expect(root.status).toBe(64);
    expect(root.stderr).toBe("rollcall-agent: --root /nonexistent is no folder that can be read\n");
  });
});

const hashesOf = (output: Output): Map<string, string> =>
  new Map(
    Object.entries(output.sections).flatMap(([name, content]) =>
      [...toItems(name as SectionName, content)].map(([key, item]) => [`${name}|${key}`, itemHash(item)] as const),
    ),
  );

const changesBetween = (before: Output, after: Output): string[] => {
  const [old, now] = [hashesOf(before), hashesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key)).sort();
};

describe("an inventory taken again", () => {
  const root = temporaryFolder("inventory-again");
  plantTree(root, readTreeFixture("thinkpad"));
  if (existsSync("/var/lib/dpkg/status")) {
    cpSync("/var/lib/dpkg/status", join(root, "var/lib/dpkg/status"));
    cpSync("/var/lib/dpkg/info", join(root, "var/lib/dpkg/info"), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) =>
        !/\.(md5sums|postinst|prerm|postrm|preinst|symbols|shlibs|triggers|templates|config|conffiles)$/.test(path),
    });
  }
  const status = join(root, "var/lib/dpkg/status");
  const paragraph =
    "Package: rollcall-canary\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\nMaintainer: Nobody <nobody@example.org>\nDescription: nothing\n";

  it("is the same where nothing changed", () => {
    expect(changesBetween(inventory("--root", root), inventory("--root", root))).toEqual([]);
  });

  it("differs in exactly one item when one package is installed, upgraded or removed", () => {
    const before = inventory("--root", root);
    const text = readFileSync(status, "utf8");
    writeFileSync(status, `${text.trimEnd()}\n\n${paragraph}`);
    writeFileSync(join(root, "var/lib/dpkg/info/rollcall-canary.list"), "/.\n");
    const installed = inventory("--root", root);
    expect(changesBetween(before, installed)).toEqual(["software|dpkg|rollcall-canary|all|"]);
    writeFileSync(status, `${text.trimEnd()}\n\n${paragraph.replace("1.0", "1.1")}`);
    const upgraded = inventory("--root", root);
    expect(changesBetween(installed, upgraded)).toEqual(["software|dpkg|rollcall-canary|all|"]);
    writeFileSync(status, text);
    expect(changesBetween(upgraded, inventory("--root", root))).toEqual(["software|dpkg|rollcall-canary|all|"]);
    expect(changesBetween(before, inventory("--root", root))).toEqual([]);
  });

  it("lists no package rather than half of them where the database is damaged, and says so", () => {
    const broken = temporaryFolder("inventory-broken");
    plantTree(broken, readTreeFixture("dell-server"));
    const database = join(broken, "var/lib/rpm/rpmdb.sqlite");
    writeFileSync(database, readFileSync(database).subarray(0, 9_000));
    const { sections, failures } = inventory("--root", broken, "--section", "software,dns");
    expect(sections).not.toHaveProperty("software");
    expect(sections).toHaveProperty("dns");
    expect(failures).toMatchObject([{ section: "software", kind: "failed" }]);
    expect(failures[0]?.reason).toMatch(/^rpm: reading the database \/var\/lib\/rpm\/rpmdb.sqlite/);
  });

  it("writes nothing into the tree that it reads", () => {
    const tree = temporaryFolder("inventory-untouched");
    plantTree(tree, readTreeFixture("dell-server"));
    const listing = () => execFileSync("find", [tree, "-printf", "%P %s %T@ %m\n"], { encoding: "utf8" });
    const before = listing();
    inventory("--root", tree, "--personal");
    expect(listing()).toBe(before);
  });
});

describeWith("an unprivileged inventory", [{ root: true }], () => {
  // Vitest's temporary folders are their owner's alone; another user must be able to walk in.
  const open = mkdtempSync(join(tmpdir(), "rollcall-open-"));
  afterAll(() => rmSync(open, { recursive: true, force: true }));
  chmodSync(open, 0o755);
  const root = join(open, "tree");
  mkdirSync(root);
  plantTree(root, readTreeFixture("dell-server"));
  const nobody = 65_534;
  for (const path of [
    "sys/firmware/dmi/tables/DMI",
    "sys/devices/virtual/dmi/id/product_serial",
    "sys/devices/virtual/dmi/id/product_uuid",
    "sys/devices/virtual/dmi/id/chassis_serial",
    "sys/devices/virtual/dmi/id/board_serial",
    "etc/libvirt/qemu/web.xml",
  ])
    if (existsSync(join(root, path))) chmodSync(join(root, path), 0o600);
  const asNobody = (...args: readonly string[]): Output => {
    const { status, stdout, stderr } = run(["--json", ...args], { uid: nobody });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Output;
  };

  it("gives what everybody may read and says what needs privilege", () => {
    const { sections, failures } = asNobody("--root", root);
    expect(sections["system"]).toMatchObject({ manufacturer: "Dell Inc.", model: "PowerEdge R650", type: "server" });
    expect(sections["system"]).not.toHaveProperty("serialNumber");
    expect(sections).not.toHaveProperty("memoryModules");
    expect(sections).not.toHaveProperty("virtualMachines");
    expect(sections["software"]).toHaveLength(5);
    expect(failures.map(({ section, kind }) => [section, kind])).toEqual(
      expect.arrayContaining([
        ["system", "needs-privilege"],
        ["memoryModules", "needs-privilege"],
        ["virtualMachines", "needs-privilege"],
      ]),
    ); // biome format: keep as a table
  });

  it("has serials and modules once the table is handed over", () => {
    const handed = join(root, "run/rollcall-agent");
    mkdirSync(handed, { recursive: true });
    cpSync(join(root, "sys/firmware/dmi/tables/DMI"), join(handed, "smbios"));
    chmodSync(join(handed, "smbios"), 0o444);
    const { sections } = asNobody("--root", root);
    expect(sections["system"]).toMatchObject({ serialNumber: "7XQ4KZ3", uuid: "4c4c4544-0058-5110-8034-b7c04f4b5a33" });
    expect(sections["memoryModules"]).toHaveLength(1);
    rmSync(handed, { recursive: true });
  });

  it("works on the running host", () => {
    const { sections } = asNobody();
    for (const name of [
      "system",
      "os",
      "cpu",
      "memory",
      "disks",
      "filesystems",
      "interfaces",
      "addresses",
      "routes",
      "services",
      "security",
    ])
      expect(sections).toHaveProperty(name);
  });
});

describeWith("programs that an inventory starts", [{ program: "strace" }], () => {
  it("are five at most", () => {
    const strace = findProgram("strace") ?? "strace";
    const trace = join(temporaryFolder("inventory-strace"), "trace");
    execFileSync(
      strace,
      ["-f", "-qq", "-e", "trace=execve", "-o", trace, process.execPath, agent, "inventory", "--json"],
      { maxBuffer: 64 << 20, stdio: ["ignore", "ignore", "inherit"] },
    );
    const started =
      readFileSync(trace, "utf8")
        .split("\n")
        .filter((line) => /execve\(.* = 0$/.test(line)).length - 1;
    process.stderr.write(`inventory: ${started} programs started\n`);
    expect(started).toBeLessThanOrEqual(5);
  });
});
