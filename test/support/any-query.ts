import fc from "fast-check";
import { type Bound, type Compare, limits, type Operator, type Query } from "../../collector/query/query.ts";

/** Random queries over fields and values that a random site has something of, as `parse` would give them. */

const equality: readonly Operator[] = [":", "=", "!="];
const containing: readonly Operator[] = ["~", "!~"];
const orders: readonly Operator[] = ["<", "<=", ">", ">="];

const texts = [
  "hq",
  "lab 2",
  "Dell",
  "dell",
  "srv-1",
  "SRV-2",
  "s*",
  "*-1",
  "*",
  "",
  "é",
  'a"b',
  "x,y",
  "ubuntu",
  "[a]",
  "5.0",
];
const compare = (
  names: readonly string[],
  operators: readonly Operator[],
  values: readonly string[],
): fc.Arbitrary<Compare> =>
  fc
    .record({
      field: fc.constantFrom(...names),
      operator: fc.constantFrom(...operators),
      values: fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }),
    })
    .map((one) => ({ kind: "compare" as const, bounds: [], ...one }))
    // Nothing can be compared with nothing but by equality.
    .filter(({ operator, values: given }) => equality.includes(operator) || !given.includes(""));

const bound: fc.Arbitrary<Bound> = fc.record({
  operator: fc.constantFrom("<", "<=", ">", ">=", "="),
  value: fc.constantFrom("1.0", "2.0~rc1", "2.0", "2.0-1", "3.1"),
});
const software: fc.Arbitrary<Compare> = fc.record({
  kind: fc.constant("compare" as const),
  field: fc.constantFrom("software", "sourcepackage"),
  operator: fc.constantFrom(...equality, ...containing),
  values: fc.array(fc.constantFrom("openssl", "OpenSSL", "lib*", "bash", "s", "nothing"), {
    minLength: 1,
    maxLength: 2,
  }),
  bounds: fc.array(bound, { maxLength: 2 }),
});

const leaf: fc.Arbitrary<Query> = fc.oneof(
  fc
    .constantFrom("srv", "1", "dell", "10.1.", "02:00", "e", "nothing has this", "*", "not", "a:b", "AA:bb")
    .map((text) => ({
      kind: "word" as const,
      text,
    })),
  compare(
    [
      "name",
      "manufacturer",
      "model",
      "site",
      "os",
      "hostname",
      "serial",
      "key.serial",
      "os.kernel",
      "disks.model",
      "agent",
      "owner",
      "inventory",
    ],
    [...equality, ...containing],
    texts,
  ),
  compare(["type"], equality, ["server", "printer", "PRINTER", "switch", "s*", "*", ""]),
  compare(["presence"], equality, ["present", "missing", ""]),
  compare(["source"], equality, ["arp", "snmp", "local", "*", "", "s*"]),
  compare(["section"], equality, ["os", "disks", "memory", "fdb", "*"]),
  compare(["ip"], equality, [
    "10.1.0.0/16",
    "10.1.2.3",
    "10.0.0.0/8",
    "10.1.2.1-10.1.2.9",
    "fd00::/8",
    "10.1.*",
    "*",
    "",
  ]),
  compare(["mac"], [...equality], ["02:00:00:00:00:01", "02-00-00-00-00-02", "02:00:*", "*", ""]),
  compare(["osversion", "osversion"], [...equality, ...orders], ["22.04", "24.04", "9", "10.0.1", "2*"]),
  compare(["packages", "memory.totalBytes", "price"], [...equality, ...orders], ["0", "1", "2", "8000000000"]),
  compare(["memory.totalBytes"], orders, ["8GiB", "8G", "1K"]),
  compare(["seen", "first", "since", "seen.arp", "seen.snmp", "changed", "purchased", "warranty"], orders, [
    "1d",
    "7d",
    "30d",
    "2026-11-01",
    "2026-10",
  ]),
  compare(["locked"], equality, ["site", "owner", "INVENTORYNUMBER", "*", ""]),
  compare(["seen", "seen.arp", "warranty"], [":", "=", "!="], ["2026-11-01", "2026-11", "", "*"].slice(0, 2)),
  compare(["provisional", "booked"], equality, ["yes", "no", "true"]),
  software,
);

export const anyQuery = (): fc.Arbitrary<Query> =>
  fc
    .letrec<{ query: Query }>((tie) => ({
      query: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 3, arbitrary: leaf },
        {
          weight: 2,
          arbitrary: fc.record({
            kind: fc.constantFrom("and" as const, "or" as const),
            parts: fc.array(tie("query"), { minLength: 2, maxLength: 4 }),
          }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant("not" as const), part: tie("query") }) },
      ),
    }))
    .query.filter((query) => size(query) <= limits.terms / 2 && depth(query) < limits.depth / 2);

const size = (query: Query): number =>
  query.kind === "not" ? 1 + size(query.part) : "parts" in query ? query.parts.reduce((n, one) => n + size(one), 1) : 1;
const depth = (query: Query): number =>
  query.kind === "not" ? 1 + depth(query.part) : "parts" in query ? 1 + Math.max(...query.parts.map(depth)) : 0;
