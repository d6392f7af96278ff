/** What is learned of a device while it is read, one for all reads of one session, and asking with a count of what goes unanswered. */
import type { Answer, Ask } from "./exchange.ts";

export type Asker = (ask: Ask) => Promise<Answer>;

/** What is learned of a device while it is read; one for all reads of one session. */
export type Tuning = {
  /** false: GETNEXT only (v1, or the device does without). undefined: not yet tried. */
  bulk: boolean | undefined;
  /** Varbinds that its answers were seen to hold. */
  capacity: number;
  /** Set when it stopped answering: what is left is not asked. */
  silent: boolean;
  /** Whether it ever answered here, and how many requests in a row went unanswered since. */
  answered: boolean;
  strikes: number;
  readonly version: "1" | "2c" | "3";
  /** Copies of a request sent to a device that is known to be alive. */
  readonly sends: number;
};

const START_CAPACITY = 30;
/** Unanswered requests in a row, each sent several times, after which a device counts as gone. */
const MAX_STRIKES = 3;

export const createTuning = (
  version: Tuning["version"],
  sends: number,
  { answered = true }: { answered?: boolean } = {},
): Tuning => ({
  bulk: version === "1" ? false : undefined,
  capacity: START_CAPACITY,
  silent: false,
  answered,
  strikes: 0,
  version,
  sends,
});

/** Keeps count of what is answered; asks nothing of a device that is gone. */
export const askCounted = async (ask: Asker, tuning: Tuning, request: Ask): Promise<Answer> => {
  if (tuning.silent) return { status: "timeout" };
  const answer = await ask(request);
  if (answer.status === "timeout") {
    tuning.strikes++;
    if (!tuning.answered || tuning.strikes >= MAX_STRIKES) tuning.silent = true;
  } else {
    tuning.answered = true;
    tuning.strikes = 0;
  }
  return answer;
};
