import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTree } from "../../../../agent/probes/local/tree.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const outside = temporaryFolder("tree-outside");
writeFileSync(join(outside, "secret"), "not yours");
const root = temporaryFolder("tree");
mkdirSync(join(root, "usr/lib"), { recursive: true });
mkdirSync(join(root, "etc"));
writeFileSync(join(root, "usr/lib/os-release"), "ID=debian\n");
writeFileSync(join(root, "etc/large"), "x".repeat(1_000));
symlinkSync("../usr/lib/os-release", join(root, "etc/os-release"));
symlinkSync("/usr/lib/os-release", join(root, "etc/absolute"));
symlinkSync(`${outside}/secret`, join(root, "etc/escape"));
symlinkSync("../../../../../../../../etc/passwd", join(root, "etc/climb"));
symlinkSync("loop", join(root, "etc/loop"));
symlinkSync("/usr", join(root, "system"));
execFileSync("mkfifo", [join(root, "etc/fifo")]);

const open = (clock = createVirtualClock(), signal = new AbortController().signal) =>
  createTree({ root, clock, signal, timeoutMs: 1_000 });

describe("a tree under a root", () => {
  it("reads files and follows links within the root", () => {
    const tree = open();
    expect(tree.readText("/etc/os-release")).toBe("ID=debian\n");
    expect(tree.readText("/etc/absolute")).toBe("ID=debian\n");
    expect(tree.value("/system/lib/os-release")).toBe("ID=debian");
    expect(tree.real("/system/lib/os-release")).toBe("/usr/lib/os-release");
    expect(tree.linkName("/etc/absolute")).toBe("os-release");
    expect(tree.list("/usr")).toEqual(["lib"]);
  });

  it("is never led out of the root by a link", () => {
    const tree = open();
    expect(tree.readText("/etc/escape")).toBeUndefined();
    expect(tree.readText("/etc/climb")).toBeUndefined();
    expect(tree.readText("/../../../etc/passwd")).toBeUndefined();
    expect(tree.list("/etc/..")).toEqual(["etc", "system", "usr"]);
  });

  it("gives nothing for what is absent, a folder, a loop of links or a FIFO, without waiting", () => {
    const tree = open();
    for (const path of ["/nothing", "/etc", "/etc/loop", "/etc/fifo", "/etc/os-release/below"])
      expect(tree.readText(path)).toBeUndefined();
    expect(tree.list("/nothing")).toEqual([]);
    expect(tree.denied).toEqual([]);
  });

  it("refuses a file larger than its bound instead of giving half of it", () => {
    expect(() => open().readText("/etc/large", { maxBytes: 999 })).toThrow("/etc/large: it is larger than 999 bytes");
    expect(open().readText("/etc/large", { maxBytes: 1_000 })).toHaveLength(1_000);
  });

  it("gives a piece where a piece is asked for", () => {
    expect(open().readBytes("/etc/large", { offset: 990, maxBytes: 100 })).toHaveLength(10);
    expect(open().readBytes("/etc/large", { offset: 0, maxBytes: 100 })).toHaveLength(100);
  });

  it("has no time for a file from before the epoch", () => {
    execFileSync("touch", ["-d", "1960-01-01 UTC", join(root, "etc/large")]);
    expect(open().modifiedAtMs("/etc/large")).toBeUndefined();
    utimesSync(join(root, "etc/large"), 1_700_000_000, 1_700_000_000);
    expect(open().modifiedAtMs("/etc/large")).toBe(1_700_000_000_000);
  });

  it("stops at the time-out and at the signal", async () => {
    const clock = createVirtualClock();
    const tree = open(clock);
    await clock.advance(1_001);
    expect(() => tree.readText("/etc/os-release")).toThrow("gave up at /etc/os-release after 1000 ms");
    const stopped = new AbortController();
    stopped.abort(new Error("stop"));
    expect(() => open(createVirtualClock(), stopped.signal).exists("/etc")).toThrow("stop");
  });
});
