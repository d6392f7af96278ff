import type { Compare, Query } from "../../collector/query/query.ts";
import { versionKey } from "../../collector/record/versions.ts";
import type { AssetRow, Item, Store, StoredItems, Tx } from "../../collector/store/store.ts";
import { type AssetId, createAgentId, createAssetId } from "../../shared/ids.ts";
import type { Book } from "../../shared/model/book.ts";
import { hashOfItems, itemHash, itemKey } from "../../shared/protocol/canonical.ts";
import type { KeyKind, Method } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Random } from "../../shared/random.ts";

/**
 * Random assets in a store, and beside them what each has in every field as plain values; `holds` says of a query and those
 * values what is true, in the plainest way: another hand than the one that makes SQL of it.
 */
export type PlainAsset = {
  readonly assetId: AssetId;
  readonly fields: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  readonly software: readonly { readonly name: string; readonly source: string; readonly version: string }[];
  /** All that a word is looked for in; the version of its system is not. */
  readonly text: string;
};

const DAY = 86_400_000;
const names = ["srv-1", "srv-2", "nb-1", "PRN-1", 'sw "x"', "é", "*", "[a]"];
const packages = ["openssl", "OpenSSL", "libssl3", "libc6", "bash"];
const versions = ["1.0", "2.0~rc1", "2.0", "2.0-1", "3.1"];

const toStored = (section: SectionName, items: readonly Item[]): StoredItems =>
  new Map(
    items.map((item) => [
      section === "os" || section === "memory" ? "" : itemKey(section, { ...item }),
      { hash: itemHash({ ...item }), item },
    ]),
  );

const madeBook = (random: Random, nowMs: number): Book => {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const day = () => new Date(nowMs + pick([-50, -7, 0, 7, 50]) * DAY).toISOString().slice(0, 10);
  const filled: Book = {
    ...{
      owner: pick(["Dell", "é", "HQ <b>"]),
      inventoryNumber: pick(["s*", "5.0"]),
      price: pick(["1 EUR", "2.50 USD"]),
    },
    ...{ purchasedOn: day(), warrantyUntil: day() },
  };
  return Object.fromEntries(Object.entries(filled).filter(() => random.next() < 0.3));
};

