import { clip, compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { formatPurl } from "./purl.ts";
import { ANY, defineSource, type Software } from "./source.ts";

export type NpmManifest = {
  readonly name: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly publisher: string | undefined;
};

/** package.json of an installed package; undefined where it is none. */
export const parseManifest = (json: string): NpmManifest | undefined => {
  let manifest: Record<string, unknown> | null = null;
  try {
    manifest = JSON.parse(json) as Record<string, unknown> | null;
  } catch {
    return undefined;
  }
  if (typeof manifest !== "object" || manifest === null) return undefined;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? clip(value, 256) : undefined);
  const { author } = manifest;
  const name = text(manifest["name"]);
  return name === undefined
    ? undefined
    : {
        name,
        version: text(manifest["version"]),
        description: text(manifest["description"]),
        publisher: text(typeof author === "object" && author !== null ? (author as { name?: unknown }).name : author),
      };
};

const FOLDERS = ["/usr/lib/node_modules", "/usr/local/lib/node_modules", "/opt/homebrew/lib/node_modules"];
const MAX_MANIFEST_BYTES = 1_048_576;

const readPackage = (tree: Tree, path: string): Software | undefined => {
  const manifest = parseManifest(tree.readText(`${path}/package.json`, { maxBytes: MAX_MANIFEST_BYTES }) ?? "null");
  if (manifest === undefined) return undefined;
  const scoped = /^(@[^/]+)\/(.+)$/.exec(manifest.name);
  return compact({
    manager: "npm",
    name: manifest.name,
    architecture: ANY,
    version: manifest.version,
    publisher: manifest.publisher,
    description: manifest.description,
    location: path,
    purl: formatPurl({
      type: "npm",
      namespace: scoped?.[1],
      name: scoped?.[2] ?? manifest.name,
      version: manifest.version,
    }),
  });
};

/** Packages installed with `npm install --global`. A package in two folders is told apart by the folder. */
export const npm = defineSource({
  name: "npm",
  read: ({ tree }): Software[] => {
    const found = FOLDERS.flatMap((folder) =>
      tree
        .list(folder)
        .flatMap((name) =>
          name.startsWith("@") ? tree.list(`${folder}/${name}`).map((sub) => `${name}/${sub}`) : [name],
        )
        .flatMap((name) => readPackage(tree, `${folder}/${name}`) ?? []),
    );
    const count = Map.groupBy(found, ({ name }) => name);
    return found.map((item) =>
      (count.get(item.name)?.length ?? 0) > 1 && item.location !== undefined
        ? { ...item, instance: clip(item.location, 256) }
        : item,
    );
  },
});
