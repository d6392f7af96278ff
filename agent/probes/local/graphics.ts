import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { decodeEdid, displayMaker } from "./edid.ts";
import { readPciDevices } from "./pci.ts";
import { compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { isContainer } from "./virtual.ts";

const isDisplayController = (classCode: string): boolean => classCode.startsWith("03");

const readCards = (tree: Tree): SectionItem<"graphics">[] =>
  readPciDevices(tree, isDisplayController).map(({ slot, vendorId, deviceId, driver, manufacturer, model }) =>
    compact({
      slot,
      manufacturer: manufacturer ?? `PCI ${vendorId}`,
      model: model ?? `PCI ${vendorId}:${deviceId}`,
      driver,
      // amdgpu alone tells; the BARs of others say what can be mapped, not what is there.
      memoryBytes: tree.number(`/sys/bus/pci/devices/${slot}/mem_info_vram_total`),
    }),
  );

/** A display is known by what its EDID says; two of a kind without serials by where they are plugged in. */
const readDisplays = (tree: Tree): SectionItem<"displays">[] => {
  const displays = tree.list("/sys/class/drm").flatMap((name) => {
    const edid = decodeEdid(tree.readBytes(`/sys/class/drm/${name}/edid`, { maxBytes: 32_768 }) ?? new Uint8Array());
    if (edid === undefined) return [];
    const connector = name.replace(/^card\d+-/, "");
    const product = `${edid.vendor}:${edid.product.toString(16).padStart(4, "0")}`;
    return [
      compact({
        id: edid.serialNumber === undefined ? `${product}@${connector}` : `${product}:${edid.serialNumber}`,
        manufacturer: displayMaker(edid.vendor),
        model: edid.model ?? product,
        serialNumber: edid.serialNumber,
        connector,
        madeIn: edid.madeIn,
        diagonalInches: edid.diagonalInches,
        resolution: edid.resolution,
      }),
    ];
  });
  const count = Map.groupBy(displays, ({ id }) => id);
  return displays.map((display) =>
    (count.get(display.id)?.length ?? 0) > 1 ? { ...display, id: `${display.id}@${display.connector}` } : display,
  );
};

const TIMEOUT_MS = 5_000;

/** Graphics controllers and the displays plugged into them. Sources: PCI class 03, the connectors' EDID. */
export const graphics = defineProbe({
  name: "graphics",
  sections: ["graphics", "displays"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    if (isContainer(tree)) return { status: "no-data" };
    return { status: "ok", sections: { graphics: readCards(tree), displays: readDisplays(tree) } };
  },
});
