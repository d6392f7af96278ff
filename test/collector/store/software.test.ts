import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Reads } from "../../../collector/store/reads.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openSqliteReads } from "../../../collector/store/sqlite-reads.ts";
import type { Item, SectionContent, Store, StoredItem, StoredItems, Tx } from "../../../collector/store/store.ts";
import { type AssetId, createAgentId, createAssetId } from "../../../shared/ids.ts";
import { hashOfItems, itemHash } from "../../../shared/protocol/hash.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const random = createSeededRandom(3);
const T = Date.UTC(2026, 0, 5, 8);
const folder = temporaryFolder("software");
let files = 0;
let path: string;
let store: Store;
let read: { reads: Reads; close: () => void };
beforeEach(() => {
  path = join(folder, `${++files}.db`);
  store = openSqliteStore(path);
  read = openSqliteReads(path, { clock: createVirtualClock() });
});
afterEach(async () => {
  read.close();
  await store.close();
});

const pkg = (name: string, version: string, fields: Item = {}): Item => ({
  ...{ manager: "dpkg", name, architecture: "amd64", version, ...fields },
});
const keyOf = (item: Item) => `${item["manager"]}|${item["name"]}|${item["architecture"]}|${item["instance"] ?? ""}`;
const stored = (items: readonly Item[]): StoredItems =>
  new Map(items.map((item) => [keyOf(item), { hash: itemHash(item), item }]));
const headOf = (items: StoredItems) => ({
  ...({ section: "software", itemCount: items.size, observedAtMs: T } as const),
  hash: hashOfItems(new Map([...items].map(([key, { hash }]) => [key, hash]))),
});

const addHost = async (tx: Tx, name: string, items: readonly Item[]) => {
  const assetId = createAssetId(T, random);
  await tx.assets.put({
    ...({ assetId, name, type: "server", realm: "site", lifecycle: "in-use", criticality: "normal" } as const),
    ...({ presence: "present", presenceSinceMs: T, firstSeenAtMs: T, lastSeenAtMs: T } as const),
    ...({ sources: ["local"], locked: [], version: 1 } as const),
  });
  const streamNo = await tx.streams.add({
    ...({ agentId: createAgentId(T, random), instance: 0, stream: "local/self", source: "local" } as const),
    ...{ subject: { id: "self", realm: "site", keys: [] }, root: "r", observedAtMs: T, recordedAtMs: T, assetId },
  });
  await tx.sections.put(streamNo, headOf(stored(items)), stored(items));
  await tx.assets.accept({ assetId, section: "software", streamNo });
  return { assetId, streamNo };
};

const change = async (
  tx: Tx,
  streamNo: number,
  items: StoredItems,
  put: readonly Item[],
  drop: readonly string[] = [],
) => {
  const after = new Map(items);
  for (const key of drop) after.delete(key);
  for (const [key, one] of stored(put)) after.set(key, one);
  const on = (await tx.sections.content(streamNo, "software")) as SectionContent;
  await tx.sections.step(streamNo, headOf(after), on, { put: stored(put) as Map<string, StoredItem>, drop });
  return after;
};

const whoHas = async (query: Omit<Parameters<Reads["installations"]>[0], "limit">) => {
  const { items, total } = await read.reads.installations({ limit: 500, ...query });
  return { hosts: items.map(({ assetName, version }) => `${assetName} ${version}`), total };
};
const countOf = (sql: string): number => {
  const db = openDatabase(path);
  const count = Number(db.get(sql)?.["n"]);
  db.close();
  return count;
};
const image = (openssl: string, size = 200) => [
  pkg("openssl", openssl, {
    publisher: "Debian OpenSSL Team <pkg@example.org>",
    purl: `pkg:deb/debian/openssl@${openssl}`,
  }),
  ...Array.from({ length: size }, (_, n) => pkg(`package-${n}`, "1.0-1")),
];

