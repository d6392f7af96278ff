import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { healthPercent } from "../../../../agent/probes/local/battery.ts";
import {
  parseChromiumManifest,
  parseEditorExtensions,
  parseFirefoxExtensions,
} from "../../../../agent/probes/local/browser-extensions.ts"; // biome format: keep as a table
import { parseCertificates } from "../../../../agent/probes/local/certificates.ts";
import {
  containerOfCgroup,
  parseDockerConfig,
  parseLibvirtDomain,
  parseLxcConfig,
  parsePodmanContainers,
  parseProxmoxConfig,
} from "../../../../agent/probes/local/container-files.ts"; // biome format: keep as a table
import { describeCpu, groupSockets, parseCpuinfo, ratedMhz } from "../../../../agent/probes/local/cpu.ts";
import { parseAnacrontab, parseCrontab } from "../../../../agent/probes/local/cron.ts";
import { parseIds } from "../../../../agent/probes/local/hardware-ids.ts";
import { interfaceKind, speedOf, vlanOfName } from "../../../../agent/probes/local/interfaces.ts";
import { unitOfCgroup } from "../../../../agent/probes/local/listening.ts";
import { decodeLastlog, decodeWtmp, lastlogOffset } from "../../../../agent/probes/local/login-records.ts";
import { meminfoBytes } from "../../../../agent/probes/local/memory.ts";
import { bootTimeOf, fqdnFromHosts, zoneOfLink } from "../../../../agent/probes/local/os.ts";
import { parseOsRelease } from "../../../../agent/probes/local/os-release.ts";
import { parseUpdatesAvailable } from "../../../../agent/probes/local/security.ts";
import {
  decodeVpdSerial,
  diskKind,
  diskMaker,
  parseWwid,
  transportOf,
} from "../../../../agent/probes/local/storage/disks.ts";
import { parseMountinfo, realMounts } from "../../../../agent/probes/local/storage/mounts.ts";
import { emmcStatus, parseSmartctl } from "../../../../agent/probes/local/storage/smart.ts";
import { decodeUdev, parseUdevData } from "../../../../agent/probes/local/storage/udev.ts";
import { mappedKind, splitLvmName } from "../../../../agent/probes/local/storage/volumes.ts";
import { fromDeviceTree, hostType } from "../../../../agent/probes/local/system.ts";
import { parseUnit, templateOf, timerSchedule, unitValue } from "../../../../agent/probes/local/systemd-units.ts";
import { parseGroup, parsePasswd } from "../../../../agent/probes/local/users.ts";
import { judgeVirtualization, type VirtualizationSigns } from "../../../../agent/probes/local/virtual.ts";

describe("operating system", () => {
  it("reads os-release", () => {
    expect(parseOsRelease('NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nID="rocky"\nVERSION_ID="9.4"\n')).toEqual({
      name: "Rocky Linux",
      id: "rocky",
      version: "9.4",
    }); // biome format: keep as a table
  });

  it("finds zone, full name and boot time", () => {
    expect(zoneOfLink("../usr/share/zoneinfo/Europe/Berlin")).toBe("Europe/Berlin");
    expect(zoneOfLink("/usr/share/zoneinfo/posix/Etc/UTC")).toBe("Etc/UTC");
    expect(fqdnFromHosts("127.0.0.1 localhost\n127.0.1.1 web1.example.org web1 # me\n", "web1")).toBe(
      "web1.example.org",
    );
    expect(fqdnFromHosts("127.0.0.1 web1 web1.localdomain\n", "web1")).toBeUndefined();
    expect(fqdnFromHosts("", "Web1.Example.org")).toBe("web1.example.org");
    expect(bootTimeOf("cpu 1\nbtime 1700000000\n")).toBe(1_700_000_000);
    expect(bootTimeOf("cpu 1\n")).toBeUndefined();
  });
});

