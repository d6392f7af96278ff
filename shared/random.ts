import { randomBytes } from "node:crypto";

/** Randomness as a dependency: the system's in production, a seeded one in tests. */
export type Random = {
  /** Uniform in [0, 1). For jitter and order, never for secrets. */
  readonly next: () => number;
  /** Cryptographically strong in production. */
  readonly bytes: (length: number) => Uint8Array;
};

export const systemRandom: Random = { next: () => Math.random(), bytes: (length) => randomBytes(length) };

/** A repeatable generator (mulberry32) for simulators and tests; its bytes are not fit for secrets. */
export const createSeededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
};

/** A new array in random order (Fisher-Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
};
