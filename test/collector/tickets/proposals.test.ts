import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyProposal, policyInForce, suggestFor } from "../../../collector/incidents/learning.ts";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { createIncidentId, type IncidentId } from "../../../shared/ids.ts";
import { type Incident, incidentKinds } from "../../../shared/model/incident.ts";
import type { Proposal } from "../../../shared/model/proposal.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { startTestCollector, type TestCollector } from "../../support/start-collector.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const policy = { presence: defaultPresencePolicy, incidents: defaultIncidentPolicy };

describe("what a false alarm suggests", () => {
  it("is a setting that exists, one step more patient, and still a sound policy", () => {
    for (const kind of incidentKinds) {
      const suggestion = suggestFor(kind, policy);
      if (!suggestion) continue;
      expect(applyProposal(policy, suggestion), kind).toHaveProperty("policy");
      expect(suggestion.to, kind).not.toBe(suggestion.from);
    }
  });

  it("stops where patience would make us blind", () => {
    let now = policy;
    for (let i = 0; i < 50; i++) {
      const suggestion = suggestFor("device-missing", now);
      if (!suggestion) break;
      const next = applyProposal(now, suggestion);
      if ("fault" in next) throw new Error(next.fault);
      now = next.policy;
    }
    expect(now.presence.patienceIntervals).toBe(policy.presence.blindAfterIntervals);
    expect(suggestFor("device-missing", now)).toBeUndefined();
  });

  it("gives way to a configuration that has changed since", () => {
    const accepted = [{ setting: "presence.patienceIntervals", to: 2.5 }] as unknown as Proposal[];
    const strict = { ...policy, presence: { ...policy.presence, blindAfterIntervals: 2 } };
    expect(policyInForce(strict, accepted)).toBe(strict);
    expect(policyInForce(policy, accepted).presence.patienceIntervals).toBe(2.5);
  });
});

const random = createSeededRandom(7);
const clock = createVirtualClock();
let collector: TestCollector;
let folder: string;
let call: ApiClient;
let viewer: ApiClient;
const ids: IncidentId[] = [];

/** A resolved case of "agent-silent"; its asset is of no matter here. */
const incidentAt = (openedAtMs: number): Incident => ({
  incidentId: createIncidentId(openedAtMs, random),
  kind: "agent-silent",
  condition: `agent-silent/${openedAtMs}`,
  state: "resolved",
  title: `host ${openedAtMs} is silent`,
  summary: "silent",
  impact: "low",
  urgency: "low",
  priority: 5,
  confidence: 0.5,
  openedAt: new Date(openedAtMs).toISOString(),
  resolvedAt: new Date(openedAtMs + 1_000).toISOString(),
  reopened: 0,
  children: 0,
  version: 1,
});

const putIncident = async (openedAtMs: number): Promise<IncidentId> => {
  const incident = incidentAt(openedAtMs);
  // Beside the running collector, as another process would.
  const store = openSqliteStore(join(folder, "rollcall.db"));
  await store.transaction((tx) => tx.incidents.put(incident));
  await store.close();
  return incident.incidentId;
};
const judge = (incidentId: IncidentId, verdict: string) =>
  collector.engine.apply(
    { kind: "incident.verdict", incidentId, verdict: verdict as "true" },
    { name: "rt", role: "system" },
  );
const listed = async (): Promise<Proposal[]> =>
  ((await call("GET", "/proposals")).body as { readonly items: Proposal[] }).items;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-proposals-"));
  collector = await startTestCollector({ clock, random, dataDirectory: folder });
  call = createApiClient(collector.url, collector.apiToken);
  const made = await call("POST", "/tokens", { body: { kind: "api", name: "v", role: "viewer" } });
  viewer = createApiClient(collector.url, (made.body as { readonly secret: string }).secret);
  for (let i = 0; i < 3; i++) ids.push(await putIncident(clock.now() + i));
  await clock.advance(60_000);
});
afterAll(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a ticket closed as false", () => {
  it("makes a proposal that names the setting, both values and what speaks for it, and changes nothing", async () => {
    await judge(ids[0]!, "false");
    const [proposal] = await listed();
    expect(proposal).toMatchObject({
      setting: "presence.silentAfterBeats",
      from: 3,
      to: 4.5,
      state: "open",
      cases: [{ incidentId: ids[0], verdict: "false" }],
    });
    expect((await call("GET", "/policy")).body).toMatchObject({ presence: { silentAfterBeats: 3 }, learned: [] });
  });

  it("adds what speaks against it to the same proposal", async () => {
    await judge(ids[1]!, "true");
    const proposals = await listed();
    expect(proposals).toHaveLength(1);
    expect(proposals[0]?.cases.map(({ verdict }) => verdict).sort()).toEqual(["false", "true"]);
  });

  it("withdraws it when the verdict is taken back, and makes a new one when it comes again", async () => {
    await judge(ids[0]!, "true");
    expect((await listed()).map(({ state }) => state)).toEqual(["withdrawn"]);
    await judge(ids[0]!, "false");
    expect((await listed()).map(({ state }) => state)).toEqual(["open", "withdrawn"]);
  });

  it("is accepted by an administrator only, is in force from then on, and can be undone", async () => {
    const [proposal] = await listed();
    const path = `/proposals/${proposal?.proposalId}`;
    expect((await viewer("POST", `${path}/accept`, { body: {} })).status).toBe(403);
    const accepted = await call("POST", `${path}/accept`, { body: { note: "three times this week" } });
    expect(accepted).toMatchObject({ status: 200, body: { state: "accepted", decidedBy: "test" } });
    expect((await call("POST", `${path}/accept`, { body: {} })).status).toBe(409);
    expect((await call("GET", "/policy")).body).toMatchObject({
      presence: { silentAfterBeats: 4.5 },
      learned: [{ setting: "presence.silentAfterBeats", value: 4.5, configured: 3 }],
    });
    await collector.engine.tick();
    expect(await call("POST", `${path}/undo`, { body: {} })).toMatchObject({ status: 200, body: { state: "undone" } });
    expect((await call("GET", "/policy")).body).toMatchObject({ presence: { silentAfterBeats: 3 } });
    const { items } = (await call("GET", "/audit")).body as { items: { action: string; actor: string }[] };
    expect(items.map(({ action }) => action)).toEqual(expect.arrayContaining(["proposal.accept", "proposal.undo"]));
  });

  it("asks nobody again for what was decided, until a later case is judged false", async () => {
    await judge(ids[2]!, "false");
    expect((await listed()).filter(({ state }) => state === "open")).toEqual([]);
    await clock.advance(60_000);
    await judge(await putIncident(clock.now()), "false");
    const [latest] = await listed();
    expect(latest).toMatchObject({ state: "open" });
    expect(latest?.cases).toHaveLength(1);
    const no = await call("POST", `/proposals/${latest?.proposalId}/reject`, { body: { note: "no" } });
    expect(no).toMatchObject({ status: 200, body: { state: "rejected", note: "no" } });
  });
});
