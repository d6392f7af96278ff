import type { Systeminformation as Si } from "systeminformation";
import { parseIp } from "../../../shared/ip.ts";
import { isUsableMac, parseMac } from "../../../shared/mac.ts";
import type { SectionContents, SectionItem } from "../../../shared/protocol/sections.ts";
import { memoryMaker } from "./memory-maker.ts";
import { compact, meaningful } from "./text.ts";

/**
 * systeminformation's answers under our names, for macOS and Windows. Pure: its functions are called in
 * other-platforms.ts. It writes "" or "-" or "unknown" for what it does not know.
 */
const known = (text: string | null | undefined): string | undefined =>
  text === null || text === undefined || text === "-" ? undefined : meaningful(text);
const positive = (number: number | null | undefined): number | undefined =>
  typeof number === "number" && Number.isFinite(number) && number > 0 ? number : undefined;

/** macOS leaves the chassis' type open; its models tell. */
const hostTypeOf = (system: Si.SystemData, chassis: Si.ChassisData): SectionItem<"system">["type"] => {
  if (system.virtual) return "virtual-machine";
  const text = `${chassis.type} ${system.model}`;
  if (/notebook|laptop|portable|convertible|detachable|tablet|macbook/i.test(text)) return "laptop";
  if (/rack|server|blade/i.test(text)) return "server";
  return /desktop|tower|mini|all.?in.?one|pizza|imac|mac studio|mac ?pro/i.test(text) ? "desktop" : undefined;
};

export const toSystem = (system: Si.SystemData, chassis: Si.ChassisData): SectionItem<"system"> =>
  compact({
    manufacturer: known(system.manufacturer),
    model: known(system.model),
    serialNumber: known(system.serial),
    uuid: known(system.uuid)?.toLowerCase(),
    sku: known(system.sku),
    hardwareRevision: known(system.version),
    assetTag: known(chassis.assetTag),
    chassisType: known(chassis.type)?.toLowerCase(),
    type: hostTypeOf(system, chassis),
    virtualization: system.virtual ? ("vm" as const) : ("none" as const),
    hypervisor: system.virtual ? known(system.virtualHost)?.toLowerCase() : undefined,
  });

export const toFirmware = (bios: Si.BiosData, board: Si.BaseboardData): SectionItem<"firmware">[] => [
  compact({
    component: "bios",
    vendor: known(bios.vendor),
    version: known(bios.version),
    releaseDate: known(bios.releaseDate),
    serialNumber: known(bios.serial),
  }),
  compact({
    component: "baseboard",
    vendor: known(board.manufacturer),
    product: known(board.model),
    version: known(board.version),
    serialNumber: known(board.serial),
  }),
];

export const toOs = (os: Si.OsData, uuid: Si.UuidData, timeZone: string | undefined): SectionItem<"os"> => {
  const fqdn = known(os.fqdn)?.toLowerCase();
  const dotted = fqdn?.includes(".") ? fqdn : undefined;
  return compact({
    name: known(os.distro),
    id: /darwin/i.test(os.platform)
      ? "macos"
      : /win/i.test(os.platform)
        ? "windows"
        : known(os.platform)?.toLowerCase(),
    version: known(os.release),
    versionCodename: known(os.codename),
    build: known(os.build),
    kernel: known(os.kernel),
    architecture: known(os.arch),
    hostname: known(os.hostname),
    fqdn: dotted,
    domain: dotted?.split(".").slice(1).join("."),
    timeZone,
    machineId: known(uuid.os)?.toLowerCase(),
  });
};

/** One row a socket, though only the sum over sockets is told: equal processors are the rule. */
export const toCpu = (cpu: Si.CpuData, architecture: string | undefined): SectionItem<"cpu">[] => {
  const sockets = Math.max(1, cpu.processors);
  return Array.from({ length: sockets }, (_, i) =>
    compact({
      socket: String(i),
      manufacturer: known(cpu.manufacturer),
      model: known(cpu.brand),
      architecture,
      cores: Math.round(cpu.physicalCores / sockets),
      threads: Math.round(cpu.cores / sockets),
      maxSpeedMhz: positive(Math.round((cpu.speedMax || cpu.speed) * 1_000)),
      stepping: known(cpu.stepping),
    }),
  );
};

