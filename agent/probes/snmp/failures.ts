/** Pure: which sections are not the whole truth when walks ended early. */
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { Truncation } from "../../snmp/reader.ts";
import type { SectionFailure } from "../probe.ts";

/** Subtrees and the sections that are made of them (uplinks of forwarding entries and neighbours); the first that fits counts. */
const sources: readonly (readonly [root: string, sections: readonly SectionName[]])[] = [
  ["1.3.6.1.2.1.2.2.1", ["interfaces"]],
  ["1.3.6.1.2.1.31.1", ["interfaces"]],
  ["1.3.6.1.2.1.4.20.1", ["addresses"]],
  ["1.3.6.1.2.1.4.34.1", ["addresses"]],
  ["1.3.6.1.2.1.55.1.8", ["addresses"]],
  ["1.3.6.1.2.1.4.24", ["routes"]],
  ["1.3.6.1.2.1.4.22.1", ["arp"]],
  ["1.3.6.1.2.1.4.35.1", ["arp"]],
  ["1.3.6.1.2.1.55.1.12", ["arp"]],
  ["1.3.6.1.2.1.3.1", ["arp"]],
  ["1.3.6.1.2.1.17.1.4", ["fdb", "vlans"]],
  ["1.3.6.1.2.1.17.7.1.4", ["vlans", "fdb"]],
  ["1.3.6.1.2.1.17", ["fdb", "interfaces"]],
  ["1.3.6.1.4.1.9.9.46", ["vlans"]],
  ["1.2.840.10006.300.43", ["lags", "interfaces"]],
  ["1.0.8802", ["neighbours", "interfaces"]],
  ["1.3.111.2.802.1.1.13", ["neighbours", "interfaces"]],
  ["1.3.6.1.4.1.9.9.23", ["neighbours", "interfaces"]],
  ["1.3.6.1.2.1.47", ["modules", "firmware", "power"]],
  ["1.3.6.1.2.1.25.6", ["software"]],
  ["1.3.6.1.2.1.25.2", ["volumes", "filesystems", "memory"]],
  ["1.3.6.1.2.1.25.3", ["cpu", "disks", "filesystems"]],
  ["1.3.6.1.2.1.43", ["supplies"]],
  ["1.3.6.1.2.1.105", ["power"]],
  ["1.3.6.1.4.1.14179.2.1", ["wirelessClients"]],
  ["1.3.6.1.4.1.14823.2.2.1.4", ["wirelessClients"]],
  ["1.3.6.1.4.1.25053.1.2.2.1.1.3", ["wirelessClients"]],
  ["1.3.6.1.4.1", ["accessPoints"]],
];

const kinds = { rows: "cut", loop: "cut", timeout: "timed-out", error: "failed" } as const;
const reasons = {
  rows: "the table is longer than we read",
  loop: "the device's answers go round in circles",
  timeout: "the device stopped answering",
  error: "the device answered with an error",
} as const;

/** Who the device is was looked for in places that could not be read to their end. */
export const identityFailures = (faults: readonly Truncation[]): readonly SectionFailure[] => {
  const [first] = faults;
  if (first === undefined) return [];
  const reason = `${reasons[first.reason]} (${first.root})`;
  return (["system", "os"] as const).map((section) => ({ section, kind: kinds[first.reason], reason }));
};

const isUnder = (oid: string, root: string): boolean => oid === root || oid.startsWith(`${root}.`);

/** One failure a section, the first. */
export const toFailures = (truncated: readonly Truncation[]): readonly SectionFailure[] => {
  const out = new Map<SectionName, SectionFailure>();
  for (const { root, reason, detail } of truncated) {
    const sections = sources.find(([prefix]) => isUnder(root, prefix))?.[1] ?? [];
    for (const section of sections)
      if (!out.has(section))
        out.set(section, {
          section,
          kind: kinds[reason],
          reason: `${reasons[reason]} (${root}${detail === undefined ? "" : `, ${detail}`})`,
        });
  }
  return [...out.values()];
};
