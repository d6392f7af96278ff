import type { MessagePort, Worker } from "node:worker_threads";
import { describeError, RollcallError } from "../../shared/errors.ts";

/**
 * Calls over a message channel between threads: plain data in, plain data or an error out. Both ends are ours, so that
 * nothing is checked here; what comes from outside was parsed before.
 */
type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

type Call = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
type Answer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code?: string; readonly remedy?: "retry" | "give-up"; readonly message: string };
    };

/** A thread's own port, or the thread as its starter sees it. */
export type Port = {
  readonly listen: (listener: (value: unknown) => void) => void;
  /** `given`: memory that goes over to the other side instead of being copied. */
  readonly post: (value: unknown, given?: readonly ArrayBuffer[]) => void;
};

export const toPort = (end: MessagePort | Worker): Port => ({
  listen: (listener) => void (end as MessagePort).on("message", listener),
  post: (value, given = []) => (end as MessagePort).postMessage(value, [...given]),
});

/** Answers calls with the methods of `target`, each as it comes: order is the methods' own matter. */
export const serveCalls = (port: Port, target: Methods): void => {
  port.listen((message) => {
    const { id, method, args } = message as Call;
    const run = target[method] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
    if (!run) return port.post({ id, error: { message: `no method ${method}` } } satisfies Answer);
    run(...args).then(
      (value) => port.post({ id, value } satisfies Answer, memoryOf(value)),
      (error: unknown) => port.post({ id, error: toPlain(error) } satisfies Answer),
    );
  });
};

/** Octets that have their memory for themselves. */
const memoryOf = (value: unknown): readonly ArrayBuffer[] =>
  value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength
    ? [value.buffer]
    : [];

const toPlain = (error: unknown) => ({
  message: describeError(error),
  ...(error instanceof RollcallError ? { code: error.code, remedy: error.remedy } : {}),
});

/** The other end: an object with the same methods. Calls that are open when the thread ends are rejected by `fail`. */
export const createCaller = <T extends object>(
  port: Port,
): { readonly target: T; readonly fail: (error: Error) => void; readonly pending: () => number } => {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  let ended: Error | undefined;
  let lastId = 0;
  port.listen((message) => {
    const answer = message as Answer;
    const call = open.get(answer.id);
    open.delete(answer.id);
    if ("value" in answer) call?.resolve(answer.value);
    else if ("error" in answer) {
      const { code, remedy, message } = answer.error;
      call?.reject(
        code === undefined ? new Error(message) : new RollcallError(code, message, remedy ? { remedy } : {}),
      );
    }
  });
  const invoke = (method: string, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++lastId;
      open.set(id, { resolve, reject });
      port.post({ id, method, args } satisfies Call);
    });
  return {
    // Only property reads that are calls are made on it; "then" must stay absent, or awaiting the object would call it.
    target: new Proxy({} as T, {
      get: (_, method) =>
        typeof method === "string" && method !== "then" ? (...args: unknown[]) => invoke(method, args) : undefined,
    }),
    pending: () => open.size,
    fail: (error) => {
      ended = error;
      for (const { reject } of open.values()) reject(error);
      open.clear();
    },
  };
};
