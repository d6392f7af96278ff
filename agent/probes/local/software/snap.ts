import { toTimestamp } from "../../../../shared/clock.ts";
import { clip, compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { ANY, defineSource, type Software } from "./source.ts";

export type SnapMeta = {
  readonly version: string | undefined;
  readonly summary: string | undefined;
  readonly architecture: string | undefined;
};

type YamlParser = (text: string, options: { readonly maxAliasCount: number }) => unknown;

/** meta/snap.yaml; aliases are refused so that a small file can't unfold into a large one. */
export const parseSnapYaml = (text: string, parse: YamlParser): SnapMeta => {
  let meta: unknown;
  try {
    meta = parse(text, { maxAliasCount: 0 });
  } catch {
    meta = undefined;
  }
  const fields = (typeof meta === "object" && meta !== null ? meta : {}) as Record<string, unknown>;
  const textOf = (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const architectures = fields["architectures"];
  return {
    version: textOf(fields["version"]),
    summary: textOf(fields["summary"]),
    architecture: Array.isArray(architectures) ? textOf(architectures[0]) : undefined,
  };
};

const readSnap = (tree: Tree, base: string, name: string, parse: YamlParser): Software | undefined => {
  const revision = tree.linkName(`${base}/${name}/current`);
  if (revision === undefined) return undefined;
  const meta = parseSnapYaml(tree.readText(`${base}/${name}/current/meta/snap.yaml`) ?? "", parse);
  const installed = tree.modifiedAtMs(`/var/lib/snapd/snaps/${name}_${revision}.snap`);
  return compact({
    manager: "snap",
    name,
    architecture: meta.architecture === "all" || meta.architecture === undefined ? ANY : meta.architecture,
    version: meta.version ?? `rev ${revision}`,
    description: meta.summary === undefined ? undefined : clip(meta.summary, 256),
    installedAt: installed === undefined ? undefined : toTimestamp(installed),
    location: `${base}/${name}`,
  });
};

/** Snaps, by what is mounted under /snap: the current revision of each. purl has no type for them. */
export const snap = defineSource({
  name: "snap",
  read: async ({ tree }): Promise<Software[]> => {
    const base = tree.exists("/snap") ? "/snap" : "/var/lib/snapd/snap";
    const names = tree
      .list(base)
      .filter((name) => name !== "bin" && tree.link(`${base}/${name}/current`) !== undefined);
    if (names.length === 0) return [];
    // Loaded only on hosts that have snaps.
    const { parse } = await import("yaml");
    return names.flatMap((name) => readSnap(tree, base, name, parse) ?? []);
  },
});
