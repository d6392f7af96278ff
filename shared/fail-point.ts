/**
 * Named points at which a test makes a process die without warning, to prove that nothing acknowledged is lost.
 * `ROLLCALL_FAIL_POINT=name` dies the first time the point is reached, `name:3` the third time.
 */
export type FailPoint = (name: string) => void;

const nothing: FailPoint = () => {};

/** @param kill must not return: SIGKILL to the own process, handed in by `main.ts`. */
export const createFailPoint = (env: Readonly<Record<string, string | undefined>>, kill: () => void): FailPoint => {
  const wanted = env["ROLLCALL_FAIL_POINT"];
  if (wanted === undefined || wanted === "") return nothing;
  const [name, times = "1"] = wanted.split(":");
  let left = Math.max(1, Number.parseInt(times, 10) || 1);
  return (reached) => {
    if (reached === name && --left === 0) kill();
  };
};

export const noFailPoint = nothing;

let armed: FailPoint = nothing;

/** For the one program of a process (or worker thread) whose parts don't take a `FailPoint` each: called first by its main. */
export const armFailPoints = (env: Readonly<Record<string, string | undefined>>, kill: () => void): void => {
  armed = createFailPoint(env, kill);
};

/** Reaches a point of the armed kind; does nothing when nothing is armed. */
export const failPoint: FailPoint = (name) => armed(name);
