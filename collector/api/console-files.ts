import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { RollcallError } from "../../shared/errors.ts";
import type { ApiDeps } from "./deps.ts";
import { toProblem } from "./problem.ts";

/**
 * Only our own files, no inline script, and of inline style only the elements that carry this answer's nonce (Mantine makes
 * a few). Nothing may frame us, nothing is fetched from elsewhere.
 */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

const isForPeople = (request: FastifyRequest): boolean =>
  (request.method === "GET" || request.method === "HEAD") &&
  !/^\/(api|static|metrics)(\/|\?|$)/.test(request.url) &&
  (request.headers.accept ?? "").includes("text/html");

/** What somebody reads who opens the address of a collector that was installed without its console. */
const missingConsole =
  "<!doctype html><title>Rollcall</title><p>The console is not built: run <code>npm run console</code> " +
  "and start the collector again. The API is at /api/v1.</p>";

const readPage = async (folder: string): Promise<string | undefined> => {
  try {
    return await readFile(join(folder, "index.html"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new RollcallError("console.unreadable", `reading the console in ${folder}`, { cause: error });
  }
};

/** The console's files, its one page under every address of its own, and the answer to all that is nowhere. */
export const mountConsole = async (app: FastifyInstance, deps: ApiDeps): Promise<void> => {
  const { consoleFolder, random } = deps;
  const page = consoleFolder === undefined ? undefined : await readPage(consoleFolder);
  if (consoleFolder !== undefined && page !== undefined) {
    // Names under static/ hold the hash of what is in them: they never change.
    const options = { immutable: true, maxAge: "365d", index: false, decorateReply: false } as const;
    await app.register(fastifyStatic, { root: join(consoleFolder, "static"), prefix: "/static/", ...options });
    const icon = await readFile(join(consoleFolder, "icon.svg"));
    app.get("/icon.svg", { schema: { hide: true } }, (_, reply) =>
      reply.type("image/svg+xml").header("cache-control", "max-age=86400").send(icon),
    );
  }

  const sendPage = (reply: FastifyReply): FastifyReply => {
    const nonce = Buffer.from(random.bytes(16)).toString("base64");
    return reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", policyOf(nonce))
      .header("cache-control", "no-store")
      .code(page === undefined ? 503 : 200)
      .send((page ?? missingConsole).replaceAll("<script ", `<script nonce="${nonce}" `));
  };

  app.setNotFoundHandler(async (request, reply) => {
    if (isForPeople(request)) return sendPage(reply);
    const problem = { ...toProblem("not-found", `There is no ${request.method} ${request.url.slice(0, 200)}`) };
    return reply.code(404).type("application/problem+json").send(problem);
  });
};
