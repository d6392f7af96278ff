import { mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { cpuUsage, resourceUsage } from "node:process";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { openSqliteReads } from "../../collector/store/sqlite-reads.ts";
import type { Store, StoredItem, StoredItems, Tx } from "../../collector/store/store.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAgentId, createAssetId } from "../../shared/ids.ts";
import { hashOfItems, itemHash } from "../../shared/protocol/hash.ts";
import type { Item } from "../../shared/protocol/items.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import { largest, sizesOf, tableSizes } from "../support/database-size.ts";

/**
 * `npm run bench -- software [--hosts N] [--packages N] [--images N] [--drift PERCENT]`: hosts (100,000) of so many packages
 * (2,000) drawn from golden images (300), each host with its own drift (1 %), written to the file store at
 * synchronous=FULL as the engine writes them, 500 hosts a transaction; then who has openssl before 3.0.13. Aims (issue 5):
 * 5 KB a host beside dictionary and images, the query below 100 ms.
 *
 * Each host has its asset, stream, accepted section and software; what else a host's agent tells is the same with or
 * without software, and is not counted here.
 */
const AIMS = { bytesPerHost: 5_120, queryMs: 100 } as const;
const AT_ONCE = 500;

const option = (args: readonly string[], name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(args[at + 1]);
};

type Fleet = { readonly packages: number; readonly images: number; readonly drift: number };
const POOL = 6_000;
const OPENSSL = ["3.0.11-1~deb12u2", "3.0.13-1~deb12u1", "3.0.9-1", "3.0.14-1~deb12u2", "1.1.1w-0+deb11u1"];

const made = new Map<string, [string, StoredItem]>();
/** Each version of each package once, as hosts of one distribution have it. */
const stored = (p: number, version: string): [string, StoredItem] => {
  const which = `${p}/${version}`;
  const one = made.get(which) ?? make(p, version);
  made.set(which, one);
  return one;
};

const make = (p: number, version: string): [string, StoredItem] => {
  const name = p === 0 ? "openssl" : `package-${p}-lib`;
  const item: Item = {
    ...{ manager: "dpkg", name, architecture: "amd64", version },
    publisher: "Debian Maintainers <maintainers@example.org>",
    description: `what package ${p} is for, in a line of usual length`,
    installedAt: "2026-01-05T08:00:00.000Z",
    purl: `pkg:deb/debian/${name}@${version}?arch=amd64`,
  };
  return [`dpkg|${name}|amd64|`, { hash: itemHash(item), item }];
};
const versionOf = (p: number, n: number): string => (p === 0 ? (OPENSSL[n % OPENSSL.length] as string) : `1.${n}-1`);

/** Packages of a pool of 6,000, openssl always among them, each in one of four versions. */
const imageOf = (image: number, { packages }: Fleet): Map<string, StoredItem> => {
  const random = createSeededRandom(image + 1);
  const chosen = new Set([0]);
  while (chosen.size < packages) chosen.add(Math.floor(random.next() * POOL));
  return new Map([...chosen].map((p) => stored(p, versionOf(p, Math.floor(random.next() * 4)))));
};

/** Half of it other versions, a quarter missing, a quarter more. */
const driftOf = (image: StoredItems, random: Random, { packages, drift }: Fleet) => {
  const keys = [...image.keys()];
  const put = new Map<string, StoredItem>();
  const drop = new Set<string>();
  for (let i = 0; i < (packages * drift) / 100; i++) {
    const key = keys[Math.floor(random.next() * keys.length)] as string;
    const kind = random.next();
    if (kind < 0.25) drop.add(key);
    else {
      const p = kind < 0.5 ? Math.floor(random.next() * POOL) : Number(/-(\d+)-/.exec(key)?.[1] ?? 0);
      put.set(...stored(p, versionOf(p, Math.floor(random.next() * 6))));
    }
  }
  return { put, drop: [...drop].filter((key) => !put.has(key)) };
};

const hashOf = (items: StoredItems): string =>
  hashOfItems(new Map(Array.from(items, ([key, { hash }]) => [key, hash])));

const addHost = async (tx: Tx, n: number, image: StoredItems, imageHash: string, fleet: Fleet, random: Random) => {
  const atMs = systemClock.now();
  const assetId = createAssetId(atMs, random);
  await tx.assets.put({
    ...({ assetId, name: `host-${n}`, type: "server", realm: "bench", lifecycle: "in-use" } as const),
    ...({ criticality: "normal", presence: "present", presenceSinceMs: atMs, osName: "Debian GNU/Linux" } as const),
    ...({ firstSeenAtMs: atMs, lastSeenAtMs: atMs, sources: ["local"], locked: [], version: 1 } as const),
  });
  const streamNo = await tx.streams.add({
    ...({ agentId: createAgentId(atMs, random), instance: 0, stream: "local/self", source: "local", assetId } as const),
    ...{ subject: { id: "self", realm: "bench", keys: [] }, root: imageHash, observedAtMs: atMs, recordedAtMs: atMs },
  });
  const head = { section: "software", itemCount: image.size, observedAtMs: atMs } as const;
  const shared = await tx.sections.shared("software", imageHash);
  if (!shared) await tx.sections.put(streamNo, { ...head, hash: imageHash }, image);
  const on = shared ?? (await tx.sections.content(streamNo, "software"));
  if (!on) throw new Error("the image was not stored");
  const step = driftOf(image, random, fleet);
  const hash = on.hashWith(new Map(Array.from(step.put, ([key, one]) => [key, one.hash])), new Set(step.drop));
  await tx.sections.step(streamNo, { ...head, hash }, on, step);
  await tx.assets.accept({ assetId, section: "software", streamNo });
};

const fill = async (store: Store, hosts: number, fleet: Fleet) => {
  const random = createSeededRandom(7);
  const images = Array.from({ length: fleet.images }, (_, image) => imageOf(image, fleet));
  const hashes = images.map(hashOf);
  const begun = performance.now();
  for (let from = 0; from < hosts; from += AT_ONCE)
    await store.transaction(async (tx) => {
      for (let n = from; n < Math.min(hosts, from + AT_ONCE); n++) {
        const image = Math.floor(random.next() * images.length);
        await addHost(tx, n, images[image] as StoredItems, hashes[image] as string, fleet, random);
      }
    });
  return (performance.now() - begun) / 1_000;
};

const TIMES = 20;
/** In ascending order; the first one found nothing in memory but what the system has of the file. */
const ask = async (query: () => Promise<{ readonly total: number }>) => {
  const times: number[] = [];
  let total = 0;
  for (let i = 0; i < TIMES; i++) {
    const begun = performance.now();
    total = (await query()).total;
    times.push(performance.now() - begun);
  }
  return { total, times: times.sort((a, b) => a - b) };
};

export const run = async (args: readonly string[]): Promise<void> => {
  const hosts = option(args, "hosts", 100_000);
  const fleet = {
    packages: option(args, "packages", 2_000),
    images: option(args, "images", 300),
    drift: option(args, "drift", 1),
  };
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-software-"));
  const path = join(folder, "rollcall.db");
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(
    `${hosts} hosts of ${fleet.images} images, ${fleet.drift} % drift, ${fleet.packages} packages each; load ${loadavg()[0]?.toFixed(1)}`,
  );
  try {
    const store = openSqliteStore(path);
    const seconds = await fill(store, hosts, fleet);
    await store.close();
    const { user, system } = cpuUsage();
    say(
      `written in ${seconds.toFixed(1)} s: ${(hosts / seconds).toFixed(0)} hosts/s, CPU ${((user + system) / 1_000 / hosts).toFixed(2)} ms each; at most ${(resourceUsage().maxRSS / 1_024).toFixed(0)} MiB, what makes the images included`,
    );
    const tables = tableSizes(path);
    const { common, current } = sizesOf(tables);
    say(
      `database ${(statSync(path).size / 1e6).toFixed(1)} MB: dictionary and images ${(common / 1e6).toFixed(1)} MB, each host ${(current / hosts).toFixed(0)} bytes (aim ${AIMS.bytesPerHost})`,
    );
    say(largest(tables, 8));
    const { reads, close } = openSqliteReads(path, { clock: systemClock });
    for (const query of [{ below: "3.0.13" }, { from: "3.0.9-1", through: "3.0.11-1~deb12u2" }]) {
      const { total, times } = await ask(() => reads.installations({ name: "openssl", limit: 100, ...query }));
      const [best = 0, median = 0, worst = 0] = [0, TIMES / 2, TIMES - 1].map((i) => times[i]);
      say(
        `who has openssl ${JSON.stringify(query)}: ${total} hosts; of ${TIMES} times best ${best.toFixed(1)}, median ${median.toFixed(1)}, worst ${worst.toFixed(1)} ms (aim ${AIMS.queryMs} ms)`,
      );
    }
    close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
