import type {} from "@fastify/cookie";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { meSchema } from "../../../shared/model/access.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { cookieName, hashSecret } from "../auth.ts";
import type { ApiDeps } from "../deps.ts";
import { verifyNothing, verifyPassword } from "../passwords.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute, present } from "../route.ts";

const tag = "Session";
type Session = { readonly secret: string; readonly expiresAtMs: number };

const cookieOptions = (secure: boolean) => ({ path: "/", httpOnly: true, sameSite: "strict", secure }) as const;

const setCookie = (reply: FastifyReply, { clock, secure }: ApiDeps, { secret, expiresAtMs }: Session): void => {
  const maxAge = Math.max(0, Math.floor((expiresAtMs - clock.now()) / 1000));
  void reply.setCookie(cookieName(secure), secret, { ...cookieOptions(secure), maxAge });
};

/** The link's code works once; what it was exchanged for is never in a URL, a log or a page. */
const byCode = async (code: string, deps: ApiDeps): Promise<Session> => {
  const outcome = await deps.apply<"sign-in.redeem">(
    { kind: "sign-in.redeem", code },
    { name: "sign-in", role: "system" },
  );
  if (outcome.status === "refused") throw new ProblemError("auth.code");
  return outcome.result;
};

const byPassword = async (name: string, password: string, deps: ApiDeps): Promise<Session> => {
  const user = await deps.reads.userByName(name);
  const isRight =
    user?.passwordHash !== undefined && user.disabledAtMs === undefined
      ? await verifyPassword(password, user.passwordHash)
      : await verifyNothing(password, deps.random);
  if (!user || !isRight) throw new ProblemError("auth.password");
  return applyFor<"session.create">(
    deps,
    { name: user.name, role: "system" },
    { kind: "session.create", userId: user.userId },
  );
};

export const signIn = defineRoute({
  method: "POST",
  path: "/session",
  role: "public",
  tag,
  summary: "Sign in with the code of a sign-in link, or with name and password",
  description: "Sets an HttpOnly, SameSite=Strict cookie. A code works once and for ten minutes.",
  body: bodies.signIn,
  response: meSchema,
  perMinute: 20,
  handler: async ({ body, reply, deps }) => {
    const session = "code" in body ? await byCode(body.code, deps) : await byPassword(body.name, body.password, deps);
    setCookie(reply, deps, session);
    const principal = await deps.reads.principalBySession(hashSecret(session.secret), deps.clock.now());
    if (!principal) throw new ProblemError("auth.invalid");
    return { name: principal.name, role: principal.role, via: "session" as const };
  },
});

export const signOut = defineRoute({
  method: "DELETE",
  path: "/session",
  role: "viewer",
  tag,
  summary: "Sign out: ends the session at the collector and in the browser",
  response: z.void(),
  handler: async ({ who, request, reply, deps }) => {
    const secret = request.cookies[cookieName(deps.secure)];
    if (who.via === "session" && secret !== undefined)
      await applyFor<"session.end">(deps, { name: who.name, role: who.role }, { kind: "session.end", secret });
    void reply.clearCookie(cookieName(deps.secure), cookieOptions(deps.secure)).code(204);
  },
});

export const me = defineRoute({
  method: "GET",
  path: "/me",
  role: "viewer",
  tag,
  summary: "Who asks: name, role, and the CSRF token of a session",
  response: meSchema,
  handler: async ({ who }) => present({ ...who, expiresAt: who.expiresAt, csrf: who.csrf }),
});
