import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import { auditEntrySchema, newTokenSchema, tokenSchema, userSchema } from "../../../shared/model/access.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { pageOf } from "../../../shared/model/page.ts";
import { hashPassword } from "../passwords.ts";
import { applyFor, defineRoute, paging, present } from "../route.ts";

const tag = "Access";
const DAY_MS = 86_400_000;
const at = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : toTimestamp(ms));

export const listTokens = defineRoute({
  method: "GET",
  path: "/tokens",
  role: "administrator",
  tag,
  summary: "API and enrolment tokens, without their secrets",
  response: z.object({ items: z.array(tokenSchema) }),
  handler: async ({ deps }) => {
    const rows = await deps.reads.tokens();
    const items = rows.map(({ createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, ...row }) =>
      present({
        ...row,
        createdAt: toTimestamp(createdAtMs),
        expiresAt: at(expiresAtMs),
        revokedAt: at(revokedAtMs),
        lastUsedAt: at(lastUsedAtMs),
      }),
    );
    return { items };
  },
});

export const createToken = defineRoute({
  method: "POST",
  path: "/tokens",
  role: "administrator",
  tag,
  summary: "Make a token; its secret is told this once",
  body: bodies.createToken,
  response: newTokenSchema,
  handler: ({ body: { expiresInDays, ...token }, who, reply, deps }) => {
    void reply.header("cache-control", "no-store");
    return applyFor<"token.create">(
      deps,
      who,
      present({
        kind: "token.create" as const,
        token,
        expiresInMs: expiresInDays === undefined ? undefined : expiresInDays * DAY_MS,
      }),
    );
  },
});

export const revokeToken = defineRoute({
  method: "DELETE",
  path: "/tokens/:tokenId",
  role: "administrator",
  tag,
  summary: "Revoke a token: it ends at once",
  params: z.object({ tokenId: z.string().max(128) }),
  response: z.void(),
  handler: async ({ params: { tokenId }, who, reply, deps }) => {
    await applyFor<"token.revoke">(deps, who, { kind: "token.revoke", tokenId });
    void reply.code(204);
  },
});

export const listUsers = defineRoute({
  method: "GET",
  path: "/users",
  role: "administrator",
  tag,
  summary: "People who may sign in",
  response: z.object({ items: z.array(userSchema) }),
  handler: async ({ deps }) => {
    const rows = await deps.reads.users();
    const items = rows.map(({ userId, name, role, createdAtMs, disabledAtMs }) =>
      present({ userId, name, role, createdAt: toTimestamp(createdAtMs), disabledAt: at(disabledAtMs) }),
    );
    return { items };
  },
});

export const createUser = defineRoute({
  method: "POST",
  path: "/users",
  role: "administrator",
  tag,
  summary: "Let a person sign in, with a password or by link only",
  body: bodies.createUser,
  response: z.object({ userId: z.string() }),
  handler: async ({ body: { password, ...user }, who, deps }) => {
    const passwordHash = password === undefined ? undefined : await hashPassword(password, deps.random);
    return applyFor<"user.create">(deps, who, present({ kind: "user.create" as const, ...user, passwordHash }));
  },
});

export const changeUser = defineRoute({
  method: "PATCH",
  path: "/users/:userId",
  role: "administrator",
  tag,
  summary: "Change a person's role or password, or shut them out",
  params: z.object({ userId: z.string().max(128) }),
  body: bodies.changeUser,
  response: z.void(),
  handler: async ({ params: { userId }, body: { password, ...change }, who, reply, deps }) => {
    const passwordHash = password === undefined ? undefined : await hashPassword(password, deps.random);
    await applyFor<"user.change">(
      deps,
      who,
      present({ kind: "user.change" as const, userId, ...change, passwordHash }),
    );
    void reply.code(204);
  },
});

export const listAudit = defineRoute({
  method: "GET",
  path: "/audit",
  role: "administrator",
  tag,
  summary: "Every write that a person or a token made, newest first",
  query: z.strictObject(paging),
  response: pageOf(auditEntrySchema),
  handler: async ({ query, deps }) => {
    const { items, ...page } = await deps.reads.audit(query);
    return { ...page, items: items.map(({ atMs, ...row }) => ({ ...row, at: toTimestamp(atMs) })) };
  },
});
