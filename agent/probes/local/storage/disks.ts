import type { SectionItem } from "../../../../shared/protocol/sections.ts";
import { compact, meaningful } from "../text.ts";
import type { Tree } from "../tree.ts";
import { readUdev } from "./udev.ts";

export type Disk = SectionItem<"disks">;

/** Block devices that are no disks: memory, loop mounts, network and mapped devices (volumes.ts has the last). */
const notDisks = /^(loop|ram|zram|dm-|md|nbd|fd|drbd|bcache|zd|rbd)\d*/;

const SECTOR_BYTES = 512; // /sys/block/*/size counts these, whatever the disk's own sectors are.

/** SCSI vital product data page 0x80 (unit serial number): four bytes of header, then text. */
export const decodeVpdSerial = (page: Uint8Array | undefined): string | undefined => {
  if (page === undefined || page[1] !== 0x80) return undefined;
  const length = ((page[2] ?? 0) << 8) | (page[3] ?? 0);
  return meaningful(Buffer.from(page.subarray(4, 4 + length)).toString("latin1"));
};

/** "naa.500a0751e5a1c0de" and "eui.0025385b71b0c3c4" are world-wide names; "t10." and "nvme." are made of model and serial. */
export const parseWwid = (wwid: string | undefined): string | undefined => {
  const name = /^(?:naa|eui|uuid)\.([0-9a-f-]{16,36})$/i.exec(wwid ?? "")?.[1];
  return name === undefined ? undefined : `0x${name.toLowerCase()}`;
};

/** How a disk is attached, from the devices between it and the root: the nearest bus that names one wins. */
export const transportOf = (name: string, devicePath: string): string | undefined => {
  if (name.startsWith("nvme")) return "nvme";
  if (name.startsWith("mmcblk")) return "mmc";
  if (/\/usb\d/.test(devicePath)) return "usb";
  if (/\/virtio\d/.test(devicePath)) return "virtio";
  if (/\/vmbus|\/VMBUS/.test(devicePath)) return "vmbus";
  if (/\/(vbd|xen)/.test(devicePath)) return "xen";
  if (/\/ata\d/.test(devicePath)) return "sata";
  if (/\/end_device-/.test(devicePath)) return "sas";
  if (/\/rport-/.test(devicePath)) return "fc";
  if (/\/session\d/.test(devicePath)) return "iscsi";
  return /\/host\d/.test(devicePath) ? "scsi" : undefined;
};

type KindSigns = {
  readonly name: string;
  readonly transport: string | undefined;
  readonly removable: boolean;
  readonly rotational: boolean | undefined;
  readonly model: string | undefined;
};

export const diskKind = ({ name, transport, removable, rotational, model }: KindSigns): Disk["kind"] => {
  if (/^sr\d/.test(name)) return "optical";
  if (transport === "virtio" || transport === "vmbus" || transport === "xen" || /^(vd|xvd)/.test(name))
    return "virtual";
  if (/\b(QEMU|VMware|VBOX|Virtual[ _]disk)\b/i.test(model ?? "")) return "virtual";
  if (removable) return "removable";
  if (transport === "nvme") return "nvme";
  if (transport === "mmc") return "ssd";
  return rotational === undefined ? "unknown" : rotational ? "hdd" : "ssd";
};

/** SATA disks behind SCSI say "ATA" for a maker, USB bridges "Generic": neither made the disk. Well-known prefixes do tell. */
export const diskMaker = (vendor: string | undefined, model: string | undefined): string | undefined => {
  if (vendor !== undefined && !/^(ata|generic|usb|0x[0-9a-f]+|nvme)$/i.test(vendor)) return vendor;
  const prefixes: readonly (readonly [RegExp, string])[] = [
    [/^(samsung|mz[-n]?v?l|pm9)/i, "Samsung"],
    [/^(wdc|wd[ _]|wd\d|wuh|wus)/i, "Western Digital"],
    [/^(st\d|seagate|xs\d)/i, "Seagate"],
    [/^(intel|ssdsc|ssdpe)/i, "Intel"],
    [/^(micron|mtfd|mta)/i, "Micron"],
    [/^(ct\d|crucial)/i, "Crucial"],
    [/^(toshiba|kxg|mg0|kioxia|kcd)/i, "Kioxia/Toshiba"],
    [/^(hgst|hts|hus|huh)/i, "HGST"],
    [/^(sk ?hynix|hfs|pc\d{3} nvme)/i, "SK Hynix"],
    [/^(kingston|sa400|skc|snv)/i, "Kingston"],
    [/^(sandisk|sd[89]s|sdss)/i, "SanDisk"],
    [/^qemu/i, "QEMU"],
    [/^vmware/i, "VMware"],
    [/^vbox/i, "VirtualBox"],
  ]; // biome format: keep as a table
  return prefixes.find(([pattern]) => pattern.test(model ?? ""))?.[1];
};

