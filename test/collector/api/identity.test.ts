import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetIdentity, DecisionNote } from "../../../shared/model/identity.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;
let ids: string[];

beforeAll(async () => {
  site = await startTestSite({ count: 30 });
  call = createApiClient(site.url, site.apiToken);
  const { body } = await call("GET", "/assets?limit=20&hasAgent=false");
  ids = (body as { items: { assetId: string }[] }).items.map(({ assetId }) => assetId);
});
afterAll(() => site.stop());

const identity = async (assetId: string | undefined) =>
  (await call("GET", `/assets/${assetId}/identity`)).body as AssetIdentity;

describe("identity of an asset", () => {
  it("is told with every key, its strength, and every decision", async () => {
    const told = await identity(ids[0]);
    expect(told.assetId).toBe(ids[0]);
    expect(told.keys.length).toBeGreaterThan(0);
    for (const key of told.keys) expect(key.strength).toMatch(/^(agent|hardware|network|name|address)$/);
  });

  it("is merged by hand, found under both names, and given back by undoing it", async () => {
    const [before, other] = [await identity(ids[0]), await identity(ids[1])];
    const merged = await call("POST", `/assets/${ids[0]}/merge`, { body: { otherAssetId: ids[1] } });
    expect(merged.status).toBe(200);
    const told = merged.body as AssetIdentity;
    expect(told.keys).toHaveLength(before.keys.length + other.keys.length);
    expect(told.keys.filter(({ learnedOf }) => learnedOf === ids[1])).toHaveLength(other.keys.length);
    const decision = told.decisions.find(({ canUndo }) => canUndo);
    expect(decision).toMatchObject({ kind: "joined", byHand: true, otherAssetId: ids[1] });
    expect((await identity(ids[1])).assetId).toBe(ids[0]);
    expect((await call("GET", `/assets/${ids[1]}`)).body as AssetDetail).toMatchObject({ assetId: ids[0] });

    const undone = await call("POST", `/assets/${ids[0]}/identity/${decision?.decisionId}/undo`);
    expect(undone.status).toBe(200);
    expect((undone.body as AssetIdentity).keys).toEqual(before.keys);
    expect((await identity(ids[1])).keys).toEqual(other.keys);
    expect(
      (undone.body as AssetIdentity).decisions.find((d) => d.decisionId === decision?.decisionId)?.undoneAt,
    ).toBeDefined();
    const twice = await call("POST", `/assets/${ids[0]}/identity/${decision?.decisionId}/undo`);
    expect(twice).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  it("is split by keys", async () => {
    const { keys } = await identity(ids[2]);
    const [key] = keys;
    expect(keys.length).toBeGreaterThan(1);
    const body = { keys: [{ kind: key?.kind, value: key?.value, ...(key?.vendor && { vendor: key.vendor }) }] };
    const split = await call("POST", `/assets/${ids[2]}/split`, { body });
    expect(split).toMatchObject({ status: 200, body: { keys: [{ kind: key?.kind, value: key?.value }] } });
    expect((split.body as AssetIdentity).assetId).not.toBe(ids[2]);
  });

  it("refuses merges with itself and with nothing, and who may not", async () => {
    const path = `/assets/${ids[3]}/merge`;
    expect((await call("POST", path, { body: { otherAssetId: ids[3] } })).status).toBe(422);
    expect((await call("POST", path, { body: { otherAssetId: `${ids[3]?.slice(0, -4)}0000` } })).status).toBe(404);
    expect((await call("POST", path, { body: { otherAssetId: ids[4], and: 1 } })).status).toBe(400);
    const viewer = createApiClient(site.url, await site.token("viewer"));
    expect((await viewer("POST", path, { body: { otherAssetId: ids[4] } })).status).toBe(403);
    expect((await viewer("GET", `/assets/${ids[3]}/identity`)).status).toBe(200);
  });
});

describe("decisions of all assets", () => {
  const list = async (query = "") =>
    (await call("GET", `/identity/decisions${query}`)).body as { items: DecisionNote[] };
  const contest = async (claimant: string, owner: string) => {
    const store = openSqliteStore(join(site.dataDirectory, "rollcall.db"));
    await store.transaction(async (tx) => {
      const row = await tx.assets.get(claimant as AssetId);
      if (!row) throw new Error("no such asset");
      await tx.assets.put({ ...row, provisional: true });
      await tx.decisions.add({
        ...({ decisionId: `dec_${claimant}`, kind: "contested", rule: "contested-hardware", byHand: false } as const),
        ...{ assetId: claimant as AssetId, otherAssetId: owner as AssetId, atMs: Date.now() },
        ...{ keys: [{ kind: "serial", value: "X1" }], explanation: "both claim the serial X1" },
      });
    });
    await store.close();
  };

  it("are listed by name, the latest first, and those that wait for a person by themselves", async () => {
    await contest(ids[5] as string, ids[6] as string);
    await contest(ids[7] as string, ids[8] as string);
    const { items } = await list();
    expect(items.some(({ byHand, kind }) => byHand && kind === "joined")).toBe(true);
    const waiting = (await list("?waiting=true")).items;
    expect(new Set(waiting.map(({ assetId }) => assetId))).toEqual(new Set([ids[5], ids[7]]));
    expect(waiting[0]).toMatchObject({ rule: "contested-hardware", canUndo: false, keys: [{ value: "X1" }] });
    expect(waiting[0]?.otherAssetName).not.toBe("");
    const all = await readAll<DecisionNote>(call, "/identity/decisions", 1);
    expect(all.map(({ decisionId }) => decisionId)).toEqual(items.map(({ decisionId }) => decisionId));
    expect((await list("?kind=joined&by=rule")).items).toEqual([]);
    const conflicts = (await call("GET", "/assets?q=conflict:yes")).body as { items: { assetId: string }[] };
    expect(conflicts.items.map(({ assetId }) => assetId)).toEqual(expect.arrayContaining([ids[5], ids[6], ids[7]]));
  });

  it("are settled by a person: two devices, which can be undone, or one", async () => {
    const apart = await call("POST", `/assets/${ids[5]}/keep-apart`, { body: { otherAssetId: ids[6] } });
    expect(apart).toMatchObject({ status: 200, body: { provisional: false } });
    const decision = (apart.body as AssetIdentity).decisions.find(({ kind }) => kind === "separated");
    expect(decision).toMatchObject({ byHand: true, canUndo: true });
    const again = await call("POST", `/assets/${ids[6]}/keep-apart`, { body: { otherAssetId: ids[5] } });
    expect(again).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect((await call("POST", `/assets/${ids[5]}/keep-apart`, { body: { otherAssetId: ids[5] } })).status).toBe(422);
    expect((await list("?waiting=true")).items.map(({ assetId }) => assetId)).toEqual([ids[7]]);
    const undone = await call("POST", `/assets/${ids[5]}/identity/${decision?.decisionId}/undo`);
    expect((undone.body as AssetIdentity).decisions[0]).toMatchObject({
      kind: "separated",
      undoneAt: expect.any(String),
    });
    expect((await list("?waiting=true")).items).toHaveLength(2);

    expect((await call("POST", `/assets/${ids[8]}/merge`, { body: { otherAssetId: ids[7] } })).status).toBe(200);
    expect((await list("?waiting=true")).items.map(({ assetId }) => assetId)).toEqual([ids[5]]);
  });
});

describe("rules of identity", () => {
  const today = { ignore: [], leaseHours: 24 };

  it("are tried before they are set, and told as they are", async () => {
    expect(await call("GET", "/identity/rules")).toMatchObject({ status: 200, body: today });
    const tried = await call("POST", "/identity/dry-run", { body: { ignore: [], leaseHours: 48 } });
    expect(tried).toMatchObject({ status: 200, body: { merges: [], splits: [], changes: [] } });
    expect(await call("GET", "/identity/rules")).toMatchObject({ body: today });
    const changed = { ignore: [{ kind: "serial", value: "IMAGE01", vendor: "cisco" }], leaseHours: 48 };
    expect(await call("PUT", "/identity/rules", { body: changed })).toMatchObject({ status: 200, body: changed });
    expect(await call("PUT", "/identity/rules", { body: today })).toMatchObject({ status: 200, body: today });
  });

  it.each([
    ["a lease of no time", { ignore: [], leaseHours: 0 }],
    ["an unknown field", { ...today, hurry: true }],
    ["an unknown kind of key", { ...today, ignore: [{ kind: "colour", value: "red" }] }],
    [
      "too many keys",
      { ...today, ignore: Array.from({ length: 1_001 }, (_, n) => ({ kind: "serial", value: `S${n}` })) },
    ],
  ])("refuses %s", async (_, body) => {
    expect(await call("POST", "/identity/dry-run", { body })).toMatchObject({ status: 400 });
  });
});
