import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../shared/random.ts";

/** A change as the API tells it, reduced to what a package's history is. */
export type PackageChange = {
  readonly kind: "added" | "removed" | "changed";
  readonly itemKey: string;
  readonly field?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly observedAt: string;
};

const COUNTER = "rollcall-counter";

/** Package name to version. The counter package names the revision, so that a snapshot tells which contents it was taken of. */
type Contents = ReadonlyMap<string, string>;

export type ChangingHost = {
  readonly root: string;
  /** Installs, removes and upgrades some packages; the next revision. `others`: how many steps besides the one that is always made. */
  readonly change: (others?: number) => void;
  readonly revision: () => number;
  /** Faults of a history: steps that are no difference of two revisions, gaps, repeats; empty if it is sound. */
  readonly faultsOf: (changes: readonly PackageChange[]) => string[];
};

const packageOf = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\nMaintainer: Test\nDescription: ${name}\n`;

const versionIn = (value: unknown): string =>
  String(value !== null && typeof value === "object" && "version" in value ? value.version : value);

/** A host whose dpkg database changes, each revision as one atomic file. */
export const createChangingHost = (root: string, random: Random): ChangingHost => {
  const revisions: Contents[] = [
    new Map([[COUNTER, "0"], ...Array.from({ length: 20 }, (_, i): [string, string] => [`pkg-${i}`, "1.0"])]),
  ];
  const folder = join(root, "var/lib/dpkg");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(root, "etc"), { recursive: true });
  writeFileSync(join(root, "etc/os-release"), 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n');
  const write = (contents: Contents) => {
    writeFileSync(
      join(folder, "status.new"),
      [...contents].map(([name, version]) => packageOf(name, version)).join("\n"),
    );
    renameSync(join(folder, "status.new"), join(folder, "status"));
  };
  write(revisions[0] as Contents);

  /** What leads from one revision to another: "name": version or absence after. */
  const difference = (from: Contents, to: Contents): Map<string, string> => {
    const out = new Map<string, string>();
    for (const name of new Set([...from.keys(), ...to.keys()])) {
      if (from.get(name) !== to.get(name)) out.set(name, `${from.get(name) ?? "-"} -> ${to.get(name) ?? "-"}`);
    }
    return out;
  };
  const toStep = (change: PackageChange): [string, string] => {
    const name = change.itemKey.split("|")[1] ?? change.itemKey;
    const before = change.kind === "added" ? "-" : versionIn(change.before);
    const after = change.kind === "removed" ? "-" : versionIn(change.after);
    return [name, `${before} -> ${after}`];
  };

  const faultsOf = (changes: readonly PackageChange[]): string[] => {
    const faults: string[] = [];
    const rounds = Map.groupBy(
      changes.filter(({ kind, field }) => kind !== "changed" || field === "version"),
      ({ observedAt }) => observedAt,
    );
    let at = 0;
    for (const [observedAt, round] of [...rounds].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const steps = round.map(toStep);
      const [from, to] = (steps.find(([name]) => name === COUNTER)?.[1] ?? "? -> ?").split(" -> ").map(Number);
      const expected = difference(revisions[from ?? -1] ?? new Map(), revisions[to ?? -1] ?? new Map());
      if (from !== at || !(Number(to) > at))
        faults.push(`${observedAt}: goes from revision ${from} to ${to}, but ${at} was the last`);
      if (steps.length !== new Map(steps).size) faults.push(`${observedAt}: tells a package twice`);
      for (const [name, step] of steps)
        if (expected.get(name) !== step)
          faults.push(`${observedAt}: ${name} ${step}, expected ${expected.get(name) ?? "nothing"}`);
      for (const [name, step] of expected)
        if (!steps.some(([told]) => told === name)) faults.push(`${observedAt}: ${name} ${step} is not told`);
      at = Number(to);
    }
    if (at !== revisions.length - 1) faults.push(`history ends at revision ${at} of ${revisions.length - 1}`);
    return faults;
  };

  return {
    root,
    revision: () => revisions.length - 1,
    faultsOf,
    change: (others = Math.floor(random.next() * 4)) => {
      const next = new Map(revisions.at(-1));
      next.set(COUNTER, String(revisions.length));
      // Always one upgrade, so that no revision is without a difference; then a few of any kind.
      next.set("pkg-always", `${revisions.length}`);
      for (let i = 0; i < others; i++) {
        const name = `pkg-${Math.floor(random.next() * Math.max(30, others * 2))}`;
        if (next.has(name) && random.next() < 0.3) next.delete(name);
        else next.set(name, `${revisions.length}.${i}`);
      }
      revisions.push(next);
      write(next);
    },
  };
};