export const putRandomAssets = (store: Store, random: Random, nowMs: number, count: number): Promise<PlainAsset[]> =>
  store.transaction(async (tx) => {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
    const maybe = <T>(share: number, make: () => T): T | undefined => (random.next() < share ? make() : undefined);
    const ago = () => nowMs - pick([0.2, 3, 7, 20, 50]) * DAY - Math.floor(random.next() * 1_000);
    const agentId = createAgentId(nowMs, random);
    const putKeys = async (tx: Tx, assetId: AssetId, n: number) => {
      const keys: [KeyKind, string][] = [];
      const add = (kind: KeyKind, value: string) => keys.push([kind, value]);
      if (random.next() < 0.6) add("mac", `02:00:00:00:00:0${n % 7}`);
      if (random.next() < 0.6) add("ip", pick(["10.1.2.3", "10.1.9.9", "10.2.0.1", "192.168.0.7", "fd00::5"]));
      if (random.next() < 0.4) add("hostname", pick(["srv-1", "srv-2.lab", "x"]));
      if (random.next() < 0.4) add("serial", pick(["S5.0", "DELL-1"]));
      for (const [kind, value] of keys)
        await tx.assets.putKey({ assetId, realm: "r", kind, value, firstSeenAtMs: nowMs, lastSeenAtMs: nowMs });
      return keys;
    };
    const made: PlainAsset[] = [];
    for (let n = 0; n < count; n++) {
      const assetId = createAssetId(nowMs, random);
      const [name, seen, first, since] = [pick(names), ago(), ago(), ago()];
      const texts = {
        manufacturer: maybe(0.7, () => pick(["Dell", "HP", "x,y", 'a"b'])),
        model: maybe(0.6, () => pick(["Dell Lab 2", "s", "5.0"])),
        serialNumber: maybe(0.5, () => pick(["s5.0", "Hq-1"])),
        osName: maybe(0.7, () => pick(["Ubuntu", "Windows"])),
        osVersion: maybe(0.7, () => pick(["22.04", "24.04", "9", "10.0.1"])),
        primaryAddress: maybe(0.3, () => "10.1.7.7"),
        primaryMac: maybe(0.3, () => "02:00:00:00:00:01"),
        site: maybe(0.6, () => pick(["HQ", "lab 2"])),
      };
      const sources = (["arp", "snmp", "local"] as const).filter(() => random.next() < 0.5);
      const locked = random.next() < 0.3 ? ["site"] : [];
      const book = madeBook(random, nowMs);
      const provisional = random.next() < 0.2;
      const type = pick(["server", "printer", "switch"] as const);
      const presence = pick(["present", "missing"] as const);
      const hasAgent = random.next() < 0.3;
      const softwareCount = maybe(0.5, () => Math.floor(random.next() * 3));
      const present = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
      const row: AssetRow = {
        ...{ assetId, name, type, presence, realm: "r" },
        ...({ lifecycle: "in-use", criticality: "normal" } as const),
        ...{
          presenceSinceMs: since,
          firstSeenAtMs: first,
          lastSeenAtMs: seen,
          sources,
          locked,
          provisional,
          version: 1,
        },
        ...present,
        ...(hasAgent && { agentId }),
        ...(softwareCount !== undefined && { softwareCount }),
        ...(Object.keys(book).length > 0 && { book }),
      };
      await tx.assets.put(row);
      const keys = await putKeys(tx, assetId, n);
      const ofKind = (...kinds: KeyKind[]) => keys.filter(([kind]) => kinds.includes(kind)).map(([, value]) => value);

      const seenBy: Record<string, number[]> = {};
      for (const method of ["arp", "snmp"] as const satisfies readonly Method[])
        for (let i = Math.floor(random.next() * 3); i > 0; i--) {
          const atMs = ago();
          const subject = { agentId, instance: 0, method, realm: "r", subjectId: `${assetId}/${i}`, keys: [] };
          await tx.observations.observe({ ...subject, assetId, atMs });
          seenBy[method] = [Math.max(atMs, ...(seenBy[method] ?? []))];
        }
      const installed = packages
        .filter(() => random.next() < 0.3)
        .map((pkg) => ({ name: pkg, source: pkg.toLowerCase().replace("3", ""), version: pick(versions) }));
      const memory = maybe(0.5, () => pick([8e9, 16 * 2 ** 30]));
      const kernel = maybe(0.5, () => pick(["5.0", "6.1-ubuntu"]));
      const disks = maybe(0.5, () => [pick(["Dell s", "HQ"]), "x,y"]);
      const sections: Partial<Record<SectionName, readonly Item[]>> = {
        ...(memory !== undefined && { memory: [{ totalBytes: memory }] }),
        ...(kernel !== undefined && { os: [{ kernel }] }),
        ...(disks && { disks: disks.map((model, i) => ({ id: `d${i}`, model })) }),
        ...(installed.length > 0 && {
          software: installed.map((one) => ({ manager: "dpkg", architecture: "all", ...one })),
        }),
      };
      const streamNo = await tx.streams.add({
        ...{
          agentId,
          instance: 0,
          stream: `local/${n}`,
          source: "local",
          subject: { id: `${n}`, realm: "r", keys: [] },
        },
        ...{ assetId, root: "r", observedAtMs: nowMs, recordedAtMs: nowMs },
      });
      for (const [section, items] of Object.entries(sections) as [SectionName, readonly Item[]][]) {
        const stored = toStored(section, items);
        const hash = hashOfItems(new Map([...stored].map(([key, one]) => [key, one.hash])));
        await tx.sections.put(streamNo, { section, hash, itemCount: stored.size, observedAtMs: nowMs }, stored);
        await tx.assets.accept({ assetId, section, streamNo });
      }
      const list = <T>(...values: (T | undefined)[]): T[] => values.filter((value) => value !== undefined);
      made.push({
        assetId,
        software: installed,
        text: list(
          name,
          ...Object.values({ ...texts, osVersion: undefined }),
          book.owner,
          book.inventoryNumber,
          ...keys.map(([, value]) => value),
        ).join("\n"),
        fields: {
          ...{ name: [name], type: [type], presence: [presence], source: sources, section: Object.keys(sections) },
          ...{ seen: [seen], first: [first], since: [since], changed: [], packages: list(softwareCount) },
          ...{ manufacturer: list(texts.manufacturer), model: list(texts.model), os: list(texts.osName) },
          ...{ osversion: list(texts.osVersion), site: list(texts.site), agent: hasAgent ? [agentId] : [] },
          ...{ "seen.arp": seenBy["arp"] ?? [], "seen.snmp": seenBy["snmp"] ?? [] },
          serial: [...list(texts.serialNumber), ...ofKind("serial")],
          "key.serial": ofKind("serial"),
          hostname: ofKind("hostname"),
          ip: [...list(texts.primaryAddress), ...ofKind("ip")],
          mac: [...list(texts.primaryMac), ...ofKind("mac")],
          ...{ provisional: [provisional], booked: [locked.length > 0 || Object.keys(book).length > 0] },
          ...{
            locked: [...locked, ...Object.keys(book)],
            owner: list(book.owner),
            inventory: list(book.inventoryNumber),
          },
          price: list(book.price).map((price) => Number.parseFloat(price)),
          purchased: list(book.purchasedOn).map((day) => Date.parse(day)),
          warranty: list(book.warrantyUntil).map((day) => Date.parse(`${day}T23:59:59.999Z`)),
          "os.kernel": list(kernel),
          "memory.totalBytes": list(memory),
          "disks.model": disks ?? [],
        },
      });
    }
    return made;
  });

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const sizes: Readonly<Record<string, number>> = { "8GiB": 8 * 2 ** 30, "8G": 8e9, "1K": 1_000 };
const spans: Readonly<Record<string, readonly [number, number]>> = {
  "2026-11-01": [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 2)],
  "2026-11": [Date.UTC(2026, 10), Date.UTC(2026, 11)],
  "2026-10": [Date.UTC(2026, 9), Date.UTC(2026, 10)],
};
const isOrdered = (operator: string, order: number): boolean =>
  operator === "<"
    ? order < 0
    : operator === "<="
      ? order <= 0
      : operator === ">"
        ? order > 0
        : operator === ">="
          ? order >= 0
          : order === 0;
