import { toTimestamp } from "../../../../shared/clock.ts";
import { compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { formatPurl } from "./purl.ts";
import { defineSource, type Software } from "./source.ts";

/** A paragraph of dpkg's status file; continuation lines are left out, but for the first line of each field. */
export type DpkgPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: string | undefined;
  readonly maintainer: string | undefined;
  readonly description: string | undefined;
  readonly source: string | undefined;
};

const field = (paragraph: string, name: string): string | undefined => {
  const start = paragraph.startsWith(`${name}: `) ? 0 : paragraph.indexOf(`\n${name}: `) + 1;
  if (start === 0 && !paragraph.startsWith(`${name}: `)) return undefined;
  const end = paragraph.indexOf("\n", start);
  return paragraph.slice(start + name.length + 2, end < 0 ? undefined : end).trim() || undefined;
};

/**
 * The installed packages of a status file: those whose third status word is "installed" (deb822(5), dpkg-query(1)).
 * Half-installed and removed ones with their configuration left are not installed.
 */
export const parseDpkgStatus = (text: string): readonly DpkgPackage[] =>
  text.split(/\n\n+/).flatMap((paragraph) => {
    const name = field(paragraph, "Package");
    const version = field(paragraph, "Version");
    if (name === undefined || version === undefined) return [];
    if (field(paragraph, "Status")?.split(" ")[2] !== "installed") return [];
    return [
      {
        name,
        version,
        architecture: field(paragraph, "Architecture") ?? "all",
        multiArch: field(paragraph, "Multi-Arch"),
        maintainer: field(paragraph, "Maintainer"),
        description: field(paragraph, "Description"),
        source: field(paragraph, "Source")?.split(" ")[0],
      },
    ];
  });

/** dpkg rewrites a package's file list whenever it unpacks it: the list's age is the install time. */
const readInstalledAt = (tree: Tree, { name, architecture, multiArch }: DpkgPackage): string | undefined => {
  const qualified = `/var/lib/dpkg/info/${name}:${architecture}.list`;
  const plain = `/var/lib/dpkg/info/${name}.list`;
  const [first, second] = multiArch === "same" ? [qualified, plain] : [plain, qualified];
  const ms = tree.modifiedAtMs(first) ?? tree.modifiedAtMs(second);
  return ms === undefined ? undefined : toTimestamp(ms);
};

const MAX_STATUS_BYTES = 134_217_728;

/** Images built without dpkg's own file (distroless) keep a paragraph per package in status.d. */
const readTexts = (tree: Tree): readonly string[] => {
  const status = tree.readText("/var/lib/dpkg/status", { maxBytes: MAX_STATUS_BYTES }) ?? "";
  const split = tree
    .list("/var/lib/dpkg/status.d")
    .filter((name) => !name.endsWith(".md5sums"))
    .map((name) => `Status: install ok installed\n${tree.readText(`/var/lib/dpkg/status.d/${name}`) ?? ""}`);
  return [status, ...split];
};

/** Debian, Ubuntu and kin. Source: /var/lib/dpkg. */
export const dpkg = defineSource({
  name: "dpkg",
  read: ({ tree, distribution }): Software[] =>
    readTexts(tree)
      .flatMap(parseDpkgStatus)
      .map((pkg) =>
        compact({
          manager: "dpkg",
          name: pkg.name,
          architecture: pkg.architecture,
          version: pkg.version,
          publisher: pkg.maintainer,
          description: pkg.description,
          source: pkg.source,
          installedAt: readInstalledAt(tree, pkg),
          purl: formatPurl({
            type: "deb",
            namespace: distribution.id ?? "debian",
            name: pkg.name,
            version: pkg.version,
            qualifiers: {
              arch: pkg.architecture,
              distro: distribution.id && distribution.version && `${distribution.id}-${distribution.version}`,
            },
          }),
        }),
      ),
});
