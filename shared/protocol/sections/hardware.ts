import { z } from "zod";
import { count, optional, shortText, sizeBytes, text } from "../text.ts";

/** What a device is made of, and what stands in it. */

export const cpu = z.object({
  socket: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  architecture: optional(shortText),
  cores: optional(count),
  threads: optional(count),
  maxSpeedMhz: optional(z.number()),
  stepping: optional(shortText),
  microcode: optional(shortText),
  serialNumber: optional(shortText),
});

export const memory = z.object({
  totalBytes: optional(sizeBytes),
  swapBytes: optional(sizeBytes),
  maximumBytes: optional(sizeBytes),
  slots: optional(count),
  errorCorrection: optional(shortText),
});

export const memoryModules = z.object({
  slot: shortText,
  sizeBytes: optional(sizeBytes),
  type: optional(shortText),
  formFactor: optional(shortText),
  speedMtps: optional(z.number()),
  manufacturer: optional(shortText),
  partNumber: optional(shortText),
  serialNumber: optional(shortText),
});

/** `id` is what stays with the disk: "serial:S", else "wwn:W", else "path:P" (the by-path name), else "name:sda". */
export const disks = z.object({
  id: shortText,
  name: optional(shortText),
  model: optional(shortText),
  manufacturer: optional(shortText),
  serialNumber: optional(shortText),
  wwn: optional(shortText),
  firmware: optional(shortText),
  sizeBytes: optional(sizeBytes),
  kind: optional(z.enum(["hdd", "ssd", "nvme", "optical", "removable", "virtual", "unknown"])),
  transport: optional(shortText),
  smartStatus: optional(z.enum(["passed", "failed", "unknown"])),
});

export const partitions = z.object({
  name: shortText,
  disk: optional(shortText),
  uuid: optional(shortText),
  label: optional(shortText),
  type: optional(shortText),
  sizeBytes: optional(sizeBytes),
});

export const filesystems = z.object({
  mountPoint: text,
  device: optional(text),
  type: optional(shortText),
  sizeBytes: optional(sizeBytes),
  readOnly: optional(z.boolean()),
  encrypted: optional(z.boolean()),
});

/** RAID, LVM, ZFS, storage pools, hrStorage volumes. */
export const volumes = z.object({
  id: shortText,
  kind: optional(shortText),
  name: optional(shortText),
  level: optional(shortText),
  state: optional(shortText),
  sizeBytes: optional(sizeBytes),
  members: optional(z.array(shortText).max(512)),
});

export const graphics = z.object({
  slot: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  driver: optional(shortText),
  memoryBytes: optional(sizeBytes),
});

export const displays = z.object({
  id: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  connector: optional(shortText),
  madeIn: optional(shortText),
  diagonalInches: optional(z.number()),
  resolution: optional(shortText),
});

export const pci = z.object({
  slot: shortText,
  vendorId: optional(shortText),
  deviceId: optional(shortText),
  class: optional(shortText),
  manufacturer: optional(shortText),
  model: optional(shortText),
  driver: optional(shortText),
});

export const usb = z.object({
  /** "vendor:product:serial", or the port path where a device has no serial. */
  id: shortText,
  port: optional(shortText),
  vendorId: optional(shortText),
  productId: optional(shortText),
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
});

export const battery = z.object({
  name: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  technology: optional(shortText),
  designCapacityMwh: optional(z.number()),
  /** Full charge over design capacity, in steps of 5 %, so that wear shows and noise does not. */
  healthPercent: optional(z.number()),
});

export const modules = z.object({
  entPhysicalIndex: count,
  entPhysicalClass: optional(shortText),
  entPhysicalName: optional(shortText),
  entPhysicalDescr: optional(text),
  entPhysicalContainedIn: optional(count),
  entPhysicalParentRelPos: optional(z.int()),
  entPhysicalModelName: optional(shortText),
  entPhysicalSerialNum: optional(shortText),
  entPhysicalHardwareRev: optional(shortText),
  entPhysicalFirmwareRev: optional(shortText),
  entPhysicalSoftwareRev: optional(shortText),
  entPhysicalMfgName: optional(shortText),
  entPhysicalVendorType: optional(shortText),
  entPhysicalAssetID: optional(shortText),
  entPhysicalIsFRU: optional(z.boolean()),
  ifIndex: optional(count),
});

/** Level is kept in steps of 5 %, so that a print job is not a change. */
export const supplies = z.object({
  index: shortText,
  description: optional(shortText),
  type: optional(shortText),
  color: optional(shortText),
  unit: optional(shortText),
  capacity: optional(z.number()),
  levelPercent: optional(z.number()),
  state: optional(shortText),
});

export const power = z.object({
  id: shortText,
  kind: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  firmware: optional(shortText),
  state: optional(shortText),
  capacityWatts: optional(z.number()),
});
