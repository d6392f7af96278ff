import { RollcallError } from "../../shared/errors.ts";

/** What a peer may make us hold, before anything of it is understood (shared/protocol/README.md, "Bounds"). */
export const limits = {
  /** JSON of a message after decompression. */
  maxJsonBytes: 16 << 20,
  /** A frame as it comes: a message that does not compress, with its header. */
  maxFrameBytes: (16 << 20) + 65,
  /** Everything before the hello was accepted, handshake included. */
  maxStrangerBytes: 512 << 10,
  maxDepth: 64,
  /** Messages of one agent that wait for the disk; above it the connection is not read from. */
  maxInFlight: 64,
  /** Tokens of a bucket: a burst, and what flows in again each second. */
  burstMessages: 4_000,
  messagesPerSecond: 1_000,
  helloTimeoutMs: 15_000,
  maxStrangers: 1_024,
} as const;

/**
 * Refuses text nested deeper than `maxDepth`, without parsing it: what parses or walks it afterwards may recurse.
 * @throws RollcallError `message.too-deep`
 */
export const checkDepth = (json: string, maxDepth: number = limits.maxDepth): void => {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (isText) {
      if (c === 0x5c) i++;
      else if (c === 0x22) isText = false;
    } else if (c === 0x22) isText = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > maxDepth)
        throw new RollcallError("message.too-deep", `message nested deeper than ${maxDepth} levels`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
};

/** A token bucket: `take` is false when the sender is too quick. */
export const createBucket = (now: () => number, burst: number, perSecond: number) => {
  let tokens = burst;
  let at = now();
  return {
    take: (): boolean => {
      const t = now();
      tokens = Math.min(burst, tokens + ((t - at) / 1_000) * perSecond);
      at = t;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
};