describe("virtualization", () => {
  const bare: VirtualizationSigns = {
    container: undefined,
    dockerEnv: false,
    podmanEnv: false,
    rootOnDisk: true,
    openvz: false,
    initCgroup: "",
    kernelRelease: "6.1.0",
    firmware: "Dell Inc. PowerEdge R650",
    hypervisorType: undefined,
    clockSources: "tsc hpet acpi_pm",
    deviceTreeHypervisor: false,
    hypervisorFlag: false,
    hasFirmware: true,
  }; // biome format: keep as a table

  it.each<[string, Partial<VirtualizationSigns>, object]>([
    ["bare metal", {}, { virtualization: "none" }],
    ["LXC, by its init", { container: "lxc" }, { virtualization: "container", hypervisor: "lxc" }],
    ["Docker", { dockerEnv: true, rootOnDisk: false }, { virtualization: "container", hypervisor: "docker" }],
    [
      "a machine made from a Docker image",
      { dockerEnv: true, hypervisorFlag: true, firmware: "", hasFirmware: false, clockSources: "kvm-clock tsc" },
      { virtualization: "vm", hypervisor: "kvm" },
    ],
    ["Kubernetes", { initCgroup: "0::/kubepods.slice/x" }, { virtualization: "container", hypervisor: "kubernetes" }],
    ["WSL", { kernelRelease: "5.15.0-microsoft-standard-WSL2" }, { virtualization: "container", hypervisor: "wsl" }],
    ["KVM", { firmware: "QEMU Standard PC", hypervisorFlag: true }, { virtualization: "vm", hypervisor: "kvm" }],
    [
      "VMware",
      { firmware: "VMware, Inc. VMware Virtual Platform", hypervisorFlag: true },
      { virtualization: "vm", hypervisor: "vmware" },
    ],
    [
      "Hyper-V guest",
      { firmware: "Microsoft Corporation Virtual Machine", hypervisorFlag: true },
      { virtualization: "vm", hypervisor: "microsoft" },
    ],
    ["Hyper-V host", { clockSources: "hyperv_clocksource_tsc_page", hypervisorFlag: true }, { virtualization: "none" }],
    ["Surface laptop", { firmware: "Microsoft Corporation Surface Laptop" }, { virtualization: "none" }],
    ["EC2", { firmware: "Amazon EC2 m5.large", hypervisorFlag: true }, { virtualization: "vm", hypervisor: "amazon" }],
    ["EC2 metal", { firmware: "Amazon EC2 m5.metal" }, { virtualization: "none" }],
    ["Xen by its file", { firmware: "", hypervisorType: "xen" }, { virtualization: "vm", hypervisor: "xen" }],
    ["ARM guest", { firmware: "", deviceTreeHypervisor: true }, { virtualization: "vm", hypervisor: "kvm" }],
    ["an unknown hypervisor", { firmware: "", hypervisorFlag: true }, { virtualization: "vm" }],
  ])("recognises %s", (_, signs, expected) => {
    expect(judgeVirtualization({ ...bare, ...signs })).toEqual(expected);
  });

  it("tells device types by chassis only on bare metal", () => {
    expect(hostType({ virtualization: "none" }, 23)).toBe("server");
    expect(hostType({ virtualization: "none" }, 10)).toBe("laptop");
    expect(hostType({ virtualization: "none" }, 3)).toBe("desktop");
    expect(hostType({ virtualization: "none" }, 1)).toBeUndefined();
    expect(hostType({ virtualization: "vm" }, 23)).toBe("virtual-machine");
    expect(hostType({ virtualization: "container" }, 23)).toBe("container");
  });

  it("reads a board's device tree", () => {
    expect(
      fromDeviceTree("Raspberry Pi 4 Model B Rev 1.4", "raspberrypi,4-model-b\0brcm,bcm2711\0", "100000001234abcd"),
    ).toEqual({
      manufacturer: "Raspberry Pi",
      model: "Raspberry Pi 4 Model B",
      hardwareRevision: "1.4",
      serialNumber: "100000001234abcd",
    }); // biome format: keep as a table
  });
});