export const toMemoryModules = (layout: readonly Si.MemLayoutData[]): SectionItem<"memoryModules">[] =>
  layout
    .filter(({ size }) => size > 0)
    .map((module, i) =>
      compact({
        slot: known(module.bank) ? `${known(module.bank)} #${i}` : `#${i}`,
        sizeBytes: module.size,
        type: known(module.type),
        formFactor: known(module.formFactor),
        speedMtps: positive(module.clockSpeed),
        manufacturer: memoryMaker(known(module.manufacturer)),
        partNumber: known(module.partNum),
        serialNumber: known(module.serialNum),
      }),
    );

/** Swap files of both systems grow by themselves, so they are no property of the host. */
export const toMemory = (
  mem: Si.MemData,
  board: Si.BaseboardData,
  layout: readonly Si.MemLayoutData[],
): SectionItem<"memory"> =>
  compact({
    totalBytes: layout.reduce((sum, { size }) => sum + (positive(size) ?? 0), 0) || mem.total,
    maximumBytes: positive(board.memMax),
    slots: positive(board.memSlots),
    errorCorrection: layout.some(({ ecc }) => ecc === true) ? "ECC" : undefined,
  });

const diskKind = (disk: Si.DiskLayoutData): SectionItem<"disks">["kind"] => {
  if (/virtual|vmware|vbox|qemu/i.test(`${disk.vendor} ${disk.name}`)) return "virtual";
  if (/usb/i.test(disk.interfaceType)) return "removable";
  if (/nvme/i.test(`${disk.type} ${disk.interfaceType}`) || /PCIe/i.test(disk.interfaceType)) return "nvme";
  if (/ssd/i.test(disk.type)) return "ssd";
  return /hd/i.test(disk.type) ? "hdd" : "unknown";
};

export const toDisks = (layout: readonly Si.DiskLayoutData[]): SectionItem<"disks">[] =>
  layout.map((disk, i) => {
    const serialNumber = known(disk.serialNum);
    const name = known(disk.device) ?? `disk${i}`;
    const smart = disk.smartStatus.toLowerCase();
    return compact({
      id: serialNumber === undefined ? `name:${name}` : `serial:${serialNumber}`,
      name,
      model: known(disk.name),
      manufacturer: known(disk.vendor),
      serialNumber,
      firmware: known(disk.firmwareRevision),
      sizeBytes: positive(disk.size),
      kind: diskKind(disk),
      transport: known(disk.interfaceType)?.toLowerCase(),
      smartStatus: /^(ok|verified|passed)$/.test(smart)
        ? ("passed" as const)
        : /fail/.test(smart)
          ? ("failed" as const)
          : undefined,
    });
  });

export const toFilesystems = (sizes: readonly Si.FsSizeData[]): SectionItem<"filesystems">[] =>
  // Every volume of an APFS container claims the container's whole size; it is the disk's, and stands there.
  sizes
    .filter(({ mount }) => mount !== "" && !/^\/(dev|private\/var\/vm)(\/|$)/.test(mount))
    .map((fs) =>
      compact({
        mountPoint: fs.mount,
        device: known(fs.fs),
        type: known(fs.type)?.toLowerCase(),
        sizeBytes: /apfs/i.test(fs.type) ? undefined : positive(fs.size),
        readOnly: fs.rw === null || fs.rw === undefined ? undefined : !fs.rw,
      }),
    );

export const toGraphics = (graphics: Si.GraphicsData): Pick<SectionContents, "graphics" | "displays"> => ({
  graphics: graphics.controllers.map((card, i) =>
    compact({
      slot: known(card.busAddress) ?? known(card.bus) ?? `#${i}`,
      manufacturer: known(card.vendor),
      model: known(card.model),
      driver: known(card.driverVersion),
      // Shared memory is the host's own.
      memoryBytes: card.vramDynamic || !positive(card.vram) ? undefined : (card.vram ?? 0) * 1_048_576,
    }),
  ),
  displays: graphics.displays.map((display, i) => {
    const serialNumber = known(display.serial);
    const model = known(display.model) ?? "display";
    return compact({
      id: serialNumber === undefined ? `${model}@${known(display.connection) ?? i}` : `${model}:${serialNumber}`,
      manufacturer: known(display.vendor),
      model,
      serialNumber,
      connector: known(display.connection),
      madeIn: positive(display.productionYear) === undefined ? undefined : String(display.productionYear),
      resolution:
        display.resolutionX && display.resolutionY ? `${display.resolutionX}x${display.resolutionY}` : undefined,
    });
  }),
});