/** The serial of the USB device above a disk: what the bridge or stick itself is known by. */
const usbSerial = (tree: Tree, devicePath: string): string | undefined => {
  for (let path = devicePath; path.includes("/usb"); path = path.slice(0, path.lastIndexOf("/")))
    if (tree.exists(`${path}/idVendor`)) return meaningful(tree.value(`${path}/serial`));
  return undefined;
};

const idOf = (name: string, serial: string | undefined, wwn: string | undefined, path: string | undefined): string => {
  if (serial !== undefined) return `serial:${serial}`;
  if (wwn !== undefined) return `wwn:${wwn}`;
  return path === undefined ? `name:${name}` : `path:${path}`;
};

const readDisk = (tree: Tree, name: string): Disk | undefined => {
  const sys = `/sys/block/${name}`;
  const sectors = tree.number(`${sys}/size`) ?? 0;
  const optical = /^sr\d/.test(name);
  if (sectors === 0 && !optical) return undefined;
  const devicePath = tree.real(sys) ?? sys;
  const udev = readUdev(tree, tree.value(`${sys}/dev`));
  const transport = transportOf(name, devicePath);
  const model = meaningful(tree.value(`${sys}/device/model`) ?? tree.value(`${sys}/device/name`));
  const wwn = parseWwid(tree.value(`${sys}/wwid`) ?? tree.value(`${sys}/device/wwid`)) ?? udev.get("ID_WWN");
  const serialNumber =
    meaningful(tree.value(`${sys}/device/serial`) ?? tree.value(`${sys}/serial`)) ??
    (transport === "usb" ? usbSerial(tree, devicePath) : undefined) ??
    decodeVpdSerial(tree.readBytes(`${sys}/device/vpd_pg80`)) ??
    meaningful(udev.get("ID_SERIAL_SHORT"));
  const rotational = tree.number(`${sys}/queue/rotational`);
  return compact({
    id: idOf(name, serialNumber, wwn, udev.get("ID_PATH")),
    name,
    model,
    manufacturer: diskMaker(meaningful(tree.value(`${sys}/device/vendor`)), model),
    serialNumber,
    wwn,
    firmware: meaningful(
      tree.value(`${sys}/device/firmware_rev`) ??
        udev.get("ID_REVISION") ??
        tree.value(`${sys}/device/rev`) ??
        tree.value(`${sys}/device/fwrev`),
    ),
    // A medium in an optical drive comes and goes; the drive stays.
    sizeBytes: optical ? undefined : sectors * SECTOR_BYTES,
    kind: diskKind({
      name,
      transport,
      removable: tree.number(`${sys}/removable`) === 1,
      rotational: rotational === undefined ? undefined : rotational === 1,
      model,
    }),
    transport,
  });
};

/** Two disks that claim one serial (some USB bridges do) are told apart by their names. */
export const readDisks = (tree: Tree): Disk[] => {
  const disks = tree
    .list("/sys/block")
    .filter((name) => !notDisks.test(name) && !/^mmcblk\d+boot|rpmb/.test(name) && !/^nvme\d+c\d+n/.test(name))
    .flatMap((name) => readDisk(tree, name) ?? []);
  const count = Map.groupBy(disks, ({ id }) => id);
  return disks.map((disk) =>
    (count.get(disk.id)?.length ?? 0) > 1 ? { ...disk, id: `${disk.id}:${disk.name}` } : disk,
  );
};