describe("processors and memory", () => {
  const cpu = (fields: Record<string, string>) => new Map(Object.entries(fields));

  it("names x86 and ARM processors", () => {
    expect(
      describeCpu(cpu({ vendor_id: "GenuineIntel", "model name": "Intel(R)  Xeon(R) Silver 4310 CPU @ 2.10GHz" })),
    ).toEqual({
      manufacturer: "Intel",
      model: "Intel(R) Xeon(R) Silver 4310 CPU @ 2.10GHz",
    }); // biome format: keep as a table
    expect(describeCpu(cpu({ "CPU implementer": "0x41", "CPU part": "0xd08" }))).toEqual({
      manufacturer: "ARM",
      model: "Cortex-A72",
    });
    expect(ratedMhz("Intel(R) Core(TM) i7-1165G7 @ 2.80GHz")).toBe(2_800);
  });

  it("counts cores and threads by socket, hyper-threading and core ids that repeat included", () => {
    const placed = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({
      fields: cpu({ vendor_id: "AuthenticAMD", "model name": "EPYC" }),
      socket: String(n >> 2),
      core: `${n & ~1}-${n | 1}`,
      maxKhz: 3_500_000,
    }));
    expect(
      groupSockets(placed, "x86_64", []).map(({ socket, cores, threads, maxSpeedMhz }) => [
        socket,
        cores,
        threads,
        maxSpeedMhz,
      ]),
    ).toEqual([
      ["0", 2, 4, 3_500],
      ["1", 2, 4, 3_500],
    ]);
  });

  it("skips the paragraph about the board", () => {
    expect(parseCpuinfo("processor\t: 0\nBogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nSerial\t\t: 1000\n")).toHaveLength(
      1,
    );
  });

  it("counts kB of meminfo as KiB", () => {
    expect(meminfoBytes("MemTotal:        1000 kB\nSwapTotal: 0 kB\n", "MemTotal")).toBe(1_024_000);
    expect(meminfoBytes("", "MemTotal")).toBeUndefined();
  });

  it("shows wear in steps", () => {
    expect([
      healthPercent(46_000, 57_000),
      healthPercent(58_000, 57_000),
      healthPercent(0, 57_000),
      healthPercent(1, undefined),
    ]).toEqual([80, 100, undefined, undefined]);
  });
});

describe("storage", () => {
  it.each([
    ["sda", "/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda", "sata"],
    ["sdb", "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-2/2-2:1.0/host2/target2:0:0/2:0:0:0/block/sdb", "usb"],
    [
      "sdc",
      "/sys/devices/pci0000:00/0000:00:03.0/0000:02:00.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sdc",
      "sas",
    ],
    ["vda", "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda", "virtio"],
    ["nvme0n1", "/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1", "nvme"],
    ["mmcblk0", "/sys/devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", "mmc"],
  ])("tells how %s is attached", (name, path, transport) => {
    expect(transportOf(name, path)).toBe(transport);
  });

  it("tells kinds and makers", () => {
    const signs = { name: "sda", transport: "sata", removable: false, rotational: true, model: "ST4000NM0033" };
    expect(diskKind(signs)).toBe("hdd");
    expect(diskKind({ ...signs, rotational: false })).toBe("ssd");
    expect(diskKind({ ...signs, removable: true, transport: "usb" })).toBe("removable");
    expect(diskKind({ ...signs, name: "vda", transport: "virtio" })).toBe("virtual");
    expect(diskKind({ ...signs, name: "sr0" })).toBe("optical");
    expect(diskMaker("ATA", "ST4000NM0033")).toBe("Seagate");
    expect(diskMaker("DELL", "PERC H755")).toBe("DELL");
    expect(diskMaker("ATA", "Nobody 1")).toBeUndefined();
  });

  it("reads serials, world-wide names and udev's notes", () => {
    expect(decodeVpdSerial(Buffer.from("\0\x80\0\x14" + "2119E5A1C0DE        ", "latin1"))).toBe("2119E5A1C0DE");
    expect(decodeVpdSerial(Buffer.from("\0\x83\0\x04abcd", "latin1"))).toBeUndefined();
    expect(parseWwid("naa.500A0751E5A1C0DE")).toBe("0x500a0751e5a1c0de");
    expect(parseWwid("t10.ATA     MODEL   SERIAL")).toBeUndefined();
    expect(parseUdevData("S:disk/by-id/x\nE:ID_FS_TYPE=ext4\nE:ID_FS_LABEL_ENC=my\\x20disk\n").get("ID_FS_TYPE")).toBe(
      "ext4",
    );
    expect(decodeUdev("my\\x20disk")).toBe("my disk");
  });

  it("lists file systems of the host and none that containers, snaps and the kernel make", () => {
    const mounts = parseMountinfo(`22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
30 27 8:1 / /boot/efi ro,relatime shared:2 - vfat /dev/sda1 rw,fmask=0077
31 27 7:0 / /snap/core22/864 ro,nodev - squashfs /dev/loop0 ro
32 27 8:2 /var/lib/x /var/lib/y rw - ext4 /dev/sda2 rw
33 27 0:50 / /mnt/with\\040space rw - nfs4 server:/export ro,vers=4.2
34 27 0:60 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
35 27 0:40 /@home /home rw - btrfs /dev/sdb1 rw
36 27 9:9 / /home rw - ext4 /dev/sdc1 rw
`);
    expect(realMounts(mounts).map(({ mountPoint, type, superReadOnly }) => [mountPoint, type, superReadOnly])).toEqual([
      ["/", "ext4", false],
      ["/boot/efi", "vfat", false],
      ["/mnt/with space", "nfs4", true],
      ["/home", "ext4", false],
    ]);
  });

  it("splits names of logical volumes and tells mapped devices apart", () => {
    expect(splitLvmName("vg0-home--data")).toEqual({ group: "vg0", volume: "home-data" });
    expect(splitLvmName("my--vg-root")).toEqual({ group: "my-vg", volume: "root" });
    expect(splitLvmName("plain")).toBeUndefined();
    expect([
      mappedKind("LVM-abc"),
      mappedKind("CRYPT-LUKS2-abc-x"),
      mappedKind("mpath-3600"),
      mappedKind(undefined),
    ]).toEqual(["lvm", "crypt", "multipath", "device-mapper"]);
  });

  it("reads verdicts of disks", () => {
    expect(parseSmartctl('{"smart_status":{"passed":true}}')).toBe("passed");
    expect(parseSmartctl('{"smart_status":{"passed":false}}')).toBe("failed");
    expect(parseSmartctl("{}")).toBe("unknown");
    expect(parseSmartctl("")).toBe("unknown");
    expect([emmcStatus("0x01 0x02"), emmcStatus("0x0b 0x01"), emmcStatus(undefined), emmcStatus("x")]).toEqual([
      "passed",
      "failed",
      undefined,
      undefined,
    ]);
  });
});