const STEP_PERCENT = 5;

export const toBattery = (battery: Si.BatteryData): SectionItem<"battery">[] => {
  if (!battery.hasBattery) return [];
  const health = battery.designedCapacity > 0 ? battery.maxCapacity / battery.designedCapacity : undefined;
  return [
    compact({
      name: "battery",
      manufacturer: known(battery.manufacturer),
      model: known(battery.model),
      serialNumber: known(battery.serial),
      technology: known(battery.type),
      designCapacityMwh: battery.capacityUnit === "mWh" ? positive(battery.designedCapacity) : undefined,
      healthPercent:
        health === undefined ? undefined : Math.min(100, Math.round((health * 100) / STEP_PERCENT) * STEP_PERCENT),
    }),
  ];
};

const prefixOf = (mask: string): number | undefined => {
  const parts = mask.split(".").map(Number);
  if (parts.length !== 4 || parts.some((n) => !(n >= 0 && n <= 255))) return undefined;
  return parts.map((n) => n.toString(2).replaceAll("0", "").length).reduce((a, b) => a + b, 0);
};

export const toNetwork = (
  list: readonly Si.NetworkInterfacesData[],
): Pick<SectionContents, "interfaces" | "addresses"> => ({
  interfaces: list.map((item) => {
    const mac = parseMac(item.mac);
    const wireless = /wireless|wi-?fi/i.test(item.type);
    return compact({
      id: item.iface,
      name: item.iface,
      ifDescr: item.ifaceName === item.iface ? undefined : known(item.ifaceName),
      mac: mac !== undefined && isUsableMac(mac) ? mac : undefined,
      mtu: positive(item.mtu),
      // A wireless link's speed moves with every step of its owner.
      speedBps: wireless || !positive(item.speed) ? undefined : (item.speed ?? 0) * 1_000_000,
      operStatus: known(item.operstate),
      kind: item.internal ? "loopback" : item.virtual ? "virtual" : wireless ? "wireless" : "physical",
    });
  }),
  addresses: list.flatMap((item) => {
    const [ip4, ip6] = [parseIp(item.ip4 ?? ""), parseIp(item.ip6 ?? "")];
    const scope = (address: string) =>
      /^(127\.|::1$)/.test(address) ? "host" : /^(169\.254\.|fe80:)/.test(address) ? "link" : "global";
    return [
      ...(ip4 === undefined
        ? []
        : [
            compact({
              interface: item.iface,
              address: ip4,
              prefixLength: prefixOf(item.ip4subnet),
              scope: scope(ip4),
              origin: item.dhcp ? "dhcp" : undefined,
            }),
          ]),
      ...(ip6 === undefined
        ? []
        : [
            compact({
              interface: item.iface,
              address: ip6,
              prefixLength: prefix6Of(item.ip6subnet),
              scope: scope(ip6),
            }),
          ]),
    ];
  }),
});

/** "ffff:ffff:ffff:ffff::" as 64. */
const prefix6Of = (mask: string): number | undefined => {
  const groups = mask.split("::")[0]?.split(":") ?? [];
  const bits = groups.map((group) => Number.parseInt(group, 16).toString(2).replaceAll("0", "").length);
  return mask === "" || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))
    ? undefined
    : bits.reduce((a, b) => a + b, 0);
};

export const toServices = (services: readonly Si.ServicesData[], manager: string): SectionItem<"services">[] =>
  services.map(({ name, running, startmode }) =>
    compact({ manager, name, enabled: known(startmode)?.toLowerCase(), state: running ? "running" : "stopped" }),
  );

export const toUsb = (devices: readonly Si.UsbData[]): SectionItem<"usb">[] =>
  devices.map((device, i) => {
    const serialNumber = known(device.serialNumber);
    const model = known(device.name) ?? "device";
    return compact({
      id: serialNumber === undefined ? `${model}@${device.deviceId ?? device.id ?? i}` : `${model}:${serialNumber}`,
      manufacturer: known(device.vendor ?? device.manufacturer),
      model,
      serialNumber,
    });
  });
