import type { z } from "zod";
import * as hardware from "./sections/hardware.ts";
import * as network from "./sections/network.ts";
import * as software from "./sections/software.ts";
import * as system from "./sections/system.ts";

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

export const sections = {
  system: value(system.system),
  firmware: collection(["component"], system.firmware),
  os: value(system.os),
  cpu: collection(["socket"], hardware.cpu),
  memory: value(hardware.memory),
  memoryModules: collection(["slot"], hardware.memoryModules),
  disks: collection(["id"], hardware.disks),
  partitions: collection(["name"], hardware.partitions),
  filesystems: collection(["mountPoint"], hardware.filesystems),
  volumes: collection(["id"], hardware.volumes),
  graphics: collection(["slot"], hardware.graphics),
  displays: collection(["id"], hardware.displays),
  pci: collection(["slot"], hardware.pci),
  usb: collection(["id"], hardware.usb),
  battery: collection(["name"], hardware.battery),
  interfaces: collection(["id"], network.interfaces),
  addresses: collection(["interface", "address"], network.addresses),
  routes: collection(["destination", "gateway", "interface"], network.routes),
  dns: value(network.dns),
  listening: collection(["protocol", "address", "port"], network.listening),
  software: collection(["manager", "name", "architecture", "instance"], software.software),
  services: collection(["manager", "name"], software.services),
  scheduledTasks: collection(["source", "name"], software.scheduledTasks),
  users: collection(["name"], software.users, { personal: true }),
  groups: collection(["name"], software.groups, { personal: true }),
  browserExtensions: collection(["manager", "name", "architecture", "instance"], software.software, { personal: true }),
  containers: collection(["engine", "id"], software.containers),
  virtualMachines: collection(["hypervisor", "id"], software.virtualMachines),
  security: collection(["check"], software.security),
  certificates: collection(["fingerprint"], software.certificates),
  neighbours: collection(["protocol", "localPort", "remoteChassisId", "remotePortId"], network.neighbours),
  fdb: collection(["vlan", "mac"], network.fdb),
  arp: collection(["interface", "address"], network.arp),
  vlans: collection(["id"], network.vlans),
  modules: collection(["entPhysicalIndex"], hardware.modules),
  supplies: collection(["index"], hardware.supplies),
  power: collection(["id"], hardware.power),
  accessPoints: collection(["id"], network.accessPoints),
  wirelessClients: collection(["mac"], network.wirelessClients, { personal: true }),
  lags: collection(["id"], network.lags),
  notes: collection(["name"], software.notes),
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
