import { afterAll, beforeAll, expect, it } from "vitest";
import type { Maintenance } from "../../../shared/model/policy.ts";
import { createApiClient } from "../../support/api-client.ts";
import { startTestCollector } from "../../support/start-collector.ts";

let collector: Awaited<ReturnType<typeof startTestCollector>>;
let call: ReturnType<typeof createApiClient>;

beforeAll(async () => {
  const presence = {
    timeZone: "Europe/Berlin",
    maintenance: [{ kind: "weekly", name: "backups", match: {}, days: ["sun"], at: "02:00", durationMs: 3_600_000 }],
  };
  collector = await startTestCollector({ config: { presence: presence as never } });
  call = createApiClient(collector.url, collector.apiToken);
});
afterAll(() => collector.stop());

const read = async () => (await call("GET", "/policy/maintenance")).body as Maintenance;
const window = { kind: "once", name: "move", match: {}, from: "2126-01-05T08:00:00Z", to: "2126-01-05T10:00:00Z" };

it("lists the configuration's windows and those that were set, with when they are open next", async () => {
  const before = await read();
  expect(before).toMatchObject({ timeZone: "Europe/Berlin", items: [{ source: "configuration" }] });
  const put = await call("PUT", "/policy/maintenance", { body: { windows: [window], mark: before.mark } });
  expect(put.status).toBe(200);
  const { items } = await read();
  expect(items.map(({ source }) => source)).toEqual(["configuration", "console"]);
  expect(items[1]).toMatchObject({ window: { name: "move" }, next: [{ from: "2126-01-05T08:00:00.000Z" }] });
  expect(items[0]?.next.length).toBeGreaterThan(1);
  const audit = JSON.stringify((await call("GET", "/audit?limit=50")).body);
  expect(audit).toContain("policy.maintenance");
});

it("refuses what was changed meanwhile, what ends before it begins, and what is no window", async () => {
  const { mark, items } = await read();
  expect((await call("PUT", "/policy/maintenance", { body: { windows: [], mark: "0000" } })).status).toBe(409);
  const backwards = { ...window, to: "2026-01-05T07:00:00Z" };
  expect((await call("PUT", "/policy/maintenance", { body: { windows: [backwards], mark } })).status).toBe(422);
  for (const wrong of [
    { ...window, days: ["mon"] },
    { ...window, name: "" },
    { kind: "weekly", name: "x", match: {} },
  ])
    expect((await call("PUT", "/policy/maintenance", { body: { windows: [wrong], mark } })).status).toBe(400);
  expect((await read()).items).toEqual(items);
});

it("shows when a window would be open, without setting it", async () => {
  const weekly = { kind: "weekly", name: "n", match: {}, days: ["mon"], at: "23:30", durationMs: 7_200_000 };
  const preview = await call("POST", "/policy/maintenance/preview", { body: weekly });
  const { next } = preview.body as { readonly next: readonly { readonly from: string; readonly to: string }[] };
  expect(next).toHaveLength(5);
  for (const { from, to } of next) expect(Date.parse(to) - Date.parse(from)).toBe(7_200_000);
  const inBerlin = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Berlin",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  expect(inBerlin.format(new Date(next[0]?.from ?? ""))).toMatch(/Mon.*23:30/);
  expect((await call("POST", "/policy/maintenance/preview", { body: { ...window, to: window.from } })).status).toBe(
    400,
  );
  expect((await read()).items).toHaveLength(2);
});
