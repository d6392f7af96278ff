import { z } from "zod";
import { toTimestamp } from "../../shared/clock.ts";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

const timeSchema = z.iso.datetime({ offset: true });

/** A time of the past in a query: RFC 3339, with Z or an offset. */
export const at = z.exactOptional(timeSchema).describe("As it was at this time, RFC 3339");

/** @throws ProblemError `history.unknown` for what is still to come */
export const toPast = (time: string | undefined, { clock }: Pick<ApiDeps, "clock">): number | undefined => {
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  if (ms <= clock.now()) return ms;
  throw new ProblemError(
    "history.unknown",
    `${time} is still to come: ask for a time up to now, ${toTimestamp(clock.now())}`,
  );
};

/** "ast_…", or "ast_…@2026-01-05T08:00:00Z". */
export const momentText = z
  .string()
  .max(100)
  .refine((text) => /^ast_[0-9a-hjkmnp-tv-z]{26}$/.test(text.split("@", 1)[0] ?? ""), "begins with an asset's id")
  .refine(
    (text) => !text.includes("@") || timeSchema.safeParse(text.slice(text.indexOf("@") + 1)).success,
    "what follows @ is no RFC 3339 time",
  );
