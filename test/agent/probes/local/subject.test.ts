import { describe, expect, it } from "vitest";
import { subjectOf } from "../../../../agent/probes/local/subject.ts";

describe("the host as a subject", () => {
  it("carries burnt-in addresses of real interfaces only, a bonded port's own among them", () => {
    const keys = subjectOf(
      {
        interfaces: [
          { id: "eth0", kind: "physical", mac: "b0:7b:25:d1:00:01", permanentMac: "b0:7b:25:d1:00:09" },
          { id: "docker0", kind: "bridge", mac: "02:42:00:00:00:01" },
          { id: "wg0", kind: "tunnel" },
          { id: "usb0", kind: "physical", mac: "02:00:00:00:00:05" },
        ],
      },
      "r",
    ).keys;
    expect(keys).toEqual([{ kind: "mac", value: "b0:7b:25:d1:00:09" }]);
  });

  it("falls back to a hypervisor's address where there is no other", () => {
    const interfaces = [{ id: "eth0", kind: "physical", mac: "02:00:00:00:00:05" }];
    expect(subjectOf({ interfaces }, "r").keys).toEqual([{ kind: "mac", value: "02:00:00:00:00:05" }]);
  });

  it("is heard by the address of its pair in a namespace that has nothing else, and by no pair of its containers'", () => {
    const pair = { id: "eth0", kind: "virtual", mac: "02:00:00:00:00:05" };
    const containers = { id: "veth1", kind: "virtual", mac: "02:00:00:00:00:06" };
    const addresses = [{ interface: "eth0", address: "192.0.2.1", scope: "global" as const }];
    const macsOf = (interfaces: (typeof pair)[]) =>
      subjectOf({ interfaces, addresses }, "r").keys.flatMap(({ kind, value }) => (kind === "mac" ? [value] : []));
    expect(macsOf([pair, containers])).toEqual([pair.mac]);
    const real = { id: "enp1s0", kind: "physical", mac: "b0:7b:25:d1:00:01" };
    expect(macsOf([real, pair, containers])).toEqual([real.mac]);
    expect(macsOf([containers])).toEqual([]);
  });

  it("does not take its host's board for a container's", () => {
    const system = {
      uuid: "ABCD",
      serialNumber: "S1",
      manufacturer: "Dell Inc.",
      virtualization: "container",
    } as const;
    expect(subjectOf({ system, os: { hostname: "c1" } }, "r").keys).toEqual([{ kind: "hostname", value: "c1" }]);
  });

  it("lists keys strongest first and leaves link-local addresses out", () => {
    const subject = subjectOf(
      {
        system: { uuid: "ABCD", serialNumber: "S1", manufacturer: "Dell Inc." },
        os: { hostname: "DB1", fqdn: "DB1.example.org.", machineId: "m" },
        addresses: [
          { interface: "eth0", address: "192.0.2.1", scope: "global" },
          { interface: "eth0", address: "fe80::1", scope: "link" },
        ],
      },
      "r",
    );
    expect(subject).toEqual({
      id: "self",
      realm: "r",
      keys: [
        { kind: "hardwareUuid", value: "abcd" },
        { kind: "serial", value: "S1", vendor: "dell inc." },
        { kind: "machineId", value: "m" },
        { kind: "fqdn", value: "db1.example.org" },
        { kind: "hostname", value: "db1" },
        { kind: "ip", value: "192.0.2.1" },
      ],
    });
  });
});
