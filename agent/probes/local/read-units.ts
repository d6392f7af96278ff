import { parseUnit, templateOf, type UnitFile } from "./systemd-units.ts";
import type { Tree } from "./tree.ts";

/** First wins: what an administrator wrote hides what a package brought. */
const FOLDERS = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];
const MAX_UNITS = 10_000;

export type Unit = {
  readonly name: string;
  readonly file: UnitFile;
  readonly enabled: "enabled" | "disabled" | "static" | "masked" | "alias" | "generated";
};

export type UnitReader = {
  /** Units of a kind (".service", ".timer"), instances included where they are enabled or running. */
  readonly read: (suffix: string, running: readonly string[]) => readonly Unit[];
};

type Found = {
  /** Path of the file that counts for each name. */
  readonly files: ReadonlyMap<string, string>;
  /** Names that some target wants or requires: the links that `systemctl enable` makes. */
  readonly wanted: ReadonlySet<string>;
  /** Folders of drop-ins by the name of their unit, the weakest first. */
  readonly dropIns: ReadonlyMap<string, readonly string[]>;
};

const find = (tree: Tree): Found => {
  const files = new Map<string, string>();
  const wanted = new Set<string>();
  const dropIns = new Map<string, string[]>();
  for (const folder of FOLDERS)
    for (const name of tree.list(folder)) {
      const path = `${folder}/${name}`;
      if (/\.(service|timer)$/.test(name) && !files.has(name) && files.size < MAX_UNITS) files.set(name, path);
      if (/\.(wants|requires|upholds)$/.test(name)) for (const unit of tree.list(path)) wanted.add(unit);
      if (name.endsWith(".d")) dropIns.set(name.slice(0, -2), [path, ...(dropIns.get(name.slice(0, -2)) ?? [])]);
    }
  return { files, wanted, dropIns };
};

export const createUnitReader = (tree: Tree): UnitReader => {
  const { files, wanted, dropIns } = find(tree);

  const readDropIns = (name: string): string =>
    (dropIns.get(name) ?? [])
      .flatMap((folder) =>
        tree
          .list(folder)
          .filter((file) => file.endsWith(".conf"))
          .map((file) => tree.readText(`${folder}/${file}`) ?? ""),
      )
      .join("\n");

  const readUnit = (name: string): Unit | undefined => {
    const path = files.get(name) ?? files.get(templateOf(name) ?? "");
    if (path === undefined) return undefined;
    const target = tree.link(path);
    // An empty file masks as a link to /dev/null does.
    if (target === "/dev/null") return { name, file: new Map(), enabled: "masked" };
    const file = parseUnit(`${tree.readText(path) ?? ""}\n${readDropIns(name)}`);
    const installable = ["Install.WantedBy", "Install.RequiredBy", "Install.Also", "Install.Alias", "Install.UpheldBy"];
    const isAlias = target !== undefined && target.split("/").at(-1) !== name;
    if (isAlias && templateOf(name) === undefined) return { name, file, enabled: "alias" };
    if (wanted.has(name)) return { name, file, enabled: path.startsWith("/run/") ? "generated" : "enabled" };
    return { name, file, enabled: installable.some((key) => file.has(key)) ? "disabled" : "static" };
  };

  const read: UnitReader["read"] = (suffix, running) => {
    const named = [...files.keys(), ...wanted, ...running].filter(
      (name) => name.endsWith(suffix) && !name.includes(`@${suffix}`),
    );
    return [...new Set(named)].sort().flatMap((name) => readUnit(name) ?? []);
  };
  return { read };
};
