import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runInventory } from "../../../../agent/probes/local/run.ts";
import {
  baseboardOf,
  biosOf,
  chassisOf,
  decodeSmbiosTable,
  systemOf,
  toIsoDate,
} from "../../../../agent/probes/local/smbios.ts";
import { meaningful } from "../../../../agent/probes/local/text.ts";
import { silentLog } from "../../../../shared/log.ts";
import { plantTree, readTreeFixture } from "../../../support/host-tree.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const folder = temporaryFolder("trees");
const deps = {
  clock: createVirtualClock(),
  log: silentLog,
  signal: new AbortController().signal,
  platform: "linux",
} as const;
const personal = ["users", "groups", "browserExtensions"] as const;

const inventoryOf = (name: string) =>
  runInventory({ root: plantTree(join(folder, name), readTreeFixture(name)), personal: [...personal] }, deps);

const [dell, thinkpad, kvm, pi, lxc, stack] = await Promise.all(
  ["dell-server", "thinkpad", "kvm-guest", "raspberry-pi", "lxc-container", "storage-stack"].map(inventoryOf),
);

describe("recorded and written trees", () => {
  it.each([
    ["dell-server", dell],
    ["thinkpad", thinkpad],
    ["kvm-guest", kvm],
    ["raspberry-pi", pi],
    ["lxc-container", lxc],
    ["storage-stack", stack],
  ])("gives the whole of %s as it was reviewed", async (name, inventory) => {
    const { subject, sections, failures, gauges } = inventory!;
    const text = `${JSON.stringify({ subject, sections, failures, gauges }, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../../fixtures/trees/${name}.expected.json`);
  }); // biome format: keep as a table

  it.each(["dell-server", "thinkpad", "kvm-guest"])("reads %s' SMBIOS table as the recorded kernel did", (name) => {
    const files = new Map(readTreeFixture(name));
    const table = files.get("sys/firmware/dmi/tables/DMI") as { readonly base64: string };
    const structures = decodeSmbiosTable(Buffer.from(table.base64, "base64"));
    const kernel = (field: string): string | undefined =>
      meaningful(files.get(`sys/devices/virtual/dmi/id/${field}`) as string | undefined);
    const [system, bios, board, chassis] = [
      systemOf(structures),
      biosOf(structures),
      baseboardOf(structures),
      chassisOf(structures),
    ];
    expect({
      vendor: system?.manufacturer,
      model: system?.model,
      version: system?.version,
      serial: system?.serialNumber,
      uuid: system?.uuid,
      sku: system?.sku,
      family: system?.family,
      bios: bios?.version,
      date: bios?.releaseDate,
      board: board?.product,
      boardSerial: board?.serialNumber,
      chassis: String(chassis?.chassisType),
      chassisSerial: chassis?.serialNumber,
      tag: chassis?.assetTag,
    }).toEqual({
      vendor: kernel("sys_vendor"),
      model: kernel("product_name"),
      version: kernel("product_version"),
      serial: kernel("product_serial"),
      uuid: kernel("product_uuid"),
      sku: kernel("product_sku"),
      family: kernel("product_family"),
      bios: kernel("bios_version"),
      date: toIsoDate(kernel("bios_date")),
      board: kernel("board_name"),
      boardSerial: kernel("board_serial"),
      chassis: kernel("chassis_type"),
      chassisSerial: kernel("chassis_serial"),
      tag: kernel("chassis_asset_tag"),
    }); // biome format: keep as a table
  });

  it("knows the Dell server by its firmware and names its parts", () => {
    const { system, cpu, memoryModules, disks, software, virtualMachines } = dell!.sections;
    expect(system).toMatchObject({
      manufacturer: "Dell Inc.",
      model: "PowerEdge R650",
      serialNumber: "7XQ4KZ3",
      type: "server",
    });
    expect(cpu).toHaveLength(2);
    expect(memoryModules).toMatchObject([{ manufacturer: "Samsung", serialNumber: "4012A7C1" }]);
    expect(disks?.map(({ kind, serialNumber }) => [kind, serialNumber])).toEqual([
      ["ssd", "2119E5A1C0DE"],
      ["virtual", "4C530001230915"],
      ["nvme", "S64GNE0T500123"],
    ]);
    expect(software?.filter(({ name }) => name === "kernel-core").map(({ instance }) => instance)).toEqual([
      "5.14.0-427.13.1.el9_4",
      "5.14.0-427.18.1.el9_4",
    ]);
    expect(virtualMachines).toMatchObject([{ name: "web", state: "running", vcpus: 2 }]);
  });

  it("knows the ThinkPad by the name people know, its battery's wear and its encrypted root", () => {
    const { system, battery, filesystems, volumes, security } = thinkpad!.sections;
    expect(system).toMatchObject({
      model: "ThinkPad X1 Carbon Gen 9",
      sku: "20XW005KGE",
      type: "laptop",
      virtualization: "none",
    });
    expect(battery).toMatchObject([{ name: "BAT0", healthPercent: 80, designCapacityMwh: 57_020 }]);
    expect(filesystems?.find(({ mountPoint }) => mountPoint === "/")?.encrypted).toBe(true);
    expect(volumes?.map(({ kind }) => kind)).toEqual(["crypt", "lvm"]);
    expect(security?.find(({ check }) => check === "secure-boot")?.state).toBe("on");
  });

  it("lists a trusted certificate once, with its expiry, beside one that is broken", () => {
    const { certificates } = thinkpad!.sections;
    expect(certificates).toHaveLength(1);
    expect(certificates?.[0]).toMatchObject({
      subject: "C=AT, O=Example Trust, CN=Example Root CA",
      store: "/etc/ssl/certs/ca-certificates.crt",
    });
    expect(certificates?.[0]?.notAfter).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it("tells the state only of services that are meant to run", () => {
    expect(dell!.sections.services?.map(({ name, enabled, state }) => [name, enabled, state])).toEqual([
      ["firewalld.service", "enabled", "stopped"],
      ["sshd.service", "enabled", "running"],
    ]);
  });

  it("knows a KVM guest, whose serial nobody set", () => {
    expect(kvm!.sections.system).toMatchObject({ virtualization: "vm", hypervisor: "kvm", type: "virtual-machine" });
    expect(kvm!.sections.system?.serialNumber).toBeUndefined();
    expect(kvm!.sections.listening).toMatchObject([{ port: 22, process: "sshd" }]);
  });

  it("agrees with the recorded lsblk about a mirror, its encryption and the volume in it", () => {
    type Block = { name: string; size: number; type: string; mountpoints: (string | null)[]; children?: Block[] };
    const json = new Map(readTreeFixture("storage-stack")).get("recorded/lsblk.json") as string;
    const told = new Map<string, object>();
    const walk = (block: Block, parents: readonly string[]): void => {
      const before = told.get(block.name) as { members: string[] } | undefined;
      told.set(block.name, {
        type: block.type,
        sizeBytes: block.size,
        members: [...(before?.members ?? []), ...parents],
      });
      for (const child of block.children ?? [])
        if (!told.has(child.name) || parents.length === 0) walk(child, [block.name]);
    };
    for (const block of (JSON.parse(json) as { blockdevices: Block[] }).blockdevices) walk(block, []);
    const { disks, volumes, filesystems, security } = stack!.sections;
    for (const { name, sizeBytes } of disks ?? [])
      expect(told.get(name ?? "")).toMatchObject({ type: "disk", sizeBytes });
    expect(
      volumes?.map(({ name, sizeBytes, members, kind, level }) => ({
        name,
        sizeBytes,
        members,
        type: kind === "md" ? level : kind,
      })),
    ).toEqual(
      ["md0", "crypt-data", "my--vg-srv--data"].map((name) => ({
        name: name.startsWith("my") ? "my-vg/srv-data" : name,
        ...told.get(name),
      })),
    );
    expect(filesystems).toMatchObject([{ mountPoint: "/srv", type: "ext4", encrypted: true }]);
    expect(security?.find(({ check }) => check === "disk-encryption")?.state).toBe("on");
  });

  it("knows a Raspberry Pi by its device tree", () => {
    expect(pi!.sections.system).toMatchObject({
      manufacturer: "Raspberry Pi",
      model: "Raspberry Pi 4 Model B",
      serialNumber: "100000001234abcd",
    });
    expect(pi!.sections.addresses).toMatchObject([{ address: "192.0.2.31", prefixLength: 24, origin: "dhcp" }]);
  });

  it("never takes its host's identity or hardware for a container's", () => {
    const { sections, subject } = lxc!;
    expect(sections.system).toEqual({ type: "container", virtualization: "container", hypervisor: "lxc" });
    for (const name of ["firmware", "disks", "partitions", "pci", "memoryModules"] as const)
      expect(sections[name]).toEqual([]);
    expect(JSON.stringify(lxc)).not.toMatch(/7XQ4KZ3|4c4c4544/i);
    expect(subject.keys.map(({ kind }) => kind)).toEqual(["mac", "machineId", "fqdn", "hostname", "ip"]);
    expect(sections.memory?.totalBytes).toBe(2 ** 31);
  });

  it("never lets a secret of a command line into a snapshot", () => {
    expect(JSON.stringify(dell)).not.toContain("canary-cron-secret");
  });
});
