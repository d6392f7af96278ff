import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { readIds } from "./hardware-ids.ts";
import { pciClassName, readPciDevices } from "./pci.ts";
import { compact, meaningful } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { isContainer } from "./virtual.ts";

const readPci = (tree: Tree): SectionItem<"pci">[] =>
  readPciDevices(tree).map(({ slot, vendorId, deviceId, classCode, manufacturer, model, driver }) =>
    compact({ slot, vendorId, deviceId, class: pciClassName(classCode), manufacturer, model, driver }),
  );

/** Devices have names like "1-1.4"; "usb1" is a root hub, which is the controller's (PCI) and "1-1:1.0" an interface. */
const isUsbDevice = (name: string): boolean => /^\d+-\d+(\.\d+)*$/.test(name);

/** Host controllers and virtual devices carry a PCI address for a serial: it says where they are, not which. */
const usbSerial = (text: string | undefined): string | undefined => {
  const serial = meaningful(text);
  return serial === undefined || /[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d/i.test(serial) ? undefined : serial;
};

const readUsb = (tree: Tree): SectionItem<"usb">[] => {
  const base = "/sys/bus/usb/devices";
  const devices = tree
    .list(base)
    .filter(isUsbDevice)
    .flatMap((port) => {
      const of = (field: string) => tree.value(`${base}/${port}/${field}`);
      const vendorId = of("idVendor")?.toLowerCase();
      const productId = of("idProduct")?.toLowerCase();
      if (vendorId === undefined || productId === undefined) return [];
      const [manufacturer, model] = [meaningful(of("manufacturer")), meaningful(of("product"))];
      return [{ port, vendorId, productId, manufacturer, model, serialNumber: usbSerial(of("serial")) }];
    });
  const names = readIds(tree, "usb", new Set(devices.map(({ vendorId, productId }) => `${vendorId}:${productId}`)));
  const seen = new Set<string>();
  return devices.map((device) => {
    const product = `${device.vendorId}:${device.productId}`;
    const known = names.get(product);
    const wanted =
      device.serialNumber === undefined ? `${product}@${device.port}` : `${product}:${device.serialNumber}`;
    const id = seen.has(wanted) ? `${wanted}@${device.port}` : wanted;
    seen.add(id);
    return compact({
      id,
      ...device,
      // The ids file names makers more evenly than the devices do, and models less exactly.
      manufacturer: known?.vendor ?? device.manufacturer,
      model: device.model ?? known?.device,
    });
  });
};

const TIMEOUT_MS = 10_000;

/** PCI functions and USB devices. Source: /sys/bus; names from the host's pci.ids and usb.ids, else the devices' own. */
export const peripherals = defineProbe({
  name: "peripherals",
  sections: ["pci", "usb"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    if (isContainer(tree)) return { status: "no-data" };
    return { status: "ok", sections: { pci: readPci(tree), usb: readUsb(tree) } };
  },
});
