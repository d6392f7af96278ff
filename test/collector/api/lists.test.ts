import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asset } from "../../../shared/model/asset.ts";
import type { ChangeRow, SectionItemRow } from "../../../shared/model/asset-detail.ts";
import type { IncidentRow } from "../../../shared/model/incident-detail.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { hostileNames } from "../../support/site.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 120 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

const total = () => site.site.assets.length + 1;
const assets = (query: string, limit = 1_000) => readAll<Asset>(call, `/assets${query}`, limit);

describe("lists", () => {
  it.each(["name", "lastSeenAt", "firstSeenAt", "presence", "type", "assetId"])(
    "gives every asset exactly once, in order, in pages of seven, by %s both ways",
    async (sort) => {
      for (const order of ["asc", "desc"]) {
        const paged = await assets(`?sort=${sort}&order=${order}`, 7);
        expect(new Set(paged.map(({ assetId }) => assetId)).size).toBe(total());
        expect(paged.length).toBe(total());
        const values = paged.map((asset) => String(asset[sort as keyof Asset]).toLowerCase());
        const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(values).toEqual(order === "asc" ? sorted : sorted.reverse());
      }
    },
  );

  it("filters by several values of one field, and by several fields at once", async () => {
    const all = await assets("");
    const found = await assets("?type=laptop&type=server&presence=present");
    const expected = all.filter(({ type, presence }) => ["laptop", "server"].includes(type) && presence === "present");
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(expected.map(({ name }) => name)));
    const withAgent = await assets("?hasAgent=true");
    expect(withAgent.length).toBe(all.filter(({ agentId }) => agentId !== undefined).length);
    expect(withAgent.length + (await assets("?hasAgent=false")).length).toBe(total());
  });

  it("finds any part of name, serial, address and MAC, each word somewhere, whatever the case", async () => {
    const [asset] = await assets("?type=printer");
    if (!asset?.serialNumber || !asset.primaryMac || !asset.primaryAddress) throw new Error("the site has no printer");
    const needles = [
      asset.name,
      asset.name.slice(1).toUpperCase(),
      asset.serialNumber.slice(2).toLowerCase(),
      asset.primaryMac,
      `${asset.primaryAddress} brother`,
    ];
    for (const needle of needles) {
      const found = await assets(`?q=${encodeURIComponent(needle)}`);
      expect(found.map(({ assetId }) => assetId)).toContain(asset.assetId);
    }
    expect(await assets(`?q=${encodeURIComponent(`${asset.name} nothing-has-this`)}`)).toEqual([]);
  });

  it("takes wildcards and quotes in a search literally", async () => {
    for (const needle of ["%", "_____", "*", "[a-z]", "?????", `"\\" OR 1=1 --"`])
      expect((await assets(`?q=${encodeURIComponent(needle)}`)).length).toBeLessThan(2);
    const found = await assets(`?q=${encodeURIComponent(`"${hostileNames.serial}"`)}`);
    expect(found.map(({ serialNumber }) => serialNumber)).toEqual([hostileNames.serial]);
  });

  it("pages changes newest first, and by asset, section, kind and weight", async () => {
    const all = await readAll<ChangeRow>(call, "/changes", 9);
    expect(all.length).toBe(161);
    expect(new Set(all.map(({ changeId }) => changeId)).size).toBe(161);
    const times = all.map(({ recordedAt }) => recordedAt);
    expect(times).toEqual(times.toSorted().reverse());
    const removed = await readAll<ChangeRow>(call, "/changes?kind=removed&section=memoryModules&weight=high", 50);
    expect(removed.map(({ changeId }) => changeId)).toEqual(
      all
        .filter(({ kind, section }) => kind === "removed" && section === "memoryModules")
        .map(({ changeId }) => changeId),
    );
    const own = await readAll<ChangeRow>(call, `/assets/${site.site.host}/changes`, 10);
    expect(own.map(({ changeId }) => changeId)).toEqual(
      all.filter(({ assetId }) => assetId === site.site.host).map(({ changeId }) => changeId),
    );
  });

  it("puts the urgent incidents first and the resolved last, also across pages", async () => {
    const all = await readAll<IncidentRow>(call, "/incidents", 2);
    const ranks = all.map(({ state, priority }) => (state === "resolved" ? 9 : priority));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(new Set(all.map(({ incidentId }) => incidentId)).size).toBe(site.site.incidents.length);
    const open = await readAll<IncidentRow>(call, "/incidents?state=open&state=acknowledged", 50);
    expect(open.every(({ state }) => state === "open" || state === "acknowledged")).toBe(true);
  });

  it("gives the items of a section by key, searched and in pages, with their number", async () => {
    const path = `/assets/${site.site.host}/sections/software`;
    const all = await readAll<SectionItemRow>(call, path, 10);
    const { body } = await call("GET", `${path}?q=python3&limit=5`);
    expect(all.length).toBe(new Set(all.map(({ key }) => key)).size);
    expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).toSorted());
    expect(body).toMatchObject({ total: 1, items: [{ item: { name: "python3", manager: "dpkg" } }] });
    const nothing = await call("GET", `/assets/${site.site.host}/sections/fdb`);
    expect(nothing.body).toEqual({ items: [], total: 0 });
  });

  it("gives facts with their source and age", async () => {
    const { body } = await call("GET", `/assets/${site.site.host}/facts`);
    const { items } = body as { items: { path: string; source: object; observedAt: string }[] };
    const kernel = items.find(({ path }) => path === "os/kernel");
    expect(kernel).toMatchObject({
      value: "6.12.48+deb13-amd64",
      source: { kind: "agent", agentId: site.site.agents[0], method: "local" },
    });
    expect(Date.now() - Date.parse(kernel?.observedAt ?? "")).toBeLessThan(600_000);
  });

  it("refuses a cursor of another list, another order, or none of ours", async () => {
    const { body } = await call("GET", "/assets?limit=2");
    const { next } = body as { next: string };
    const wrong = [
      `/changes?cursor=${next}`,
      `/assets?sort=type&cursor=${next}`,
      `/assets?order=desc&cursor=${next}`,
      "/assets?cursor=nonsense",
      `/assets?cursor=${Buffer.from('["assets/name/up",[{"a":1},"x"]]').toString("base64url")}`,
      `/assets?cursor=${Buffer.from('["assets/name/up",["a"]]').toString("base64url")}`,
    ];
    for (const path of wrong)
      expect([path, await call("GET", path)]).toMatchObject([path, { status: 400, body: { code: "request.cursor" } }]);
  });
});