describe("network interfaces", () => {
  const signs = {
    type: "1",
    devtype: undefined,
    isBridge: false,
    isBond: false,
    isWireless: false,
    isTun: false,
    hasDevice: false,
  };
  it.each([
    [{ type: "772" }, "loopback"],
    [{ isBridge: true }, "bridge"],
    [{ isBond: true }, "bond"],
    [{ isWireless: true, hasDevice: true }, "wireless"],
    [{ devtype: "vlan" }, "vlan"],
    [{ isTun: true, type: "65534" }, "tunnel"],
    [{ hasDevice: true }, "physical"],
    [{}, "virtual"],
  ])("tells kinds: %j is %s", (changed, kind) => {
    expect(interfaceKind({ ...signs, ...changed })).toBe(kind);
  }); // biome format: keep as a table

  it("reads speeds, VLANs by custom, and units of processes", () => {
    expect([speedOf(1_000), speedOf(-1), speedOf(4_294_967_295)]).toEqual([1e9, undefined, undefined]);
    expect([vlanOfName("eth0.100"), vlanOfName("vlan7"), vlanOfName("eth0"), vlanOfName("eth0.9999")]).toEqual([
      100,
      7,
      undefined,
      undefined,
    ]);
    expect(unitOfCgroup("0::/system.slice/ssh.service\n")).toBe("ssh.service");
    expect(unitOfCgroup("0::/system.slice/docker-abc.scope/init.scope\n")).toBe("init.scope");
    expect(unitOfCgroup("0::/\n")).toBeUndefined();
  });

  it("names PCI devices from the ids file, the last vendor and unknown devices included", () => {
    const ids =
      "# list\n8086  Intel Corporation\n\t2922  82801IR SATA\n\t\t1af4 1100  subsystem\n\t10d3  82574L\n1af4  Red Hat, Inc.\n\t1000  Virtio network";
    const names = parseIds(ids, new Set(["8086:2922", "8086:ffff", "1af4:1000", "dead:beef"]));
    expect(Object.fromEntries(names)).toEqual({
      "8086:2922": { vendor: "Intel Corporation", device: "82801IR SATA" },
      "8086:ffff": { vendor: "Intel Corporation", device: undefined },
      "1af4:1000": { vendor: "Red Hat, Inc.", device: "Virtio network" },
    });
  });
});

