import type { Hello } from "../../shared/protocol/envelope.ts";
import type { AgentRow } from "../store/store.ts";

/** What the collector holds of an agent's sequence. */
export type Held = Pick<AgentRow, "epoch" | "sequence" | "digest">;

export type HelloOrder =
  | { readonly kind: "continue" }
  /** Both go on with this epoch, from sequence 1, and the collector asks for all hashes. */
  | { readonly kind: "new-epoch"; readonly epoch: number; readonly why: HelloMismatch };
export type HelloMismatch = "first" | "other-past" | "agent-put-back" | "collector-put-back" | "copied";

/**
 * Compares what an agent says of its sequence with what is held (shared/protocol/README.md, "Order"). Whatever does not
 * fit gets an epoch above both sides', so that no number is ever given twice.
 */
export const judgeHello = (held: Held, hello: Hello): HelloOrder => {
  const anew = (why: HelloMismatch): HelloOrder => ({
    kind: "new-epoch",
    epoch: Math.max(held.epoch, hello.epoch) + 1,
    why,
  });
  if (held.epoch === 0) return anew("first");
  if (hello.epoch !== held.epoch) return anew("other-past");
  if (held.sequence >= hello.nextSequence) return anew("agent-put-back");
  const last = hello.lastSequence ?? 0;
  if (last > held.sequence) return anew("collector-put-back");
  if (last > 0 && last === held.sequence && hello.lastDigest !== (held.digest ?? null)) return anew("copied");
  return { kind: "continue" };
};

export type KeptOrder = "next" | "duplicate" | "ahead" | "clone" | "other-epoch";

/** Where a kept message stands against what is held. It never skips: only "next" is taken in. */
export const judgeKept = (held: Held, kept: { epoch: number; sequence: number; digest: string }): KeptOrder => {
  if (kept.epoch !== held.epoch) return "other-epoch";
  if (kept.sequence === held.sequence + 1) return "next";
  if (kept.sequence > held.sequence) return "ahead";
  return kept.sequence === held.sequence && kept.digest !== held.digest ? "clone" : "duplicate";
};
