import type { z } from "zod";
import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import type { SectionContents, SectionName } from "../../shared/protocol/sections.ts";

/** What a section probe is given besides its own configuration. */
export type ProbeDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted at the probe's time-out or when the agent stops. */
  readonly signal: AbortSignal;
  /** Where the file system to read begins: "/" on a live host, a recorded tree in tests and under `--root`. */
  readonly root: string;
  /** Whether `root` is the running host, so that programs and system calls may be asked too. */
  readonly live: boolean;
};

/** Why a section is absent or incomplete. "cut": bounded, the rest was left out. */
export type SectionFailure = {
  readonly section: SectionName;
  readonly kind: "failed" | "needs-privilege" | "timed-out" | "cut";
  readonly reason: string;
};

/**
 * How a probe ends. A probe may fill several sections that come from one reading (disks and partitions), and may fail for
 * some of them while the others stand. "no-data": this host has nothing of the kind, which is not a failure.
 * Gauges are volatile numbers, sent apart and never diffed.
 */
export type ProbeOutcome =
  | {
      readonly status: "ok";
      readonly sections: SectionContents;
      readonly failures?: readonly SectionFailure[];
      readonly gauges?: Readonly<Record<string, number>>;
    }
  | { readonly status: "no-data" }
  | { readonly status: "failed"; readonly kind: SectionFailure["kind"]; readonly reason: string };

export type Probe<C = unknown> = {
  readonly name: string;
  /** The sections this probe answers for: absence counts only inside them, and only when it succeeded. */
  readonly sections: readonly SectionName[];
  readonly platforms: readonly NodeJS.Platform[];
  /** Off until switched on, because it tells of people (design §1.7). */
  readonly personal: boolean;
  readonly timeoutMs: number;
  readonly configSchema: z.ZodType<C>;
  readonly run: (config: C, deps: ProbeDeps) => Promise<ProbeOutcome>;
};

export const defineProbe = <C>(probe: Probe<C>): Probe<C> => probe;
