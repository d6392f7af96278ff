import { createHash } from "node:crypto";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { z } from "zod";
import { describeError } from "../../shared/errors.ts";
import { problemSchema } from "../../shared/model/problem.ts";
import { authorise, isLocal, nobody } from "./auth.ts";
import { mountConsole } from "./console-files.ts";
import type { ApiDeps } from "./deps.ts";
import { mountEvents } from "./events.ts";
import { mountOpenApi } from "./openapi.ts";
import { ProblemError, problemOf } from "./problem.ts";
import { sendReadyText } from "./ready-text.ts";
import { type ReadyText, type Route, readyText } from "./route.ts";
import * as routes from "./routes/registry.ts";

/** The largest body that a write needs is a comment of 4,000 characters. */
const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** From one address, without a token or session; with one, many times as much: a program that reads everything is no attack. */
const REQUESTS_PER_MINUTE = 3_000;
const CREDENTIAL_FACTOR = 40;
const hasCredential = ({ headers: { authorization, cookie } }: FastifyRequest): boolean =>
  authorization !== undefined || cookie !== undefined;

/** Of gzip and deflate (zstd has its own). Higher: a tenth smaller, for twice the processor time of reading the rows. */
const COMPRESSION = { level: 2 } as const;

/** For an API: nothing may be made of its answers but data. Pages of the console set their own. */
const API_POLICY = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } as const;

const readIfMatch = (request: FastifyRequest): number | undefined => {
  const { "if-match": given } = request.headers;
  if (given === undefined || given === "*") return undefined;
  const [, version] = /^(?:W\/)?"(\d{1,15})(?:\.[\w-]+)?"$/.exec(given) ?? [];
  if (version === undefined) throw new ProblemError("request.version", "If-Match does not name a version");
  return Number(version);
};

/**
 * An answer's tag is its record's version and a digest of all that is told with it: a comment or a later sighting makes
 * another answer, though the record itself is the same. If-Match looks at the version alone.
 */
const tagAnswer = (reply: FastifyReply, answer: unknown): string | undefined => {
  const version = reply.getHeader("etag");
  if (version === undefined) return undefined;
  const digest = createHash("sha256").update(JSON.stringify(answer)).digest("base64url").slice(0, 12);
  const tag = `"${version}.${digest}"`;
  void reply.header("etag", tag);
  return tag;
};

const isReadyText = (answer: unknown): answer is ReadyText =>
  typeof answer === "object" && answer !== null && readyText in answer;

const mountRoute = (app: FastifyInstance, deps: ApiDeps, route: Route): void => {
  const { method, path, role, tag, summary, description, params, query, body, response, perMinute } = route;
  const isVoid = response instanceof z.ZodVoid;
  app.route({
    method,
    url: `/api/v1${path}`,
    schema: {
      tags: [tag],
      summary,
      ...(description !== undefined && { description }),
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      ...(role !== "public" && { security: [{ token: [] }, { session: [] }] }),
      response: {
        ...(response && (isVoid ? { 204: z.null().describe("Done") } : { 200: response })),
        "4xx": problemSchema,
        "5xx": problemSchema,
      },
    },
    ...(perMinute !== undefined && { config: { rateLimit: { max: perMinute, timeWindow: 60_000 } } }),
    // Before the body is read: who may not write is not read from.
    onRequest: async (request) => {
      request.who = role === "public" ? nobody : await authorise(request, deps, role);
    },
    handler: async (request, reply) => {
      const ifMatch = readIfMatch(request);
      const { params: p, query: q, body: b, who } = request;
      const answer = await route.handle({ params: p, query: q, body: b, who, ifMatch, request, reply, deps });
      if (isReadyText(answer)) return sendReadyText(request, reply, answer[readyText]);
      const etag = tagAnswer(reply, answer);
      if (method === "GET" && etag !== undefined && request.headers["if-none-match"] === etag)
        return reply.code(304).send();
      return isVoid ? reply.code(204).send() : answer;
    },
  });
};

const mountMetrics = (app: FastifyInstance, deps: ApiDeps): void => {
  app.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    if (!isLocal(request)) await authorise(request, deps, "viewer");
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await deps.metrics());
  });
};

const mountErrors = (app: FastifyInstance, { log }: ApiDeps): void => {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error);
    // The path without its query: what people search for is theirs.
    const path = request.url.split("?")[0];
    if (problem.status >= 500)
      log.error("request failed", { method: request.method, path, code: problem.code, error: describeError(error) });
    if (problem.status === 401) void reply.header("www-authenticate", 'Bearer realm="rollcall"');
    return reply
      .code(problem.status)
      .header("cache-control", "no-store")
      .type("application/problem+json")
      .serializer((value: unknown) => JSON.stringify(value))
      .send(problem);
  });
};

/** How long requests on their way may take to end once the collector stops. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Stopping waits for the answers that are on their way, and for nothing else: a browser keeps connections open without a
 * request on them, and the HTTP server alone would wait a minute for each.
 */
const mountClosing = (app: FastifyInstance, { clock }: ApiDeps): void => {
  let underWay = 0;
  let closing = false;
  const endIfDone = (): void => {
    if (closing && underWay === 0) app.server.closeAllConnections();
  };
  app.addHook("onRequest", async (_, reply) => {
    underWay++;
    reply.raw.once("close", () => {
      underWay--;
      endIfDone();
    });
  });
  app.addHook("preClose", async () => {
    closing = true;
    endIfDone();
    clock.after(LAST_ANSWERS_MS, () => app.server.closeAllConnections(), { unref: true });
  });
};

/**
 * The HTTP side of the collector: REST with its OpenAPI document, live events, metrics and the console's files. The caller
 * listens, hands WebSocket upgrades on, ends agents' sockets, and closes.
 */
export const createApiServer = async (deps: ApiDeps): Promise<FastifyInstance> => {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logger: false,
    trustProxy: deps.trustedProxies === undefined ? false : [...deps.trustedProxies],
    routerOptions: { maxParamLength: 256 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("who");
  mountErrors(app, deps);
  mountClosing(app, deps);

  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: API_POLICY,
    ...(!deps.secure && { strictTransportSecurity: false }),
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
  });
  await app.register(rateLimit, {
    max: (request) =>
      (hasCredential(request) ? CREDENTIAL_FACTOR : 1) * (deps.requestsPerMinute ?? REQUESTS_PER_MINUTE),
    timeWindow: 60_000,
    errorResponseBuilder: () => new ProblemError("request.rate"),
  });
  await app.register(compress, { threshold: 1_024, encodings: ["zstd", "br", "gzip"], zlibOptions: COMPRESSION });
  await mountOpenApi(app, deps.version);

  app.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/api/") && !reply.hasHeader("cache-control"))
      void reply.header("cache-control", "no-cache");
  });
  for (const route of Object.values(routes)) mountRoute(app, deps, route);
  mountEvents(app, deps);
  mountMetrics(app, deps);
  await mountConsole(app, deps);
  await app.ready();
  return app;
};

declare module "fastify" {
  interface FastifyRequest {
    who: import("./auth.ts").Who;
  }
}
