import type { FastifyInstance, FastifyReply } from "fastify";
import type { EngineEvent } from "../engine/engine.ts";
import { authorise } from "./auth.ts";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/** How many may listen at once; each costs a socket and little else. */
const MAX_LISTENERS = 200;
/** A reader that lets more than this pile up is let go: it reconnects and asks anew, which is cheaper than the pile. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** Proxies end what is silent for a minute; a comment every so often says that we are there. */
const KEEP_ALIVE_MS = 20_000;
/** A session or token that was revoked stops hearing after this long at most. */
const CHECK_AGAIN_MS = 60_000;

type Listener = { readonly write: (text: string) => void; readonly end: () => void };

const toText = (event: EngineEvent): string => `event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;

/**
 * Live events as a server-sent stream at /api/v1/events: each says that something is new, the reader asks for the rest. A
 * reader that was away asks anew after reconnecting, so that nothing has to be kept for it.
 */
export const mountEvents = (app: FastifyInstance, deps: ApiDeps): void => {
  const { clock, events } = deps;
  const listeners = new Set<Listener>();

  const broadcast = (text: string): void => {
    for (const listener of listeners) listener.write(text);
  };
  const unsubscribe = events.subscribe((event) => {
    if (listeners.size > 0) broadcast(toText(event));
  });

  let cancelBeat = (): void => {};
  const beat = (): void => {
    broadcast(": here\n\n");
    cancelBeat = clock.after(KEEP_ALIVE_MS, beat, { unref: true });
  };
  cancelBeat = clock.after(KEEP_ALIVE_MS, beat, { unref: true });

  const listen = (reply: FastifyReply, mayStay: () => Promise<boolean>): void => {
    const { raw } = reply;
    let cancelCheck = (): void => {};
    const end = (): void => {
      cancelCheck();
      listeners.delete(listener);
      raw.end();
    };
    const listener: Listener = {
      end,
      write: (text) => {
        if (raw.writableLength > MAX_BUFFERED_BYTES) return void raw.destroy();
        raw.write(text);
      },
    };
    const check = async (): Promise<void> => {
      if (!(await mayStay())) return end();
      cancelCheck = clock.after(CHECK_AGAIN_MS, () => void check(), { unref: true });
    };
    cancelCheck = clock.after(CHECK_AGAIN_MS, () => void check(), { unref: true });
    raw.on("close", end);
    raw.on("error", end);
    listeners.add(listener);
  };

  app.get(
    "/api/v1/events",
    {
      schema: {
        tags: ["Events"],
        summary: "Live events: a server-sent stream that says what is new",
        security: [{ token: [] }, { session: [] }],
      },
    },
    async (request, reply) => {
      await authorise(request, deps, "viewer");
      if (listeners.size >= MAX_LISTENERS) throw new ProblemError("unavailable", "Too many live views are open");
      const mayStay = () =>
        authorise(request, deps, "viewer").then(
          () => true,
          () => false,
        );
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      reply.raw.write("retry: 3000\n: hello\n\n");
      listen(reply, mayStay);
    },
  );

  app.addHook("preClose", async () => {
    unsubscribe();
    cancelBeat();
    for (const listener of [...listeners]) listener.end();
  });
};
