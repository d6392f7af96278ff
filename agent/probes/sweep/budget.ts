import type { Clock } from "../../../shared/clock.ts";

/**
 * The packets of one sweep, over all its methods. `take` waits until a packet fits, and it fits when neither it nor the
 * repeats that the kernel will make of it bring any 100 ms above the cap.
 */
export type Budget = {
  /**
   * Waits for room for `frames` packets now.
   * @param repeatsMs when the kernel sends the same again unless an answer comes (ARP: after 1 s and 2 s).
   * @returns a function that gives the repeats back, to call when the answer came.
   */
  readonly take: (frames?: number, repeatsMs?: readonly number[]) => Promise<() => void>;
  /** Books packets that went out because of an answer (the end of a TCP handshake), which can't wait. */
  readonly charge: (frames: number) => void;
  /** From now on so many times the limits. */
  readonly pace: (factor: number) => void;
  readonly sent: () => number;
};

export type BudgetLimits = {
  /** Most packets in any 100 ms, the kernel's repeats included. */
  readonly per100Ms: number;
  /** Packets of our own per second over time. */
  readonly perSecond: number;
  /** How many of our own may go before `perSecond` bites. */
  readonly burst: number;
};

/**
 * What `--rate` means: no 100 ms hold more than a tenth of it, repeats included. A fifth is kept for what cannot wait (ends of
 * handshakes, packets that left late because the host was busy), and the rest goes evenly: were it sent in bursts, one that
 * is held up for some milliseconds would share a window with the next.
 */
export const strictLimits = (rate: number): BudgetLimits => ({
  per100Ms: Math.max(1, Math.floor(rate * 0.08)),
  perSecond: rate * 0.8,
  burst: Math.max(1, Math.floor(rate * 0.01)),
});

/** Without `--rate`: on a local segment one /24 at once, then 250 asks a second, each with up to two repeats by the kernel. */
export const linkLimits: BudgetLimits = { per100Ms: 300, perSecond: 250, burst: 256 };
export const routedLimits: BudgetLimits = { per100Ms: 100, perSecond: 1_000, burst: 100 };

const SLOT_MS = 2;
/** Four seconds: the kernel's last repeat is two ahead. */
const SLOTS = 2_048;
/** 102 ms: a slot more than the window that is promised, for what a packet may lag behind its booking. */
const WINDOW = 51;
/** The kernel's timer wheel rounds waits of a second up by as much as 64 ms, so a repeat may share a window with later ones. */
const REPEAT_WINDOW = WINDOW + 32;

const LATE_MS = 12;

const createLedger = (clock: Clock, cap: () => number) => {
  const own = new Uint16Array(SLOTS);
  const repeats = new Uint16Array(SLOTS);
  let clearedTo = Math.floor(clock.monotonic() / SLOT_MS) - REPEAT_WINDOW;
  const sum = (ring: Uint16Array, from: number, length: number): number => {
    let total = 0;
    for (let i = 0; i < length; i++) total += ring[(from + i + SLOTS) % SLOTS] as number;
    return total;
  };
  const forget = (slot: number): void => {
    const until = slot - REPEAT_WINDOW - WINDOW;
    for (let s = Math.max(clearedTo, until - SLOTS); s < until; s++) {
      own[(s + SLOTS) % SLOTS] = 0;
      repeats[(s + SLOTS) % SLOTS] = 0;
    }
    clearedTo = Math.max(clearedTo, until);
  };
  const at = (ring: Uint16Array, slot: number): number => ring[(slot + SLOTS) % SLOTS] as number;
  /** Whether `frames` more at `slot` keep every window that holds the slot under the cap; a sliding sum. */
  const fits = (slot: number, frames: number, ahead: boolean): boolean => {
    const most = cap();
    const last = ahead ? slot + REPEAT_WINDOW - 1 : slot + WINDOW - 1;
    let load = sum(own, slot - WINDOW + 1, WINDOW) + sum(repeats, slot - REPEAT_WINDOW + 1, REPEAT_WINDOW);
    for (let end = slot; ; ) {
      if (load + frames > most) return false;
      if (end++ === last) return true;
      load += at(own, end) + at(repeats, end) - at(own, end - WINDOW) - at(repeats, end - REPEAT_WINDOW);
    }
  };
  return { own, repeats, forget, fits };
};

