import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteReads } from "../../../collector/store/sqlite-reads.ts";
import type { VisitorRow } from "../../../shared/model/visitor.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { type IdentityLab, openIdentityLab } from "../../support/identity-lab.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder("visitors");
const DAY = 86_400_000;
const phone = (n: number) => `da:a1:19:00:00:0${n}`;

describe("visitors", () => {
  let lab: IdentityLab;
  let reads: ReturnType<typeof openSqliteReads>;
  beforeAll(async () => {
    const path = join(folder, "visitors.db");
    lab = await openIdentityLab(path);
    const see = (n: number, name: string, address: string, realm = "site") =>
      lab.see([`mac=${phone(n)}`, `ip=${address}`, `hostname=${name}`], { method: "dhcp", realm });
    await see(1, "annas-phone", "10.0.0.5");
    await lab.see([`mac=${phone(1)}`, "ip=10.0.0.6"]);
    await see(2, "iphone", "10.0.0.7");
    await lab.see(["mac=00:1b:21:00:00:01", "ip=10.0.0.8"]);
    lab.pass(DAY);
    await see(3, "annas-phone", "10.0.0.5");
    await see(4, "iphone", "10.0.0.9");
    await see(5, "annas-phone", "10.0.0.5", "branch");
    reads = openSqliteReads(path, { clock: lab.lab.clock });
  });
  afterAll(async () => {
    reads.close();
    await lab.stop();
  });
  const told = async (query: { readonly realm?: string; readonly search?: string } = {}) =>
    (await reads.reads.visitors({ limit: 100, ...query })).items.map(({ realm, mac }) => `${realm} ${mac}`);

  it("are seen last first, each once, with what was seen beside them", async () => {
    expect(await told()).toEqual([
      `branch ${phone(5)}`,
      ...[`site ${phone(4)}`, `site ${phone(3)}`, `site ${phone(2)}`, `site ${phone(1)}`],
    ]);
    const { items } = await reads.reads.visitors({ limit: 100 });
    expect(items.at(-1)).toMatchObject({ names: ["annas-phone"], addresses: ["10.0.0.6", "10.0.0.5"] });
  });

  it("have a guess where one name was there before in the same network, and none by a name that a factory gave", async () => {
    const { items } = await reads.reads.visitors({ limit: 100 });
    expect(items.filter(({ guess }) => guess).map(({ mac, guess }) => [mac, guess?.mac])).toEqual([
      [phone(3), phone(1)],
    ]);
    expect(items.find(({ guess }) => guess)?.guess).toMatchObject({
      score: expect.toSatisfy((score: number) => score > 0.5 && score < 1),
      because: expect.stringContaining("annas-phone"),
    });
  });

  it("are found by realm, MAC, name and address, and come in pages", async () => {
    expect(await told({ realm: "branch" })).toEqual([`branch ${phone(5)}`]);
    expect(await told({ search: "ANNAS 10.0.0.6" })).toEqual([`site ${phone(1)}`]);
    expect(await told({ search: "19:00:00:04" })).toEqual([`site ${phone(4)}`]);
    const pages: VisitorRow[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const { items, next } = await reads.reads.visitors({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(...items);
      cursor = next;
    }
    expect(pages.map(({ realm, mac }) => `${realm} ${mac}`)).toEqual(await told());
  });

  it("are counted by day and network, a known one or what is usual, each once however often it was seen", async () => {
    const { from, through, items } = await reads.reads.visitorDays({ days: 3, timeZone: "UTC" });
    expect([from, through].map((day) => Date.parse(day))).toEqual([Date.parse(through) - 2 * DAY, Date.parse(through)]);
    expect(items).toEqual([
      { realm: "branch", cidr: "10.0.0.0/24", counts: [0, 0, 1] },
      { realm: "site", cidr: "10.0.0.0/8", counts: [0, 2, 2] },
    ]);
    const today = await reads.reads.visitorDays({ days: 1, timeZone: "UTC", realm: "site" });
    expect(today.items).toEqual([{ realm: "site", cidr: "10.0.0.0/8", counts: [2] }]);
  });
});

describe("GET /visitors", () => {
  let site: TestSite;
  let call: ApiClient;
  beforeAll(async () => {
    site = await startTestSite({ count: 20 });
    call = createApiClient(site.url, site.apiToken);
  });
  afterAll(() => site.stop());

  it("answers, and refuses what it does not know", async () => {
    expect(await readAll<VisitorRow>(call, "/visitors", 50)).toEqual(expect.any(Array));
    for (const query of ["?days=3", "?limit=0", "?limit=x", "?cursor=nonsense", `?q=${"x".repeat(300)}`])
      expect([query, (await call("GET", `/visitors${query}`)).status]).toEqual([query, 400]);
    const { status, body } = await call("GET", "/visitors/days?days=7");
    expect([status, body]).toEqual([
      200,
      { from: expect.any(String), through: expect.any(String), items: expect.any(Array) },
    ]);
    for (const query of ["?days=0", "?days=91", "?days=x", "?limit=3"])
      expect([query, (await call("GET", `/visitors/days${query}`)).status]).toEqual([query, 400]);
  });
});
