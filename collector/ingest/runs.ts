import type { Hello } from "../../shared/protocol/envelope.ts";

/** A process that was welcomed, and the copy of its agent that it speaks for. */
type Run = { readonly run: string; readonly instance: number };

/** Of one agent; restarts use them up, older ones are forgotten. */
const MAX_RUNS = 16;

export type Judgement = {
  readonly instance: number;
  readonly isOutlived: boolean;
  /** The process that spoke last for this copy: whatever its sequence says, it is no second one. */
  readonly isSame: boolean;
};

export type Runs = {
  /**
   * Which copy says this hello: the one that its process was told to be, where that welcome was lost on the way. It is
   * outlived if another process has spoken for the same copy since: one that was replaced by a restart never speaks again.
   */
  readonly judge: (hello: Hello) => Judgement;
  /** This hello was welcomed, as that copy. */
  readonly note: (hello: Hello, instance: number) => void;
};

/** Which processes spoke for an agent at a broker, in the order of their latest hellos. Only proven hellos may be noted. */
export const createRuns = (): Runs => {
  const byAgent = new Map<string, readonly Run[]>();
  return {
    judge: ({ agentId, run, instance: said }) => {
      const runs = byAgent.get(agentId) ?? [];
      const known = runs.find((one) => one.run === run);
      // A copy's number only rises: what it says itself may be newer than what was noted.
      const instance = Math.max(said, known?.instance ?? 0);
      const latest = runs.findLast((one) => one.instance === instance);
      return {
        instance,
        isOutlived: known?.instance === instance && latest !== known,
        isSame: latest !== undefined && latest === known,
      };
    },
    note: ({ agentId, run }, instance) => {
      if (run === undefined) return;
      const others = (byAgent.get(agentId) ?? []).filter((one) => one.run !== run);
      byAgent.set(agentId, [...others, { run, instance }].slice(-MAX_RUNS));
    },
  };
};