export const createBudget = (
  limits: BudgetLimits,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Budget => {
  let factor = 1;
  const ledger = createLedger(clock, () => limits.per100Ms * factor);
  const queue: {
    frames: number;
    repeatsMs: readonly number[];
    resolve: (release: () => void) => void;
    reject: (reason: unknown) => void;
  }[] = [];
  let tokens = limits.burst;
  let refilledAt = clock.monotonic();
  let sent = 0;
  let granted = 0;
  let grantedAt = 0;
  let pumping = false;

  const refill = (now: number): void => {
    tokens = Math.min(limits.burst, tokens + ((now - refilledAt) * limits.perSecond * factor) / 1_000);
    refilledAt = now;
  };
  const tryTake = (frames: number, repeatsMs: readonly number[]): (() => void) | undefined => {
    const now = clock.monotonic();
    const slot = Math.floor(now / SLOT_MS);
    ledger.forget(slot);
    refill(now);
    const wanted = Math.min(frames, limits.burst, limits.per100Ms);
    if (tokens < wanted || !ledger.fits(slot, wanted, false)) return undefined;
    const later = repeatsMs.map((ms) => Math.floor((now + ms) / SLOT_MS));
    // A cap of one or two can't hold an ask and its repeats apart for ever: repeats then only slow what follows.
    if (limits.per100Ms > 2 && !later.every((s) => ledger.fits(s, frames, true))) return undefined;
    tokens -= frames;
    sent += frames;
    if (granted === 0) grantedAt = now;
    granted += frames;
    ledger.own[slot % SLOTS] = (ledger.own[slot % SLOTS] as number) + frames;
    for (const s of later) ledger.repeats[s % SLOTS] = (ledger.repeats[s % SLOTS] as number) + frames;
    return () => {
      const current = Math.floor(clock.monotonic() / SLOT_MS);
      for (const s of later) {
        const i = s % SLOTS;
        if (s > current) ledger.repeats[i] = Math.max(0, (ledger.repeats[i] as number) - frames);
      }
    };
  };
  /**
   * Waits a slot. What was granted before may still have been unsent when the process lost the processor: when we wake
   * late, it is booked once more, as of now.
   */
  const rest = async (): Promise<void> => {
    const before = granted === 0 ? clock.monotonic() : grantedAt;
    await clock.sleep(SLOT_MS, signal).catch(() => {});
    const now = clock.monotonic();
    const slot = Math.floor(now / SLOT_MS) % SLOTS;
    if (now - before > LATE_MS) ledger.own[slot] = (ledger.own[slot] as number) + granted;
    granted = 0;
  };
  const pump = async (): Promise<void> => {
    pumping = true;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (signal.aborted) {
        for (const waiting of queue.splice(0)) waiting.reject(signal.reason);
        break;
      }
      const release = tryTake(next.frames, next.repeatsMs);
      if (release === undefined) {
        await rest();
        continue;
      }
      queue.shift();
      next.resolve(release);
      // Let the packet leave before the next is weighed: its time on the wire is what is promised.
      await Promise.resolve();
    }
    pumping = false;
  };
  return {
    take: (frames = 1, repeatsMs = []) =>
      new Promise((resolve, reject) => {
        queue.push({ frames, repeatsMs, resolve, reject });
        if (!pumping) void pump();
      }),
    charge: (frames) => {
      const slot = Math.floor(clock.monotonic() / SLOT_MS);
      ledger.own[slot % SLOTS] = (ledger.own[slot % SLOTS] as number) + frames;
      tokens -= frames;
      sent += frames;
    },
    pace: (next) => {
      refill(clock.monotonic());
      factor = next;
    },
    sent: () => sent,
  };
};
