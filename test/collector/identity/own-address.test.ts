import { afterEach, describe, expect, it } from "vitest";
import { minutes } from "../../../shared/clock.ts";
import type { KeptBody } from "../../../shared/protocol/envelope.ts";
import { openSegment, type Segment } from "../../support/presence-lab.ts";

/** Hosts in namespaces and containers have no burnt-in address: they are heard by one that software gave to them. */
let segment: Segment;
afterEach(() => segment.stop());

const SOFT = "02:16:3e:00:00:05";
const BURNT_IN = "00:16:3e:00:00:05";
const keysOf = (mac: string) => [
  { kind: "mac" as const, value: mac },
  { kind: "ip" as const, value: "10.0.0.5" },
];
const ownWord = (mac: string, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    ...{ source: "local", observedAtMs: atMs, steps: [], failures: [] },
    subject: { id: "self", realm: "site", keys: [...keysOf(mac), { kind: "hostname", value: "box" }] },
  },
});
const heard = (mac: string, realm: string, atMs: number): KeptBody => ({
  kind: "sightings",
  sightings: [{ subject: { id: `mac:${mac}`, realm, keys: keysOf(mac) }, method: "arp", observedAtMs: atMs }],
});
const assets = () =>
  segment.lab.read(async (tx) => {
    const rows = await tx.assets.candidates([...keysOf(SOFT), ...keysOf(BURNT_IN)]);
    const ids = new Set<string>();
    for (const { assetId } of rows) {
      const row = await tx.assets.get(assetId);
      ids.add(row?.mergedInto ?? assetId);
    }
    return [...ids];
  });

describe("an address that an agent reports as its host's own", () => {
  it.each([
    ["set by software, heard before its agent speaks", SOFT, true],
    ["set by software, heard after it", SOFT, false],
    ["burnt in, heard before its agent speaks", BURNT_IN, true],
    ["burnt in, heard after it", BURNT_IN, false],
  ])("is its key where it is %s: others see the same asset", async (_what, mac, isEarly) => {
    segment = await openSegment();
    const { agent, lab, pass } = segment;
    const [host, other] = [await agent("box"), await agent("watcher")];
    const look = async () => {
      await other.agent.send(heard(mac, "site", lab.clock.now()));
      await pass(minutes(1));
    };
    if (isEarly) await look();
    await host.agent.send(ownWord(mac, lab.clock.now()));
    await look();
    const found = await assets();
    expect(found).toHaveLength(1);
    const row = await lab.read((tx) => tx.assets.get(found[0] as never));
    expect(row).toMatchObject({ agentId: host.agent.agentId });
    const seen = await lab.read((tx) => tx.observations.ofAsset(found[0] as never));
    expect(seen.map(({ agentId }) => agentId)).toContain(other.agent.agentId);
  });

  it("is nobody's in another realm, where software may have given it to anybody", async () => {
    segment = await openSegment();
    const { agent, lab, pass } = segment;
    const [host, other] = [await agent("box"), await agent("watcher")];
    await host.agent.send(ownWord(SOFT, lab.clock.now()));
    await other.agent.send(heard(SOFT, "elsewhere", lab.clock.now()));
    await pass(minutes(1));
    const [assetId] = await assets();
    const seen = await lab.read((tx) => tx.observations.ofAsset(assetId as never));
    expect(seen.map(({ agentId }) => agentId)).not.toContain(other.agent.agentId);
  });
});
