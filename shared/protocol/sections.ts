import { z } from "zod";
import { count, ipText, longText, macText, optional, shortText, sizeBytes, text } from "./text.ts";

/**
 * Every section that a snapshot can hold. A section is a single value or a keyed collection; `key` names the fields that
 * identify an item. Volatile numbers (uptime, counters, free space, boot time) are gauges and have no place here.
 * `personal` sections tell of people and stay off until a scope switches them on (design §1.7).
 */
type SectionDefinition = {
  readonly kind: "value" | "collection";
  readonly schema: z.ZodObject;
  readonly key: readonly string[];
  readonly personal: boolean;
};

const value = <S extends z.ZodObject>(schema: S) => ({ kind: "value", schema, key: [], personal: false }) as const;
const collection = <S extends z.ZodObject>(
  key: readonly (keyof z.infer<S> & string)[],
  schema: S,
  { personal = false }: { personal?: boolean } = {},
) => ({ kind: "collection", schema, key, personal }) as const;

export const deviceTypes = [
  "server",
  "desktop",
  "laptop",
  "virtual-machine",
  "container",
  "hypervisor",
  "switch",
  "router",
  "firewall",
  "access-point",
  "wireless-controller",
  "printer",
  "ups",
  "pdu",
  "storage",
  "camera",
  "phone",
  "mobile",
  "sensor",
  "modem",
  "olt",
  "radio",
  "load-balancer",
  "management-controller",
  "media",
  "appliance",
  "iot",
  "unknown",
] as const; // biome format: keep as a table
export const deviceTypeSchema = z.enum(deviceTypes);
export type DeviceType = z.infer<typeof deviceTypeSchema>;

/** How a value was found, where that is not plain: "ENTITY-MIB entPhysicalSerialNum", "sysDescr grammar (guess)". Keyed by field. */
const provenance = optional(z.record(shortText, z.object({ method: shortText, confidence: z.number().min(0).max(1) })));

