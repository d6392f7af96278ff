/** Pure: what was read of a device, as snapshot sections. */

import { lookup } from "../../../shared/lookup.ts";
import type { SectionContent, SectionContents, SectionItem, SectionName } from "../../../shared/protocol/sections.ts";
import type { DeviceInventory } from "../../snmp/inventory.ts";
import { findChassis } from "../../snmp/mibs/entity-mib.ts";
import type { Interface } from "../../snmp/mibs/if-mib.ts";
import type { Found } from "../../snmp/profiles/profile.ts";
import { compact } from "../../snmp/table.ts";
import { toDeviceType } from "./device-type.ts";
import { toNeighbours } from "./neighbour-sections.ts";
import { toHost, toModules, toPower, toSoftware, toSupplies } from "./part-sections.ts";
import { findUplinks } from "./ports.ts";

/** Sections that reading a device by SNMP answers for. */
export const snmpSections: readonly SectionName[] = [
  "system",
  "os",
  "firmware",
  "cpu",
  "memory",
  "disks",
  "filesystems",
  "volumes",
  "interfaces",
  "addresses",
  "routes",
  "software",
  "neighbours",
  "fdb",
  "arp",
  "vlans",
  "modules",
  "supplies",
  "power",
  "accessPoints",
  "wirelessClients",
  "lags",
];

/** Those that change while the device stays what it is; read in every round. */
export const liveSections: readonly SectionName[] = [
  "interfaces",
  "neighbours",
  "fdb",
  "arp",
  "supplies",
  "accessPoints",
  "wirelessClients",
  "lags",
];

type Content = { -readonly [N in SectionName]?: SectionContent<N> };

/** Fields that hold long texts (`text` in the schema); all others are short. */
const LONG = new Set(["sysDescr", "entPhysicalDescr", "remoteSystemDescription", "mountPoint", "device"]);

/** A stranger's texts, cut to what the schema takes, so that one long description does not cost the item. */
const clip = (item: object): void => {
  const fields = item as Record<string, unknown>;
  for (const [field, value] of Object.entries(fields)) {
    const limit = LONG.has(field) ? 4_096 : 256;
    if (typeof value === "string" && value.length > limit) fields[field] = value.slice(0, limit);
  }
};

/** Sections with something in them; a collection that is empty is left out, and so told as empty by whoever says what was looked at. */
export const toSections = (device: DeviceInventory): SectionContents => {
  const out: Content = {
    system: toSystem(device),
    os: toOs(device),
    firmware: toFirmware(device),
    ...toHost(device),
    interfaces: toInterfaces(device),
    addresses: toAddresses(device),
    routes: toRoutes(device),
    software: toSoftware(device),
    neighbours: toNeighbours(device),
    fdb: toFdb(device),
    arp: toArp(device),
    vlans: toVlans(device),
    modules: toModules(device),
    supplies: toSupplies(device),
    power: toPower(device),
    accessPoints: device.accessPoints.map((ap) => ({ ...ap })),
    wirelessClients: device.wirelessClients.map((client) => ({ ...client })),
    lags: device.lags.map(({ ifIndex, members }) => ({
      id: String(ifIndex),
      ...compact({ name: nameOf(device.interfaces.find((i) => i.ifIndex === ifIndex)) }),
      members: members.map(String).slice(0, 256),
    })),
  };
  for (const name of Object.keys(out) as SectionName[]) {
    const content = out[name];
    const isEmpty = Array.isArray(content) ? content.length === 0 : Object.keys(content ?? {}).length === 0;
    if (content === undefined || isEmpty) delete out[name];
    else if (Array.isArray(content)) content.forEach(clip);
    else clip(content);
  }
  return out;
};

const confidences = { stated: 0.95, derived: 0.8, guess: 0.4 } as const;

