import { z } from "zod";
import type { SectionContent, SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import { memoryMaker } from "./memory-maker.ts";
import { readSmbios } from "./read-smbios.ts";
import { memoryArrayOf, memoryModulesOf, type SmbiosModule } from "./smbios.ts";
import { compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { isContainer } from "./virtual.ts";

/** A line of /proc/meminfo in bytes; it counts in kB, which are KiB. */
export const meminfoBytes = (meminfo: string, field: string): number | undefined => {
  const kib = new RegExp(`^${field}:\\s+(\\d{1,15}) kB$`, "m").exec(meminfo)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1_024;
};

/**
 * Installed memory where it can be had: the kernel's own total leaves out what firmware and kernel keep, and changes a
 * little with every kernel. Blocks are the kernel's unit of plugging; they cover the installed memory exactly on most hosts.
 */
const readBlocks = (tree: Tree): number | undefined => {
  const base = "/sys/devices/system/memory";
  const blockBytes = Number.parseInt(tree.value(`${base}/block_size_bytes`) ?? "", 16);
  if (!Number.isFinite(blockBytes)) return undefined;
  const blocks = tree.list(base).filter((name) => /^memory\d+$/.test(name));
  const online = blocks.filter((name) => (tree.value(`${base}/${name}/state`) ?? "online") === "online");
  return online.length * blockBytes || undefined;
};

const readMemory = (tree: Tree, modules: readonly SmbiosModule[], smbiosFile?: string): SectionItem<"memory"> => {
  const meminfo = tree.readText("/proc/meminfo") ?? "";
  const kernelTotal = meminfoBytes(meminfo, "MemTotal");
  // In a container the modules and blocks are the host's; lxcfs makes /proc/meminfo say what the container may use.
  const own = !isContainer(tree);
  const installed = own ? modules.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) || readBlocks(tree) : undefined;
  const array = own ? memoryArrayOf(readSmbios(tree, smbiosFile).structures) : undefined;
  return compact({
    totalBytes: installed ?? kernelTotal,
    swapBytes: meminfoBytes(meminfo, "SwapTotal"),
    maximumBytes: array?.maximumBytes,
    slots: array?.slots,
    errorCorrection: array?.errorCorrection,
  });
};

const TIMEOUT_MS = 10_000;

/** Memory and its modules. Sources: SMBIOS types 16 and 17, else the kernel's memory blocks, else /proc/meminfo. */
export const memory = defineProbe({
  name: "memory",
  sections: ["memory", "memoryModules"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({ smbiosFile: z.string().optional() }),
  run: async ({ smbiosFile }, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const smbios = readSmbios(tree, smbiosFile);
    const inContainer = isContainer(tree);
    const modules = inContainer ? [] : memoryModulesOf(smbios.structures);
    const memoryModules: SectionContent<"memoryModules"> = modules.map((module) =>
      compact({ ...module, manufacturer: memoryMaker(module.manufacturer) }),
    );
    const content = readMemory(tree, modules, smbiosFile);
    const available = meminfoBytes(tree.readText("/proc/meminfo") ?? "", "MemAvailable");
    const gauges = available === undefined ? {} : { "memory.availableBytes": available };
    if (!smbios.denied || inContainer) return { status: "ok", sections: { memory: content, memoryModules }, gauges };
    const reason = "memory modules: the SMBIOS table is root's to read";
    const failures: SectionFailure[] = [{ section: "memoryModules", kind: "needs-privilege", reason }];
    return { status: "ok", sections: { memory: content }, failures, gauges };
  },
});
