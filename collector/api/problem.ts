import type { FastifyError } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { isRollcallError } from "../../shared/errors.ts";
import { lookup } from "../../shared/lookup.ts";
import type { Problem } from "../../shared/model/problem.ts";
import type { RefusalCode } from "../engine/operations.ts";

/**
 * Every way in which a request can fail, as RFC 9457 problems: stable codes, and a remedy for the person or program that
 * asked. The domain knows no HTTP; this table is where the two meet.
 */
const table = {
  "auth.missing": [401, "Not signed in", "Sign in, or send a token: Authorization: Bearer TOKEN"],
  "auth.invalid": [
    401,
    "Not accepted",
    "The token or session is unknown, expired or revoked: sign in again or use another token",
  ],
  "auth.forbidden": [403, "Not allowed", "Ask an administrator for a role that may do this"],
  "auth.csrf": [403, "Write without its CSRF token", "Repeat the `csrf` of GET /api/v1/me in the header x-csrf-token"],
  "auth.code": [410, "This sign-in link no longer works", "Links work once and for ten minutes: ask for a new one"],
  "auth.password": [401, "Wrong name or password", "Check both; after several failures wait a minute"],
  "request.invalid": [
    400,
    "The request does not fit its schema",
    "See /api/v1/openapi.json; `errors` names each fault",
  ],
  "query.invalid": [
    400,
    "The query can't be read",
    "Mend it at `position`; collector/query/README.md and GET /api/v1/assets/fields say what can be asked",
  ],
  "query.too-much": [
    422,
    "The query asks for too much at once",
    "Add a term that is quickly told, such as type: or site:",
  ],
  "request.cursor": [
    400,
    "Unknown cursor",
    "Start again without a cursor: filters and order must stay the same between pages",
  ],
  "history.unknown": [422, "Not known as of that time", "Ask for the time that the detail names, or for now"],
  "request.too-large": [413, "The request is too large", "Send less at once"],
  "request.media-type": [415, "Only JSON is understood", "Send content-type: application/json"],
  "request.rate": [429, "Too many requests", "Wait as long as the header retry-after says"],
  "request.version": [
    412,
    "Changed by somebody else in the meantime",
    "Read it again and repeat the write with its new ETag",
  ],
  "not-found": [404, "Not found", "It may have been removed, or the address is mistyped"],
  conflict: [409, "Conflicts with the present state", "Read it again and decide anew"],
  invalid: [422, "Can't be done so", "See the detail"],
  expired: [410, "Expired", "Ask for a new one"],
  "used-up": [410, "Used up", "Ask for a new one"],
  unavailable: [503, "Not available at the moment", "Try again in a little while"],
  internal: [500, "The collector failed at this", "Try again; if it stays, see the collector's log"],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>;
export type ProblemCode = keyof typeof table;

export const toProblem = (code: ProblemCode, detail?: string, errors?: Problem["errors"]): Problem => {
  const [status, title, remedy] = table[code];
  return {
    type: `urn:rollcall:problem:${code}`,
    title,
    status,
    code,
    remedy,
    ...(detail !== undefined && { detail }),
    ...(errors !== undefined && { errors }),
  };
};

/** Thrown by handlers to answer with a problem; carries nothing that is not meant for the one who asked. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(code: ProblemCode, detail?: string, more: Pick<Problem, "position" | "length"> = {}) {
    super(detail ?? code);
    this.problem = { ...toProblem(code, detail), ...more };
  }
}

const refusals: Readonly<Record<RefusalCode, ProblemCode>> = {
  "not-found": "not-found",
  conflict: "conflict",
  forbidden: "auth.forbidden",
  invalid: "invalid",
  expired: "expired",
  "used-up": "used-up",
  unavailable: "unavailable",
};
export const refusalOf = (code: RefusalCode, reason: string): ProblemError => new ProblemError(refusals[code], reason);

const byFastifyCode: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "request.too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "request.media-type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "request.invalid",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request.invalid",
  FST_ERR_CTP_INVALID_JSON_BODY: "request.invalid",
};

/** The problem for whatever was thrown. Only codes and our own sentences go out; the rest is for the log. */
export const problemOf = (error: FastifyError | Error): Problem => {
  if (error instanceof ProblemError) return error.problem;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 20).map(({ instancePath, message }) => ({
      path: `${error.validationContext ?? "request"}${instancePath.replaceAll("/", ".")}`,
      message: message ?? "does not fit",
    }));
    return toProblem("request.invalid", errors.map(({ path, message }) => `${path}: ${message}`).join("; "), errors);
  }
  if (isRollcallError(error, "reads.cursor")) return toProblem("request.cursor", error.message);
  if (isRollcallError(error, "reads.too-much")) return toProblem("query.too-much", error.message);
  if (isRollcallError(error, "reads.then")) return toProblem("history.unknown", error.message);
  if (isRollcallError(error, "desk.unknown")) return toProblem("not-found", error.message);
  if (isRollcallError(error, "secret.key")) return toProblem("unavailable", error.message);
  if (isRollcallError(error) && (error.remedy === "retry" || error.code === "store.full"))
    return toProblem("unavailable");
  const code = "code" in error ? lookup(byFastifyCode, String(error.code)) : undefined;
  if (code) return toProblem(code);
  const status = "statusCode" in error ? Number(error.statusCode) : 500;
  if (status === 429) return toProblem("request.rate");
  if (status >= 400 && status < 500) return toProblem("request.invalid", error.message.slice(0, 200));
  return toProblem("internal");
};
