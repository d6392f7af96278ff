import { statSync } from "node:fs";
import type { Clock } from "../../../shared/clock.ts";
import { describeError, isRollcallError, RollcallError } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import { compareKeys, toItems } from "../../../shared/protocol/canonical.ts";
import type { Subject } from "../../../shared/protocol/observation.ts";
import { type SectionContents, type SectionName, sectionNames, sections } from "../../../shared/protocol/sections.ts";
import type { Probe, ProbeOutcome, SectionFailure } from "../probe.ts";
import { clipToSchema } from "./clip-to-schema.ts";
import * as registry from "./registry.ts";
import { subjectOf } from "./subject.ts";

export type InventoryOptions = {
  /** Where the file system to read begins; "/" is this host. */
  readonly root: string;
  /** Only these; personal ones among them are then wanted. Without: all that are not personal. */
  readonly only?: readonly SectionName[];
  /** Personal sections that a scope has switched on, besides those that are always read. */
  readonly personal?: readonly SectionName[];
  /** Where a unit left the SMBIOS table for an unprivileged agent. */
  readonly smbiosFile?: string;
  /** Probes at work at the same time. More: programs and file systems are waited for together. Default 4. */
  readonly concurrency?: number;
  /** Names the routing domain of weak keys; default "default". */
  readonly realm?: string;
};

export type InventoryDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly platform: NodeJS.Platform;
  /** Instead of the registry's: for tests. */
  readonly probes?: readonly Probe<never>[];
};

export type Inventory = {
  readonly subject: Subject;
  readonly sections: SectionContents;
  readonly failures: readonly SectionFailure[];
  /** Sections that the probes of this run answer for, whether they gave something or not. */
  readonly looked: ReadonlySet<SectionName>;
  readonly gauges: Readonly<Record<string, number>>;
  /** Milliseconds that each probe took. */
  readonly timings: Readonly<Record<string, number>>;
};

/** Whether a path is a folder that an inventory can begin at. */
export const isTreeRoot = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const allProbes = (): readonly Probe<never>[] => Object.values(registry) as unknown as readonly Probe<never>[];

const wantedSections = ({ only, personal = [] }: InventoryOptions): ReadonlySet<SectionName> =>
  new Set(only ?? sectionNames.filter((name) => !sections[name].personal || personal.includes(name)));

/** Runs tasks side by side, `limit` at a time; results in the order of the tasks. */
const runLimited = async <T>(tasks: readonly (() => Promise<T>)[], limit: number): Promise<T[]> => {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < tasks.length; i = next++) results[i] = await (tasks[i] as () => Promise<T>)();
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, work));
  return results;
};

type Ended = { readonly probe: Probe<never>; readonly outcome: ProbeOutcome; readonly ms: number };

const failed = (kind: SectionFailure["kind"], reason: string): ProbeOutcome => ({ status: "failed", kind, reason });

/**
 * Runs one probe to its end or its time-out. A probe that does not heed its signal is left behind: its result is
 * ignored, and the process, which lives for one round, ends with it.
 */
const runProbe = async (probe: Probe<never>, options: InventoryOptions, deps: InventoryDeps): Promise<Ended> => {
  const startedAt = deps.clock.monotonic();
  const own = new AbortController();
  const signal = AbortSignal.any([deps.signal, own.signal]);
  const timedOut = new RollcallError("probe.timed-out", `no result after ${probe.timeoutMs} ms`);
  const waiting = Promise.withResolvers<never>();
  const cancel = deps.clock.after(probe.timeoutMs, () => {
    own.abort(timedOut);
    waiting.reject(timedOut);
  });
  const end = (outcome: ProbeOutcome): Ended => ({ probe, outcome, ms: deps.clock.monotonic() - startedAt });
  try {
    const config = probe.configSchema.parse(configFor(probe, options));
    const { clock, log } = deps;
    const live = options.root === "/";
    const running = probe.run(config, {
      clock,
      log: log.child({ probe: probe.name }),
      signal,
      root: options.root,
      live,
    });
    return end(await Promise.race([running, waiting.promise]));
  } catch (error) {
    if (deps.signal.aborted) throw error;
    return end(failed(isRollcallError(error, "probe.timed-out") ? "timed-out" : "failed", describeError(error)));
  } finally {
    cancel();
    own.abort(timedOut);
  }
};

/** The one option that probes of the host share; those without it have strict schemas that would refuse it. */
const configFor = ({ name }: Probe<never>, { smbiosFile }: InventoryOptions): object =>
  smbiosFile !== undefined && ["system", "cpu", "memory"].includes(name) ? { smbiosFile } : {};

type Gathered = {
  readonly sections: Partial<Record<SectionName, unknown>>;
  readonly failures: SectionFailure[];
  readonly gauges: Record<string, number>;
};

/** Items by key, each key once, texts within their bounds. */
const tidy = (name: SectionName, content: unknown): unknown => {
  const { kind, schema } = sections[name];
  if (kind === "value") return clipToSchema(schema, content);
  const items = [
    ...toItems(
      name,
      (content as readonly object[]).map((item) => clipToSchema(schema, item)),
    ),
  ];
  return items.sort(([a], [b]) => compareKeys(a, b)).map(([, item]) => item);
};

const gather = (into: Gathered, { probe, outcome }: Ended, wanted: ReadonlySet<SectionName>): void => {
  const mine = probe.sections.filter((name) => wanted.has(name));
  if (outcome.status === "no-data") {
    for (const name of mine) if (sections[name].kind === "collection") into.sections[name] ??= [];
    return;
  }
  if (outcome.status === "failed") {
    const { kind, reason } = outcome;
    into.failures.push(...mine.map((section) => ({ section, kind, reason })));
    return;
  }
  for (const name of mine) {
    const content = outcome.sections[name];
    if (content !== undefined) into.sections[name] = tidy(name, content);
  }
  into.failures.push(...(outcome.failures ?? []).filter(({ section }) => wanted.has(section)));
  Object.assign(into.gauges, outcome.gauges);
};

/**
 * One inventory of the host, or of the tree under `root`: sections by name, and why others are absent. The probes run
 * side by side under a limit; one that fails or is late costs its own sections only.
 */
export const runInventory = async (options: InventoryOptions, deps: InventoryDeps): Promise<Inventory> => {
  const wanted = wantedSections(options);
  // A tree of files is a Linux host's, wherever it is looked at.
  const platform = options.root === "/" ? deps.platform : "linux";
  const probes = (deps.probes ?? allProbes()).filter(
    (probe) => probe.platforms.includes(platform) && probe.sections.some((name) => wanted.has(name)),
  );
  const tasks = probes.map((probe) => () => runProbe(probe, options, deps));
  const ended = await runLimited(tasks, options.concurrency ?? 4);
  const gathered: Gathered = { sections: {}, failures: [], gauges: {} };
  for (const one of ended) gather(gathered, one, wanted);
  const ordered = sectionNames.flatMap((name) => (name in gathered.sections ? [[name, gathered.sections[name]]] : []));
  const contents = Object.fromEntries(ordered) as SectionContents;
  return {
    subject: subjectOf(contents, options.realm ?? "default"),
    sections: contents,
    failures: gathered.failures,
    looked: new Set(probes.flatMap((probe) => probe.sections.filter((name) => wanted.has(name)))),
    gauges: gathered.gauges,
    timings: Object.fromEntries(ended.map(({ probe, ms }) => [probe.name, Math.round(ms * 10) / 10])),
  };
};
