import { createHash, timingSafeEqual } from "node:crypto";
import type {} from "@fastify/cookie";
import type { FastifyRequest } from "fastify";
import { toTimestamp } from "../../shared/clock.ts";
import { type Role, roles } from "../../shared/model/access.ts";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/** Who asks, as far as anybody could tell. */
export type Who = {
  readonly name: string;
  readonly role: Role;
  readonly via: "session" | "token";
  readonly expiresAt?: string;
  /** For sessions: what their writes must repeat. */
  readonly csrf?: string;
};

/** On routes that are open to all: a name for the audit log, and no right to anything. */
export const nobody: Who = { name: "anonymous", role: "viewer", via: "token" };

export const mayAct = (has: Role, needs: Role): boolean => roles.indexOf(has) >= roles.indexOf(needs);

/** Secrets are long and random, so that a plain hash keeps them; the store never sees them. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** `__Host-`: the browser itself sees to Secure, Path=/ and no Domain; it needs TLS, which loopback does without. */
export const cookieName = (secure: boolean): string => (secure ? "__Host-rollcall" : "rollcall");

/** Bound to the session, so that nothing more is stored; it can't be turned back into the session's secret. */
const csrfOf = (secret: string): string => createHash("sha256").update(`rollcall csrf\0${secret}`).digest("base64url");

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

const isWrite = (request: FastifyRequest): boolean => !["GET", "HEAD", "OPTIONS"].includes(request.method);

/**
 * A write that a cookie authorises must come from our own page: the browser says so (Sec-Fetch-Site, Origin), and the page
 * repeats a token that other pages can't read. SameSite=Strict stands before both.
 */
const refuseForeignWrite = (request: FastifyRequest, csrf: string): void => {
  const { origin, "sec-fetch-site": site, "x-csrf-token": token } = request.headers;
  const isForeign =
    (site !== undefined && site !== "same-origin" && site !== "none") ||
    (origin !== undefined && URL.parse(origin)?.host !== request.headers.host);
  if (isForeign || typeof token !== "string" || !isSame(token, csrf)) throw new ProblemError("auth.csrf");
};

const byToken = async (authorization: string, { principals, clock }: ApiDeps): Promise<Who> => {
  const [, secret] = /^Bearer +([\x21-\x7e]{16,256}) *$/i.exec(authorization) ?? [];
  const principal = secret && (await principals.principalByToken(hashSecret(secret), clock.now()));
  if (!principal) throw new ProblemError("auth.invalid");
  return { name: principal.name, role: principal.role, via: "token" };
};

const bySession = async (secret: string, request: FastifyRequest, { principals, clock }: ApiDeps): Promise<Who> => {
  const principal = await principals.principalBySession(hashSecret(secret), clock.now());
  if (!principal) throw new ProblemError("auth.invalid");
  const csrf = csrfOf(secret);
  if (isWrite(request)) refuseForeignWrite(request, csrf);
  const { name, role, session } = principal;
  return { name, role, via: "session", csrf, expiresAt: toTimestamp(session.expiresAtMs) };
};

/** @throws ProblemError `auth.missing`, `auth.invalid`, `auth.csrf` */
export const identify = async (request: FastifyRequest, deps: ApiDeps): Promise<Who> => {
  const { authorization } = request.headers;
  if (authorization !== undefined) return byToken(authorization, deps);
  const secret = request.cookies[cookieName(deps.secure)];
  if (secret === undefined || secret.length > 256) throw new ProblemError("auth.missing");
  return bySession(secret, request, deps);
};

/** @throws ProblemError as `identify`, and `auth.forbidden` */
export const authorise = async (request: FastifyRequest, deps: ApiDeps, role: Role): Promise<Who> => {
  const who = await identify(request, deps);
  if (!mayAct(who.role, role))
    throw new ProblemError("auth.forbidden", `This needs the role ${role}, ${who.name} has ${who.role}`);
  return who;
};

/** Straight from this machine, with no proxy between that could speak for others. */
export const isLocal = (request: FastifyRequest): boolean =>
  /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? "") &&
  request.headers["x-forwarded-for"] === undefined &&
  request.headers["forwarded"] === undefined;
