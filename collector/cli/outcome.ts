import { RollcallError } from "../../shared/errors.ts";
import type { OperationOutcome } from "../engine/operations.ts";

/** @throws RollcallError `operation.CODE` */
export const expectOk = <O extends OperationOutcome>(outcome: O): Extract<O, { status: "ok" }> => {
  if (outcome.status === "refused") throw new RollcallError(`operation.${outcome.code}`, outcome.reason);
  return outcome as Extract<O, { status: "ok" }>;
};
