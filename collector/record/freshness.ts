import { toTimestamp } from "../../shared/clock.ts";
import type { Fact } from "../../shared/model/asset.ts";

/**
 * How long after a look its facts are good where no other look follows, ms. Shorter: hosts that are off over a long weekend are
 * shown as if nothing were known of them. Longer: a system that was replaced is believed.
 */
export const GOOD_FOR_MS = 7 * 86_400_000;

type Look = {
  readonly observedAtMs: number;
  /** The probe was switched off. */
  readonly goneAtMs?: number | undefined;
  /** Why the last round could not read it. */
  readonly failure?: string | undefined;
  /** Its agent was turned away. */
  readonly revokedAtMs?: number | undefined;
};

/** Until when a look's facts are good, and why they are not any more. */
export const freshnessOf = (look: Look, nowMs: number): Required<Pick<Fact, "goodUntil">> & Pick<Fact, "expired"> => {
  const { observedAtMs, goneAtMs, failure, revokedAtMs } = look;
  const end = (ms: number, expired: string) => ({ goodUntil: toTimestamp(ms), expired });
  if (goneAtMs !== undefined && goneAtMs <= nowMs) return end(goneAtMs, "no longer read: its probe is switched off");
  if (revokedAtMs !== undefined && revokedAtMs <= nowMs) return end(revokedAtMs, "its agent was revoked");
  if (failure !== undefined) return end(observedAtMs, `the last round could not read it: ${failure}`.slice(0, 1_000));
  const untilMs = observedAtMs + GOOD_FOR_MS;
  return untilMs < nowMs ? end(untilMs, "nobody has looked since") : { goodUntil: toTimestamp(untilMs) };
};
