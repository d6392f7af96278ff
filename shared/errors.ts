/**
 * What every I/O failure is thrown as. `code` is stable and dotted ("spool.corrupt"); `remedy` tells the caller's loop
 * whether trying again can help; the message says what was being done to what, and the cause says why it failed.
 */
export class RollcallError extends Error {
  override readonly name = "RollcallError";
  readonly code: string;
  readonly remedy: "retry" | "give-up";

  constructor(code: string, message: string, options: { remedy?: "retry" | "give-up"; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy ?? "give-up";
  }
}

export const isRollcallError = (error: unknown, code?: string): error is RollcallError =>
  error instanceof RollcallError && (code === undefined || error.code === code);

/** The whole chain of an error in one line, outermost first: "opening the spool: disk I/O error". */
export const describeError = (error: unknown): string => {
  const parts: string[] = [];
  for (let e: unknown = error, depth = 0; e !== undefined && e !== null && depth < 8; depth++) {
    const text = e instanceof Error ? e.message || e.name : String(e);
    if (text !== parts.at(-1)) parts.push(text);
    e = e instanceof Error ? e.cause : undefined;
  }
  return parts.join(": ");
};

/** Exit codes of sysexits(3), the ones we use. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 64,
  dataError: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  ioError: 74,
  temporary: 75,
  noPermission: 77,
  config: 78,
} as const;
