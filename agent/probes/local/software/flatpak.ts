import { toTimestamp } from "../../../../shared/clock.ts";
import { compact, parseAssignments } from "../text.ts";
import type { Tree } from "../tree.ts";
import { defineSource, type Software } from "./source.ts";

/** The newest release that an application's AppStream file names, which is its first. */
export const releaseOfMetainfo = (xml: string): string | undefined =>
  /<release\b[^>]*\bversion="([^"]{1,128})"/.exec(xml)?.[1];

const readVersion = (tree: Tree, active: string, id: string): string | undefined => {
  const names = [`metainfo/${id}.metainfo.xml`, `metainfo/${id}.appdata.xml`, `appdata/${id}.appdata.xml`];
  for (const name of names) {
    const version = releaseOfMetainfo(tree.readText(`${active}/files/share/${name}`, { maxBytes: 4_194_304 }) ?? "");
    if (version !== undefined) return version;
  }
  return undefined;
};

const readOne = (tree: Tree, base: string, id: string, arch: string, branch: string): Software | undefined => {
  const folder = `${base}/${id}/${arch}/${branch}`;
  const commit = tree.linkName(`${folder}/active`);
  if (commit === undefined) return undefined;
  const metadata = parseAssignments(tree.readText(`${folder}/active/metadata`) ?? "");
  const installed = tree.modifiedAtMs(`${folder}/active/deploy`);
  return compact({
    manager: "flatpak",
    name: id,
    architecture: arch,
    instance: branch === "stable" ? undefined : branch,
    // Runtimes have no release of their own: branch and commit say which one it is.
    version: readVersion(tree, `${folder}/active`, id) ?? `${branch} (${commit.slice(0, 12)})`,
    source: metadata.get("runtime"),
    installedAt: installed === undefined ? undefined : toTimestamp(installed),
    location: folder,
  });
};

/** System-wide Flatpak applications and runtimes; those of a person are in their home, where we do not look. */
export const flatpak = defineSource({
  name: "flatpak",
  read: ({ tree }): Software[] =>
    ["/var/lib/flatpak/app", "/var/lib/flatpak/runtime"].flatMap((base) =>
      tree
        .list(base)
        .flatMap((id) =>
          tree
            .list(`${base}/${id}`)
            .flatMap((arch) =>
              arch === "current"
                ? []
                : tree.list(`${base}/${id}/${arch}`).flatMap((branch) => readOne(tree, base, id, arch, branch) ?? []),
            ),
        ),
    ),
});
