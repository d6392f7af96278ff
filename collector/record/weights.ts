import type { ChangeWeight } from "../../shared/model/asset.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";

type Weights = { readonly added: ChangeWeight; readonly removed: ChangeWeight; readonly changed: ChangeWeight };

const component: Weights = { added: "high", removed: "critical", changed: "high" };
const hardware: Weights = { added: "high", removed: "high", changed: "normal" };
const software: Weights = { added: "normal", removed: "normal", changed: "normal" };
const setting: Weights = { added: "low", removed: "low", changed: "low" };
const noise: Weights = { added: "noise", removed: "noise", changed: "noise" };

/**
 * How much a difference in a section matters to a person: a part that was taken out most, then parts that came, then
 * software, then addresses (design §5). Tables that live by the minute are noise: kept, shown only when asked for.
 */
const weights: Readonly<Record<SectionName, Weights>> = {
  system: { added: "high", removed: "high", changed: "high" },
  firmware: { added: "normal", removed: "normal", changed: "normal" },
  os: { added: "normal", removed: "normal", changed: "normal" },
  cpu: component,
  memory: { added: "high", removed: "critical", changed: "high" },
  memoryModules: component,
  disks: component,
  partitions: setting,
  filesystems: setting,
  volumes: hardware,
  graphics: hardware,
  displays: hardware,
  pci: hardware,
  usb: { added: "normal", removed: "normal", changed: "low" },
  battery: { added: "normal", removed: "normal", changed: "low" },
  interfaces: { added: "normal", removed: "normal", changed: "low" },
  addresses: setting,
  routes: setting,
  dns: setting,
  listening: setting,
  software,
  services: setting,
  scheduledTasks: setting,
  users: { added: "normal", removed: "normal", changed: "low" },
  groups: { added: "normal", removed: "normal", changed: "low" },
  browserExtensions: software,
  containers: setting,
  virtualMachines: { added: "normal", removed: "normal", changed: "low" },
  security: { added: "normal", removed: "high", changed: "high" },
  certificates: setting,
  neighbours: { added: "normal", removed: "normal", changed: "low" },
  fdb: noise,
  arp: noise,
  vlans: { added: "normal", removed: "normal", changed: "low" },
  modules: component,
  supplies: { added: "low", removed: "normal", changed: "noise" },
  power: hardware,
  accessPoints: { added: "normal", removed: "high", changed: "low" },
  wirelessClients: noise,
  lags: { added: "normal", removed: "normal", changed: "low" },
  notes: noise,
};

/** Fields that say the same in other words, or say how rather than what. */
const minorFields: ReadonlySet<string> = new Set([
  "provenance",
  "description",
  "source",
  "location",
  "purl",
  "lastLoginAt",
]);

export const weigh = (section: SectionName, kind: keyof Weights, field?: string): ChangeWeight =>
  field !== undefined && minorFields.has(field) ? "noise" : weights[section][kind];

/**
 * Numbers that are others at every look have no place in sections (they travel as gauges). Where a source puts one there all the
 * same, it makes no change.
 */
const volatile =
  /^(uptime|sysUpTime|bootTime|bootedAt|lastBoot|load\d|loadAverage|temperature)|^(free|used|available|cached)(Bytes|Percent|Space|Memory)?$|(Free|Used|Available)(Bytes|Percent)$|(Octets|Packets|Pkts|Errors|Discards|Counter)$/;
export const isVolatile = (field: string): boolean => volatile.test(field);

/**
 * Fields that follow from another: when that one changed too, they are not told apart. An upgraded package is one
 * change (its version), not four.
 */
export const followers: Partial<
  Record<SectionName, { readonly leader: string; readonly fields: ReadonlySet<string> }>
> = {
  software: {
    leader: "version",
    fields: new Set(["purl", "installedAt", "description", "publisher", "source", "location"]),
  },
  browserExtensions: {
    leader: "version",
    fields: new Set(["purl", "installedAt", "description", "publisher", "source", "location"]),
  },
  os: { leader: "version", fields: new Set(["versionCodename", "build"]) },
  firmware: { leader: "version", fields: new Set(["releaseDate"]) },
};
