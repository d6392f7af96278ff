import { toTimestamp } from "../../../../shared/clock.ts";
import { RollcallError } from "../../../../shared/errors.ts";
import { findSystemProgram, readProgram } from "../program.ts";
import { readSqlite } from "../sqlite-reader.ts";
import { compact } from "../text.ts";
import type { Tree } from "../tree.ts";
import { formatPurl } from "./purl.ts";
import { decodeRpmHeader, type RpmPackage } from "./rpm-header.ts";
import { defineSource, type Software, type SourceContext } from "./source.ts";

const FOLDERS = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];

/** The format that `queryFormat` asks for: fields by tabs, "(none)" for what is not there. */
const queryFormat =
  "%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\t%{INSTALLTIME}\\t%{SOURCERPM}\\t%{SUMMARY}\\n";

export const parseRpmQuery = (output: string): readonly RpmPackage[] =>
  output.split("\n").flatMap((line) => {
    const cells = line.split("\t").map((cell) => (cell === "(none)" ? undefined : cell));
    const [name, epoch, version, release, architecture, vendor, installTime, source, summary] = cells;
    if (!name || !version || !release) return [];
    const number = (text: string | undefined) => (text && /^\d+$/.test(text) ? Number(text) : undefined);
    return [
      {
        name,
        version,
        release,
        epoch: number(epoch),
        architecture,
        vendor,
        source,
        summary,
        installTime: number(installTime),
      },
    ];
  });

/** Older databases (Berkeley DB up to RHEL 8, ndb at SUSE) are read by the host's own rpm: one program. */
const askRpm = async ({ deps }: SourceContext, folder: string): Promise<readonly RpmPackage[]> => {
  const rpm = deps.live ? findSystemProgram("rpm") : undefined;
  const limits = { signal: deps.signal, timeoutMs: 20_000, maxBytes: 67_108_864 };
  const output = rpm && (await readProgram(rpm, ["-qa", "--qf", queryFormat], limits));
  if (output === undefined)
    throw new RollcallError(
      "probe.database",
      `the rpm database in ${folder} has an older form that needs the rpm program`,
    );
  return parseRpmQuery(output);
};

const readPackages = async (context: SourceContext): Promise<readonly RpmPackage[]> => {
  const { tree } = context;
  for (const folder of FOLDERS) {
    const rows = await readSqlite(tree, `${folder}/rpmdb.sqlite`, "SELECT blob FROM Packages");
    if (rows !== undefined)
      return rows.flatMap(({ blob }) => (blob instanceof Uint8Array ? (decodeRpmHeader(blob) ?? []) : []));
    if (isOlderDatabase(tree, folder)) return askRpm(context, folder);
  }
  return [];
};

const isOlderDatabase = (tree: Tree, folder: string): boolean =>
  tree.exists(`${folder}/Packages.db`) || tree.exists(`${folder}/Packages`);

/** "bash-5.1.8-6.el9.src.rpm" is built from "bash". */
const sourceName = (file: string | undefined): string | undefined =>
  /^(.+)-[^-]+-[^-]+\.src\.rpm$/.exec(file ?? "")?.[1];

const toSoftware = (pkg: RpmPackage, several: boolean, distribution: SourceContext["distribution"]): Software => {
  const plain = `${pkg.version}-${pkg.release}`;
  const version = pkg.epoch ? `${pkg.epoch}:${plain}` : plain;
  return compact({
    manager: "rpm",
    name: pkg.name,
    architecture: pkg.architecture ?? "noarch",
    // Kernels and imported keys stay side by side under one name.
    instance: several ? version : undefined,
    version,
    publisher: pkg.vendor,
    description: pkg.summary,
    source: sourceName(pkg.source),
    installedAt: pkg.installTime === undefined ? undefined : toTimestamp(pkg.installTime * 1_000),
    purl: formatPurl({
      type: "rpm",
      namespace: distribution.id,
      name: pkg.name,
      version: plain,
      qualifiers: {
        arch: pkg.architecture,
        epoch: pkg.epoch ? String(pkg.epoch) : undefined,
        distro: distribution.id && distribution.version && `${distribution.id}-${distribution.version}`,
      },
    }),
  });
};

/** Names that rpm never replaces but installs beside: they carry their version in the key even while there is only one. */
const beside = /^(gpg-pubkey|kernel(-(core|modules|modules-core|modules-extra|devel|default|rt|uek|debug))?)$/;

/** Fedora, Red Hat, SUSE and kin. Source: rpmdb.sqlite, else the rpm program. */
export const rpm = defineSource({
  name: "rpm",
  read: async (context): Promise<Software[]> => {
    const packages = await readPackages(context);
    const count = Map.groupBy(packages, ({ name, architecture }) => `${name}.${architecture}`);
    return packages.map((pkg) => {
      const several = beside.test(pkg.name) || (count.get(`${pkg.name}.${pkg.architecture}`)?.length ?? 0) > 1;
      return toSoftware(pkg, several, context.distribution);
    });
  },
});
