import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../support/requires.ts";
import {
  agents,
  branch,
  branchAddresses,
  desks,
  LOOK_MS,
  lanHosts,
  macOf,
  macOfName,
  type Name,
  NET,
  NEWCOMER,
  numbers,
  prepare,
  presence,
  steady,
} from "../support/story-cast.ts";
import { openStoryLab, type StoryLab } from "../support/story-lab.ts";
import { createStage } from "../support/story-stage.ts";
import { tellOfAgents } from "./presence-agents.ts";
import { tellOfDevices } from "./presence-devices.ts";
import { tellOfNetworks } from "./presence-network.ts";

/**
 * The stories of presence with the real programs: a collector, ten agents, silent hosts, two switches, a router and a DHCP
 * server, each in a network namespace of its own. The stories run side by side, each about devices of its own. What nobody's
 * story is about must stay quiet.
 */
const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "bridge", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "dnsmasq", package: "dnsmasq-base" },
  { program: "udhcpc" },
  { program: "snmpd" },
  { program: "openssl" },
] as const;

const macs: ReadonlyMap<string, string> = new Map([
  ...(Object.keys(numbers) as Name[]).map((name) => [name, macOfName(name)] as const),
  ...desks.map(({ name, mac = "" }) => [name, mac] as const),
]);

describeWith("presence with real agents", needs, () => {
  let s: StoryLab;
  let dhcp: Awaited<ReturnType<typeof prepare>>;
  const stage = createStage(() => s);
  const { ids, expected, presenceOf } = stage;

  /** Names of those that are not yet known, seen or read. */
  const lacking = async (): Promise<string[]> => {
    const assets = await s.assets();
    for (const [name, mac] of macs) {
      const asset = assets.find((one) => one["primaryMac"] === mac);
      if (asset) ids.set(name, String(asset["assetId"]));
    }
    const isReady = (asset: (typeof assets)[number] | undefined, name: string): boolean =>
      asset?.["presence"] === "present" &&
      ((name !== "core" && name !== "floor") || asset["name"] === name) &&
      (asset["agentId"] !== undefined) === agents.some((agent) => agent.name === name);
    const near = [...macs].filter(
      ([name, mac]) =>
        !isReady(
          assets.find((one) => one["primaryMac"] === mac),
          name,
        ),
    );
    const far = branchAddresses.filter(
      (address) => assets.find((one) => one["primaryAddress"] === address)?.["presence"] !== "present",
    );
    return [...near.map(([name]) => name), ...far];
  };

  beforeAll(async () => {
    s = await openStoryLab({
      ...{ prefix: `rcp${process.pid}`, net: NET, prefixLength: 16, presence, agents },
      hosts: [...lanHosts, ...desks],
      segments: [branch],
      prepare: async (lab) => {
        dhcp = await prepare(lab);
      },
    });
    let left: string[] = [];
    await s
      .soon("the agents see all hosts, and the switches were read", async () => {
        left = await lacking();
        return left.length === 0;
      })
      .catch(async (cause: unknown) => {
        const assets = (await s.assets()).map(
          (one) => `${one["primaryMac"]} ${one["primaryAddress"]} ${one["presence"]} ${one["agentId"]}`,
        );
        throw new Error(`not seen or not read: ${left.join(" ")}\n${assets.join("\n")}\n${s.told()}`, { cause });
      });
    for (const { name, agentId } of (await s.get("/agents?limit=100")).items) ids.set(`agent ${name}`, String(agentId));
    // Two more rounds, so that the interval is known and all have looked.
    await s.rest(2 * LOOK_MS);
    stage.begin();
  }, 400_000);
  afterAll(() => s?.stop(), 60_000);

  const first = [
    ...tellOfDevices(
      stage,
      () => s,
      () => dhcp,
    ),
    ...tellOfAgents(stage, () => s),
  ];
  tellOfNetworks(stage, () => s, first);

  it("raised nothing else in all that time, and lost sight of nobody who was there", async () => {
    const others = (await s.cases()).filter((one) => !expected.has(one.incidentId));
    expect(others.map((one) => `${one.kind} ${one.state}: ${one.title}\n${one.summary}`)).toEqual([]);
    for (const name of steady) expect(await presenceOf(name), name).toBe("present");
  });

  it("has every machine in its books exactly once, and would derive the same from what it kept", async () => {
    const assets = await s.assets();
    const known = assets.map((one) => one["primaryMac"] ?? one["primaryAddress"]).sort();
    expect(known).toEqual([...macs.values(), macOf(NEWCOMER), ...branchAddresses].sort());
    expect(assets.filter((one) => one["agentId"] !== undefined)).toHaveLength(agents.length);
    const { code, stdout, stderr } = await s.collector("rebuild", "--check");
    expect(`${stdout}${stderr}`).toContain("identical");
    expect(code).toBe(0);
  });
});
