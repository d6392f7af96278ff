/** HOST-RESOURCES-MIB (RFC 2790): memory, storage, devices and installed software of hosts, printers and appliances. */
import { decodeDateAndTime, decodeNumber, decodeOid, decodeText } from "../decode.ts";
import { compact, defineTable, type Tables } from "../table.ts";

export const hrMemorySize = "1.3.6.1.2.1.25.2.2.0";
export const hrSystemProcesses = "1.3.6.1.2.1.25.1.6.0";
export const hrStorageTable = defineTable("hrStorageTable", "1.3.6.1.2.1.25.2.3.1", {
  hrStorageType: 2,
  hrStorageDescr: 3,
  hrStorageAllocationUnits: 4,
  hrStorageSize: 5,
  hrStorageUsed: 6,
});
export const hrDeviceTable = defineTable("hrDeviceTable", "1.3.6.1.2.1.25.3.2.1", {
  hrDeviceType: 2,
  hrDeviceDescr: 3,
  hrDeviceID: 4,
  hrDeviceStatus: 5,
});
export const hrDiskStorageTable = defineTable("hrDiskStorageTable", "1.3.6.1.2.1.25.3.6.1", {
  hrDiskStorageMedia: 2,
  hrDiskStorageRemoveble: 3,
  hrDiskStorageCapacity: 4,
});
export const hrFSTable = defineTable("hrFSTable", "1.3.6.1.2.1.25.3.8.1", {
  hrFSMountPoint: 2,
  hrFSRemoteMountPoint: 3,
  hrFSType: 4,
  hrFSAccess: 5,
  hrFSStorageIndex: 7,
});
export const hrSWInstalledTable = defineTable("hrSWInstalledTable", "1.3.6.1.2.1.25.6.3.1", {
  hrSWInstalledName: 2,
  hrSWInstalledType: 4,
  hrSWInstalledDate: 5,
});

export type HostStorage = {
  readonly hrStorageIndex: number;
  readonly descr?: string;
  readonly type?: string;
  readonly sizeBytes?: number;
  readonly usedBytes?: number;
};
export type HostDevice = {
  readonly hrDeviceIndex: number;
  readonly descr?: string;
  readonly type?: string;
  readonly capacityBytes?: number;
};
export type HostFileSystem = {
  readonly mountPoint: string;
  readonly remote?: string;
  readonly type?: string;
  readonly readOnly?: boolean;
  readonly sizeBytes?: number;
};
export type InstalledSoftware = { readonly name: string; readonly type?: string; readonly installedAt?: string };

const TYPES = "1.3.6.1.2.1.25.";
const storageTypes = [
  "",
  "other",
  "ram",
  "virtualMemory",
  "fixedDisk",
  "removableDisk",
  "floppyDisk",
  "compactDisc",
  "ramDisk",
  "flashMemory",
  "networkDisk",
];
const deviceTypes: Readonly<Record<number, string>> = {
  1: "other",
  2: "unknown",
  3: "processor",
  4: "network",
  5: "printer",
  6: "diskStorage",
  10: "video",
  11: "audio",
  12: "coprocessor",
  13: "keyboard",
  14: "modem",
  15: "parallelPort",
  16: "pointing",
  17: "serialPort",
  18: "tape",
  19: "clock",
  20: "volatileMemory",
  21: "nonVolatileMemory",
};
const lastArc = (oid: string | undefined, prefix: string): number =>
  oid?.startsWith(`${TYPES}${prefix}.`) ? Number(oid.slice(oid.lastIndexOf(".") + 1)) : 0;

/** Sizes are Integer32: agents with large volumes let them go negative; then the unsigned value is meant. */
const units = (n: number | undefined): number | undefined => (n === undefined ? undefined : n < 0 ? n + 2 ** 32 : n);
const bytesOf = (n: number | undefined, unit: number | undefined): number | undefined => {
  const size = units(n);
  return size === undefined || unit === undefined || unit <= 0 ? undefined : size * unit;
};

export const decodeHostStorage = (tables: Tables): readonly HostStorage[] =>
  tables.rows(hrStorageTable).map(({ parts: [index = 0], cells }) => {
    const unit = decodeNumber(cells.hrStorageAllocationUnits);
    return {
      hrStorageIndex: index,
      ...compact({
        descr: decodeText(cells.hrStorageDescr),
        type: storageTypes[lastArc(decodeOid(cells.hrStorageType), "2.1")] || undefined,
        sizeBytes: bytesOf(decodeNumber(cells.hrStorageSize), unit),
        usedBytes: bytesOf(decodeNumber(cells.hrStorageUsed), unit),
      }),
    };
  });

export const decodeHostDevices = (tables: Tables): readonly HostDevice[] => {
  const capacity = new Map(
    tables.rows(hrDiskStorageTable).map(({ index, cells }) => [index, decodeNumber(cells.hrDiskStorageCapacity)]),
  );
  return tables.rows(hrDeviceTable).map(({ index, parts: [device = 0], cells }) => ({
    hrDeviceIndex: device,
    ...compact({
      descr: decodeText(cells.hrDeviceDescr),
      type: deviceTypes[lastArc(decodeOid(cells.hrDeviceType), "3.1")],
      capacityBytes: bytesOf(capacity.get(index), 1024),
    }),
  }));
};

export const decodeHostFileSystems = (tables: Tables): readonly HostFileSystem[] => {
  const sizes = new Map(decodeHostStorage(tables).map((s) => [s.hrStorageIndex, s.sizeBytes]));
  return tables.rows(hrFSTable).flatMap(({ cells }) => {
    const mountPoint = decodeText(cells.hrFSMountPoint);
    if (mountPoint === undefined) return [];
    const access = decodeNumber(cells.hrFSAccess);
    return [
      {
        mountPoint: mountPoint.replace(/^"(.*)"$/, "$1"),
        ...compact({
          remote: decodeText(cells.hrFSRemoteMountPoint)?.replace(/^"(.*)"$/, "$1") || undefined,
          type: fileSystemTypes[lastArc(decodeOid(cells.hrFSType), "3.9")],
          readOnly: access === undefined ? undefined : access === 2,
          sizeBytes: sizes.get(decodeNumber(cells.hrFSStorageIndex) ?? -1),
        }),
      },
    ];
  });
};

const fileSystemTypes: Readonly<Record<number, string>> = {
  3: "berkeleyFFS",
  4: "sys5FS",
  5: "fat",
  6: "hpfs",
  7: "hfs",
  8: "mfs",
  9: "ntfs",
  12: "iso9660",
  14: "nfs",
  15: "netware",
  16: "afs",
  18: "appleshare",
  20: "dgcfs",
  21: "bfs",
  22: "fat32",
  23: "linuxExt2",
};

const softwareTypes = ["", "unknown", "operatingSystem", "deviceDriver", "application"];

export const decodeInstalledSoftware = (tables: Tables): readonly InstalledSoftware[] =>
  tables.rows(hrSWInstalledTable).flatMap(({ cells }) => {
    const name = decodeText(cells.hrSWInstalledName);
    if (name === undefined) return [];
    const type = softwareTypes[decodeNumber(cells.hrSWInstalledType) ?? 0] || undefined;
    return [{ name, ...compact({ type, installedAt: decodeDateAndTime(cells.hrSWInstalledDate) }) }];
  });

/** Physical memory in bytes. */
export const decodeMemoryBytes = (tables: Tables): number | undefined =>
  bytesOf(decodeNumber(tables.scalar(hrMemorySize)), 1024);
