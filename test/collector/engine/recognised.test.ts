import { describe, expect, it } from "vitest";
import { createRecognised } from "../../../collector/engine/recognised.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { AssetKeyRow, DecisionRow, Tx } from "../../../collector/store/store.ts";
import { createAssetId } from "../../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const random = createSeededRandom(1);
const assetId = createAssetId(0, random);
const mac: SubjectKey = { kind: "mac", value: "00:16:3e:00:00:01" };
const ip: SubjectKey = { kind: "ip", value: "10.0.0.7" };
const subject: Subject = { id: "mac:00:16:3e:00:00:01", realm: "hq", keys: [mac, ip] };
const rowOf = (key: SubjectKey, fields: Partial<AssetKeyRow> = {}): AssetKeyRow => ({
  ...key,
  assetId,
  realm: "hq",
  firstSeenAtMs: 0,
  lastSeenAtMs: 0,
  ...fields,
});
const other = createAssetId(1, random);
const decision: DecisionRow = {
  decisionId: "dec_1",
  kind: "separated",
  assetId: other,
  otherAssetId: assetId,
  rule: "somebody",
  byHand: true,
  keys: [],
  explanation: "by hand",
  atMs: 0,
};

const writes: readonly (readonly [string, (tx: Tx) => Promise<void>])[] = [
  ["another asset gets its address", (tx) => tx.assets.putKey(rowOf(ip, { assetId: other }))],
  ["one of its keys is taken away", (tx) => tx.assets.dropKey(rowOf(mac))],
  [
    "another key of its asset that lasts is taken away",
    (tx) => tx.assets.dropKey(rowOf({ kind: "serial", value: "XYZ1" })),
  ],
  ["something is decided about its asset", (tx) => tx.decisions.add(decision)],
];