describe("software of many hosts", () => {
  it("tells who has a package in versions between bounds, as hosts change and drift", async () => {
    const old = image("3.0.11-1~deb12u2");
    const streams = await store.transaction(async (tx) => [
      await addHost(tx, "one", old),
      await addHost(tx, "two", old),
      await addHost(tx, "three", image("3.0.13-1")),
    ]);
    expect(await whoHas({ name: "OpenSSL", below: "3.0.13" })).toEqual({
      hosts: ["one 3.0.11-1~deb12u2", "two 3.0.11-1~deb12u2"],
      total: 2,
    });
    expect((await whoHas({ name: "openssl", from: "3.0.12" })).hosts).toEqual(["three 3.0.13-1"]);
    expect((await whoHas({ name: "openssl", from: "3.0.11-1~deb12u2", through: "3.0.13-1" })).total).toBe(3);

    const [one = 0, two = 0] = streams.map(({ streamNo }) => streamNo);
    await store.transaction(async (tx) => {
      await change(tx, one, stored(old), [pkg("openssl", "3.0.13-1~deb12u1")]);
      await change(tx, two, stored(old), [pkg("curl", "8.1-1")], ["dpkg|openssl|amd64|"]);
    });
    // A revision is later than none, also one that is earlier than "-1".
    expect((await whoHas({ name: "openssl", below: "3.0.13" })).total).toBe(0);
    expect(await whoHas({ name: "openssl", below: "3.0.13-1" })).toEqual({ hosts: ["one 3.0.13-1~deb12u1"], total: 1 });
    expect((await whoHas({ name: "curl" })).hosts).toEqual(["two 8.1-1"]);
    expect((await whoHas({ name: "openssl", manager: "rpm" })).total).toBe(0);
    const found = (await read.reads.software({ limit: 10, search: "SSL" })).items;
    expect(found.map(({ version, hosts }) => `${version} ${hosts}`)).toEqual(["3.0.13-1~deb12u1 1", "3.0.13-1 1"]);
    expect(found[1]).toMatchObject({
      name: "openssl",
      publisher: "Debian OpenSSL Team",
      purl: expect.stringMatching(/^pkg:deb/),
    });
  });

  it("agrees with each host's own list, whatever comes and goes", async () => {
    const hosts: { streamNo: number; name: string; items: StoredItems }[] = [];
    await store.transaction(async (tx) => {
      for (let n = 0; n < 12; n++) {
        const items = [
          ...Array.from({ length: 100 }, (_, p) => pkg(`p${p}`, `${1 + ((p * (n % 3)) % 4)}`)),
          pkg("app", "1", { manager: "npm", instance: "/a" }),
          pkg("app", "1", { manager: "npm", instance: "/b" }),
        ].filter(() => random.next() > 0.02);
        hosts.push({ name: `h${n}`, items: stored(items), ...(await addHost(tx, `h${n}`, items)) });
      }
    });
    for (let round = 0; round < 40; round++)
      await store.transaction(async (tx) => {
        const host = hosts[Math.floor(random.next() * hosts.length)] as (typeof hosts)[number];
        const put = [pkg(`p${Math.floor(random.next() * 110)}`, `${Math.ceil(random.next() * 6)}`)];
        const drop = [...host.items.keys()].filter((key) => random.next() < 0.03 && !stored(put).has(key));
        host.items = await change(tx, host.streamNo, host.items, put, drop);
      });
    for (const name of ["p1", "p7", "p50", "p105", "app"]) {
      const expected = hosts.flatMap(({ name: host, items }) =>
        Array.from(items.values(), ({ item }) => item)
          .filter((item) => item["name"] === name && Number(item["version"]) < 4)
          .map((item) => `${host} ${item["version"]}`),
      );
      expect((await whoHas({ name, below: "4" })).hosts.sort()).toEqual(expected.sort());
    }
  });

  it("comes in pages that hold each installation once", async () => {
    await store.transaction(async (tx) => {
      for (let n = 0; n < 25; n++)
        await addHost(tx, `h${n}`, [...image("1.0"), pkg("openssl", "1.0", { architecture: "i386" })]);
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await read.reads.installations({
        limit: 7,
        name: "openssl",
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.total).toBe(25);
      seen.push(...page.items.map(({ assetName, architecture }) => `${assetName} ${architecture}`));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(50);
    expect(new Set(seen).size).toBe(50);
    const dictionary: string[] = [];
    do {
      const page = await read.reads.software({ limit: 30, ...(cursor === undefined ? {} : { cursor }) });
      dictionary.push(...page.items.map(({ name, architecture }) => `${name} ${architecture}`));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(dictionary).toHaveLength(202);
    expect(new Set(dictionary).size).toBe(202);
  });

  it("counts the stream that is accepted, and forgets what a failed transaction named", async () => {
    await expect(
      store.transaction(async (tx) => {
        await addHost(tx, "never", image("9.9"));
        throw new Error("on purpose");
      }),
    ).rejects.toThrow("on purpose");
    const { assetId } = await store.transaction((tx) => addHost(tx, "host", image("1.0")));
    await store.transaction(async (tx) => {
      const other = await addHost(tx, "other view", image("2.0"));
      await tx.assets.unaccept({ assetId: other.assetId, section: "software" });
      const row = await tx.streams.byNumber(other.streamNo);
      if (row) await tx.streams.put({ ...row, assetId });
      await tx.assets.accept({ assetId: assetId as AssetId, section: "software", streamNo: other.streamNo });
    });
    expect((await whoHas({ name: "openssl" })).hosts).toEqual(["host 2.0"]);
  });

  it("drops what nobody has any more while it runs, so that years of updates leave a dictionary of what there is", async () => {
    const images = ["a", "b"].map((letter) =>
      Array.from({ length: 80 }, (_, p) => pkg(`p${p}`, letter === "a" ? `1.${p}` : `2.${p % 7}`)),
    );
    const imageOf = () => images[Math.floor(random.next() * images.length)] as Item[];
    const hosts: { streamNo: number; name: string; items: StoredItems }[] = [];
    await store.transaction(async (tx) => {
      for (let n = 0; n < 6; n++) {
        const items = imageOf();
        hosts.push({ name: `h${n}`, items: stored(items), ...(await addHost(tx, `h${n}`, items)) });
      }
    });
    let versions = 0;
    for (let round = 0; round < 120; round++) {
      await store.transaction(async (tx) => {
        const host = hosts[Math.floor(random.next() * hosts.length)] as (typeof hosts)[number];
        if (random.next() < 0.2) {
          host.items = stored(imageOf());
          return tx.sections.put(host.streamNo, headOf(host.items), host.items);
        }
        const some = Array.from({ length: 40 }, () => Math.floor(random.next() * 90));
        const put = some.map((p) => pkg(`p${p}`, `3.${random.next() < 0.1 ? p : ++versions + 100}`));
        host.items = await change(tx, host.streamNo, host.items, put);
      });
      if (round % 10 > 0) continue;
      const name = `p${Math.floor(random.next() * 90)}`;
      const expected = hosts.flatMap(({ name: host, items }) =>
        Array.from(items.values(), ({ item }) => item)
          .filter((item) => item["name"] === name)
          .map((item) => `${host} ${item["version"]}`),
      );
      expect((await whoHas({ name })).hosts.sort()).toEqual(expected.sort());
    }
    const there = new Set(hosts.flatMap(({ items }) => Array.from(items.values(), ({ hash }) => hash)));
    expect((await read.reads.software({ limit: 2_000 })).items).toHaveLength(there.size);
    expect(countOf("SELECT count(*) AS n FROM software")).toBeLessThan(there.size + 1_100);
    expect(versions).toBeGreaterThan(3_000);
    for (const table of ["software_drift", "software_in_sets"])
      expect(
        countOf(`SELECT count(*) AS n FROM ${table} WHERE software_no NOT IN (SELECT software_no FROM software)`),
      ).toBe(0);
    expect(countOf("SELECT count(*) AS n FROM installed WHERE set_no NOT IN (SELECT set_no FROM software_sets)")).toBe(
      0,
    );
  });

  it.each([
    ["while somebody else has the image", true],
    ["while nobody else has it", false],
  ])("knows an image again that was dropped with its versions, %s", async (_, isKept) => {
    const first = image("1.0", 80);
    const second = image("1.1", 80);
    const churned = stored(Array.from({ length: 90 }, (_, n) => pkg(`other-${n}`, "1")));
    await store.transaction(async (tx) => {
      await addHost(
        tx,
        "steady",
        [...churned.values()].map(({ item }) => item),
      );
      if (isKept) await addHost(tx, "keeper", first);
      const one = await addHost(tx, "one", first);
      const two = await addHost(tx, "two", second);
      for (const { streamNo } of [one, two]) await tx.sections.put(streamNo, headOf(churned), churned);
      let items: StoredItems = churned;
      for (let round = 0; round < 10; round++) {
        const put = Array.from({ length: 80 }, (_, n) => pkg(`other-${n}`, `2.${round}`));
        items = await change(tx, one.streamNo, items, put);
      }
      // What comes next may get the number of what went.
      const fresh = Array.from({ length: 90 }, (_, n) => pkg(`fresh-${n}`, "1"));
      const three = await addHost(tx, "three", fresh);
      await change(tx, three.streamNo, stored(fresh), [], ["dpkg|fresh-7|amd64|"]);
      await tx.sections.put(one.streamNo, headOf(stored(first)), stored(first));
      await tx.sections.put(two.streamNo, headOf(stored(second)), stored(second));
    });
    const keeper = isKept ? ["keeper 1.0"] : [];
    expect((await whoHas({ name: "openssl" })).hosts.sort()).toEqual([...keeper, "one 1.0", "two 1.1"]);
    expect((await whoHas({ name: "package-7" })).total).toBe(isKept ? 3 : 2);
    expect([(await whoHas({ name: "fresh-7" })).total, (await whoHas({ name: "fresh-8" })).total]).toEqual([0, 1]);
  });

  it("says so where the package that a page ended with is gone", async () => {
    await store.transaction((tx) => addHost(tx, "host", image("1.0")));
    const { next } = await read.reads.software({ limit: 30 });
    await store.close();
    const db = openDatabase(path);
    db.exec("DELETE FROM software");
    db.close();
    await expect(read.reads.software({ limit: 30, cursor: next ?? "" })).rejects.toThrow("begin again");
    store = openSqliteStore(path);
  });

  it("drops sets and versions that nobody has any more at the next start, too, and keeps the others", async () => {
    await store.transaction(async (tx) => {
      const { streamNo } = await addHost(tx, "host", image("1.0"));
      const now = stored(Array.from({ length: 150 }, (_, n) => pkg(`other-${n}`, "1")));
      await tx.sections.put(streamNo, headOf(now), now);
    });
    const countSets = () => {
      const db = openDatabase(path);
      const { sets, members } = db.get(
        "SELECT (SELECT count(*) FROM software_sets) AS sets, (SELECT count(*) FROM software_in_sets) AS members",
      ) as { sets: number; members: number };
      db.close();
      return { sets, members };
    };
    expect(countSets()).toEqual({ sets: 3, members: 351 });
    await store.close();
    store = openSqliteStore(path);
    expect(countSets()).toEqual({ sets: 2, members: 150 });
    read.close();
    read = openSqliteReads(path, { clock: createVirtualClock() });
    expect((await read.reads.software({ limit: 500 })).items).toHaveLength(150);
    expect((await whoHas({ name: "other-7" })).hosts).toEqual(["host 1"]);
    expect((await whoHas({ name: "openssl" })).total).toBe(0);
  });

  it("is asked by source packages, each with what was built from it", async () => {
    const built = (name: string, version: string) => pkg(name, version, { source: "OpenSSL" });
    await store.transaction(async (tx) => {
      await addHost(tx, "old", [built("openssl", "3.0.11"), built("libssl3", "3.0.11"), pkg("bash", "5.2")]);
      await addHost(tx, "new", [built("libssl3t64", "3.5.1")]);
    });
    const all = (await read.reads.software({ limit: 500, source: "openssl" })).items;
    expect(all.map(({ name, source }) => [name, source])).toEqual([
      ["libssl3", "openssl"],
      ["libssl3t64", "openssl"],
      ["openssl", "openssl"],
    ]);
    expect((await read.reads.software({ limit: 500, search: "enssl" })).items).toHaveLength(3);
    expect(await whoHas({ source: "openssl", below: "3.0.13" })).toEqual({
      hosts: ["old 3.0.11", "old 3.0.11"],
      total: 1,
    });
    expect((await whoHas({ source: "OPENSSL" })).total).toBe(2);
  });

  it("is filled in from what an older version stored", async () => {
    await store.transaction(async (tx) => void (await addHost(tx, "host", image("1.0"))));
    await store.close();
    const db = openDatabase(path);
    db.exec("DELETE FROM installed; DELETE FROM software_drift; DELETE FROM software;");
    db.close();
    store = openSqliteStore(path);
    expect((await whoHas({ name: "openssl" })).hosts).toEqual(["host 1.0"]);
  });
});
