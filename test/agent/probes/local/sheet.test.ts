import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../../agent/probes/local/run.ts";
import { formatBytes, renderSheet } from "../../../../agent/probes/local/sheet.ts";

const inventory = (sections: Inventory["sections"], failures: Inventory["failures"] = []): Inventory => ({
  subject: { id: "self", realm: "default", keys: [] },
  sections,
  failures,
  looked: new Set(),
  gauges: {},
  timings: {},
});
const plain = { colour: false, columns: 100, full: false };

describe("the sheet", () => {
  it("shows values by line and collections as tables, sizes and speeds in their units", () => {
    const text = renderSheet(
      inventory({
        memory: { totalBytes: 25_769_803_776, swapBytes: 0 },
        interfaces: [{ id: "eth0", name: "eth0", kind: "physical", speedBps: 10_000_000_000, mtu: 1_500 }],
      }),
      plain,
    );
    expect(text).toBe(
      "memory\n  total  24 GiB\n  swap   0 B\n\ninterfaces (1)\n  name  kind      speed    mtu\n  eth0  physical  10 Gb/s  1500\n",
    );
  });

  it("cuts long lists and says how to see the rest, and shows all when asked for the section", () => {
    const software = Array.from({ length: 20 }, (_, i) => ({ manager: "dpkg", name: `p${i}`, architecture: "all" }));
    expect(renderSheet(inventory({ software }), plain)).toContain("  … 8 more: --section software");
    expect(renderSheet(inventory({ software }), { ...plain, full: true })).toContain("p19");
  });

  it("lets no control character of a device or a package reach the terminal", () => {
    const text = renderSheet(
      inventory(
        { system: { model: "evil\u001b]0;title\u0007\n" }, services: [{ manager: "systemd", name: "a\u001b[2J" }] },
        [{ section: "os", kind: "failed", reason: "x\u001b[31m" }],
      ),
      plain,
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text).toContain("evil?]0;title??");
  });

  it("ends with what could not be read", () => {
    const failures = [{ section: "memoryModules", kind: "needs-privilege", reason: "root only" }] as const;
    expect(renderSheet(inventory({}, failures), plain)).toBe("not read\n  memoryModules: needs privilege: root only\n");
  });

  it.each([
    [0, "0 B"],
    [1_023, "1023 B"],
    [1_024, "1 KiB"],
    [1_536, "1.5 KiB"],
    [270_553_174_016, "252 GiB"],
    [2 ** 50, "1 PiB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  }); // biome format: keep as a table
});
