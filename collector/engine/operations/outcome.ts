import type { OperationOutcome, RefusalCode } from "../operations.ts";

/** Fits every operation: a refusal has no result. */
export const refused = (code: RefusalCode, reason: string): OperationOutcome<never> => ({
  status: "refused",
  code,
  reason,
});
