import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff } from "../../../collector/record/diff.ts";
import type { Item, StoredItems } from "../../../collector/store/store.ts";
import { itemHash } from "../../../shared/protocol/hash.ts";

const stored = (items: Readonly<Record<string, Item>>): StoredItems =>
  new Map(Object.entries(items).map(([key, item]) => [key, { hash: itemHash(item), item }]));
const pkg = (fields: Item = {}) => ({
  manager: "dpkg",
  name: "bash",
  architecture: "amd64",
  version: "5.2",
  ...fields,
});

describe("diff", () => {
  it("is empty between equal contents, whatever they are", () => {
    const items = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())));
    fc.assert(
      fc.property(items, (content) => {
        expect(diff("software", stored(content), stored(structuredClone(content)))).toEqual([]);
      }),
    );
  });

  it("tells an upgrade as one change of the version, though what follows from it changed too", () => {
    const before = stored({ k: pkg({ purl: "pkg:deb/bash@5.2", installedAt: "2025", description: "old" }) });
    const after = stored({
      k: pkg({ version: "5.3", purl: "pkg:deb/bash@5.3", installedAt: "2026", description: "new" }),
    });
    expect(diff("software", before, after)).toEqual([
      {
        kind: "changed",
        section: "software",
        itemKey: "k",
        field: "version",
        before: "5.2",
        after: "5.3",
        weight: "normal",
      },
    ]);
  });

  it("tells what changed alone, as noise where it says the same in other words", () => {
    const [one] = diff("software", stored({ k: pkg({ description: "old" }) }), stored({ k: pkg() }));
    expect(one).toEqual({
      kind: "changed",
      section: "software",
      itemKey: "k",
      field: "description",
      before: "old",
      weight: "noise",
    });
  });

  it("weighs a removed part most, then a part that came, then software, then addresses", () => {
    const item = { slot: "DIMM_A1", sizeBytes: 1 };
    const came = (section: Parameters<typeof diff>[0]) => diff(section, stored({}), stored({ k: item }))[0]?.weight;
    const went = (section: Parameters<typeof diff>[0]) => diff(section, stored({ k: item }), stored({}))[0]?.weight;
    expect([went("memoryModules"), went("disks"), came("disks"), came("software"), came("addresses")]).toEqual([
      "critical",
      "critical",
      "high",
      "normal",
      "low",
    ]);
  });

  it("gives whole items that came and went", () => {
    expect(diff("software", stored({ a: pkg({ name: "a" }) }), stored({ b: pkg({ name: "b" }) }))).toEqual([
      { kind: "removed", section: "software", itemKey: "a", before: pkg({ name: "a" }), weight: "normal" },
      { kind: "added", section: "software", itemKey: "b", after: pkg({ name: "b" }), weight: "normal" },
    ]);
  });
});
