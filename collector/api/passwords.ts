import { type Argon2Parameters, argon2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Random } from "../../shared/random.ts";

/**
 * argon2id (RFC 9106) as PHC strings: "$argon2id$v=19$m=65536,t=3,p=1$SALT$HASH". 64 MiB and three passes are the RFC's
 * second recommendation with one lane, since two cores serve everything else meanwhile.
 */
const COST = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 } as const;
const SALT_BYTES = 16;
const MAX_MEMORY = 1_048_576;

const derive = promisify(argon2) as (algorithm: "argon2id", parameters: Argon2Parameters) => Promise<Buffer>;
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/** Each derivation takes its 64 MiB: one after the other, so that a flood of sign-ins fills no memory. */
let queue: Promise<unknown> = Promise.resolve();
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const turn = queue.then(work, work);
  queue = turn.catch(() => undefined);
  return turn;
};

export const hashPassword = async (password: string, random: Random): Promise<string> => {
  const nonce = random.bytes(SALT_BYTES);
  const tag = await inTurn(() => derive("argon2id", { message: password, nonce, ...COST }));
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toBase64(nonce)}$${toBase64(tag)}`;
};

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** False for a wrong password, and for a hash that is not one of argon2id's. */
export const verifyPassword = async (password: string, hash: string): Promise<boolean> => {
  const [, memory, passes, parallelism, salt, tag] = phc.exec(hash) ?? [];
  if (!salt || !tag || Number(memory) > MAX_MEMORY) return false;
  const expected = Buffer.from(tag, "base64");
  const parameters = {
    message: password,
    nonce: Buffer.from(salt, "base64"),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  };
  return timingSafeEqual(await inTurn(() => derive("argon2id", parameters)), expected);
};

/** Costs as much as a real check: who is unknown answers no sooner than who mistyped. */
export const verifyNothing = async (password: string, random: Random): Promise<false> => {
  await hashPassword(password, random);
  return false;
};