describe("services and tasks", () => {
  it("merges a unit with its drop-ins: an empty value resets", () => {
    const unit = parseUnit(
      "[Unit]\nDescription=Web\n[Service]\nExecStart=/usr/bin/a \\\n  -x\nUser=www\n; c\n\n[Service]\nExecStart=\nExecStart=/usr/bin/b\n",
    );
    expect(unitValue(unit, "Service.ExecStart")).toBe("/usr/bin/b");
    expect(unitValue(unit, "Unit.Description")).toBe("Web");
    expect(templateOf("getty@tty1.service")).toBe("getty@.service");
    expect(templateOf("ssh.service")).toBeUndefined();
    expect(timerSchedule(parseUnit("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=1h\nOnBootSec=5min\n"))).toBe(
      "OnCalendar=daily; OnBootSec=5min",
    );
  });

  it("reads crontabs with and without users", () => {
    const text =
      "SHELL=/bin/sh\n# c\n17 *\t* * *\troot  cd / && run-parts /etc/cron.hourly\n@reboot www /opt/start\nbroken\n";
    expect(parseCrontab(text, true)).toEqual([
      { schedule: "17 * * * *", user: "root", command: "cd / && run-parts /etc/cron.hourly" },
      { schedule: "@reboot", user: "www", command: "/opt/start" },
    ]);
    expect(parseCrontab("*/5 9-17 * * mon-fri /opt/poll --fast\n", false)).toEqual([
      { schedule: "*/5 9-17 * * mon-fri", user: undefined, command: "/opt/poll --fast" },
    ]);
    expect(parseAnacrontab("SHELL=/bin/sh\n1\t5\tcron.daily\trun-parts /etc/cron.daily\n@monthly 15 m run\n")).toEqual([
      { name: "cron.daily", schedule: "every 1 days", command: "run-parts /etc/cron.daily" },
      { name: "m", schedule: "@monthly", command: "run" },
    ]);
  });
});

describe("people", () => {
  it("reads passwd and group, never the password field", () => {
    const users = parsePasswd(
      "root:x:0:0:root:/root:/bin/bash\nada:$6$hash:1000:1000:Ada Lovelace,,,:/home/ada:/bin/zsh\nbroken\n",
    );
    expect(users).toEqual([
      { name: "root", uid: "0", fullName: "root", home: "/root", shell: "/bin/bash" },
      { name: "ada", uid: "1000", fullName: "Ada Lovelace", home: "/home/ada", shell: "/bin/zsh" },
    ]);
    expect(JSON.stringify(users)).not.toContain("hash");
    expect(parseGroup("sudo:x:27:bob,ada\nempty:x:5:\n")).toEqual([
      { name: "sudo", gid: "27", members: ["ada", "bob"] },
      { name: "empty", gid: "5", members: [] },
    ]);
  });

  it("reads last logins", () => {
    const record = Buffer.alloc(292);
    record.writeUInt32LE(1_700_000_000, 0);
    expect(decodeLastlog(record)).toBe(1_700_000_000);
    expect(decodeLastlog(Buffer.alloc(292))).toBeUndefined();
    expect(lastlogOffset(1_000)).toEqual({ offset: 292_000, maxBytes: 292 });
    const login = Buffer.alloc(384);
    login.writeInt16LE(7, 0);
    login.write("ada", 44);
    login.writeUInt32LE(1_700_000_100, 340);
    const boot = Buffer.alloc(384);
    boot.writeInt16LE(2, 0);
    boot.write("reboot", 44);
    expect(Object.fromEntries(decodeWtmp(Buffer.concat([boot, login, login.subarray(0, 100)])))).toEqual({
      ada: 1_700_000_100,
    });
  });

  it("reads extensions of browsers and editors", () => {
    const firefox = JSON.stringify({
      addons: [
        {
          id: "u@x",
          type: "extension",
          version: "1.2",
          location: "app-profile",
          defaultLocale: { name: "uBlock", creator: "R" },
        },
        { id: "b@x", type: "extension", location: "app-builtin" },
        { id: "t@x", type: "theme", location: "app-profile" },
      ],
    }); // biome format: keep as a table
    expect(parseFirefoxExtensions(firefox)).toEqual([
      { manager: "firefox", name: "uBlock", architecture: "any", instance: "u@x", version: "1.2", publisher: "R" },
    ]);
    expect(parseChromiumManifest("abc", "chrome", '{"name":"__MSG_app__","version":"3"}')).toEqual({
      manager: "chrome",
      name: "abc",
      architecture: "any",
      instance: "abc",
      version: "3",
    });
    expect(parseEditorExtensions('[{"identifier":{"id":"ms-python.python"},"version":"2024.1"}]', "vscode")).toEqual([
      { manager: "vscode", name: "ms-python.python", architecture: "any", version: "2024.1", publisher: "ms-python" },
    ]);
    for (const json of ["", "null", "{}", "[1]", '{"addons":[null]}']) {
      expect(parseFirefoxExtensions(json)).toEqual([]);
      expect(parseEditorExtensions(json, "vscode")).toEqual([]);
    }
  });
});

