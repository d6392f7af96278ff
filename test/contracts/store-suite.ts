import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  AgentRow,
  AssetRow,
  SectionContent,
  SectionHead,
  Store,
  StoredItem,
  StoredItems,
  StreamRow,
} from "../../collector/store/store.ts";
import { createAgentId, createAssetId, createIncidentId } from "../../shared/ids.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { hashOfItems } from "../../shared/protocol/hash.ts";
import { createSeededRandom } from "../../shared/random.ts";

const random = createSeededRandom(11);
const T = Date.UTC(2026, 0, 5, 8);

const agentRow = (fields: Partial<AgentRow> = {}): AgentRow => ({
  agentId: createAgentId(T, random),
  instance: 0,
  name: "web-1",
  publicKey: Buffer.from(random.bytes(32)).toString("base64url"),
  state: "never",
  stateSinceMs: T,
  enrolledAtMs: T,
  epoch: 1,
  sequence: 0,
  scopes: [{ name: "lan", realm: "site", targets: ["10.0.0.0/24"] }],
  ...fields,
});

const assetRow = (fields: Partial<AssetRow> = {}): AssetRow => ({
  assetId: createAssetId(T, random),
  name: "web-1",
  type: "server",
  realm: "site",
  lifecycle: "in-use",
  criticality: "normal",
  presence: "present",
  presenceSinceMs: T,
  firstSeenAtMs: T,
  lastSeenAtMs: T,
  sources: ["local"],
  locked: [],
  version: 1,
  ...fields,
});

const streamOf = (agentId: AgentRow["agentId"]): Omit<StreamRow, "streamNo"> => ({
  ...({ agentId, instance: 0, stream: "local/self", source: "local", root: "r" } as const),
  ...{ observedAtMs: T, recordedAtMs: T, subject: { id: "self", realm: "site", keys: [] } },
});

const headOf = (items: StoredItems, observedAtMs: number): SectionHead => ({
  ...{ section: "software", itemCount: items.size, observedAtMs },
  hash: hashOfItems(new Map(Array.from(items, ([key, { hash }]) => [key, hash]))),
});

const incident = (fields: Partial<Incident> = {}): Incident => ({
  incidentId: createIncidentId(T, random),
  kind: "agent-silent",
  condition: "agent-silent/x",
  state: "open",
  title: "t",
  summary: "s",
  impact: "medium",
  urgency: "medium",
  priority: 3,
  confidence: 1,
  openedAt: "2026-01-05T08:00:00.000Z",
  reopened: 0,
  children: 0,
  version: 1,
  ...fields,
});

