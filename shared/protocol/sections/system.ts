import { z } from "zod";
import { deviceTypeSchema } from "../device-types.ts";
import { macText, optional, shortText, text } from "../text.ts";

/** The device itself: what it is, what it runs. */

/** How a value was found, where that is not plain: "ENTITY-MIB entPhysicalSerialNum", "sysDescr grammar (guess)". Keyed by field. */
const provenance = optional(z.record(shortText, z.object({ method: shortText, confidence: z.number().min(0).max(1) })));

export const system = z.object({
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  uuid: optional(shortText),
  sku: optional(shortText),
  family: optional(shortText),
  assetTag: optional(shortText),
  chassisType: optional(shortText),
  hardwareRevision: optional(shortText),
  type: optional(deviceTypeSchema),
  /** "none", "vm" or "container", and on what ("kvm", "vmware", "lxc"). */
  virtualization: optional(z.enum(["none", "vm", "container"])),
  hypervisor: optional(shortText),
  sysObjectID: optional(shortText),
  sysDescr: optional(text),
  sysName: optional(shortText),
  sysContact: optional(shortText),
  sysLocation: optional(shortText),
  /** snmpEngineID, lower-case hex. */
  engineId: optional(shortText),
  /** BRIDGE-MIB dot1dBaseBridgeAddress or the chassis' own. */
  chassisMac: optional(macText),
  features: optional(z.array(shortText).max(64)),
  provenance,
});

export const firmware = z.object({
  component: shortText,
  vendor: optional(shortText),
  product: optional(shortText),
  version: optional(shortText),
  releaseDate: optional(shortText),
  serialNumber: optional(shortText),
});

export const os = z.object({
  name: optional(shortText),
  /** "debian", "windows", "ios-xe": os-release ID, or the profile's slug. */
  id: optional(shortText),
  version: optional(shortText),
  versionCodename: optional(shortText),
  build: optional(shortText),
  kernel: optional(shortText),
  architecture: optional(shortText),
  hostname: optional(shortText),
  fqdn: optional(shortText),
  domain: optional(shortText),
  timeZone: optional(shortText),
  machineId: optional(shortText),
  installedAt: optional(shortText),
  provenance,
});
