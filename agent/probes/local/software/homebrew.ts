import { toTimestamp } from "../../../../shared/clock.ts";
import { compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { formatPurl } from "./purl.ts";
import { ANY, defineSource, type Software } from "./source.ts";

type Receipt = { readonly arch?: unknown; readonly time?: unknown; readonly source?: { readonly tap?: unknown } };

/** INSTALL_RECEIPT.json of a keg: architecture, time in seconds, tap. */
export const parseReceipt = (
  json: string,
): {
  readonly architecture: string | undefined;
  readonly installTime: number | undefined;
  readonly tap: string | undefined;
} => {
  let receipt: Receipt | null = null;
  try {
    receipt = JSON.parse(json) as Receipt | null;
  } catch {
    // A keg without a readable receipt is still installed.
  }
  const { arch, time, source } = receipt ?? {};
  return {
    architecture: typeof arch === "string" ? arch : undefined,
    installTime: typeof time === "number" && time > 0 && time < 1e11 ? time : undefined,
    tap: typeof source?.tap === "string" ? source.tap : undefined,
  };
};

const PREFIXES = ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"];

const readFormula = (tree: Tree, cellar: string, name: string): Software[] => {
  const versions = tree.list(`${cellar}/${name}`).filter((version) => !version.startsWith("."));
  return versions.map((version) => {
    const receipt = parseReceipt(tree.readText(`${cellar}/${name}/${version}/INSTALL_RECEIPT.json`) ?? "null");
    return compact({
      manager: "homebrew",
      name,
      architecture: receipt.architecture ?? ANY,
      // Old kegs stay until they are cleaned up.
      instance: versions.length > 1 ? version : undefined,
      version,
      source: receipt.tap,
      installedAt: receipt.installTime === undefined ? undefined : toTimestamp(receipt.installTime * 1_000),
      location: `${cellar}/${name}/${version}`,
      purl: formatPurl({ type: "brew", name, version }),
    });
  });
};

const readCask = (tree: Tree, caskroom: string, name: string): Software[] =>
  tree
    .list(`${caskroom}/${name}`)
    .filter((version) => !version.startsWith("."))
    .slice(-1)
    .map((version) => ({
      manager: "homebrew-cask",
      name,
      architecture: ANY,
      version,
      location: `${caskroom}/${name}`,
    }));

/** Homebrew's formulae and casks, on macOS and Linux alike. Source: the Cellar and Caskroom folders. */
export const homebrew = defineSource({
  name: "homebrew",
  read: ({ tree }): Software[] =>
    PREFIXES.flatMap((prefix) => [
      ...tree.list(`${prefix}/Cellar`).flatMap((name) => readFormula(tree, `${prefix}/Cellar`, name)),
      ...tree.list(`${prefix}/Caskroom`).flatMap((name) => readCask(tree, `${prefix}/Caskroom`, name)),
    ]),
});