const order = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const versionOrder = (a: string, b: string): number => Buffer.compare(versionKey("dpkg", a), versionKey("dpkg", b));
const toPattern = (text: string): RegExp =>
  new RegExp(
    `^${lower(text)
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^]*")}$`,
    "u",
  );
const isTime = (field: string): boolean =>
  ["seen", "first", "since", "changed", "purchased", "warranty", "seen.arp", "seen.snmp"].includes(field);

const timeHolds = (field: string, operator: string, wanted: string, at: number, nowMs: number): boolean => {
  const days = /^(\d+)d$/.exec(wanted)?.[1];
  if (days !== undefined && field === "warranty") return isOrdered(operator, order(at - nowMs, Number(days) * DAY));
  if (days !== undefined) return isOrdered(operator, order(nowMs - at, Number(days) * DAY));
  const [from, until] = spans[wanted] as readonly [number, number];
  if (operator === "<") return at < from;
  if (operator === "<=") return at < until;
  if (operator === ">") return at >= until;
  return operator === ">=" ? at >= from : at >= from && at < until;
};

const numberOf = (ip: string): bigint | undefined =>
  ip.includes(":")
    ? ip.startsWith("fd00::")
      ? (0xfd00n << 112n) + BigInt(`0x${ip.slice(6) || "0"}`)
      : undefined
    : ip.split(".").reduce((n, part) => n * 256n + BigInt(part), 0n);
const networks: Readonly<Record<string, (ip: string) => boolean>> = {
  "10.1.0.0/16": (ip) => ip.startsWith("10.1."),
  "10.1.2.3": (ip) => ip === "10.1.2.3",
  "10.0.0.0/8": (ip) => ip.startsWith("10."),
  "10.1.2.1-10.1.2.9": (ip) =>
    !ip.includes(":") && numberOf(ip)! >= numberOf("10.1.2.1")! && numberOf(ip)! <= numberOf("10.1.2.9")!,
  "fd00::/8": (ip) => ip.startsWith("fd"),
};

const valueHolds = (
  { field, operator: given }: Compare,
  wanted: string,
  value: string | number | boolean,
  nowMs: number,
): boolean => {
  const operator = given.replace("!", "") || given;
  const plain = operator === "" ? given : operator;
  if (plain === "~") return lower(String(value)).includes(lower(wanted));
  if (typeof value === "boolean") return value === (wanted === "yes" || wanted === "true");
  if (wanted === "*" && given !== "=") return true;
  if (isTime(field)) return timeHolds(field, plain, wanted, Number(value), nowMs);
  if (typeof value === "number") return isOrdered(plain, order(value, sizes[wanted] ?? Number(wanted)));
  if (field === "osversion" && "<>".includes(plain[0] as string)) return isOrdered(plain, versionOrder(value, wanted));
  if (field === "ip" && networks[wanted]) return networks[wanted](value);
  const text = field === "mac" ? wanted.replaceAll("-", ":") : wanted;
  return given === "=" && !["type", "presence", "source", "section", "ip", "mac", "locked"].includes(field)
    ? lower(value) === lower(text)
    : toPattern(text).test(lower(value));
};

const compareHolds = (compare: Compare, asset: PlainAsset, nowMs: number): boolean => {
  const { field, values, operator, bounds } = compare;
  const isNot = operator.startsWith("!");
  if (field === "software" || field === "sourcepackage") {
    const has = values.some((wanted) =>
      asset.software.some(
        (pkg) =>
          valueHolds(
            { ...compare, field: "name" },
            wanted,
            lower(field === "software" ? pkg.name : pkg.source),
            nowMs,
          ) && bounds.every((bound) => isOrdered(bound.operator, versionOrder(pkg.version, bound.value))),
      ),
    );
    return has !== isNot;
  }
  const own = asset.fields[field] ?? [];
  const isYesNo = field === "provisional" || field === "booked";
  const any = values.some((wanted) =>
    wanted === ""
      ? isYesNo
        ? own[0] === false
        : own.length === 0
      : own.some((value) => valueHolds(compare, wanted, value, nowMs)),
  );
  return any !== isNot;
};

export const holds = (query: Query, asset: PlainAsset, nowMs: number): boolean => {
  switch (query.kind) {
    case "all":
      return true;
    case "and":
      return query.parts.every((part) => holds(part, asset, nowMs));
    case "or":
      return query.parts.some((part) => holds(part, asset, nowMs));
    case "not":
      return !holds(query.part, asset, nowMs);
    case "word":
      return lower(asset.text).includes(lower(query.text));
    case "compare":
      return compareHolds(query, asset, nowMs);
    default:
      return query satisfies never;
  }
};