const system = z.object({
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

const firmware = z.object({
  component: shortText,
  vendor: optional(shortText),
  product: optional(shortText),
  version: optional(shortText),
  releaseDate: optional(shortText),
  serialNumber: optional(shortText),
});

const os = z.object({
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

const cpu = z.object({
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

const memory = z.object({
  totalBytes: optional(sizeBytes),
  swapBytes: optional(sizeBytes),
  maximumBytes: optional(sizeBytes),
  slots: optional(count),
  errorCorrection: optional(shortText),
});

const memoryModules = z.object({
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
const disks = z.object({
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

const partitions = z.object({
  name: shortText,
  disk: optional(shortText),
  uuid: optional(shortText),
  label: optional(shortText),
  type: optional(shortText),
  sizeBytes: optional(sizeBytes),
});

const filesystems = z.object({
  mountPoint: text,
  device: optional(text),
  type: optional(shortText),
  sizeBytes: optional(sizeBytes),
  readOnly: optional(z.boolean()),
  encrypted: optional(z.boolean()),
});

/** RAID, LVM, ZFS, storage pools, hrStorage volumes. */
const volumes = z.object({
  id: shortText,
  kind: optional(shortText),
  name: optional(shortText),
  level: optional(shortText),
  state: optional(shortText),
  sizeBytes: optional(sizeBytes),
  members: optional(z.array(shortText).max(512)),
});

const graphics = z.object({
  slot: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  driver: optional(shortText),
  memoryBytes: optional(sizeBytes),
});

const displays = z.object({
  id: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  connector: optional(shortText),
  madeIn: optional(shortText),
  diagonalInches: optional(z.number()),
  resolution: optional(shortText),
});

const pci = z.object({
  slot: shortText,
  vendorId: optional(shortText),
  deviceId: optional(shortText),
  class: optional(shortText),
  manufacturer: optional(shortText),
  model: optional(shortText),
  driver: optional(shortText),
});

const usb = z.object({
  /** "vendor:product:serial", or the port path where a device has no serial. */
  id: shortText,
  port: optional(shortText),
  vendorId: optional(shortText),
  productId: optional(shortText),
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
});

const battery = z.object({
  name: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  technology: optional(shortText),
  designCapacityMwh: optional(z.number()),
  /** Full charge over design capacity, in steps of 5 %, so that wear shows and noise does not. */
  healthPercent: optional(z.number()),
});

/** `id` is the interface name on a host, the ifIndex as text over SNMP. */
const interfaces = z.object({
  id: shortText,
  name: optional(shortText),
  ifIndex: optional(count),
  ifDescr: optional(shortText),
  ifAlias: optional(shortText),
  /** IANAifType name ("ethernetCsmacd"), or its number as text. */
  ifType: optional(shortText),
  mac: optional(macText),
  permanentMac: optional(macText),
  mtu: optional(count),
  speedBps: optional(sizeBytes),
  duplex: optional(z.enum(["full", "half", "unknown"])),
  adminStatus: optional(shortText),
  operStatus: optional(shortText),
  /** "physical", "bridge", "bond", "vlan", "tunnel", "loopback", "virtual", "wireless" ... */
  kind: optional(shortText),
  driver: optional(shortText),
  parent: optional(shortText),
  vlan: optional(count),
  /** Leads to another switch or router (LLDP, CDP, many MACs), so that no MAC lives here. */
  uplink: optional(z.boolean()),
});

const addresses = z.object({
  interface: shortText,
  address: ipText,
  prefixLength: optional(z.int().min(0).max(128)),
  scope: optional(shortText),
  origin: optional(shortText),
});

const routes = z.object({
  destination: shortText,
  gateway: shortText,
  interface: shortText,
  metric: optional(count),
  protocol: optional(shortText),
});

const dns = z.object({
  servers: optional(z.array(shortText).max(32)),
  search: optional(z.array(shortText).max(32)),
});

const listening = z.object({
  protocol: z.enum(["tcp", "udp"]),
  address: ipText,
  port: z.int().min(0).max(65_535),
  process: optional(shortText),
  service: optional(shortText),
});

/** `instance` tells install-only packages of one name apart (several kernels under rpm); else absent. */
const software = z.object({
  manager: shortText,
  name: shortText,
  architecture: shortText,
  instance: optional(shortText),
  version: optional(shortText),
  publisher: optional(shortText),
  description: optional(shortText),
  installedAt: optional(shortText),
  source: optional(shortText),
  location: optional(text),
  purl: optional(text),
});

const services = z.object({
  manager: shortText,
  name: shortText,
  description: optional(shortText),
  enabled: optional(shortText),
  state: optional(shortText),
  user: optional(shortText),
  command: optional(text),
});

const scheduledTasks = z.object({
  source: shortText,
  name: shortText,
  schedule: optional(shortText),
  command: optional(text),
  enabled: optional(z.boolean()),
});

const users = z.object({
  name: shortText,
  uid: optional(shortText),
  fullName: optional(shortText),
  home: optional(text),
  shell: optional(shortText),
  lastLoginAt: optional(shortText),
});

const groups = z.object({
  name: shortText,
  gid: optional(shortText),
  members: optional(z.array(shortText).max(4_096)),
});

const containers = z.object({
  engine: shortText,
  id: shortText,
  name: optional(shortText),
  image: optional(text),
  state: optional(shortText),
  createdAt: optional(shortText),
});

const virtualMachines = z.object({
  hypervisor: shortText,
  id: shortText,
  name: optional(shortText),
  uuid: optional(shortText),
  state: optional(shortText),
  vcpus: optional(count),
  memoryBytes: optional(sizeBytes),
});

/** One row per question: firewall, disk-encryption, secure-boot, tpm, selinux, apparmor, antivirus, pending-updates ... */
const security = z.object({
  check: shortText,
  state: z.enum(["on", "off", "partial", "unknown"]),
  product: optional(shortText),
  detail: optional(text),
});

const certificates = z.object({
  /** SHA-256 of the DER, hex. */
  fingerprint: shortText,
  subject: optional(text),
  issuer: optional(text),
  serialNumber: optional(shortText),
  notBefore: optional(shortText),
  notAfter: optional(shortText),
  store: optional(text),
});

/** LLDP, CDP and kin: who stands at the other end of `localPort`. */
const neighbours = z.object({
  protocol: shortText,
  localPort: shortText,
  remoteChassisId: shortText,
  remotePortId: shortText,
  localIfIndex: optional(count),
  remoteChassisIdSubtype: optional(shortText),
  remotePortIdSubtype: optional(shortText),
  remotePortDescription: optional(shortText),
  remoteSystemName: optional(shortText),
  remoteSystemDescription: optional(text),
  remoteAddress: optional(shortText),
  remoteCapabilities: optional(z.array(shortText).max(32)),
  remotePlatform: optional(shortText),
});

const fdb = z.object({
  vlan: count,
  mac: macText,
  ifIndex: optional(count),
  port: optional(shortText),
  status: optional(shortText),
});

const arp = z.object({ interface: shortText, address: ipText, mac: macText, type: optional(shortText) });

const vlans = z.object({
  id: count,
  name: optional(shortText),
  status: optional(shortText),
  taggedPorts: optional(z.array(shortText).max(4_096)),
  untaggedPorts: optional(z.array(shortText).max(4_096)),
});

const modules = z.object({
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
const supplies = z.object({
  index: shortText,
  description: optional(shortText),
  type: optional(shortText),
  color: optional(shortText),
  unit: optional(shortText),
  capacity: optional(z.number()),
  levelPercent: optional(z.number()),
  state: optional(shortText),
});

const power = z.object({
  id: shortText,
  kind: shortText,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  firmware: optional(shortText),
  state: optional(shortText),
  capacityWatts: optional(z.number()),
});

const accessPoints = z.object({
  id: shortText,
  name: optional(shortText),
  mac: optional(macText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  version: optional(shortText),
  address: optional(shortText),
  location: optional(shortText),
  state: optional(shortText),
});

const wirelessClients = z.object({
  mac: macText,
  accessPoint: optional(shortText),
  ssid: optional(shortText),
  address: optional(shortText),
  vlan: optional(count),
});

const lags = z.object({ id: shortText, name: optional(shortText), members: z.array(shortText).max(256) });

const notes = z.object({ name: shortText, value: longText });

export const sections = {
  system: value(system),
  firmware: collection(["component"], firmware),
  os: value(os),
  cpu: collection(["socket"], cpu),
  memory: value(memory),
  memoryModules: collection(["slot"], memoryModules),
  disks: collection(["id"], disks),
  partitions: collection(["name"], partitions),
  filesystems: collection(["mountPoint"], filesystems),
  volumes: collection(["id"], volumes),
  graphics: collection(["slot"], graphics),
  displays: collection(["id"], displays),
  pci: collection(["slot"], pci),
  usb: collection(["id"], usb),
  battery: collection(["name"], battery),
  interfaces: collection(["id"], interfaces),
  addresses: collection(["interface", "address"], addresses),
  routes: collection(["destination", "gateway", "interface"], routes),
  dns: value(dns),
  listening: collection(["protocol", "address", "port"], listening),
  software: collection(["manager", "name", "architecture", "instance"], software),
  services: collection(["manager", "name"], services),
  scheduledTasks: collection(["source", "name"], scheduledTasks),
  users: collection(["name"], users, { personal: true }),
  groups: collection(["name"], groups, { personal: true }),
  browserExtensions: collection(["manager", "name", "architecture", "instance"], software, { personal: true }),
  containers: collection(["engine", "id"], containers),
  virtualMachines: collection(["hypervisor", "id"], virtualMachines),
  security: collection(["check"], security),
  certificates: collection(["fingerprint"], certificates),
  neighbours: collection(["protocol", "localPort", "remoteChassisId", "remotePortId"], neighbours),
  fdb: collection(["vlan", "mac"], fdb),
  arp: collection(["interface", "address"], arp),
  vlans: collection(["id"], vlans),
  modules: collection(["entPhysicalIndex"], modules),
  supplies: collection(["index"], supplies),
  power: collection(["id"], power),
  accessPoints: collection(["id"], accessPoints),
  wirelessClients: collection(["mac"], wirelessClients, { personal: true }),
  lags: collection(["id"], lags),
  notes: collection(["name"], notes),
} as const satisfies Record<string, SectionDefinition>;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];
export const isSectionName = (name: string): name is SectionName => Object.hasOwn(sections, name);

/** One item of a collection, or the value itself. */
export type SectionItem<N extends SectionName> = z.infer<(typeof sections)[N]["schema"]>;
/** What a probe gives for a section: an array for collections, an object for values. */
export type SectionContent<N extends SectionName> = (typeof sections)[N]["kind"] extends "collection"
  ? readonly SectionItem<N>[]
  : SectionItem<N>;
export type SectionContents = { readonly [N in SectionName]?: SectionContent<N> };

/** Items a collection may hold; more is cut by the agent and said in `failures`. */
export const MAX_ITEMS = 100_000;
