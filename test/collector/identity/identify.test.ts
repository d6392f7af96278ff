import { describe, expect, it } from "vitest";
import { type Candidate, identify, type Observed, type Standing } from "../../../collector/identity/identify.ts";
import { isJunk, usefulKeys } from "../../../collector/identity/keys.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { SubjectKey } from "../../../shared/protocol/observation.ts";

const uuid: SubjectKey = { kind: "hardwareUuid", value: "4c4c4544-0042-3010-8051-b4c04f4e4d32" };
const otherUuid: SubjectKey = { kind: "hardwareUuid", value: "11111111-2222-3333-4444-555555555555" };
const mac: SubjectKey = { kind: "mac", value: "00:1b:21:aa:bb:cc" };
const softMac: SubjectKey = { kind: "mac", value: "02:1b:21:aa:bb:cc" };
const ip: SubjectKey = { kind: "ip", value: "10.0.0.7" };
const own = { agentId: "agt_new" as AgentId, instance: 0 };

const seen = (keys: readonly SubjectKey[], fields: Partial<Observed> = {}): Observed => ({
  keys,
  realm: "site",
  ...fields,
});
const candidate = (matched: readonly SubjectKey[], fields: Partial<Candidate> = {}): Candidate => ({
  assetId: "ast_1" as AssetId,
  matched: matched.map((key) => ({ ...key, realm: "site" })),
  held: matched.filter(({ kind }) => kind !== "ip"),
  ...fields,
});
const agent = (standing: Standing) => ({ agent: { agentId: "agt_old" as AgentId, instance: 0, standing } });

describe("identify", () => {
  it.each([
    ["a known MAC", seen([mac, ip]), [candidate([mac])], { kind: "same", rule: "hardware-key" }],
    ["an address whose MAC nobody can see", seen([ip]), [candidate([ip])], { kind: "same", rule: "address-in-realm" }],
    [
      "a known address in another realm",
      seen([ip], { realm: "elsewhere" }),
      [candidate([ip])],
      { kind: "new", rule: "new-address" },
    ],
    [
      "another MAC at a known address",
      seen([{ ...mac, value: "00:1b:21:00:00:01" }, ip]),
      [candidate([ip], { held: [mac] })],
      { kind: "new", rule: "new-hardware" },
    ],
    ["a burnt-in MAC nobody knows", seen([mac]), [], { kind: "new", rule: "new-hardware" }],
    ["a MAC set by software alone", seen([softMac, ip]), [], { kind: "visitor" }],
    ["a MAC set by software of a known host", seen([softMac]), [candidate([softMac])], { kind: "same" }],
    [
      "a MAC that came to other hardware",
      seen([mac, uuid]),
      [candidate([mac], { held: [otherUuid] })],
      { kind: "new" },
    ],
    ["nothing at all", seen([]), [], { kind: "visitor" }],
  ] as const)("places %s", (_, observed, candidates, expected) => {
    expect(identify(observed, candidates)).toMatchObject(expected);
  });

  it("knows a host by its agent's key, whatever else changed", () => {
    const key: SubjectKey = { kind: "agent", value: "agt_new" };
    expect(identify(seen([key, otherUuid], { own }), [candidate([key], { held: [uuid] })])).toMatchObject({
      kind: "same",
      rule: "agent-key",
    });
  });

  it("gives a new agent key the hardware that no agent lives on, or whose agent is gone", () => {
    expect(identify(seen([uuid], { own }), [candidate([uuid])])).toMatchObject({
      kind: "same",
      rule: "claimed-free-hardware",
    });
    expect(identify(seen([uuid], { own }), [candidate([uuid], agent("revoked"))])).toMatchObject({ kind: "same" });
  });

  it("does not let a new agent key take a living agent's asset", () => {
    expect(identify(seen([uuid], { own }), [candidate([uuid], agent("alive"))])).toMatchObject({
      kind: "new",
      provisional: true,
      contestedWith: ["ast_1"],
    });
  });

  it("keeps a copy of an agent on an asset of its own", () => {
    expect(identify(seen([uuid], { own: { ...own, instance: 1 } }), [candidate([uuid])])).toMatchObject({
      kind: "new",
      provisional: true,
      rule: "agent-copy",
    });
  });
});

describe("junk keys", () => {
  it.each([
    [{ kind: "serial", value: "To Be Filled By O.E.M." }, true],
    [{ kind: "serial", value: "00000000" }, true],
    [{ kind: "serial", value: "CN7016" }, false],
    [{ kind: "hardwareUuid", value: "ffffffff-ffff-ffff-ffff-ffffffffffff" }, true],
    [{ kind: "hardwareUuid", value: "03000200-0400-0500-0006-000700080009" }, true],
    [{ kind: "mac", value: "00:00:5e:00:01:0a" }, true],
    [{ kind: "mac", value: "ff:ff:ff:ff:ff:ff" }, true],
    [{ kind: "mac", value: "00:1b:21:aa:bb:cc" }, false],
    [{ kind: "hostname", value: "localhost" }, true],
    [{ kind: "ip", value: "127.0.0.1" }, true],
    [{ kind: "hostname", value: "a\u0000b" }, true],
  ] as const)("%o: %s", (key, expected) => {
    expect(isJunk(key)).toBe(expected);
  });

  it("keeps each useful key once", () => {
    expect(usefulKeys([mac, { ...mac }, { kind: "ip", value: "127.0.0.1" }])).toEqual([mac]);
  });
});
