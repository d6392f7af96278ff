/**
 * How often and when each IPv4 target was asked, by index: nine bytes an address, so that a /12 costs 9 MiB.
 * Times are milliseconds since the sweep began.
 */
export type AskBook = {
  readonly size: number;
  readonly asks: (index: number) => number;
  readonly spreadMs: (index: number) => number;
  readonly lastMs: (index: number) => number;
  readonly add: (index: number, atMs: number, count?: number) => void;
  readonly see: (index: number) => void;
  readonly isSeen: (index: number) => boolean;
};

export const createAskBook = (size: number): AskBook => {
  const asks = new Uint8Array(size);
  const first = new Uint32Array(size);
  const last = new Uint32Array(size);
  const seen = new Uint8Array(Math.ceil(size / 8));
  return {
    size,
    asks: (i) => asks[i] ?? 0,
    spreadMs: (i) => (last[i] ?? 0) - (first[i] ?? 0),
    lastMs: (i) => last[i] ?? 0,
    add: (i, atMs, count = 1) => {
      const at = Math.max(0, Math.round(atMs));
      if (asks[i] === 0) first[i] = at;
      last[i] = Math.max(last[i] ?? 0, at);
      asks[i] = Math.min(255, (asks[i] ?? 0) + count);
    },
    see: (i) => {
      seen[i >> 3] = (seen[i >> 3] ?? 0) | (1 << (i & 7));
    },
    isSeen: (i) => ((seen[i >> 3] ?? 0) & (1 << (i & 7))) !== 0,
  };
};