/** What the core relies on, whatever lies beneath. */
export const describeStore = (name: string, open: () => Store): void => {
  describe(`store contract: ${name}`, () => {
    let store: Store;
    beforeEach(() => {
      store = open();
    });
    afterEach(() => store.close());

    it("keeps a transaction whole or not at all", async () => {
      const kept = agentRow();
      await store.transaction((tx) => tx.agents.put(kept));
      const lost = agentRow();
      const failing = store.transaction(async (tx) => {
        await tx.agents.put(lost);
        await tx.agents.put({ ...kept, name: "renamed" });
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      const rows = await store.transaction((tx) => tx.agents.all());
      expect(rows).toEqual([kept]);
    });

    it("runs transactions one after the other, in the order in which they were asked for", async () => {
      const order: number[] = [];
      await Promise.all(
        [1, 2, 3].map((n) =>
          store.transaction(async (tx) => {
            order.push(n);
            await tx.meta.put("n", String(n));
            await tx.meta.get("n");
            order.push(-n);
          }),
        ),
      );
      expect(order).toEqual([1, -1, 2, -2, 3, -3]);
    });

    it("gives back an agent as it was put, absent fields absent", async () => {
      const full = agentRow({
        approvedAtMs: T,
        version: "1.0",
        session: "ses_1",
        clockOffsetMs: -12.5,
        goodbye: { reason: "reboot", atMs: T },
        digest: "0".repeat(32),
        closeKind: "fin",
      });
      const bare = agentRow({ agentId: full.agentId, instance: 1 });
      await store.transaction(async (tx) => {
        await tx.agents.put(full);
        await tx.agents.put(bare);
      });
      await store.transaction(async (tx) => {
        expect(await tx.agents.instances(full.agentId)).toEqual([full, bare]);
        expect(await tx.agents.byPublicKey(bare.publicKey)).toEqual(bare);
        const { session: _, ...left } = full;
        await tx.agents.put(left);
        expect(await tx.agents.get(full.agentId, 0)).toEqual(left);
      });
    });

    it("changes nothing but what was heard on a heartbeat", async () => {
      const row = agentRow({ roundAtMs: T });
      await store.transaction(async (tx) => {
        await tx.agents.put(row);
        await tx.agents.heard(row.agentId, 0, { lastHeardAtMs: T + 5, clockOffsetMs: 3, latenessMs: 7 });
        expect(await tx.agents.get(row.agentId, 0)).toEqual({
          ...row,
          lastHeardAtMs: T + 5,
          clockOffsetMs: 3,
          latenessMs: 7,
        });
      });
    });

    it("keeps the items of a section with their hashes, and its head apart", async () => {
      const { agentId } = agentRow();
      const items: StoredItems = new Map([
        ["b|é", { hash: "1".repeat(32), item: { name: "é", version: "2" } }],
        ["a", { hash: "2".repeat(32), item: { name: "x".repeat(2_000) } }],
      ]);
      await store.transaction(async (tx) => {
        const subject = { id: "self", realm: "site", keys: [] };
        const row = {
          agentId,
          instance: 0,
          stream: "local/self",
          source: "local",
          subject,
          root: "r",
          observedAtMs: T,
          recordedAtMs: T,
        } as const;
        const streamNo = await tx.streams.add(row);
        expect(await tx.streams.get(agentId, 0, "local/self")).toEqual({ ...row, streamNo });
        const head = { section: "software", hash: "h1", itemCount: 2, observedAtMs: T } as const;
        await tx.sections.put(streamNo, head, items);
        expect(await tx.sections.items(streamNo, "software")).toEqual(items);
        const gone = { ...head, goneAtMs: T + 1, failure: "timed-out: slow" };
        await tx.sections.touch(streamNo, gone);
        expect(await tx.sections.heads(streamNo)).toEqual([gone]);
        expect(await tx.sections.items(streamNo, "software")).toEqual(items);
        expect(await tx.sections.items(streamNo, "disks")).toBeUndefined();
      });
    });

    it("gives the same items whether a section was written step by step or whole", async () => {
      const items = new Map<string, StoredItem>(
        Array.from({ length: 300 }, (_, i) => [`k${i}`, { hash: `${i}`.padStart(32, "0"), item: { n: i } }] as const),
      );
      await store.transaction(async (tx) => {
        const streamNo = await tx.streams.add(streamOf(agentRow().agentId));
        const head = (n: number) => headOf(items, T + n);
        await tx.sections.put(streamNo, head(0), items);
        for (let n = 1; n <= 400; n++) {
          const put = [`k${(n * 7) % 350}`, `k${(n * 11) % 350}${["é", "\u{1d4b3}", "\uffee", ""][n % 4]}`];
          const drop = [`k${(n * 13) % 350}`].filter((key) => !put.includes(key));
          const on = (await tx.sections.content(streamNo, "software")) as SectionContent;
          for (const key of drop) items.delete(key);
          for (const key of put) items.set(key, { hash: `${n}`.padStart(32, "f"), item: { n, text: "x".repeat(n) } });
          const stepped = new Map(put.map((key) => [key, items.get(key) as StoredItem]));
          const hashes = new Map([...stepped].map(([key, { hash }]) => [key, hash]));
          expect(on.hashWith(hashes, new Set(drop))).toBe(head(n).hash);
          await tx.sections.step(streamNo, head(n), on, { put: stepped, drop });
          if (n % 40 === 0) {
            expect(await tx.sections.items(streamNo, "software")).toEqual(items);
            expect(await tx.sections.heads(streamNo)).toEqual([head(n)]);
          }
        }
      });
    });

    it("keeps a large content that many hosts have, and lets each go its own way", async () => {
      const contents = (n: number) =>
        new Map<string, StoredItem>(
          Array.from({ length: 100 }, (_, i) => [`k${i}`, { hash: `${i * n}`.padStart(32, "0"), item: { i, n } }]),
        );
      const items = contents(1);
      const other: StoredItem = { hash: "e".repeat(32), item: { other: true } };
      await store.transaction(async (tx) => {
        const one = await tx.streams.add(streamOf(agentRow().agentId));
        const two = await tx.streams.add(streamOf(agentRow().agentId));
        expect(await tx.sections.shared("software", headOf(items, T).hash)).toBeUndefined();
        await tx.sections.put(one, headOf(items, T), items);
        const base = (await tx.sections.shared("software", headOf(items, T).hash)) as SectionContent;
        const drifted = new Map(items).set("k3", other);
        drifted.delete("k4");
        await tx.sections.step(two, headOf(drifted, T), base, { put: new Map([["k3", other]]), drop: ["k4"] });
        expect(await tx.sections.items(two, "software")).toEqual(drifted);
        expect(await tx.sections.items(one, "software")).toEqual(items);
        await tx.sections.put(one, headOf(contents(3), T), contents(3));
        expect(await tx.sections.items(one, "software")).toEqual(contents(3));
        expect(await tx.sections.items(two, "software")).toEqual(drifted);
      });
    });

    it("knows a shared content no longer than somebody has it", async () => {
      const contents = (n: number) =>
        new Map<string, StoredItem>(
          Array.from({ length: 80 }, (_, i) => [`k${i}`, { hash: `${i}a${n}`.padStart(32, "0"), item: { i, n } }]),
        );
      await store.transaction(async (tx) => {
        const streamNo = await tx.streams.add(streamOf(agentRow().agentId));
        for (let n = 0; n < 200; n++) await tx.sections.put(streamNo, headOf(contents(n), T), contents(n));
        expect(await tx.sections.shared("software", headOf(contents(0), T).hash)).toBeUndefined();
        expect(await tx.sections.shared("disks", headOf(contents(199), T).hash)).toBeUndefined();
        expect((await tx.sections.shared("software", headOf(contents(199), T).hash))?.all()).toEqual(contents(199));
        expect(await tx.sections.items(streamNo, "software")).toEqual(contents(199));
      });
    });

    it("finds assets by any of the keys asked for, and keeps serials of different vendors apart", async () => {
      const [one, two] = [assetRow(), assetRow()];
      const seen = { firstSeenAtMs: T, lastSeenAtMs: T };
      const serial = { kind: "serial", value: "S1", vendor: "dell inc." } as const;
      await store.transaction(async (tx) => {
        await tx.assets.put(one);
        await tx.assets.put(two);
        await tx.assets.putKey({ ...serial, assetId: one.assetId, realm: "", ...seen });
        await tx.assets.putKey({ ...serial, vendor: "hp", assetId: two.assetId, realm: "", ...seen });
        await tx.assets.putKey({ kind: "ip", value: "10.0.0.1", assetId: two.assetId, realm: "site", ...seen });
        const found = await tx.assets.candidates([
          serial,
          { kind: "ip", value: "10.0.0.1" },
          { kind: "mac", value: "x" },
        ]);
        expect(found.map(({ assetId, kind }) => [assetId, kind])).toEqual([
          [one.assetId, "serial"],
          [two.assetId, "ip"],
        ]);
        expect(await tx.assets.addressesOf("site")).toEqual([{ assetId: two.assetId, address: "10.0.0.1" }]);
        await tx.assets.dropKey({ kind: "ip", value: "10.0.0.1", assetId: two.assetId, realm: "site" });
        expect((await tx.assets.keys(two.assetId)).map(({ kind }) => kind)).toEqual(["serial"]);
      });
    });

    it("moves a key's last sight forward only, and of that key alone", async () => {
      const asset = assetRow();
      const serial = { kind: "serial", value: "S7", vendor: "hp", assetId: asset.assetId, realm: "" } as const;
      const bare = { kind: "serial", value: "S7", assetId: asset.assetId, realm: "" } as const;
      await store.transaction(async (tx) => {
        await tx.assets.put(asset);
        for (const row of [serial, bare]) await tx.assets.putKey({ ...row, firstSeenAtMs: T, lastSeenAtMs: T });
        await tx.assets.keySeen(bare, T + 10);
        await tx.assets.keySeen(bare, T + 5);
        const seen = (await tx.assets.keys(asset.assetId)).map(({ vendor, lastSeenAtMs }) => [vendor, lastSeenAtMs]);
        expect(seen).toEqual([
          [undefined, T + 10],
          ["hp", T],
        ]);
      });
    });

    it("moves an asset's last sight forward only", async () => {
      const asset = assetRow();
      await store.transaction(async (tx) => {
        await tx.assets.put(asset);
        await tx.assets.seen(asset.assetId, T + 10);
        await tx.assets.seen(asset.assetId, T + 5);
        expect((await tx.assets.get(asset.assetId))?.lastSeenAtMs).toBe(T + 10);
      });
    });

    it("keeps equal observations as one interval and begins another when the keys differ", async () => {
      const { agentId } = agentRow();
      const asset = assetRow();
      const seen = (atMs: number, ip: string) => ({
        ...({
          agentId,
          instance: 0,
          method: "arp",
          realm: "site",
          subjectId: "mac:1",
          assetId: asset.assetId,
          atMs,
        } as const),
        keys: [{ kind: "ip", value: ip } as const],
      });
      await store.transaction(async (tx) => {
        for (const [atMs, ip] of [
          [T, "10.0.0.1"],
          [T + 10, "10.0.0.1"],
          [T + 40, "10.0.0.1"],
          [T + 35, "10.0.0.1"],
          [T + 50, "10.0.0.2"],
        ] as const)
          await tx.observations.observe(seen(atMs, ip));
        const rows = await tx.observations.ofAsset(asset.assetId);
        expect(
          rows.map(({ firstAtMs, lastAtMs, count, longestGapMs }) => [firstAtMs, lastAtMs, count, longestGapMs]),
        ).toEqual([
          [T + 50, T + 50, 1, 0],
          [T, T + 40, 4, 30],
        ]);
      });
    });

    it("lists changes newest first", async () => {
      const asset = assetRow();
      const change = (n: number) =>
        ({
          changeId: `chg_${n}`,
          assetId: asset.assetId,
          kind: "changed",
          section: "software",
          itemKey: "k",
          field: "version",
          before: "1",
          after: { nested: [n] },
          observedAtMs: T,
          recordedAtMs: T + n,
          actor: { kind: "rule", name: "test" },
          weight: "normal",
        }) as const;
      await store.transaction(async (tx) => {
        await tx.changes.add([change(1), change(2), change(3)]);
        expect(await tx.changes.ofAsset(asset.assetId, 2)).toEqual([change(3), change(2)]);
      });
    });

    it("holds that a condition has one incident at a time", async () => {
      const first = incident();
      await store.transaction((tx) => tx.incidents.put(first));
      await expect(store.transaction((tx) => tx.incidents.put(incident()))).rejects.toThrow();
      await store.transaction(async (tx) => {
        await tx.incidents.put({ ...first, state: "resolved" });
        const second = incident({ openedAt: "2026-01-05T09:00:00.000Z" });
        await tx.incidents.put(second);
        expect(await tx.incidents.byCondition(first.condition, 10)).toEqual([second, { ...first, state: "resolved" }]);
        expect(await tx.incidents.open(10)).toEqual([second]);
      });
    });

    it("numbers tickets without gaps and keeps their events in order", async () => {
      await store.transaction(async (tx) => {
        const number = await tx.tickets.nextNumber();
        const { incidentId } = incident();
        const at = "2026-01-05T08:00:00.000Z";
        const ticket = {
          number,
          key: `rollcall:${incidentId}`,
          incidentId,
          state: "open",
          subject: "s",
          body: "b",
          priority: 3,
          openedAt: at,
          updatedAt: at,
        } as const;
        await tx.tickets.put(ticket);
        expect(await tx.tickets.nextNumber()).toBe(number + 1);
        expect(await tx.tickets.byKey(ticket.key)).toEqual(ticket);
        await tx.ticketEvents.append(number, { at, kind: "opened", author: "a", text: "1" });
        await tx.ticketEvents.append(number, { at, kind: "comment", author: "a", text: "2" });
        expect((await tx.ticketEvents.list(number, 10)).map(({ text }) => text)).toEqual(["1", "2"]);
      });
    });

    it("lets no intent of the outbox overtake an earlier one of its key", async () => {
      const row = (outboxId: string, key: string, dueMs: number) =>
        ({ outboxId, connector: "redmine", key, action: "open", text: "", attempts: 0, dueMs }) as const;
      await store.transaction(async (tx) => {
        await tx.outbox.put(row("1", "a", T + 100));
        await tx.outbox.put(row("2", "a", T));
        await tx.outbox.put(row("3", "b", T));
        expect((await tx.outbox.due(T, 10)).map(({ outboxId }) => outboxId)).toEqual(["3"]);
        await tx.outbox.remove("1");
        expect((await tx.outbox.due(T, 10)).map(({ outboxId }) => outboxId)).toEqual(["2", "3"]);
      });
    });

    it("finds tokens by the hash of their secret only", async () => {
      const token = {
        tokenId: "tok_1",
        kind: "enrol",
        secretHash: "h",
        name: "n",
        approval: true,
        uses: 0,
        createdAtMs: T,
        createdBy: "c",
      } as const;
      await store.transaction(async (tx) => {
        await tx.access.putToken(token);
        expect(await tx.access.tokenByHash("h")).toEqual(token);
        expect(await tx.access.tokenByHash("tok_1")).toBeUndefined();
      });
    });

    it("keeps queries by their owner, one of a name for each", async () => {
      const row = { queryId: "q1", name: "Old", text: "seen>30d", owner: "kim", shared: false, version: 1 };
      const times = { createdAtMs: T, updatedAtMs: T };
      await store.transaction(async (tx) => {
        await tx.queries.put({ ...row, ...times });
        await tx.queries.put({ ...row, ...times, queryId: "q2", owner: "eve", shared: true });
        expect(await tx.queries.get("q1")).toEqual({ ...row, ...times });
        expect((await tx.queries.ofOwner("kim")).map(({ queryId }) => queryId)).toEqual(["q1"]);
        expect(await tx.queries.sharedCount()).toBe(1);
        await tx.queries.remove("q2");
        expect(await tx.queries.sharedCount()).toBe(0);
      });
      const twice = store.transaction((tx) => tx.queries.put({ ...row, ...times, queryId: "q3", name: "OLD" }));
      await expect(twice).rejects.toThrow();
    });

    it("forgets sessions and sign-in codes that have expired", async () => {
      await store.transaction(async (tx) => {
        await tx.access.putSession({ secretHash: "old", userId: "u", createdAtMs: T, expiresAtMs: T });
        await tx.access.putSession({ secretHash: "new", userId: "u", createdAtMs: T, expiresAtMs: T + 2 });
        await tx.access.dropExpired(T + 1);
        expect(await tx.access.session("old")).toBeUndefined();
        expect(await tx.access.session("new")).toBeDefined();
      });
    });
  });
};
