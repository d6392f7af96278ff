import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hours, minutes } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { LinkRow, Place } from "../../../shared/model/place.ts";
import { type DeviceTables, type NetworkLab, openNetworkLab } from "../../support/network-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder("places");
let net: NetworkLab;
beforeEach(async () => {
  net = await openNetworkLab(folder);
});
afterEach(() => net.stop());

const macOf = (n: number) => `00:11:22:33:44:${n.toString(16).padStart(2, "0")}`;
const [core, edge, desk] = [macOf(1), macOf(2), macOf(50)] as const;

const port = (ifIndex: number, name: string, more: object = {}) => ({
  ...{ id: String(ifIndex), ifIndex, name, kind: "physical" },
  ...more,
});
const neighbour = (localIfIndex: number, remoteChassisId: string, remotePortId: string, remoteSystemName: string) => ({
  ...{ protocol: "lldp", localPort: String(localIfIndex), localIfIndex, remoteChassisId, remotePortId },
  remoteSystemName,
});
const learned = (ifIndex: number, ...macs: readonly string[]) => macs.map((mac) => ({ vlan: 10, mac, ifIndex }));

/** The core's Te1 leads to the edge's Gi24; the desk hangs on the edge's Gi3. */
const coreTables = (more: DeviceTables = {}): DeviceTables => ({
  interfaces: [port(1, "Te1", { mac: core, uplink: true }), port(2, "Te2")],
  neighbours: [neighbour(1, edge, "Gi24", "edge")],
  fdb: learned(1, desk, edge),
  addresses: [{ interface: "1", address: "10.1.2.1", prefixLength: 23 }],
  ...more,
});
const edgeTables = (more: DeviceTables = {}): DeviceTables => ({
  interfaces: [port(3, "Gi3"), port(4, "Gi4"), port(24, "Gi24", { mac: edge, uplink: true })],
  neighbours: [neighbour(24, core, "Te1", "core")],
  fdb: [...learned(3, desk), ...learned(24, core)],
  ...more,
});

const toldLinks = async (query: { readonly ended?: boolean; readonly assetId?: AssetId } = {}) =>
  (await net.reads.links({ limit: 100, ...query })).items.map(
    ({ ends, both, until }: LinkRow) =>
      `${ends.map((end) => `${end.name} ${end.port}`).join(" - ")}${both ? "" : " (one)"}${until === undefined ? "" : " ended"}`,
  );
const toldPlaces = async (name: string) =>
  (await net.reads.places((await net.idOf(name)) as AssetId)).map(
    ({ device, port: at, vlan, until, accessPoint, ssid }: Place) =>
      [device.name, at, vlan, ssid, accessPoint?.name, until === undefined ? "now" : "was"].filter(Boolean).join(" "),
  );

describe("places", () => {
  it("draw one link between two switches, and put a host on its edge port, not on the uplinks that learned it too", async () => {
    await net.see(desk, "10.1.2.50", "desk");
    await net.round("core", core, "10.1.2.1", coreTables());
    await net.round("edge", edge, "10.1.2.2", edgeTables());
    expect(await toldLinks()).toEqual(["core Te1 - edge Gi24"]);
    expect(await toldLinks({ assetId: (await net.idOf("desk")) as AssetId })).toEqual([]);
    expect(await toldPlaces("desk")).toEqual(["edge Gi3 10 now"]);
  });

  it("do not put a host on a port that leads to another known switch, whatever the agent calls the port", async () => {
    await net.see(desk, "10.1.2.50", "desk");
    const plain = [port(1, "Te1", { mac: core }), port(2, "Te2")];
    await net.round("edge", edge, "10.1.2.2", edgeTables());
    await net.round("core", core, "10.1.2.1", coreTables({ interfaces: plain, fdb: learned(1, desk) }));
    expect(await toldPlaces("desk")).toEqual(["edge Gi3 10 now"]);
  });

  it("keep where a host was, and make no history of a table that forgets who is silent", async () => {
    await net.see(desk, "10.1.2.50", "desk");
    await net.round("edge", edge, "10.1.2.2", edgeTables());
    const [first] = await net.reads.places((await net.idOf("desk")) as AssetId);
    for (const fdb of [learned(24, core), [...learned(3, desk)], learned(24, core)]) {
      net.pass(minutes(10));
      await net.round("edge", edge, "10.1.2.2", edgeTables({ fdb }));
    }
    expect(await toldPlaces("desk")).toEqual(["edge Gi3 10 was"]);
    net.pass(hours(1));
    await net.round("edge", edge, "10.1.2.2", edgeTables({ fdb: learned(4, desk) }));
    expect(await toldPlaces("desk")).toEqual(["edge Gi4 10 now", "edge Gi3 10 was"]);
    net.pass(hours(1));
    await net.round("edge", edge, "10.1.2.2", edgeTables({ fdb: learned(3, desk) }));
    expect(await toldPlaces("desk")).toEqual(["edge Gi3 10 now", "edge Gi4 10 was", "edge Gi3 10 was"]);
    expect((await net.reads.places((await net.idOf("desk")) as AssetId)).at(-1)?.from).toBe(first?.from);
  });

  it("end a link when its cable is moved, and show the old one where it is asked for", async () => {
    await net.round("core", core, "10.1.2.1", coreTables());
    await net.round("edge", edge, "10.1.2.2", edgeTables());
    net.pass(hours(1));
    await net.round("core", core, "10.1.2.1", coreTables({ neighbours: [neighbour(2, edge, "Gi24", "edge")] }));
    net.pass(minutes(1));
    const moved = [neighbour(24, core, "Te2", "core")];
    await net.round("edge", edge, "10.1.2.2", edgeTables({ neighbours: moved }));
    expect(await toldLinks()).toEqual(["core Te2 - edge Gi24"]);
    expect(await toldLinks({ ended: true })).toEqual(["core Te1 - edge Gi24 ended", "core Te2 - edge Gi24"]);
  });

  it("name the access point that serves a client, and a neighbour that is no asset by its own name", async () => {
    await net.see(desk, "10.1.2.50", "desk");
    await net.see(macOf(90), "10.1.2.90", "ap-lobby");
    await net.round(
      "edge",
      edge,
      "10.1.2.2",
      edgeTables({ neighbours: [neighbour(4, macOf(99), "eth0", "stranger")] }),
    );
    await net.round("wlc", macOf(80), "10.1.2.80", {
      accessPoints: [{ id: "ap1", name: "AP Lobby", mac: macOf(90) }],
      wirelessClients: [{ mac: desk, accessPoint: "ap1", ssid: "office", vlan: 20 }],
    });
    expect(await toldLinks()).toEqual(["edge Gi4 - stranger eth0 (one)"]);
    expect(await toldPlaces("desk")).toEqual(["wlc AP Lobby 20 office ap-lobby now", "edge Gi3 10 now"]);
  });
});

