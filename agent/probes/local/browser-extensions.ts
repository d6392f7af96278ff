import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { clip, compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Extension = SectionItem<"browserExtensions">;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? clip(value, 256) : undefined;
const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

/** extensions.json of a Firefox profile; those that Firefox itself brings are left out. */
export const parseFirefoxExtensions = (json: string): readonly Extension[] => {
  const file = parseJson(json);
  const addons = isRecord(file) && Array.isArray(file["addons"]) ? file["addons"] : [];
  return addons.flatMap((addon: unknown) => {
    const id = isRecord(addon) ? textOf(addon["id"]) : undefined;
    if (!isRecord(addon) || id === undefined || addon["type"] !== "extension") return [];
    if (/^app-(builtin|system)/.test(String(addon["location"]))) return [];
    const locale = isRecord(addon["defaultLocale"]) ? addon["defaultLocale"] : {};
    return [
      compact({
        manager: "firefox",
        name: textOf(locale["name"]) ?? id,
        architecture: "any",
        instance: id,
        version: textOf(addon["version"]),
        publisher: textOf(locale["creator"]),
      }),
    ];
  });
};

/** manifest.json of a Chromium extension. Names like "__MSG_appName__" stand in a message file that is not read: the id must do. */
export const parseChromiumManifest = (id: string, manager: string, json: string): Extension | undefined => {
  const manifest = parseJson(json);
  if (!isRecord(manifest)) return undefined;
  const name = textOf(manifest["name"]);
  return compact({
    manager,
    name: name === undefined || name.startsWith("__MSG_") ? id : name,
    architecture: "any",
    instance: id,
    version: textOf(manifest["version"]),
    publisher: textOf(manifest["author"]),
  });
};

/** extensions.json of VS Code and kin: identifier "publisher.name". */
export const parseEditorExtensions = (json: string, manager: string): readonly Extension[] => {
  const list = parseJson(json);
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const identifier = isRecord(entry) && isRecord(entry["identifier"]) ? textOf(entry["identifier"]["id"]) : undefined;
    if (!isRecord(entry) || identifier === undefined) return [];
    return [
      compact({
        manager,
        name: identifier,
        architecture: "any",
        version: textOf(entry["version"]),
        publisher: identifier.split(".")[0],
      }),
    ];
  });
};

const chromiums = [
  [".config/google-chrome", "chrome"],
  [".config/chromium", "chromium"],
  [".config/microsoft-edge", "edge"],
  [".config/BraveSoftware/Brave-Browser", "brave"],
  [".config/vivaldi", "vivaldi"],
  ["snap/chromium/common/chromium", "chromium"],
] as const; // biome format: keep as a table
const firefoxes = [".mozilla/firefox", "snap/firefox/common/.mozilla/firefox"];
const editors = [
  [".vscode/extensions", "vscode"],
  [".vscode-oss/extensions", "vscodium"],
  [".cursor/extensions", "cursor"],
] as const; // biome format: keep as a table

const MAX_JSON_BYTES = 16_777_216;

const readChromium = (tree: Tree, base: string, manager: string): Extension[] =>
  tree
    .list(base)
    .filter((profile) => profile === "Default" || profile.startsWith("Profile "))
    .flatMap((profile) => {
      const folder = `${base}/${profile}/Extensions`;
      return tree.list(folder).flatMap((id) => {
        const version = tree.list(`${folder}/${id}`).at(-1);
        const json = version === undefined ? undefined : tree.readText(`${folder}/${id}/${version}/manifest.json`);
        return json === undefined ? [] : (parseChromiumManifest(id, manager, json) ?? []);
      });
    });

const readHome = (tree: Tree, home: string): Extension[] => [
  ...chromiums.flatMap(([folder, manager]) => readChromium(tree, `${home}/${folder}`, manager)),
  ...firefoxes.flatMap((folder) =>
    tree
      .list(`${home}/${folder}`)
      .flatMap((profile) =>
        parseFirefoxExtensions(
          tree.readText(`${home}/${folder}/${profile}/extensions.json`, { maxBytes: MAX_JSON_BYTES }) ?? "",
        ),
      ),
  ),
  ...editors.flatMap(([folder, manager]) =>
    parseEditorExtensions(
      tree.readText(`${home}/${folder}/extensions.json`, { maxBytes: MAX_JSON_BYTES }) ?? "",
      manager,
    ),
  ),
];

const TIMEOUT_MS = 30_000;

/** Extensions of people's browsers and editors, without saying whose they are. Personal: off unless switched on. */
export const browserExtensions = defineProbe({
  name: "browserExtensions",
  sections: ["browserExtensions"],
  platforms: ["linux"],
  personal: true,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const homes = [...tree.list("/home").map((name) => `/home/${name}`), "/root"];
    const found = homes.flatMap((home) => readHome(tree, home));
    const isClosed = tree.denied.some((path) => /^\/(home\/[^/]+|root)(\/|$)/.test(path));
    if (isClosed) return { status: "failed", kind: "needs-privilege", reason: "homes of others can't be read" };
    // Several people with one extension are one row: the newest version of each stands.
    const newest = new Map<string, Extension>();
    for (const item of found) {
      const key = `${item.manager}|${item.name}|${item.instance ?? ""}`;
      const before = newest.get(key);
      if (before === undefined || (item.version ?? "") > (before.version ?? "")) newest.set(key, item);
    }
    return { status: "ok", sections: { browserExtensions: [...newest.values()] } };
  },
});
