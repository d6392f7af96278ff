import { afterAll, beforeAll, expect, it } from "vitest";
import type { IncidentRow } from "../../../shared/model/incident-detail.ts";
import type { Overview } from "../../../shared/model/overview.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

it("the overview tells how quickly cases were noticed, taken and over, and which targets were met", async () => {
  const overview = (await call("GET", "/overview")).body as Overview;
  const monthAgo = Date.parse(overview.at) - 30 * 86_400_000;
  const all = await readAll<IncidentRow>(call, "/incidents", 50);
  const own = all.filter(({ parentId, openedAt }) => parentId === undefined && Date.parse(openedAt) >= monthAgo);
  const between = (from: keyof IncidentRow, to: keyof IncidentRow) => {
    const spans = own.flatMap((row) =>
      row[from] === undefined || row[to] === undefined
        ? []
        : [Math.max(0, Date.parse(String(row[to])) - Date.parse(String(row[from])))],
    );
    return spans.length === 0 ? null : spans.reduce((a, b) => a + b) / spans.length;
  };
  expect(own.length).toBeGreaterThan(0);
  expect(overview.measures).toMatchObject({
    ...{ days: 30, incidents: own.length },
    mttdMs: between("lastSeenAt", "openedAt"),
    mttaMs: between("openedAt", "acknowledgedAt"),
    mttrMs: between("openedAt", "resolvedAt"),
  });
  expect(overview.measures.resolved.inTime).toBeLessThanOrEqual(overview.measures.resolved.of);
});
