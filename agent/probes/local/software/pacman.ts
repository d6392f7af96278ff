import { toTimestamp } from "../../../../shared/clock.ts";
import { compact } from "../text.ts";
import { formatPurl } from "./purl.ts";
import { defineSource, type Software } from "./source.ts";

/** A "desc" file: "%NAME%" and the lines below it up to the next blank one. The first line of each field is kept. */
export const parsePacmanDesc = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^%([A-Z]+)%\n([^\n]+)/gm)].map((match) => [match[1] ?? "", match[2] ?? ""]));

const BASE = "/var/lib/pacman/local";

/** Arch and kin. Source: a folder per package under /var/lib/pacman/local. */
export const pacman = defineSource({
  name: "pacman",
  read: ({ tree, distribution }): Software[] =>
    tree.list(BASE).flatMap((folder) => {
      const fields = parsePacmanDesc(tree.readText(`${BASE}/${folder}/desc`) ?? "");
      const name = fields.get("NAME");
      if (name === undefined) return [];
      const installed = Number(fields.get("INSTALLDATE"));
      const version = fields.get("VERSION");
      const architecture = fields.get("ARCH") ?? "any";
      return [
        compact({
          manager: "pacman",
          name,
          architecture,
          version,
          publisher: fields.get("PACKAGER"),
          description: fields.get("DESC"),
          source: fields.get("BASE"),
          installedAt: installed > 0 && installed < 1e11 ? toTimestamp(installed * 1_000) : undefined,
          purl: formatPurl({
            type: "alpm",
            namespace: distribution.id ?? "arch",
            name,
            version,
            qualifiers: { arch: architecture },
          }),
        }),
      ];
    }),
});