const covered = (from: string, to: string) => ({ from, to, asks: 2, spreadMs: 1_500, methods: ["arp" as const] });

describe("subnets", () => {
  it("come from scopes, devices and addresses; an address counts in the narrowest", async () => {
    await net.see(macOf(10), "10.0.0.10", "ten");
    await net.see(macOf(11), "10.1.2.11", "eleven");
    await net.see(macOf(12), "172.16.5.5", "far");
    await net.round("core", core, "10.1.2.1", coreTables());
    const told = (await net.reads.subnets()).map(
      ({ cidr, used, devices, knownBy }) => `${cidr} ${used} used, ${devices} devices, by ${knownBy.join("+")}`,
    );
    expect(told).toEqual([
      "10.0.0.0/24 1 used, 0 devices, by scope",
      "10.1.0.0/16 0 used, 0 devices, by scope",
      "10.1.2.0/23 2 used, 1 devices, by device",
      "172.16.5.0/24 1 used, 0 devices, by addresses",
    ]);
  });

  it("tell the last sweep that could see, what share it covered, and the last of all where that saw less", async () => {
    await net.sweep("could-see", [covered("10.0.0.1", "10.0.0.127")]);
    net.pass(minutes(10));
    await net.sweep("blind", [covered("10.0.0.1", "10.0.0.254")]);
    await net.sweep("could-see", [covered("10.0.0.9", "10.0.0.9")], "cmd-confirming-look");
    const [subnet] = await net.reads.subnets();
    expect(subnet).toMatchObject({
      cidr: "10.0.0.0/24",
      seen: { sweepId: "sweep-1", agentName: "watcher", scope: "lan", verdict: "could-see", share: 0.5 },
      last: { sweepId: "sweep-2", verdict: "blind", share: 1 },
    });
  });

  it("tell who used an address when: whoever takes it over ends the use before", async () => {
    await net.see(macOf(10), "10.0.0.10", "ten");
    net.pass(hours(12));
    await net.see(macOf(10), "10.0.0.10", "ten");
    net.pass(hours(2));
    await net.see(macOf(11), "10.0.0.10", "eleven");
    const subnet = await net.reads.subnet({ cidr: "10.0.0.77/24", limit: 10 });
    if (!("items" in subnet)) throw new Error("no such subnet");
    const told = subnet.items.map(({ address, asset, ended, from, last }) => [
      address,
      asset.name,
      ended,
      (Date.parse(last) - Date.parse(from)) / hours(1),
    ]);
    expect(told).toEqual([
      ["10.0.0.10", "eleven", false, 0],
      ["10.0.0.10", "ten", true, 12],
    ]);
    expect(await net.reads.subnet({ cidr: "10.99.0.0/24", limit: 10 })).toEqual([]);
    expect(await net.reads.subnet({ cidr: "nonsense", limit: 10 })).toEqual([]);
  });

  it("come in pages", async () => {
    for (let n = 1; n <= 25; n++) await net.see(macOf(n), `10.0.0.${n}`);
    const seen: string[] = [];
    for (let cursor: string | undefined, i = 0; i < 10; i++) {
      const page = await net.reads.subnet({ cidr: "10.0.0.0/24", limit: 10, ...(cursor !== undefined && { cursor }) });
      if (!("items" in page)) throw new Error("no such subnet");
      seen.push(...page.items.map(({ address }) => address));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `10.0.0.${i + 1}`));
  });
});