describe("recognised", () => {
  const setUp = async (write?: (tx: Tx) => Promise<void>) => {
    const store = openSqliteStore(":memory:");
    const recognised = createRecognised();
    recognised.remember(subject, subject.keys, { assetId, rows: [rowOf(mac), rowOf(ip)], leaseMs: 86_400_000 });
    if (write) await store.transaction((tx) => write(recognised.watching(tx)));
    await store.close();
    return recognised;
  };

  it("knows a subject again by the same keys, and by no others", async () => {
    const recognised = await setUp();
    expect(recognised.find({ ...subject })?.assetId).toBe(assetId);
    expect(recognised.find({ ...subject, keys: [mac] })).toBeUndefined();
    expect(recognised.find({ ...subject, keys: [mac, { kind: "ip", value: "10.0.0.8" }] })).toBeUndefined();
    expect(recognised.find({ ...subject, realm: "branch" })).toBeUndefined();
  });

  it("knows it by each set of keys that is told of it, until one of them is written anew", async () => {
    const recognised = await setUp();
    const byMac = { ...subject, keys: [mac] };
    recognised.remember(byMac, byMac.keys, { assetId, rows: [rowOf(mac)], leaseMs: 86_400_000 });
    expect([recognised.find(subject)?.rows.length, recognised.find(byMac)?.rows.length]).toEqual([2, 1]);
    const store = openSqliteStore(":memory:");
    await store.transaction((tx) => recognised.watching(tx).assets.putKey(rowOf(ip, { assetId: other })));
    await store.close();
    expect([recognised.find(subject), recognised.find(byMac)?.rows.length]).toEqual([undefined, 1]);
  });

  it.each(writes)("asks identity again when %s", async (_name, write) => {
    const recognised = await setUp(write);
    expect(recognised.find(subject)).toBeUndefined();
  });

  it.each<(typeof writes)[number]>([
    ["what concerns others", (tx) => tx.assets.putKey(rowOf({ kind: "ip", value: "10.0.0.9" }, { assetId: other }))],
    ["another key of its asset", (tx) => tx.assets.putKey(rowOf({ kind: "serial", value: "XYZ123" }))],
    ["the loss of another address", (tx) => tx.assets.dropKey(rowOf({ kind: "ip", value: "10.0.0.9" }))],
  ])("is not disturbed by %s", async (_name, write) => {
    const recognised = await setUp(write);
    expect(recognised.find(subject)?.assetId).toBe(assetId);
  });

  it.each([
    ["asks nothing when another asset is called the same", false, assetId],
    ["asks again then, where the name tells who has a MAC that travels", true, undefined],
  ] as const)("%s", async (_, isByAddress, expected) => {
    const recognised = createRecognised();
    const name: SubjectKey = { kind: "hostname", value: "iphone" };
    const named = { ...subject, keys: [mac, name] };
    recognised.remember(named, named.keys, {
      ...{ assetId, rows: [rowOf(mac), rowOf(name)], leaseMs: 86_400_000 },
      ...(isByAddress ? { isByAddress } : {}),
    });
    const store = openSqliteStore(":memory:");
    await store.transaction((tx) => recognised.watching(tx).assets.putKey(rowOf(name, { assetId: other })));
    await store.close();
    expect(recognised.find(named)?.assetId).toBe(expected);
  });

  it.each<(typeof writes)[number]>([
    [
      "loses what else it is known by",
      (tx) => tx.assets.dropKey(rowOf({ kind: "serial", value: "XYZ1" }, { assetId: other })),
    ],
    ["is decided about", (tx) => tx.decisions.add({ ...decision, otherAssetId: createAssetId(2, random) })],
  ])("asks again when one that has had the same MAC %s", async (_name, write) => {
    const store = openSqliteStore(":memory:");
    const known = { assetId, rows: [rowOf(mac), rowOf(ip)], leaseMs: 86_400_000, isByAddress: true };
    const [alone, among] = [createRecognised(), createRecognised()];
    alone.remember(subject, subject.keys, known);
    among.remember(subject, subject.keys, known, [assetId, other]);
    for (const recognised of [alone, among]) await store.transaction((tx) => write(recognised.watching(tx)));
    await store.close();
    expect([alone.find(subject)?.assetId, among.find(subject)]).toEqual([assetId, undefined]);
  });

  it("knows a subject by its latest ways of being told, and those that rest on one address for as long as they last", async () => {
    const recognised = createRecognised();
    const store = openSqliteStore(":memory:");
    const told = (i: number): Subject => ({ ...subject, keys: [mac, { kind: "ip", value: `10.0.1.${i}` }] });
    const way = (i: number) => {
      const { keys } = told(i);
      recognised.remember(told(i), keys, { assetId, rows: keys.map((key) => rowOf(key)), leaseMs: 86_400_000 });
    };
    for (let i = 0; i < 100; i++) way(i);
    const known = () => Array.from({ length: 100 }, (_, i) => i).filter((i) => recognised.find(told(i)) !== undefined);
    expect(known()).toEqual([92, 93, 94, 95, 96, 97, 98, 99]);
    const taken = rowOf({ kind: "ip", value: "10.0.1.95" }, { assetId: other });
    await store.transaction((tx) => recognised.watching(tx).assets.putKey(taken));
    expect(known()).toEqual([92, 93, 94, 96, 97, 98, 99]);
    way(3);
    expect(known()).toEqual([3, 92, 93, 94, 96, 97, 98, 99]);
    await store.close();
  });

  it("keeps two ways of a subject that is told by many keys", () => {
    const recognised = createRecognised();
    const serials: readonly SubjectKey[] = Array.from({ length: 9 }, (_, i) => ({
      kind: "serial",
      value: `XYZ12${i}`,
    }));
    const told = (i: number): Subject => ({
      ...subject,
      keys: [...serials, { kind: "mac", value: `00:16:3e:00:01:0${i}` }],
    });
    for (let i = 0; i < 4; i++)
      recognised.remember(told(i), told(i).keys, { assetId, rows: told(i).keys.map((key) => rowOf(key)), leaseMs: 1 });
    expect([0, 1, 2, 3].filter((i) => recognised.find(told(i)) !== undefined)).toEqual([2, 3]);
  });

  it("forgets all after a transaction that was not kept", async () => {
    const recognised = await setUp();
    recognised.clear();
    expect(recognised.find(subject)).toBeUndefined();
  });
});
