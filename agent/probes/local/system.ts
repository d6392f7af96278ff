import { z } from "zod";
import { lookup } from "../../../shared/lookup.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import type { SectionContent, SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import { readSmbios } from "./read-smbios.ts";
import { baseboardOf, biosOf, chassisOf, chassisTypes, type SmbiosStructure, systemOf, toIsoDate } from "./smbios.ts";
import { compact, meaningful } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { readVirtualization, type Virtualization } from "./virtual.ts";

type System = SectionItem<"system">;
type Firmware = SectionItem<"firmware">;

const servers = new Set([17, 23, 25, 28, 29]);
const laptops = new Set([8, 9, 10, 14, 30, 31, 32]);
const desktops = new Set([3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36]);

/** What kind of device a host is; undefined where neither virtualization nor chassis says. */
export const hostType = (
  { virtualization }: Virtualization,
  chassisType: number | undefined,
): DeviceType | undefined => {
  if (virtualization === "container") return "container";
  if (virtualization === "vm") return "virtual-machine";
  if (chassisType === undefined) return undefined;
  if (servers.has(chassisType)) return "server";
  if (laptops.has(chassisType)) return "laptop";
  return desktops.has(chassisType) ? "desktop" : undefined;
};

/**
 * Boards without SMBIOS describe themselves in the device tree: "Raspberry Pi 4 Model B Rev 1.4". A revision at the end
 * is the board's, the maker is the first of "compatible"'s vendor prefixes or the model's own first words.
 */
export const fromDeviceTree = (model: string, compatible: string, serial: string | undefined): Partial<System> => {
  const revision = /^(.*?) Rev (\S+)$/.exec(model);
  const prefix = compatible.split("\0")[0]?.split(",")[0];
  const makers: Record<string, string> = {
    raspberrypi: "Raspberry Pi",
    hardkernel: "Hardkernel",
    pine64: "Pine64",
    xunlong: "Xunlong",
  };
  return compact({
    manufacturer: prefix === undefined || prefix === "" ? undefined : (lookup(makers, prefix) ?? prefix),
    model: revision?.[1] ?? model,
    hardwareRevision: revision?.[2],
    serialNumber: serial,
  });
};

const readDeviceTree = (tree: Tree): Partial<System> => {
  const base = tree.exists("/proc/device-tree/model") ? "/proc/device-tree" : "/sys/firmware/devicetree/base";
  const model = tree.value(`${base}/model`);
  if (model === undefined) return {};
  const cpuinfo = tree.readText("/proc/cpuinfo", { maxBytes: 16_777_216 }) ?? "";
  const serial = tree.value(`${base}/serial-number`) ?? /^Serial\s*:\s*([0-9a-f]+)$/m.exec(cpuinfo)?.[1];
  return fromDeviceTree(model, tree.readText(`${base}/compatible`) ?? "", meaningful(serial));
};

/** Every field from the table where it could be read, else from the files that the kernel shows to everybody. */
const readSystem = (tree: Tree, structures: readonly SmbiosStructure[]): System => {
  const id = (name: string) => meaningful(tree.value(`/sys/class/dmi/id/${name}`));
  const smbios = systemOf(structures);
  const chassis = chassisOf(structures);
  const board = readDeviceTree(tree);
  const chassisType = chassis?.chassisType ?? tree.number("/sys/class/dmi/id/chassis_type");
  const virtual = readVirtualization(tree);
  // What /sys shows in a container is its host: taking it would make the two one asset.
  if (virtual.virtualization === "container")
    return compact({
      type: "container" as const,
      virtualization: virtual.virtualization,
      hypervisor: virtual.hypervisor,
    });
  // Lenovo keeps the name that people know in the version field and a part number in the product field.
  const lenovo = /^lenovo$/i.test(smbios?.manufacturer ?? id("sys_vendor") ?? "");
  const product = smbios?.model ?? id("product_name");
  const version = smbios?.version ?? id("product_version");
  const named = lenovo && version !== undefined;
  return compact({
    manufacturer: smbios?.manufacturer ?? id("sys_vendor") ?? board.manufacturer,
    model: (named ? version : product) ?? board.model,
    serialNumber: smbios?.serialNumber ?? id("product_serial") ?? board.serialNumber,
    uuid: smbios?.uuid ?? id("product_uuid")?.toLowerCase(),
    sku: (named ? product : undefined) ?? smbios?.sku ?? id("product_sku"),
    family: smbios?.family ?? id("product_family"),
    assetTag: chassis?.assetTag ?? id("chassis_asset_tag"),
    chassisType: chassisType === undefined ? undefined : chassisTypes[chassisType],
    hardwareRevision: named ? undefined : (version ?? board.hardwareRevision),
    type: hostType(virtual, chassisType),
    virtualization: virtual.virtualization,
    hypervisor: virtual.hypervisor,
  });
};

const readFirmware = (tree: Tree, structures: readonly SmbiosStructure[]): Firmware[] => {
  const id = (name: string) => meaningful(tree.value(`/sys/class/dmi/id/${name}`));
  const bios = biosOf(structures) ?? {
    vendor: id("bios_vendor"),
    product: undefined,
    version: id("bios_version"),
    releaseDate: toIsoDate(id("bios_date")),
    serialNumber: undefined,
  };
  const board = baseboardOf(structures) ?? {
    vendor: id("board_vendor"),
    product: id("board_name"),
    version: id("board_version"),
    releaseDate: undefined,
    serialNumber: id("board_serial"),
  };
  const named = [compact({ component: "bios", ...bios }), compact({ component: "baseboard", ...board })];
  return [...named.filter((item) => Object.keys(item).length > 1), ...readRaspberryFirmware(tree)];
};

/** The Raspberry Pi's boot loader states when it was built in the device tree; the version text is in a file of the boot partition. */
const readRaspberryFirmware = (tree: Tree): Firmware[] => {
  const bytes = tree.readBytes("/proc/device-tree/chosen/bootloader/build-timestamp");
  const version = tree.value("/proc/device-tree/chosen/bootloader/version");
  if (bytes?.length !== 4) return version === undefined ? [] : [{ component: "bootloader", version }];
  const builtAt = new Date(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) * 1_000);
  return [compact({ component: "bootloader", version, releaseDate: builtAt.toISOString().slice(0, 10) })];
};

const TIMEOUT_MS = 10_000;

/** What the machine is: maker, model, serial, UUID, chassis, and whether it is one at all. Sources: SMBIOS, device tree. */
export const system = defineProbe({
  name: "system",
  sections: ["system", "firmware"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({
    /** Where a unit left the SMBIOS table for an unprivileged agent. */
    smbiosFile: z.string().optional(),
  }),
  run: async ({ smbiosFile }, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const smbios = readSmbios(tree, smbiosFile);
    const content = readSystem(tree, smbios.structures);
    const contained = content.virtualization === "container";
    const firmware: SectionContent<"firmware"> = contained ? [] : readFirmware(tree, smbios.structures);
    const hidden = !contained && smbios.denied && content.serialNumber === undefined;
    const failures: SectionFailure[] = hidden
      ? [
          {
            section: "system",
            kind: "needs-privilege",
            reason: "serial number and UUID: the SMBIOS table is root's to read",
          },
        ]
      : [];
    return { status: "ok", sections: { system: content, firmware }, failures };
  },
});
