import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCachingReader } from "../../../agent/snmp/cache.ts";
import { compareOids, type DeviceReader, isBelow } from "../../../agent/snmp/reader.ts";
import { createRecordReader } from "../../support/snmp-record-reader.ts";

const oid = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
  .map((arcs) => `1.${arcs.join(".")}`);
const step = fc.oneof(
  fc.record({ kind: fc.constant("get" as const), oids: fc.array(oid, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant("next" as const), oids: fc.array(oid, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant("walk" as const), oids: fc.array(oid, { minLength: 1, maxLength: 3 }) }),
);
type Step = { readonly kind: "get" | "next" | "walk"; readonly oids: readonly string[] };

const recordOf = (oids: readonly string[]) =>
  [...new Set(oids)].sort(compareOids).map((o) => ({ oid: o, type: 2, value: 1 }));
const run = async (reader: DeviceReader, { kind, oids }: Step) => {
  if (kind === "walk") return (await reader.walk(oids)).varbinds.map((v) => v.oid);
  const found = await reader[kind](oids);
  return oids.map((o) => found.get(o)?.oid);
};

describe("caching reader", () => {
  it("answers as the device does, whatever was asked before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(oid, { maxLength: 25 }), fc.array(step, { maxLength: 12 }), async (oids, steps) => {
        const device = createRecordReader(recordOf(oids));
        const cached = createCachingReader(device);
        for (const s of steps) expect(await run(cached, s)).toEqual(await run(device, s));
      }),
      { numRuns: 400 },
    );
  });

  it("asks the device nothing twice, and nothing that it knows to be absent", async () => {
    const device = createRecordReader(recordOf(["1.2.1.1", "1.2.1.2", "1.4.0", "1.9.0"]));
    const asked: string[] = [];
    const spied: DeviceReader = {
      ...device,
      get: (oids) => {
        asked.push(`get ${oids}`);
        return device.get(oids);
      },
      next: (oids) => {
        asked.push(`next ${oids}`);
        return device.next(oids);
      },
      walk: (roots) => {
        asked.push(`walk ${roots}`);
        return device.walk(roots);
      },
    };
    const cached = createCachingReader(spied);
    await cached.walk(["1.2.1"]);
    await cached.next(["1.3"]);
    asked.length = 0;
    expect((await cached.get(["1.2.1.2", "1.2.1.7", "1.4.0", "1.3.5.0"])).size).toBe(2);
    expect((await cached.walk(["1.2.1", "1.3"])).varbinds).toHaveLength(2);
    expect((await cached.next(["1.3.1", "1.2.1.1"])).size).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe("OIDs", () => {
  it("compare as numbers, arc by arc", () => {
    const byArcs = (a: string, b: string) => {
      const [x, y] = [a.split(".").map(Number), b.split(".").map(Number)];
      for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return Math.sign(x[i]! - y[i]!);
      return Math.sign(x.length - y.length);
    };
    const any = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 6 }).map((arcs) => arcs.join("."));
    fc.assert(fc.property(any, any, (a, b) => Math.sign(compareOids(a, b)) === byArcs(a, b)));
  });
  it("are below a root by whole arcs only", () => {
    expect(isBelow("1.3.6.1", "1.3")).toBe(true);
    expect(isBelow("1.36", "1.3")).toBe(false);
    expect(isBelow("1.3", "1.3")).toBe(false);
  });
});
