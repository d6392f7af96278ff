import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asset } from "../../../shared/model/asset.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { LinkRow, Place, SubnetDetail, SubnetRow } from "../../../shared/model/place.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;
beforeAll(async () => {
  site = await startTestSite({ count: 200 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

const told = ({ ends, both, until }: LinkRow) =>
  `${ends.map(({ name, port }) => `${name} ${port}`).join(" - ")}${both ? "" : " (one)"}${until === undefined ? "" : " ended"}`;

describe("GET /links", () => {
  it("lists cables once each, in pages, ports counted as people count; ended ones where asked for", async () => {
    const all = await readAll<LinkRow>(call, "/links", 1_000);
    expect(all.length).toBeGreaterThan(4);
    expect((await readAll<LinkRow>(call, "/links", 2)).map(told)).toEqual(all.map(told));
    expect(new Set(all.map(told)).size).toBe(all.length);
    const [core] = all.filter(({ both }) => both).map(({ ends }) => ends[0].name);
    const ports = all.filter(({ both }) => both).map(({ ends }) => Number(ends[0].port.split("/").at(-1)));
    expect(core).toMatch(/^sw-/);
    expect(ports).toEqual(ports.toSorted((a, b) => a - b));
    const ended = (await readAll<LinkRow>(call, "/links?ended=true", 1_000)).filter(({ until }) => until !== undefined);
    expect(ended.map(told)).toEqual([expect.stringMatching(/^sw-\d+ Te1\/0\/40 - sw-\d+ Gi1\/0\/24 ended$/)]);
  });

  it("finds by any part of both ends, and by asset", async () => {
    const found = await readAll<LinkRow>(call, "/links?q=CPE+te1", 100);
    expect(found.map(told)).toEqual([expect.stringMatching(/^isp-cpe-4471 ge-0\/0\/0 - sw-\d+ Te1\/0\/48 \(one\)$/)]);
    const edge = (await readAll<LinkRow>(call, "/links", 100)).find(({ both }) => both)?.ends[1].assetId ?? "";
    const own = await readAll<LinkRow>(call, `/links?assetId=${edge}`, 100);
    expect(own.map(({ ends }) => ends.some(({ assetId }) => assetId === edge))).toEqual([true]);
  });
});

describe("the place of an asset", () => {
  it("stands on its page, with its history beside it", async () => {
    const { body } = await call("GET", "/assets?type=laptop&limit=1");
    const [{ assetId }] = (body as { items: [Asset] }).items;
    const { place } = (await call("GET", `/assets/${assetId}`)).body as AssetDetail;
    const { items } = (await call("GET", `/assets/${assetId}/places`)).body as { items: Place[] };
    expect(place).toEqual(items[0]);
    expect(place).toMatchObject({
      kind: "port",
      port: expect.stringMatching(/^Gi1\/0\/\d+$/),
      vlan: expect.any(Number),
    });
    expect(place?.device).toMatchObject({ type: "switch", name: expect.stringMatching(/^sw-/) });
    expect(items.slice(1).every(({ until }) => until !== undefined)).toBe(true);
  });
});

describe("GET /subnets", () => {
  it("tells how full a network is, and who could see it when", async () => {
    const { items } = (await call("GET", "/subnets")).body as { items: SubnetRow[] };
    const office = items.find(({ cidr }) => cidr === "10.20.0.0/22");
    expect(office).toMatchObject({ realm: "office", size: 1_022, knownBy: ["device", "scope"] });
    expect(office?.used).toBeGreaterThan(200);
    expect(office?.seen).toMatchObject({ verdict: "could-see", share: 1 });
    const page = (await call("GET", "/subnets/10.20.0.0%2F22?limit=7")).body as SubnetDetail;
    expect(page).toMatchObject({ cidr: "10.20.0.0/22", used: office?.used });
    const uses = await readAll<SubnetDetail["items"][number]>(call, "/subnets/10.20.0.0%2F22", 50);
    expect(uses.length).toBe(office?.used);
    expect(new Set(uses.map(({ address }) => address)).size).toBe(uses.length);
  });

  it.each([
    ["/subnets/10.99.0.0%2F24", 404],
    ["/subnets/nonsense", 404],
    [`/subnets/${"9".repeat(65)}`, 400],
    ["/subnets/10.20.0.0%2F22?realm=elsewhere", 404],
    ["/subnets/10.20.0.0%2F22?cursor=nonsense", 400],
    ["/links?cursor=nonsense", 400],
    ["/links?ended=perhaps", 400],
    ["/links?assetId=nobody", 400],
    ["/assets/ast_01h2xcejqtf2nbrexx3vqjhp41/places", 404],
  ])("answers %s with %i and says why", async (path, status) => {
    const answer = await call("GET", path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code: expect.any(String), remedy: expect.any(String) });
  });
});
