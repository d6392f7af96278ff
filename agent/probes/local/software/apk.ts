import { compact } from "../text.ts";
import { formatPurl } from "./purl.ts";
import { defineSource, type Software } from "./source.ts";

/** Paragraphs of "letter:value" lines (apk-tools' installed database): P name, V version, A architecture, m maintainer, T text, o origin. */
export const parseApkInstalled = (text: string): readonly ReadonlyMap<string, string>[] =>
  text
    .split(/\n\n+/)
    .map(
      (paragraph) =>
        new Map(paragraph.split("\n").flatMap((line) => (line[1] === ":" ? [[line[0] ?? "", line.slice(2)]] : []))),
    )
    .filter((fields) => fields.has("P") && fields.has("V"));

const MAX_BYTES = 134_217_728;

/** Alpine and kin. Source: /lib/apk/db/installed, which knows no install times. */
export const apk = defineSource({
  name: "apk",
  read: ({ tree, distribution }): Software[] => {
    const path = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"].find((file) => tree.exists(file));
    const text = path === undefined ? "" : (tree.readText(path, { maxBytes: MAX_BYTES }) ?? "");
    return parseApkInstalled(text).map((fields) => {
      const name = fields.get("P") ?? "";
      const version = fields.get("V");
      const architecture = fields.get("A") ?? "noarch";
      return compact({
        manager: "apk",
        name,
        architecture,
        version,
        publisher: fields.get("m"),
        description: fields.get("T"),
        source: fields.get("o"),
        purl: formatPurl({
          type: "apk",
          namespace: distribution.id ?? "alpine",
          name,
          version,
          qualifiers: {
            arch: architecture,
            distro: distribution.id && distribution.version && `${distribution.id}-${distribution.version}`,
          },
        }),
      });
    });
  },
});
