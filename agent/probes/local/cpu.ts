import { machine } from "node:os";
import { z } from "zod";
import { lookup } from "../../../shared/lookup.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { readSmbios } from "./read-smbios.ts";
import { processorsOf, type SmbiosProcessor } from "./smbios.ts";
import { compact, meaningful } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Cpu = SectionItem<"cpu">;

/** One logical processor, as /proc/cpuinfo lists it: its fields by name. */
export type LogicalCpu = ReadonlyMap<string, string>;

/** Paragraphs that begin with "processor"; ARM's and s390's trailing paragraph about the board is none. */
export const parseCpuinfo = (text: string): readonly LogicalCpu[] =>
  text
    .split(/\n\s*\n/)
    .map(
      (block) =>
        new Map(
          block.split("\n").flatMap((line) => {
            const at = line.indexOf(":");
            return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
          }),
        ),
    )
    .filter((fields) => fields.has("processor"));

/** ARM implementers and the cores one meets in servers, boards and laptops (MIDR_EL1; Arm's and the vendors' manuals). */
const armImplementers: Readonly<Record<string, string>> = {
  "0x41": "ARM",
  "0x42": "Broadcom",
  "0x43": "Cavium",
  "0x46": "Fujitsu",
  "0x48": "HiSilicon",
  "0x4e": "NVIDIA",
  "0x50": "Applied Micro",
  "0x51": "Qualcomm",
  "0x61": "Apple",
  "0xc0": "Ampere",
}; // biome format: keep as a table
const armParts: Readonly<Record<string, string>> = {
  "0x41/0xb76": "ARM1176",
  "0x41/0xc07": "Cortex-A7",
  "0x41/0xc08": "Cortex-A8",
  "0x41/0xc09": "Cortex-A9",
  "0x41/0xc0f": "Cortex-A15",
  "0x41/0xd03": "Cortex-A53",
  "0x41/0xd04": "Cortex-A35",
  "0x41/0xd05": "Cortex-A55",
  "0x41/0xd07": "Cortex-A57",
  "0x41/0xd08": "Cortex-A72",
  "0x41/0xd09": "Cortex-A73",
  "0x41/0xd0a": "Cortex-A75",
  "0x41/0xd0b": "Cortex-A76",
  "0x41/0xd0c": "Neoverse-N1",
  "0x41/0xd0d": "Cortex-A77",
  "0x41/0xd40": "Neoverse-V1",
  "0x41/0xd41": "Cortex-A78",
  "0x41/0xd44": "Cortex-X1",
  "0x41/0xd49": "Neoverse-N2",
  "0x41/0xd4f": "Neoverse-V2",
  "0xc0/0xac3": "Ampere-1",
  "0x46/0x001": "A64FX",
  "0x48/0xd01": "Kunpeng-920",
}; // biome format: keep as a table

const x86Vendors: Readonly<Record<string, string>> = {
  GenuineIntel: "Intel",
  AuthenticAMD: "AMD",
  HygonGenuine: "Hygon",
  CentaurHauls: "VIA",
}; // biome format: keep as a table

/** Model and maker of a logical processor, whatever the architecture calls them. */
export const describeCpu = (fields: LogicalCpu): Pick<Cpu, "manufacturer" | "model"> => {
  const implementer = fields.get("CPU implementer")?.toLowerCase();
  if (implementer !== undefined)
    return compact({
      manufacturer: lookup(armImplementers, implementer),
      model:
        armParts[`${implementer}/${fields.get("CPU part")?.toLowerCase()}`] ?? meaningful(fields.get("model name")),
    });
  const vendor = fields.get("vendor_id");
  return compact({
    manufacturer: vendor === undefined ? undefined : (lookup(x86Vendors, vendor) ?? vendor),
    model: meaningful(fields.get("model name") ?? fields.get("cpu model") ?? fields.get("uarch") ?? fields.get("cpu")),
  });
};

/** "@ 2.80GHz" at the end of Intel's names, in MHz: the rated speed. The measured one ("cpu MHz") changes by the second. */
export const ratedMhz = (model: string | undefined): number | undefined => {
  const rated = /@\s*(\d+(?:\.\d+)?)\s*GHz/.exec(model ?? "")?.[1];
  return rated === undefined ? undefined : Math.round(Number(rated) * 1_000);
};

type Placed = {
  readonly fields: LogicalCpu;
  readonly socket: string;
  readonly core: string;
  readonly maxKhz: number | undefined;
};

/** Sockets from their logical processors: threads are these, cores are their distinct core ids. */
export const groupSockets = (
  cpus: readonly Placed[],
  architecture: string | undefined,
  smbios: readonly SmbiosProcessor[],
): Cpu[] => {
  const sockets = Map.groupBy(cpus, ({ socket }) => socket);
  return [...sockets]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([socket, members], i) => {
      const fields = (members[0] as Placed).fields;
      const named = describeCpu(fields);
      const table = smbios.length === sockets.size ? smbios[i] : undefined;
      const maxKhz = Math.max(0, ...members.map(({ maxKhz }) => maxKhz ?? 0));
      return compact({
        socket,
        ...named,
        architecture,
        cores: new Set(members.map(({ core }) => core)).size,
        threads: members.length,
        maxSpeedMhz:
          (maxKhz > 0 ? Math.round(maxKhz / 1_000) : undefined) ?? table?.maxSpeedMhz ?? ratedMhz(named.model),
        stepping: fields.get("stepping") ?? fields.get("CPU revision"),
        microcode: fields.get("microcode"),
        serialNumber: table?.serialNumber,
      });
    });
};

const readPlaced = (tree: Tree): Placed[] =>
  parseCpuinfo(tree.readText("/proc/cpuinfo", { maxBytes: 16_777_216 }) ?? "").map((fields) => {
    const number = fields.get("processor") ?? "0";
    const sys = `/sys/devices/system/cpu/cpu${/^\d+$/.test(number) ? number : "0"}`;
    const socket = fields.get("physical id") ?? tree.value(`${sys}/topology/physical_package_id`) ?? "0";
    // Core ids repeat from die to die and from cluster to cluster, so the list of a core's threads names it better.
    const core = tree.value(`${sys}/topology/core_cpus_list`) ?? tree.value(`${sys}/topology/thread_siblings_list`);
    return {
      fields,
      socket: socket === "-1" ? "0" : socket,
      core: core ?? fields.get("core id") ?? number,
      maxKhz: tree.number(`${sys}/cpufreq/cpuinfo_max_freq`),
    };
  });

const TIMEOUT_MS = 10_000;

/** Processors by socket. Sources: /proc/cpuinfo, the kernel's topology files; speed and serial from SMBIOS where readable. */
export const cpu = defineProbe({
  name: "cpu",
  sections: ["cpu"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({ smbiosFile: z.string().optional() }),
  run: async ({ smbiosFile }, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const placed = readPlaced(tree);
    if (placed.length === 0) return { status: "no-data" };
    const architecture = deps.live ? machine() : tree.value("/proc/sys/kernel/arch");
    return {
      status: "ok",
      sections: { cpu: groupSockets(placed, architecture, processorsOf(readSmbios(tree, smbiosFile).structures)) },
    };
  },
});
