import { platform } from "node:os";
import { z } from "zod";
import { describeError } from "../../../shared/errors.ts";
import type { SectionContents, SectionName } from "../../../shared/protocol/sections.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import * as map from "./from-systeminformation.ts";

type Si = typeof import("systeminformation");
type Reader = {
  readonly sections: readonly SectionName[];
  readonly read: (si: Si, manager: string) => Promise<SectionContents>;
};

/** One reader for sections that come from one question, so that a question is asked once and may fail alone. */
const readers: readonly Reader[] = [
  {
    sections: ["system", "firmware", "memory", "memoryModules"],
    read: async (si) => {
      const [system, chassis, bios, board, mem, layout] = [
        await si.system(),
        await si.chassis(),
        await si.bios(),
        await si.baseboard(),
        await si.mem(),
        await si.memLayout(),
      ] as const; // biome format: keep as a table
      return {
        system: map.toSystem(system, chassis),
        firmware: map.toFirmware(bios, board),
        memory: map.toMemory(mem, board, layout),
        memoryModules: map.toMemoryModules(layout),
      };
    },
  },
  {
    sections: ["os", "cpu"],
    read: async (si) => {
      const os = await si.osInfo();
      return {
        os: map.toOs(os, await si.uuid(), si.time().timezoneName || undefined),
        cpu: map.toCpu(await si.cpu(), os.arch),
      };
    },
  },
  {
    sections: ["disks", "filesystems"],
    read: async (si) => ({
      disks: map.toDisks(await si.diskLayout()),
      filesystems: map.toFilesystems(await si.fsSize()),
    }),
  },
  { sections: ["graphics", "displays"], read: async (si) => map.toGraphics(await si.graphics()) },
  { sections: ["battery"], read: async (si) => ({ battery: map.toBattery(await si.battery()) }) },
  { sections: ["interfaces", "addresses"], read: async (si) => map.toNetwork(await si.networkInterfaces()) },
  {
    sections: ["services"],
    read: async (si, manager) => ({ services: map.toServices(await si.services("*"), manager) }),
  },
  { sections: ["usb"], read: async (si) => ({ usb: map.toUsb(await si.usb()) }) },
];

const TIMEOUT_MS = 120_000;

/**
 * macOS and Windows, by way of systeminformation, which asks the system's own programs. It is loaded here and only here,
 * when an inventory runs: the resting daemon never has it in memory.
 */
export const otherPlatforms = defineProbe({
  name: "otherPlatforms",
  sections: readers.flatMap(({ sections }) => sections),
  platforms: ["darwin", "win32", "freebsd"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, { signal }) => {
    const loaded = await import("systeminformation");
    const si: Si = loaded.default ?? loaded;
    const manager = platform() === "win32" ? "windows" : "launchd";
    const failures: SectionFailure[] = [];
    const contents: Record<string, unknown> = {};
    for (const { sections, read } of readers) {
      signal.throwIfAborted();
      try {
        Object.assign(contents, await read(si, manager));
      } catch (error) {
        failures.push(
          ...sections.map((section) => ({ section, kind: "failed" as const, reason: describeError(error) })),
        );
      }
    }
    return { status: "ok", sections: contents as SectionContents, failures };
  },
});
