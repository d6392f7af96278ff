import { readIds } from "./hardware-ids.ts";
import type { Tree } from "./tree.ts";

export type PciDevice = {
  /** "0000:00:1f.2". */
  readonly slot: string;
  /** Four hex digits each, lower case. */
  readonly vendorId: string;
  readonly deviceId: string;
  /** Six hex digits: base class, subclass, programming interface. */
  readonly classCode: string;
  readonly driver: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
};

const idOf = (text: string | undefined): string | undefined =>
  /^0x([0-9a-f]{4})$/i.exec(text ?? "")?.[1]?.toLowerCase();

/** Names of base class and subclass (PCI Code and ID Assignment Specification); the rest goes by its base class. */
const classes: Readonly<Record<string, string>> = {
  "00": "unclassified",
  "01": "mass storage",
  "0100": "SCSI",
  "0101": "IDE",
  "0104": "RAID",
  "0106": "SATA",
  "0107": "SAS",
  "0108": "NVMe",
  "02": "network",
  "0200": "Ethernet",
  "0280": "network (wireless)",
  "03": "display",
  "0300": "VGA",
  "0302": "3D",
  "04": "multimedia",
  "0401": "audio",
  "0403": "audio",
  "05": "memory",
  "06": "bridge",
  "0600": "host bridge",
  "0601": "ISA bridge",
  "0604": "PCI bridge",
  "07": "communication",
  "0700": "serial",
  "08": "system peripheral",
  "09": "input",
  "0a": "docking station",
  "0b": "processor",
  "0c": "serial bus",
  "0c03": "USB",
  "0c05": "SMBus",
  "0d": "wireless",
  "0d11": "Bluetooth",
  "0e": "intelligent controller",
  "0f": "satellite",
  "10": "encryption",
  "11": "signal processing",
  "12": "processing accelerator",
  ff: "vendor specific",
}; // biome format: keep as a table

export const pciClassName = (classCode: string): string =>
  classes[classCode.slice(0, 4)] ?? classes[classCode.slice(0, 2)] ?? classCode;

/**
 * PCI functions of the host with names where the host has an ids file. Source: /sys/bus/pci/devices.
 * @param isWanted by class code: the ids file is large and only opened for what is asked for.
 */
export const readPciDevices = (
  tree: Tree,
  isWanted: (classCode: string) => boolean = () => true,
): readonly PciDevice[] => {
  const all = tree.list("/sys/bus/pci/devices").flatMap((slot) => {
    const sys = `/sys/bus/pci/devices/${slot}`;
    const vendorId = idOf(tree.value(`${sys}/vendor`));
    const deviceId = idOf(tree.value(`${sys}/device`));
    if (vendorId === undefined || deviceId === undefined) return [];
    const classCode = /^0x([0-9a-f]{6})$/i.exec(tree.value(`${sys}/class`) ?? "")?.[1]?.toLowerCase() ?? "000000";
    return [{ slot, vendorId, deviceId, classCode, driver: tree.linkName(`${sys}/driver`) }];
  });
  const devices = all.filter(({ classCode }) => isWanted(classCode));
  const names = readIds(tree, "pci", new Set(devices.map(({ vendorId, deviceId }) => `${vendorId}:${deviceId}`)));
  return devices.map((device) => {
    const name = names.get(`${device.vendorId}:${device.deviceId}`);
    return { ...device, manufacturer: name?.vendor, model: name?.device };
  });
};
