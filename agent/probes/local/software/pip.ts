import { compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { formatPurl } from "./purl.ts";
import { ANY, defineSource, type Software } from "./source.ts";

/** The header of a METADATA or PKG-INFO file (Python's core metadata): mail headers up to the first blank line. */
export const parseMetadata = (text: string): ReadonlyMap<string, string> => {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? "";
  return new Map(
    head.split(/\r?\n/).flatMap((line) => {
      const match = /^([A-Za-z-]+): (.+)$/.exec(line);
      return match && match[2] !== "UNKNOWN" ? [[match[1] ?? "", match[2] ?? ""] as const] : [];
    }),
  );
};

/** PEP 503: what pip and purl call the package, whatever its author writes. */
export const normalizeName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

const ROOTS = ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/local/lib64", "/opt/homebrew/lib"];
const MAX_METADATA_BYTES = 4_194_304;

/** Folders like /usr/local/lib/python3.11/dist-packages. /usr/lib/python3/dist-packages is Debian's own: dpkg lists it. */
const siteFolders = (tree: Tree): readonly string[] =>
  ROOTS.flatMap((root) =>
    tree
      .list(root)
      .filter((name) => /^python\d+\.\d+$/.test(name))
      .flatMap((name) => [`${root}/${name}/dist-packages`, `${root}/${name}/site-packages`]),
  );

const readMetadata = (tree: Tree, path: string): ReadonlyMap<string, string> => {
  const files = path.endsWith(".dist-info") ? ["METADATA"] : ["PKG-INFO"];
  const text = files.map((file) => tree.readText(`${path}/${file}`, { maxBytes: MAX_METADATA_BYTES })).find(Boolean);
  return parseMetadata(text ?? tree.readText(path, { maxBytes: MAX_METADATA_BYTES }) ?? "");
};

const readSite = (tree: Tree, folder: string): Software[] =>
  tree
    .list(folder)
    .filter((name) => /\.(dist|egg)-info$/.test(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry}`;
      // A distribution's own packages name their installer; they are listed by rpm or dpkg.
      if (/^(rpm|debian|dpkg|apk|pacman)$/i.test(tree.value(`${path}/INSTALLER`) ?? "")) return [];
      const fields = readMetadata(tree, path);
      const name = fields.get("Name");
      if (name === undefined) return [];
      const version = fields.get("Version");
      return [
        compact({
          manager: "pip",
          name: normalizeName(name),
          architecture: ANY,
          instance: /python\d+\.\d+/.exec(folder)?.[0],
          version,
          publisher: fields.get("Author") ?? fields.get("Author-email"),
          description: fields.get("Summary"),
          location: folder,
          purl: formatPurl({ type: "pypi", name: normalizeName(name), version }),
        }),
      ];
    });

/** Python packages installed for everybody by pip. Source: dist-info and egg-info in each interpreter's folders. */
export const pip = defineSource({
  name: "pip",
  read: ({ tree }): Software[] => {
    const found = siteFolders(tree).flatMap((folder) => readSite(tree, folder));
    // lib64 is a link to lib on many hosts; the first sight of a package per interpreter stands.
    return [...Map.groupBy(found, ({ name, instance }) => `${instance}/${name}`).values()].flatMap(
      (same) => same[0] ?? [],
    );
  },
});