describe("containers and machines on this host", () => {
  const id = "a".repeat(64);
  it("reads engines' files without their environments", () => {
    const docker = JSON.stringify({
      ID: id,
      Name: "/web",
      Created: "2024-01-01T00:00:00Z",
      State: { Running: true },
      Config: { Image: "nginx:1.25", Env: ["SECRET=x"] },
    });
    expect(parseDockerConfig(docker)).toEqual({
      engine: "docker",
      id,
      name: "web",
      image: "nginx:1.25",
      state: "running",
      createdAt: "2024-01-01T00:00:00Z",
    });
    expect(JSON.stringify(parseDockerConfig(docker))).not.toContain("SECRET");
    const podman = JSON.stringify([
      { id, names: ["db"], metadata: '{"image-name":"postgres:16"}', created: "2024-01-02T00:00:00Z" },
      null,
      { names: [] },
    ]);
    expect(parsePodmanContainers(podman)).toEqual([
      { engine: "podman", id, name: "db", image: "postgres:16", createdAt: "2024-01-02T00:00:00Z" },
    ]);
    for (const json of ["", "[]", "null", '{"ID":1}']) expect(parseDockerConfig(json)).toBeUndefined();
    expect(containerOfCgroup(`docker-${id}.scope`, "system.slice")).toEqual({ engine: "docker", id });
    expect(containerOfCgroup(`cri-containerd-${id}.scope`, "x.slice")).toEqual({ engine: "containerd", id });
    expect(containerOfCgroup(id, "docker")).toEqual({ engine: "docker", id });
    expect(containerOfCgroup(id, "other")).toBeUndefined();
    expect(parseLxcConfig("lxc.arch = amd64\nlxc.uts.name = web\n")).toBe("web");
  });

  it("reads libvirt's and Proxmox' definitions", () => {
    const xml =
      "<domain type='kvm'><name>web</name><uuid>C0FFEE00-1234-4ABC-9DEF-00112233AABB</uuid><memory unit='GiB'>2</memory><vcpu placement='static'>4</vcpu></domain>";
    expect(parseLibvirtDomain(xml)).toEqual({
      hypervisor: "kvm",
      id: "c0ffee00-1234-4abc-9def-00112233aabb",
      name: "web",
      uuid: "c0ffee00-1234-4abc-9def-00112233aabb",
      vcpus: 4,
      memoryBytes: 2 * 2 ** 30,
    }); // biome format: keep as a table
    expect(parseLibvirtDomain("<domain/>")).toBeUndefined();
    expect(
      parseProxmoxConfig(
        "100",
        "cores: 2\nsockets: 2\nmemory: 4096\nname: db\nsmbios1: uuid=c0ffee00-1234-4abc-9def-00112233aabb\n\n[snap]\nname: old\n",
      ),
    ).toEqual({
      hypervisor: "proxmox",
      id: "100",
      name: "db",
      uuid: "c0ffee00-1234-4abc-9def-00112233aabb",
      vcpus: 4,
      memoryBytes: 4 * 2 ** 30,
    }); // biome format: keep as a table
  });
});

describe("guards", () => {
  it("counts updates where the host counted them", () => {
    expect(
      parseUpdatesAvailable(
        "\n12 updates can be applied immediately.\n3 of these updates are standard security updates.\n",
      ),
    ).toEqual({ updates: 12, security: 3 });
    expect(parseUpdatesAvailable("")).toBeUndefined();
  });

  it("keeps good certificates beside broken ones, and never looks at a key", () => {
    const broken =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    expect(parseCertificates(broken, "x")).toEqual([]);
  });

  it("survives any text in every reader", () => {
    const readers: readonly ((text: string) => unknown)[] = [
      parseCpuinfo,
      parsePasswd,
      parseGroup,
      parseUnit,
      parseMountinfo,
      parseUdevData,
      parseDockerConfig,
      parsePodmanContainers,
      parseLibvirtDomain,
      parseAnacrontab,
      parseOsRelease,
      parseSmartctl,
      parseFirefoxExtensions,
      (text) => parseCrontab(text, true),
      (text) => parseProxmoxConfig("1", text),
      (text) => parseCertificates(text, "x"),
      (text) => parseChromiumManifest("a", "b", text),
      (text) => parseIds(text, new Set(["8086:1234"])),
    ]; // biome format: keep as a table
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.json({ maxDepth: 4 }), (text, json) => {
        for (const read of readers) {
          read(text);
          read(json);
        }
      }),
    );
  });
});
