import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asset } from "../../../shared/model/asset.ts";
import type { UnclaimedMac } from "../../../shared/model/place.ts";
import type { QueryField } from "../../../shared/model/query.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { hostileNames } from "../../support/site.ts";
import { nobodysMacs } from "../../support/site-places.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 120 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

const ask = (query: string) => readAll<Asset>(call, `/assets?q=${encodeURIComponent(query)}`, 40);
const refusal = (query: string) => call("GET", `/assets?q=${encodeURIComponent(query)}`);

describe("assets by a query", () => {
  it("are those that it says, beside the filters, in pages, and counted", async () => {
    const all = await readAll<Asset>(call, "/assets", 1_000);
    const namesOf = (assets: readonly Asset[]) => assets.map(({ name }) => name).sort();
    const expected = all.filter(
      ({ type, sources }) => ["laptop", "server", "printer"].includes(type) && !sources.includes("snmp"),
    );
    const query = "type:laptop,server,printer not source:snmp";
    expect(expected.length).toBeGreaterThan(5);
    expect(namesOf(await ask(query))).toEqual(namesOf(expected));
    const counted = await call("GET", `/assets/count?q=${encodeURIComponent(query)}`);
    expect(counted).toMatchObject({ status: 200, body: { count: expected.length } });
    const filtered = await readAll<Asset>(call, `/assets?presence=missing&q=${encodeURIComponent("seen>1h")}`, 9);
    expect(namesOf(filtered)).toEqual(
      namesOf(
        all.filter(({ presence, lastSeenAt }) => presence === "missing" && Date.now() - Date.parse(lastSeenAt) > 36e5),
      ),
    );
  });

  it("are found by what their inventory and the dictionary of software say", async () => {
    const { body } = await call("GET", `/assets/${site.site.host}/sections/software?q=openssl`);
    const version = (body as { items: { item: { version: string } }[] }).items[0]?.item.version ?? "";
    const has = async (query: string) => (await ask(query)).some(({ assetId }) => assetId === site.site.host);
    expect(await has(`software:openssl<=${version}`)).toBe(true);
    expect(await has(`software:openssl>${version}`)).toBe(false);
    expect(await has(`software:openssl>=${version}<=${version} memory.totalBytes>=32GiB disks.model~samsung`)).toBe(
      true,
    );
    expect(await has("listening.port:23")).toBe(false);
    expect(await has("os.kernel:6.12.* section:software ip in 10.20.0.0/16 agent:*")).toBe(true);
  });

  it.each([
    ["unknown field", "serail:x", 0, 6, "did you mean `serial`?"],
    ["value", "type:printer or type:prnter", 21, 6, "did you mean `printer`?"],
    ["quote", 'site:"hq', 5, 3, 'add "'],
  ])("are refused for a wrong %s, with its place", async (_, query, position, length, words) => {
    const answer = await refusal(query);
    expect(answer).toMatchObject({ status: 400, body: { code: "query.invalid", position, length } });
    expect((answer.body as { detail: string }).detail).toContain(words);
  });

  it("take hostile texts as texts", async () => {
    for (const text of Object.values(hostileNames)) {
      const quoted = `"${text.replace(/["\\]/g, "\\$&")}"`;
      for (const query of [quoted, `name=${quoted}`, `site~${quoted}`, `software:${quoted}`, `os.kernel!=${quoted}`])
        expect((await refusal(query)).status).toBe(200);
    }
    expect((await ask(`name="${hostileNames.name.replaceAll('"', '\\"')}"`)).map(({ assetId }) => assetId)).toEqual([
      site.site.hostile,
    ]);
  });

  it("know who is in a switch's table; a MAC there that no asset has is told by itself, as what it is", async () => {
    const inTables = await ask("infdb:yes");
    expect(inTables.length).toBeGreaterThan(20);
    expect((await ask("infdb:no")).length + inTables.length).toBe(site.site.assets.length + 1);
    const [first] = await ask("switch:sw-* port:Gi1/0/1 vlan:10");
    expect(first).toBeDefined();
    const unclaimed = await readAll<UnclaimedMac>(call, "/macs/unclaimed", 1);
    expect(unclaimed.map(({ mac, kind }) => [mac, kind])).toEqual([
      [nobodysMacs[2], "shared"],
      [nobodysMacs[0], "lasting"],
      [nobodysMacs[1], "random"],
    ]);
    expect(unclaimed[1]?.places).toMatchObject([{ port: "Gi1/0/23", vlan: 10, device: { type: "switch" } }]);
    expect((await readAll<UnclaimedMac>(call, "/macs/unclaimed?q=25:90", 9)).map(({ mac }) => mac)).toEqual([
      nobodysMacs[0],
    ]);
  });

  it("can be asked for by every field that the list of fields names", async () => {
    const { body } = await call("GET", "/assets/fields");
    const { items } = body as { items: QueryField[] };
    expect(items.length).toBeGreaterThan(300);
    for (const { example } of items.filter((_, i) => i % 7 === 0 || i < 40))
      expect([example, (await refusal(example)).status]).toEqual([example, 200]);
  });
});