const toProvenance = (fields: Readonly<Record<string, Found | undefined>>) => {
  const entries = Object.entries(fields).flatMap(([field, found]) =>
    found === undefined
      ? []
      : [[field, { method: found.source.slice(0, 256), confidence: confidences[found.confidence] }] as const],
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

const toSystem = (device: DeviceInventory): SectionItem<"system"> => {
  const { identity, system } = device;
  const chassis = findChassis(device.entities);
  const features = identity.features?.value
    .split(/,\s*/)
    .filter((f) => f !== "")
    .slice(0, 64);
  return compact({
    manufacturer: identity.vendor?.value,
    model: identity.model?.value,
    serialNumber: identity.serialNumber?.value,
    hardwareRevision: identity.hardwareRevision?.value,
    assetTag: chassis?.entPhysicalAssetID,
    type: toDeviceType(identity.type?.value, device),
    sysObjectID: system.sysObjectID,
    sysDescr: system.sysDescr,
    sysName: system.sysName,
    sysContact: system.sysContact,
    sysLocation: system.sysLocation,
    engineId: system.snmpEngineID,
    chassisMac: device.bridgeAddress,
    features: features !== undefined && features.length > 0 ? features : undefined,
    provenance: toProvenance({
      manufacturer: identity.vendor,
      model: identity.model,
      serialNumber: identity.serialNumber,
      hardwareRevision: identity.hardwareRevision,
      type: identity.type,
    }),
  });
};

const toOs = ({ identity, system }: DeviceInventory): SectionItem<"os"> => {
  const os = compact({
    name: identity.osName?.value,
    id: identity.profile,
    version: identity.osVersion?.value,
    hostname: system.sysName,
  });
  const provenance = toProvenance({ name: identity.osName, version: identity.osVersion });
  return provenance === undefined ? os : { ...os, provenance };
};

/** Firmware of the chassis and what a UPS runs; the operating system's own version is in `os`. */
const toFirmware = ({ entities, ups }: DeviceInventory): SectionItem<"firmware">[] => {
  const chassis = findChassis(entities);
  const out: SectionItem<"firmware">[] = [];
  if (chassis?.entPhysicalFirmwareRev) out.push({ component: "chassis", version: chassis.entPhysicalFirmwareRev });
  if (ups?.firmware)
    out.push({ component: "ups", version: ups.firmware, ...compact({ vendor: ups.manufacturer, product: ups.model }) });
  if (ups?.agentVersion) out.push({ component: "ups-agent", version: ups.agentVersion });
  return out;
};

const nameOf = (i: Interface | undefined): string | undefined => i?.ifName ?? i?.ifDescr;

const kinds: Readonly<Record<string, string>> = {
  softwareLoopback: "loopback",
  ieee8023adLag: "bond",
  l2vlan: "vlan",
  l3ipvlan: "vlan",
  tunnel: "tunnel",
  mplsTunnel: "tunnel",
  bridge: "bridge",
  ieee80211: "wireless",
  propVirtual: "virtual",
  vmwareVirtualNic: "virtual",
  ethernetCsmacd: "physical",
  gigabitEthernet: "physical",
  fastEther: "physical",
  fibreChannel: "physical",
  infiniband: "physical",
};

const kindOf = ({ ifType, connectorPresent }: Interface): string | undefined => {
  const kind = lookup(kinds, ifType);
  return kind === "physical" && connectorPresent === false ? "virtual" : kind;
};

const toInterfaces = (device: DeviceInventory): SectionItem<"interfaces">[] => {
  const uplinks = findUplinks(device);
  const bundle = new Map(
    device.lags.flatMap(({ ifIndex, members }) => members.map((member) => [member, String(ifIndex)] as const)),
  );
  const lower = new Map(device.stack.map(([higher, below]) => [higher, String(below)]));
  return device.interfaces.map((i) => {
    const kind = kindOf(i);
    return {
      id: String(i.ifIndex),
      ifIndex: i.ifIndex,
      ...compact({
        name: nameOf(i),
        ifDescr: i.ifDescr,
        ifAlias: i.ifAlias,
        ifType: i.ifType,
        mac: i.mac,
        mtu: i.mtu,
        speedBps: i.speedBps,
        adminStatus: i.adminStatus,
        operStatus: i.operStatus,
        kind,
        parent: bundle.get(i.ifIndex) ?? (kind === "vlan" || kind === "tunnel" ? lower.get(i.ifIndex) : undefined),
        uplink: uplinks.has(i.ifIndex) ? true : undefined,
      }),
    };
  });
};

const interfaceId = (ifIndex: number | undefined): string => (ifIndex === undefined ? "0" : String(ifIndex));

const toAddresses = ({ addresses }: DeviceInventory): SectionItem<"addresses">[] =>
  addresses
    .filter(({ kind, address }) => kind !== "broadcast" && address !== "0.0.0.0" && address !== "::")
    .map(({ address, ifIndex, prefixLength, origin }) => ({
      interface: interfaceId(ifIndex),
      address,
      ...compact({ prefixLength, origin }),
    }));

const toRoutes = ({ routes }: DeviceInventory): SectionItem<"routes">[] => {
  const items = (routes ?? []).map(({ destination, gateway, ifIndex, protocol, metric }) => ({
    destination,
    gateway,
    interface: interfaceId(ifIndex),
    ...compact({ protocol, metric }),
  }));
  // The same way in several policies or types of service: once.
  return [...new Map(items.map((item) => [`${item.destination} ${item.gateway} ${item.interface}`, item])).values()];
};

/** Learned entries; the bridge's own addresses are its interfaces'. A device that knows no VLAN has them under 0. */
const toFdb = ({ fdb, interfaces }: DeviceInventory): SectionItem<"fdb">[] => {
  const names = new Map(interfaces.map((i) => [i.ifIndex, nameOf(i)]));
  const out = new Map<string, SectionItem<"fdb">>();
  for (const { mac, vlan = 0, port, ifIndex, status } of fdb) {
    if (status === "self" || status === "mgmt") continue;
    const at = ifIndex !== undefined && ifIndex > 0 ? ifIndex : undefined;
    const name = at === undefined ? undefined : names.get(at);
    out.set(`${vlan} ${mac}`, {
      vlan,
      mac,
      ...compact({ ifIndex: at, port: name ?? (port === undefined || port === 0 ? undefined : String(port)), status }),
    });
  }
  return [...out.values()];
};

const toArp = ({ arp }: DeviceInventory): SectionItem<"arp">[] =>
  arp
    .filter(({ type }) => type !== "local")
    .map(({ address, mac, ifIndex, type }) => ({
      interface: interfaceId(ifIndex),
      address,
      mac,
      ...compact({ type }),
    }));

const toVlans = ({ vlans, basePorts }: DeviceInventory): SectionItem<"vlans">[] => {
  const ids = (ports: readonly number[] | undefined) =>
    ports?.map((port) => interfaceId(basePorts.get(port) ?? port)).slice(0, 4_096);
  return vlans.map(({ id, name, status, taggedPorts, untaggedPorts }) => ({
    id,
    ...compact({ name, status, taggedPorts: ids(taggedPorts), untaggedPorts: ids(untaggedPorts) }),
  }));
};

/** Volatile numbers, sent beside the sections and never diffed. */
export const toGauges = ({
  system,
  printer,
  supplies,
  ups,
  poeGroups,
  storage,
}: DeviceInventory): Readonly<Record<string, number>> => {
  const out: Record<string, number> = {};
  const put = (name: string, value: number | undefined) => {
    if (value !== undefined && Number.isFinite(value)) out[name] = value;
  };
  put("uptimeSeconds", system.sysUpTime === undefined ? undefined : Math.floor(system.sysUpTime / 100));
  put("printer.pages", printer?.pageCount);
  for (const { index, level } of supplies.slice(0, 64)) put(`supplies.${index}.level`, level);
  put("ups.chargePercent", ups?.chargePercent);
  put("ups.minutesRemaining", ups?.minutesRemaining);
  for (const { group, consumptionWatts } of poeGroups.slice(0, 64)) put(`poe.${group}.watts`, consumptionWatts);
  for (const { hrStorageIndex, usedBytes } of storage.slice(0, 64))
    put(`volumes.${hrStorageIndex}.usedBytes`, usedBytes);
  return out;
};
