import { z } from "zod";
import { defineProbe } from "../probe.ts";
import { findSystemProgram, readProgram } from "./program.ts";
import { homebrew } from "./software/homebrew.ts";
import { npm } from "./software/npm.ts";
import type { Software } from "./software/source.ts";
import { parseAppx, parseSystemProfiler, parseWindowsUninstall } from "./software-lists.ts";
import { createTree } from "./tree.ts";

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 67_108_864;

const POWERSHELL = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
const uninstallScript =
  "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-ItemProperty HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*," +
  "HKLM:\\Software\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\* -ErrorAction SilentlyContinue | " +
  "Select-Object DisplayName,DisplayVersion,Publisher,InstallDate,InstallLocation,SystemComponent,ParentKeyName,PSChildName,PSPath | ConvertTo-Json -Compress";
const appxScript =
  "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-AppxPackage | " +
  "Select-Object Name,Version,Architecture,Publisher,IsFramework,IsResourcePackage | ConvertTo-Json -Compress";

/** Installed software of macOS and Windows: the system's own list by one or two programs, Homebrew and npm by their files. */
export const otherSoftware = defineProbe({
  name: "otherSoftware",
  sections: ["software"],
  platforms: ["darwin", "win32"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const limits = { signal: deps.signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
    const profiler = findSystemProgram("system_profiler");
    if (profiler !== undefined) {
      const report = await readProgram(profiler, ["-json", "SPApplicationsDataType"], limits);
      if (report === undefined) return { status: "failed", kind: "failed", reason: "system_profiler gave no list" };
      const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
      const context = { tree, distribution: { id: undefined, version: undefined }, deps };
      const files: Software[] = [...(await homebrew.read(context)), ...(await npm.read(context))];
      return { status: "ok", sections: { software: [...parseSystemProfiler(report), ...files] } };
    }
    const ask = (script: string) =>
      readProgram(POWERSHELL, ["-NoProfile", "-NonInteractive", "-Command", script], limits);
    const [uninstall, appx] = [await ask(uninstallScript), await ask(appxScript)];
    if (uninstall === undefined) return { status: "failed", kind: "failed", reason: "PowerShell gave no list" };
    return { status: "ok", sections: { software: [...parseWindowsUninstall(uninstall), ...parseAppx(appx ?? "")] } };
  },
});
