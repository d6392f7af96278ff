import { afterEach, describe, expect, it } from "vitest";
import { type IdentityLab, openIdentityLab } from "../../support/identity-lab.ts";

/** What happens to devices, told to the real engine; each story says how many assets there are in the end, and which is which. */

const UUID = "hardwareUuid=4c4c4544-0042-3010-8051-b4c04f4e4d32";
const UUID2 = "hardwareUuid=4c4c4544-0051-4d10-8035-c7c04f564433";
const SERIAL = "serial=dell/7KX20Q3";
const SERIAL2 = "serial=hp/CZC9481XYZ";
const MAC = "mac=00:1b:21:0a:00:01";
const MAC2 = "mac=00:1b:21:0a:00:02";
const DOCK = "mac=a0:ce:c8:00:00:05";
const HOURS = 3_600_000;

let lab: IdentityLab;
const open = async () => {
  lab = await openIdentityLab();
};
afterEach(() => lab.stop());
const count = async () => (await lab.assets()).length;
const only = async (key: string) => {
  const found = await lab.holding(key);
  expect(found).toHaveLength(1);
  return found[0];
};

describe("a device that is known by its MAC, and is seen at another address", () => {
  const start = async (second: readonly string[]) => {
    await open();
    for (let looks = 0; looks < 2; looks++) {
      await lab.see([MAC, "ip=10.0.0.1"]);
      await lab.see(second);
    }
    expect(await count()).toBe(2);
    await lab.see([MAC, "ip=10.0.0.2"]);
  };

  it("is what was known by that address alone", async () => {
    await start(["ip=10.0.0.2"]);
    expect(await count()).toBe(1);
  });

  it("is what was known by that address alone, where its own agent says so", async () => {
    await open();
    const agent = await lab.agent("pc");
    for (const address of ["ip=10.0.0.1", "ip=10.0.0.3", "ip=10.0.0.4"]) await lab.report(agent, [UUID, MAC, address]);
    await lab.see(["ip=10.0.0.2"]);
    expect(await count()).toBe(2);
    await lab.report(agent, [UUID, MAC, "ip=10.0.0.2"]);
    expect(await count()).toBe(1);
    await lab.see([MAC2, "ip=10.0.0.5"]);
    await lab.report(agent, [UUID, MAC, "ip=10.0.0.5"]);
    expect(await only("ip=10.0.0.5")).toBe(await only(UUID));
    expect(await count()).toBe(2);
  });

  it("takes it from whom it belonged to, who is himself without it, too", async () => {
    await start([MAC2, "ip=10.0.0.2"]);
    expect(await only("ip=10.0.0.2")).toBe(await only(MAC));
    await lab.see([MAC2, "ip=10.0.0.1"]);
    expect(await only("ip=10.0.0.1")).toBe(await only(MAC2));
    expect(await count()).toBe(2);
  });
});

