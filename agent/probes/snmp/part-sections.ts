/** Pure: what a device is made of and what is installed on it, as sections. */
import type { SectionContents, SectionItem } from "../../../shared/protocol/sections.ts";
import type { DeviceInventory } from "../../snmp/inventory.ts";
import { supplyPercent } from "../../snmp/mibs/printer-mib.ts";
import { compact } from "../../snmp/table.ts";

export const toHost = (device: DeviceInventory): SectionContents => ({
  memory: compact({ totalBytes: device.memoryBytes }),
  cpu: device.devices
    .filter(({ type }) => type === "processor")
    .map(({ hrDeviceIndex, descr }) => ({ socket: String(hrDeviceIndex), ...compact({ model: descr }) })),
  disks: device.devices
    .filter(({ type }) => type === "diskStorage")
    .map(({ hrDeviceIndex, descr, capacityBytes }) => ({
      id: `name:${descr ?? hrDeviceIndex}`,
      ...compact({ model: descr, sizeBytes: capacityBytes && capacityBytes > 0 ? capacityBytes : undefined }),
    })),
  filesystems: device.fileSystems.map(({ mountPoint, remote, type, readOnly, sizeBytes }) => ({
    mountPoint,
    ...compact({ device: remote, type, readOnly, sizeBytes }),
  })),
  volumes: device.storage.map(({ hrStorageIndex, descr, type, sizeBytes }) => ({
    id: String(hrStorageIndex),
    ...compact({ kind: type, name: descr, sizeBytes }),
  })),
});

export const toSoftware = ({ software }: DeviceInventory): SectionItem<"software">[] => {
  const seen = new Map<string, number>();
  return software.map(({ name, type, installedAt }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return {
      manager: "snmp",
      name,
      architecture: "",
      ...compact({ instance: count > 1 ? String(count) : undefined, description: type, installedAt }),
    };
  });
};

export const toModules = ({ entities }: DeviceInventory): SectionItem<"modules">[] =>
  entities.map(({ entPhysicalAlias: _alias, ...entity }) => ({
    ...entity,
    ...compact({
      entPhysicalContainedIn:
        entity.entPhysicalContainedIn === undefined ? undefined : Math.max(0, entity.entPhysicalContainedIn),
    }),
  }));

const levels: Readonly<Record<number, string>> = { [-1]: "unlimited", [-2]: "unknown", [-3]: "some left" };

export const toSupplies = ({ supplies }: DeviceInventory): SectionItem<"supplies">[] =>
  supplies.map((supply) => ({
    index: supply.index,
    ...compact({
      description: supply.description,
      type: supply.type,
      color: supply.color,
      unit: supply.unit,
      capacity: supply.max !== undefined && supply.max > 0 ? supply.max : undefined,
      levelPercent: supplyPercent(supply),
      state: levels[supply.level ?? 0],
    }),
  }));

/** Watts that a class may take from its port (IEEE 802.3at; pethPsePortPowerClassifications). */
const classWatts = [15.4, 4, 7, 15.4, 30];

/** Ports that feed something, or should and cannot; the many that search for somebody to feed tell nothing. */
const toPoePorts = (ports: DeviceInventory["poePorts"]): SectionItem<"power">[] =>
  ports
    .filter(({ detection }) => detection === "deliveringPower" || detection === "fault" || detection === "otherFault")
    .map(({ group, port, detection, class: poeClass }) => ({
      id: `poe:${group}.${port}`,
      kind: "poe-port",
      ...compact({
        state: detection,
        capacityWatts: detection === "deliveringPower" ? classWatts[poeClass ?? -1] : undefined,
      }),
    }));

export const toPower = ({ ups, poeGroups, poePorts, entities }: DeviceInventory): SectionItem<"power">[] => [
  ...(ups === undefined
    ? []
    : [
        {
          id: "ups",
          kind: "ups",
          ...compact({
            manufacturer: ups.manufacturer,
            model: ups.model,
            firmware: ups.firmware,
            state: ups.outputSource ?? ups.batteryStatus,
            capacityWatts: ups.ratedWatts,
          }),
        },
      ]),
  ...poeGroups.map(({ group, powerWatts, state }) => ({
    id: `poe:${group}`,
    kind: "poe",
    ...compact({ state, capacityWatts: powerWatts }),
  })),
  ...toPoePorts(poePorts),
  ...entities
    .filter(({ entPhysicalClass }) => entPhysicalClass === "powerSupply")
    .map((e) => ({
      id: `psu:${e.entPhysicalIndex}`,
      kind: "power-supply",
      ...compact({
        manufacturer: e.entPhysicalMfgName,
        model: e.entPhysicalModelName,
        serialNumber: e.entPhysicalSerialNum,
      }),
    })),
];
