import { describe, expect, it } from "vitest";
import { withoutCrowds } from "../../../collector/identity/crowds.ts";
import { type Candidate, identify } from "../../../collector/identity/identify.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { SubjectKey } from "../../../shared/protocol/observation.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 4, 10);
const dock: SubjectKey = { kind: "mac", value: "a0:ce:c8:00:00:01" };
const address: SubjectKey = { kind: "ip", value: "10.0.0.7" };

const held = (key: SubjectKey) => ({ ...key, realm: "site", lastSeenAtMs: NOW });
const laptop = (no: number, more: readonly SubjectKey[] = [], lastSeenAtMs = NOW): Candidate => ({
  assetId: `ast_${no}` as AssetId,
  matched: [dock, ...more].map((key) => ({ ...held(key), lastSeenAtMs })),
  held: [{ kind: "serial", vendor: "hp", value: `SN${no}00${no}` }, dock],
  agent: { agentId: `agt_${no}` as AgentId, instance: 0, standing: "alive" },
});
const laptops = (count: number): Candidate[] => Array.from({ length: count }, (_, i) => laptop(i + 1));
const ask = (keys: readonly SubjectKey[], found: readonly Candidate[]) => {
  const { known, crowded } = withoutCrowds(found, "site");
  return { known, verdict: identify({ keys, realm: "site", atMs: NOW, leaseMs: 24 * HOUR, crowded }, known) };
};

describe("a dock that many laptops have had", () => {
  it("names none of them, and none of them is looked at", () => {
    const { known, verdict } = ask([dock, address], laptops(12));
    expect(known).toEqual([]);
    expect(verdict).toMatchObject({ kind: "visitor", rule: "key-of-several" });
  });

  it("is the laptop that has the address beside it now, and no other", () => {
    const here = laptop(13, [address]);
    expect(ask([dock, address], [...laptops(12), here]).verdict).toMatchObject({ kind: "same", assetId: "ast_13" });
    const before = laptop(13, [address], NOW - 25 * HOUR);
    expect(ask([dock, address], [...laptops(12), before]).verdict).toMatchObject({ rule: "key-of-several" });
  });

  it("is beside a machine's own number no more than that", () => {
    const serial: SubjectKey = { kind: "serial", vendor: "hp", value: "SN7007" };
    const known = { ...laptop(7), matched: [dock, serial].map((key) => ({ ...key, realm: "" })) };
    const others = laptops(12).filter(({ assetId }) => assetId !== "ast_7");
    expect(ask([serial, dock], [...others, known]).verdict).toMatchObject({ kind: "same", assetId: "ast_7" });
    const stranger: SubjectKey = { ...serial, value: "SN9999" };
    expect(ask([stranger, dock], laptops(12)).verdict).toMatchObject({ kind: "new", rule: "new-hardware" });
  });

  it("gives no address to an asset that is known by one only", () => {
    const byAddress: Candidate = {
      assetId: "ast_99" as AssetId,
      matched: [{ ...address, realm: "site", lastSeenAtMs: NOW }],
      held: [],
    };
    expect(ask([dock, address], [...laptops(12), byAddress]).verdict).toMatchObject({ rule: "key-of-several" });
  });

  it("says as much of few as ever", () => {
    const { known, verdict } = ask([dock, address], laptops(8));
    expect(known).toHaveLength(8);
    expect(verdict).toMatchObject({ kind: "visitor", rule: "key-of-several" });
    expect(ask([dock, address], [...laptops(7), laptop(8, [address])]).verdict).toMatchObject({ assetId: "ast_8" });
  });

  it("is counted once for an asset that holds it twice", () => {
    const twice = laptops(8).map((one) => ({
      ...one,
      matched: [...one.matched, { ...one.matched[0]!, realm: "other" }],
    }));
    expect(withoutCrowds(twice, "site").crowded.size).toBe(0);
  });

  it("is the laptop whose name is heard beside it, if few are called so", () => {
    const name: SubjectKey = { kind: "hostname", value: "lap-0417" };
    expect(ask([dock, name], [...laptops(12), laptop(13, [name])]).verdict).toMatchObject({ assetId: "ast_13" });
    const phones = Array.from({ length: 9 }, (_, i) => ({ ...laptop(20 + i), matched: [held(name)] }));
    expect(ask([dock, name], [...laptops(12), laptop(13, [name]), ...phones]).verdict).toMatchObject({
      rule: "key-of-several",
    });
  });
});

describe("who is asked about", () => {
  it.each([
    ["its own number", { kind: "serial", vendor: "hp", value: "SN7007" }, "", 1],
    ["an agent's key", { kind: "agent", value: "agt_1" }, "", 1],
    ["a burnt-in MAC, wherever", dock, "elsewhere", 1],
    ["an address here", address, "site", 1],
    ["the same address elsewhere", address, "elsewhere", 0],
    ["a MAC set by software here", { kind: "mac", value: "02:00:5e:00:00:01" }, "site", 1],
    ["the same elsewhere", { kind: "mac", value: "02:00:5e:00:00:01" }, "elsewhere", 0],
    ["a name", { kind: "hostname", value: "iphone" }, "site", 0],
  ] as const)("shares %s", (_, key, realm, count) => {
    expect(withoutCrowds([{ matched: [{ ...key, realm }] }], "site").known).toHaveLength(count);
  });
});
