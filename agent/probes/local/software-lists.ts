import { lookup } from "../../../shared/lookup.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { clip, compact } from "./text.ts";

type Software = SectionItem<"software">;

/** Pure readers of the lists of installed software that macOS and Windows print. */

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return text === "" ? undefined : clip(text, 256);
};
const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

/** Equal names (an application in two folders) are told apart by where they are. */
const separate = (items: readonly Software[]): Software[] => {
  const count = Map.groupBy(items, ({ name, architecture }) => `${name}|${architecture}`);
  return items.map((item) => {
    const same = count.get(`${item.name}|${item.architecture}`)?.length ?? 0;
    const instance = item.location ?? item.source ?? item.version;
    return same > 1 && instance !== undefined ? { ...item, instance: clip(instance, 256) } : item;
  });
};

const macArchitectures: Readonly<Record<string, string>> = {
  arch_arm: "arm64",
  arch_arm_i64: "universal",
  arch_i64: "x86_64",
  arch_i32_i64: "x86_64",
  arch_i32: "i386",
  arch_ios: "ios",
}; // biome format: keep as a table

/** "Developer ID Application: Mozilla Corporation (43AQ936H96)" names the publisher; the rest of the chain is Apple's. */
const signer = (signedBy: unknown): string | undefined => {
  const first = Array.isArray(signedBy) ? textOf(signedBy[0]) : undefined;
  return first?.replace(/^Developer ID Application: /, "").replace(/ \([A-Z0-9]{10}\)$/, "");
};

/** `system_profiler -json SPApplicationsDataType`. Applications in people's homes are theirs and left out. */
export const parseSystemProfiler = (json: string): readonly Software[] => {
  const report = parseJson(json);
  const list =
    isRecord(report) && Array.isArray(report["SPApplicationsDataType"]) ? report["SPApplicationsDataType"] : [];
  const found = list.flatMap((entry: unknown) => {
    const name = isRecord(entry) ? textOf(entry["_name"]) : undefined;
    if (!isRecord(entry) || name === undefined) return [];
    const path = typeof entry["path"] === "string" ? clip(entry["path"], 4_096) : undefined;
    if (path?.startsWith("/Users/")) return [];
    return [
      compact({
        manager: "macos",
        name,
        architecture: lookup(macArchitectures, String(entry["arch_kind"])) ?? "any",
        version: textOf(entry["version"]),
        publisher: signer(entry["signed_by"]),
        source: textOf(entry["obtained_from"]),
        location: path,
      }),
    ];
  });
  return separate(found);
};

/** InstallDate of Windows Installer: "20240131". */
const windowsDate = (text: string | undefined): string | undefined => {
  const date = /^(\d{4})(\d\d)(\d\d)$/.exec(text ?? "");
  return date ? `${date[1]}-${date[2]}-${date[3]}` : undefined;
};

/**
 * The uninstall keys of the registry, as ConvertTo-Json prints them: one object or a list. Updates and parts of others
 * (ParentKeyName, SystemComponent) are hidden by Windows' own list and by ours.
 */
export const parseWindowsUninstall = (json: string): readonly Software[] => {
  const parsed = parseJson(json.replace(/^\ufeff/, ""));
  const list = Array.isArray(parsed) ? parsed : [parsed];
  const found = list.flatMap((entry: unknown) => {
    const name = isRecord(entry) ? textOf(entry["DisplayName"]) : undefined;
    if (!isRecord(entry) || name === undefined) return [];
    if (Number(entry["SystemComponent"]) === 1 || textOf(entry["ParentKeyName"]) !== undefined) return [];
    return [
      compact({
        manager: "windows",
        name,
        architecture: /Wow6432Node/i.test(String(entry["PSPath"])) ? "x86" : "x86_64",
        version: textOf(entry["DisplayVersion"]),
        publisher: textOf(entry["Publisher"]),
        installedAt: windowsDate(textOf(entry["InstallDate"])),
        location: textOf(entry["InstallLocation"]),
        source: textOf(entry["PSChildName"]),
      }),
    ];
  });
  return separate(found);
};

/** `Get-AppxPackage -AllUsers`: store applications; frameworks and resources belong to them. */
export const parseAppx = (json: string): readonly Software[] => {
  const parsed = parseJson(json.replace(/^\ufeff/, ""));
  const architectures: Record<string, string> = { "0": "x86", "5": "arm", "9": "x86_64", "11": "any", "12": "arm64" };
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((entry: unknown) => {
    const name = isRecord(entry) ? textOf(entry["Name"]) : undefined;
    if (!isRecord(entry) || name === undefined || entry["IsFramework"] === true || entry["IsResourcePackage"] === true)
      return [];
    return [
      compact({
        manager: "appx",
        name,
        architecture:
          lookup(architectures, String(entry["Architecture"])) ?? textOf(entry["Architecture"])?.toLowerCase() ?? "any",
        version: textOf(entry["Version"]),
        publisher: /(?:^|,\s*)O=("[^"]+"|[^,]+)/.exec(String(entry["Publisher"]))?.[1]?.replaceAll('"', ""),
      }),
    ];
  });
};