describe("a reinstalled host", () => {
  const start = async () => {
    await open();
    const old = await lab.agent("old");
    await lab.report(old, [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=pc1"]);
    const asset = await only(UUID);
    return { old, asset: asset as NonNullable<typeof asset> };
  };

  it("joins its old asset when its old agent is silent and another observer has seen the MAC since", async () => {
    const { old, asset } = await start();
    await old.close("lost");
    lab.pass(HOURS);
    await lab.see([MAC, "ip=10.0.0.1"]);
    const fresh = await lab.agent("fresh");
    await lab.report(fresh, [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=pc1"]);
    expect(await count()).toBe(1);
    expect((await lab.assets())[0]).toMatchObject({ assetId: asset, agentId: fresh.agentId });
    expect((await lab.rules(asset))[0]).toMatchObject({ kind: "joined", rule: "claimed-left-hardware" });
  });

  it("waits on an asset of its own until another observer agrees, then becomes the old one", async () => {
    const { old, asset } = await start();
    await old.close("lost");
    lab.pass(HOURS);
    const fresh = await lab.agent("fresh");
    await lab.report(fresh, [UUID, SERIAL, MAC, "ip=10.0.0.1"]);
    expect(await count()).toBe(2);
    expect(await lab.conflicts()).toBe(1);
    await lab.see([MAC, "ip=10.0.0.1"]);
    expect(await lab.assets()).toMatchObject([{ assetId: asset, agentId: fresh.agentId }]);
    expect((await lab.rules(asset))[0]).toMatchObject({ kind: "joined", rule: "claim-confirmed" });
  });

  it("is confirmed by its dock's MAC at the address that the old one had", async () => {
    const { old, asset } = await start();
    await old.close("lost");
    lab.pass(HOURS);
    const fresh = await lab.agent("fresh");
    await lab.report(fresh, [UUID, SERIAL, MAC, DOCK, "ip=10.0.0.1"]);
    expect(await count()).toBe(2);
    await lab.see([DOCK, "ip=10.0.0.1"]);
    expect(await lab.assets()).toMatchObject([{ assetId: asset, agentId: fresh.agentId }]);
    expect((await lab.rules(asset))[0]).toMatchObject({ kind: "joined", rule: "claim-confirmed" });
  });

  it.each([
    ["at an address of its own", ["ip=10.0.0.9"], [DOCK, "ip=10.0.0.9"], true],
    ["by the address alone", ["ip=10.0.0.1"], ["ip=10.0.0.1"], true],
    ["at an address that it got later", ["ip=10.0.0.9"], [DOCK, "ip=10.0.0.1"], true],
    ["while the old agent is heard", ["ip=10.0.0.1"], [DOCK, "ip=10.0.0.1"], false],
  ])("is not confirmed by a MAC that the old one never had %s", async (_what, at, seen, isSilent) => {
    const { old } = await start();
    if (isSilent) {
      await old.close("lost");
      lab.pass(HOURS);
    }
    await lab.report(await lab.agent("fresh"), [UUID, SERIAL, MAC, DOCK, ...at]);
    await lab.see(seen);
    await lab.see(seen);
    expect(await count()).toBe(2);
    expect(await lab.conflicts()).toBe(1);
  });

  it("is not confirmed by its address where the hardware is another", async () => {
    const { old } = await start();
    await old.close("lost");
    lab.pass(HOURS);
    await lab.report(await lab.agent("copy"), [UUID, SERIAL, MAC2, "ip=10.0.0.1"]);
    await lab.see([MAC2, "ip=10.0.0.1"]);
    expect(await count()).toBe(2);
  });

  it("passes an open claim on when it is installed once more: no third asset, and no second conflict", async () => {
    const { old, asset } = await start();
    await old.close("lost");
    lab.pass(HOURS);
    const second = await lab.agent("second");
    await lab.report(second, [UUID, SERIAL, MAC2, "ip=10.0.0.9"]);
    const claimant = await only(MAC2);
    await second.close("lost");
    lab.pass(HOURS);
    await lab.see([MAC2, "ip=10.0.0.9"]);
    const third = await lab.agent("third");
    await lab.report(third, [UUID, SERIAL, MAC2, "ip=10.0.0.9"]);
    expect(await count()).toBe(2);
    const assets = await lab.assets();
    expect(assets.find(({ assetId }) => assetId === claimant)).toMatchObject({
      agentId: third.agentId,
      provisional: true,
    });
    expect(assets.find(({ assetId }) => assetId === asset)).toMatchObject({ agentId: old.agentId });
    expect(await lab.conflicts()).toBe(1);
  });

  it("does not join while the old agent is heard: a forged claim takes nothing and raises a conflict", async () => {
    const { old, asset } = await start();
    await lab.see([MAC, "ip=10.0.0.1"]);
    const forger = await lab.agent("forger");
    await lab.report(forger, [UUID, SERIAL, MAC, "ip=10.0.0.9"]);
    await lab.see([MAC, "ip=10.0.0.1"]);
    const assets = await lab.assets();
    expect(assets).toHaveLength(2);
    expect(assets.find((a) => a.assetId === asset)).toMatchObject({ agentId: old.agentId });
    expect(assets.find((a) => a.assetId !== asset)).toMatchObject({ agentId: forger.agentId, provisional: true });
    expect(await lab.conflicts()).toBe(1);
  });

  it("does not take a switch whose serial it merely knows", async () => {
    await open();
    await lab.snmp(["serial=cisco/FOC1234X0AB", MAC, "ip=10.0.0.2"]);
    await lab.report(await lab.agent("forger"), ["serial=cisco/FOC1234X0AB", MAC2, "ip=10.0.0.9"]);
    expect((await lab.assets()).filter(({ provisional }) => provisional)).toHaveLength(1);
    expect(await lab.conflicts()).toBe(1);
  });

  it("has one asset under two systems that are started in turn", async () => {
    const { old: linux, asset } = await start();
    await linux.goodbye({ reason: "shutdown", atMs: lab.lab.clock.now() });
    await linux.close("fin");
    lab.pass(HOURS);
    await lab.see([MAC, "ip=10.0.0.1"]);
    const windows = await lab.agent("windows");
    await lab.report(windows, [UUID, SERIAL, MAC, "ip=10.0.0.1"]);
    await windows.goodbye({ reason: "shutdown", atMs: lab.lab.clock.now() });
    await windows.close("fin");
    lab.pass(HOURS);
    await linux.connect();
    await lab.report(linux, [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=pc1-linux"]);
    expect(await lab.assets()).toMatchObject([{ assetId: asset, agentId: linux.agentId }]);
  });
});

describe("hardware that changes", () => {
  const host = async () => {
    await open();
    const agent = await lab.agent("pc");
    await lab.report(agent, [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=pc1"]);
    return agent;
  };

  it("a rename changes nothing", async () => {
    await lab.report(await host(), [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=reception"]);
    expect(await count()).toBe(1);
  });

  it("a new NIC belongs to the same asset, and is known by the wire at once", async () => {
    const agent = await host();
    await lab.see([MAC2, "ip=10.0.0.2"]);
    expect(await count()).toBe(2);
    await lab.report(agent, [UUID, SERIAL, MAC2, "ip=10.0.0.2"]);
    expect(await count()).toBe(1);
    await lab.see([MAC, "ip=10.0.0.3"]);
    expect(await count()).toBe(1);
  });

  it("a new mainboard in the old case, serial set again by the maker, is the same asset", async () => {
    await lab.report(await host(), [UUID2, SERIAL, MAC2, "ip=10.0.0.1"]);
    expect(await count()).toBe(1);
  });

  it("a disk in other hardware takes the agent there, and the old asset stays", async () => {
    const agent = await host();
    const old = await only(UUID);
    await lab.report(agent, [UUID2, SERIAL2, MAC2, "ip=10.0.0.1", "hostname=pc1"]);
    const assets = await lab.assets();
    expect(await only(UUID2)).not.toBe(old);
    expect(assets.find(({ agentId }) => agentId === agent.agentId)).toMatchObject({ assetId: await only(UUID2) });
    await lab.report(agent, [UUID, SERIAL, MAC, "ip=10.0.0.1", "hostname=pc1"]);
    expect(await only(UUID)).toBe(old);
    expect((await lab.assets()).find(({ agentId }) => agentId === agent.agentId)).toMatchObject({ assetId: old });
  });

  it("a disk in other hardware whose board has no number of its own is told by the serial", async () => {
    await open();
    const agent = await lab.agent("pc");
    await lab.report(agent, [UUID, SERIAL, MAC, "ip=10.0.0.1"]);
    await lab.report(agent, ["hardwareUuid=00000000-0000-0000-0000-000000000000", SERIAL2, MAC2, "ip=10.0.0.1"]);
    expect(await count()).toBe(2);
    expect(await only(SERIAL)).not.toBe(await only(SERIAL2));
    expect(await only(MAC)).toBe(await only(SERIAL));
  });

  it("a disk in other hardware that has the adapter of the old one is told all the same", async () => {
    const agent = await host();
    await lab.report(agent, [UUID, SERIAL, MAC, DOCK, "ip=10.0.0.1", "hostname=pc1"]);
    const old = await only(UUID);
    await lab.report(agent, [UUID2, SERIAL2, MAC2, DOCK, "ip=10.0.0.1", "hostname=pc1"]);
    expect(await only(UUID2)).not.toBe(old);
    expect(await only(MAC)).toBe(old);
  });

  it("a virtual machine that was registered anew, with other numbers and its old MAC, is the same asset", async () => {
    const agent = await host();
    await lab.report(agent, [UUID2, SERIAL2, MAC, "ip=10.0.0.1", "hostname=pc1"]);
    expect(await count()).toBe(1);
  });

  it("a warm spare with the same name and address is another asset", async () => {
    await open();
    await lab.snmp([SERIAL2, MAC, "hostname=gw", "ip=10.0.0.1"], { id: "a" });
    await lab.snmp(["serial=hp/CZC9481ABC", MAC2, "hostname=gw", "ip=10.0.0.1"], { id: "b" });
    expect(await only(MAC)).not.toBe(await only(MAC2));
  });
});

describe("copies", () => {
  it("a cloned VM with the same UUID and machine id, live at the same time, is another asset", async () => {
    await open();
    const id = "machineId=0123abcd0123abcd0123abcd0123abcf";
    await lab.report(await lab.agent("vm1"), [UUID, id, MAC, "ip=10.0.0.1"]);
    await lab.report(await lab.agent("vm2"), [UUID, id, MAC2, "ip=10.0.0.2"]);
    expect(await count()).toBe(2);
    expect(await lab.conflicts()).toBe(1);
    await lab.see([MAC, "ip=10.0.0.1"]);
    await lab.see([MAC2, "ip=10.0.0.2"]);
    expect(await count()).toBe(2);
    expect(await only(MAC)).not.toBe(await only(MAC2));
  });

  it("and one after the other: the copy's MAC is not the one that others saw", async () => {
    await open();
    const vm1 = await lab.agent("vm1");
    await lab.report(vm1, [UUID, MAC, "ip=10.0.0.1"]);
    await vm1.close("lost");
    lab.pass(HOURS);
    await lab.see([MAC2, "ip=10.0.0.2"]);
    await lab.report(await lab.agent("vm2"), [UUID, MAC2, "ip=10.0.0.2"]);
    expect(await only(MAC)).not.toBe(await only(MAC2));
  });

  it("a reinstalled host is not taken for the container that reads its UUID", async () => {
    await open();
    const host = await lab.agent("host");
    await lab.report(host, [UUID, SERIAL, MAC, "ip=10.0.0.1"]);
    await lab.report(await lab.agent("container"), [UUID, "mac=02:42:ac:11:00:02", "ip=172.17.0.2"]);
    const asset = await only(MAC);
    await host.close("lost");
    lab.pass(HOURS);
    await lab.see([MAC, "ip=10.0.0.1"]);
    const fresh = await lab.agent("fresh");
    await lab.report(fresh, [UUID, SERIAL, MAC, "ip=10.0.0.1"]);
    expect(await count()).toBe(2);
    expect((await lab.assets()).find(({ agentId }) => agentId === fresh.agentId)).toMatchObject({ assetId: asset });
  });

  it("one of two VMs with one UUID that is reinstalled is the one with its MAC", async () => {
    await open();
    const [vm1, vm2] = [await lab.agent("vm1"), await lab.agent("vm2")];
    await lab.report(vm1, [UUID, MAC, "ip=10.0.0.1"]);
    await lab.report(vm2, [UUID, MAC2, "ip=10.0.0.2"]);
    const second = await only(MAC2);
    await vm2.close("lost");
    lab.pass(HOURS);
    const fresh = await lab.agent("fresh");
    await lab.report(fresh, [UUID, MAC2, "ip=10.0.0.2"]);
    await lab.see([MAC2, "ip=10.0.0.2"]);
    expect(await count()).toBe(2);
    expect((await lab.assets()).find(({ agentId }) => agentId === fresh.agentId)).toMatchObject({ assetId: second });
  });

  it("switches with one copied engine id stay two", async () => {
    await open();
    await lab.snmp(["engineId=80000009030011", "mac=00:1b:21:0a:00:07", "ip=10.0.0.7"]);
    await lab.snmp(["engineId=80000009030011", "mac=00:1b:21:0a:00:08", "ip=10.0.0.8"], { id: "second" });
    expect(await count()).toBe(2);
  });

  it("a container that reads its host's UUID does not become the host", async () => {
    await open();
    const host = await lab.agent("host");
    await lab.report(host, [UUID, MAC, "ip=10.0.0.1"]);
    const container = await lab.agent("container");
    await lab.report(container, [UUID, "mac=02:42:ac:11:00:02", "ip=172.17.0.2"]);
    const assets = await lab.assets();
    expect(assets.map(({ agentId }) => agentId).sort()).toEqual([host.agentId, container.agentId].sort());
  });

  it("containers of two hosts with one address of Docker's stay two", async () => {
    await open();
    const keys = ["mac=02:42:ac:11:00:02", "ip=172.17.0.2"];
    for (const name of ["c1", "c2"]) await lab.report(await lab.agent(name), [...keys, `hostname=${name}`]);
    expect(await count()).toBe(2);
  });
});

describe("MACs that name no device", () => {
  it("a dock that travels from one laptop to the next leaves them two, and is where its address is", async () => {
    await open();
    const [a, b] = [await lab.agent("a"), await lab.agent("b")];
    await lab.report(a, [UUID, SERIAL, MAC, DOCK, "ip=10.0.0.1"]);
    await lab.report(b, [UUID2, SERIAL2, MAC2, "ip=10.0.0.2"]);
    await lab.report(b, [UUID2, SERIAL2, MAC2, DOCK, "ip=10.0.0.3"]);
    expect(await count()).toBe(2);
    await lab.see([DOCK, "ip=10.0.0.3"]);
    const ofB = await only(UUID2);
    const observed = ofB && (await lab.lab.read((tx) => tx.observations.ofAsset(ofB)));
    expect(observed?.map(({ method }) => method)).toContain("arp");
    await lab.see([DOCK, "ip=10.0.0.77"]);
    expect(await count()).toBe(2);
  });

  it("a dock seen before its laptop is taken in by the first laptop only", async () => {
    await open();
    await lab.see([DOCK, "ip=10.0.0.1"]);
    await lab.report(await lab.agent("a"), [UUID, SERIAL, MAC, DOCK, "ip=10.0.0.1"]);
    await lab.report(await lab.agent("b"), [UUID2, SERIAL2, MAC2, DOCK, "ip=10.0.0.2"]);
    expect(await count()).toBe(2);
  });

  it.each(["00:00:5e:00:01:0a", "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01", "02:bf:0a:00:00:01", "00:07:b4:00:01:01"])(
    "a shared MAC (%s) makes no asset and joins none",
    async (mac) => {
      await open();
      await lab.snmp([SERIAL, MAC, "ip=10.0.0.2", `mac=${mac}`]);
      await lab.snmp([SERIAL2, MAC2, "ip=10.0.0.3", `mac=${mac}`]);
      await lab.see([`mac=${mac}`, "ip=10.0.0.1"]);
      expect(await count()).toBe(2);
    },
  );

  it("random MACs are visitors, however many", async () => {
    await open();
    for (let day = 0; day < 5; day++) {
      await lab.see([`mac=da:a1:19:00:00:0${day}`, "ip=10.0.0.40"]);
      lab.pass(24 * HOURS);
    }
    expect(await count()).toBe(0);
  });

  it("one software MAC at two sites is two virtual machines", async () => {
    await open();
    const mac = "mac=52:54:00:12:34:56";
    await lab.report(await lab.agent("vm1"), [mac, "ip=10.0.0.1"], { realm: "north" });
    await lab.report(await lab.agent("vm2"), [mac, "ip=10.0.0.1"], { realm: "south" });
    expect(await count()).toBe(2);
    expect((await lab.assets()).some(({ provisional }) => provisional)).toBe(false);
  });

  it.each(["To Be Filled By O.E.M.", "0123456789", "Default string", "123456789"])(
    "two machines with the serial %s stay two",
    async (serial) => {
      await open();
      await lab.snmp([`serial=asus/${serial}`, MAC]);
      await lab.snmp([`serial=asus/${serial}`, MAC2]);
      expect(await count()).toBe(2);
    },
  );

  it("one serial of two makers, or of none that is named, joins nothing", async () => {
    await open();
    await lab.snmp(["serial=dell/A1B2C3D", MAC]);
    await lab.snmp(["serial=hp/A1B2C3D", MAC2]);
    await lab.snmp(["serial=A1B2C3D", "mac=00:1b:21:0a:00:03"]);
    expect(await count()).toBe(3);
  });
});

describe("addresses", () => {
  it("re-used within minutes name the device that has them now", async () => {
    await open();
    await lab.see([MAC, "ip=10.0.0.1"]);
    lab.pass(120_000);
    await lab.see([MAC2, "ip=10.0.0.1"]);
    await lab.see(["ip=10.0.0.1"], { method: "icmp" });
    expect(await count()).toBe(2);
    expect(await only("ip=10.0.0.1")).toBe(await only(MAC2));
  });

  it("do not outlive their lease", async () => {
    await open();
    await lab.see([MAC, "ip=10.0.0.1"]);
    lab.pass(72 * HOURS);
    await lab.see(["ip=10.0.0.1"], { method: "icmp" });
    expect(await count()).toBe(2);
  });

  it("of one private range at two sites are two devices", async () => {
    await open();
    for (const realm of ["north", "south"]) await lab.see(["ip=10.0.0.1"], { method: "icmp", realm });
    expect(await count()).toBe(2);
  });

  it("known alone become the device that answers there", async () => {
    await open();
    await lab.see(["ip=10.0.0.1"], { method: "icmp" });
    await lab.see([MAC, "ip=10.0.0.1"]);
    expect(await count()).toBe(1);
  });
});

describe("one device seen in every order", () => {
  const steps: Record<string, () => Promise<void>> = {
    arp: () => lab.see([MAC, "ip=10.0.0.1"]),
    "arp of its other NIC": () => lab.see([MAC2, "ip=10.0.0.2"]),
    snmp: () => lab.snmp(["serial=Dell Inc./7KX20Q3", "engineId=80001f8880aabbccdd", MAC, MAC2, "ip=10.0.0.1"]),
    agent: async () => {
      const agent = await lab.agent("srv");
      await lab.report(agent, [UUID, "serial=dell/7KX20Q3", MAC, MAC2, "hostname=srv", "ip=10.0.0.1", "ip=10.0.0.2"]);
    },
  };
  const orders = (names: readonly string[]): string[][] =>
    names.length === 0 ? [[]] : names.flatMap((n) => orders(names.filter((m) => m !== n)).map((rest) => [n, ...rest]));

  it.each(orders(Object.keys(steps)).map((order) => [order.join(", "), order] as const))("%s", async (_, order) => {
    await open();
    for (const name of order) await steps[name]?.();
    expect(await count()).toBe(1);
    expect(await only(UUID)).toBe(await only(MAC2));
  });

  it("a switch with fifty interfaces and twenty addresses is one asset", async () => {
    await open();
    const mac = (n: number) => `mac=00:1b:21:0b:00:${n.toString(16).padStart(2, "0")}`;
    for (let n = 0; n < 20; n++) await lab.see([mac(n), `ip=10.0.1.${n + 1}`]);
    const macs = Array.from({ length: 50 }, (_, n) => mac(n));
    const ips = Array.from({ length: 20 }, (_, n) => `ip=10.0.1.${n + 1}`);
    await lab.snmp(["serial=cisco/FOC1", "chassisMac=00:1b:21:0b:00:ff", ...macs, ...ips]);
    await lab.see(["mac=00:1b:21:0b:00:ff"]);
    expect(await count()).toBe(1);
  });

  it("a stack whose master changes stays one asset", async () => {
    await open();
    await lab.snmp(["serial=cisco/FOC1", "chassisMac=00:1b:21:0c:00:01", MAC, MAC2, "engineId=8000000903aa01"]);
    await lab.snmp(["serial=cisco/FOC2", "chassisMac=00:1b:21:0c:00:02", MAC, MAC2, "engineId=8000000903aa02"], {
      id: "new",
    });
    expect(await count()).toBe(1);
  });
});
