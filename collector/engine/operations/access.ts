import { days, hours } from "../../../shared/clock.ts";
import { createRecordId } from "../../../shared/ids.ts";
import type { TokenRow, UserRow } from "../../store/store.ts";
import type { Work } from "../context.ts";
import type { Operation, OperationOutcome, Requester } from "../operations.ts";
import { refused } from "./outcome.ts";
import { createSecret, hashSecret } from "./secrets.ts";

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

/** How long a browser stays signed in without a new sign-in. */
const SESSION_MS = hours(12);
/** Enrolment tokens expire by themselves, so that a forgotten one opens nothing for ever. */
const ENROL_TOKEN_MS = days(7);

export const createToken = async (
  work: Work,
  op: Of<"token.create">,
  requester: Requester,
): Promise<OperationOutcome<"token.create">> => {
  const { nowMs, deps } = work;
  const { token } = op;
  const secret = createSecret(token.kind === "api" ? "rca" : "rce", deps.random);
  const expiresInMs = op.expiresInMs ?? (token.kind === "enrol" ? ENROL_TOKEN_MS : undefined);
  const row: TokenRow = {
    tokenId: createRecordId("tok", nowMs, deps.random),
    kind: token.kind,
    secretHash: hashSecret(secret),
    name: token.name,
    ...(token.kind === "api" ? { role: token.role } : {}),
    ...(token.kind === "enrol" && token.maxUses !== null ? { maxUses: token.maxUses } : {}),
    // Whoever holds a token for many can let in as many as they like: a person looks at each, unless told otherwise.
    approval: token.kind === "enrol" ? (token.approval ?? token.maxUses !== 1) : false,
    uses: 0,
    createdAtMs: nowMs,
    createdBy: requester.name,
    ...(expiresInMs === undefined ? {} : { expiresAtMs: nowMs + expiresInMs }),
  };
  await work.tx.access.putToken(row);
  return { status: "ok", result: { tokenId: row.tokenId, secret } };
};

export const revokeToken = async (work: Work, op: Of<"token.revoke">): Promise<OperationOutcome<"token.revoke">> => {
  const token = await work.tx.access.token(op.tokenId);
  if (!token) return refused("not-found", "no such token");
  if (token.revokedAtMs === undefined) await work.tx.access.putToken({ ...token, revokedAtMs: work.nowMs });
  return { status: "ok", result: {} };
};

const newUser = (work: Work, name: string, role: UserRow["role"], passwordHash?: string): UserRow => ({
  userId: createRecordId("usr", work.nowMs, work.deps.random),
  name,
  role,
  ...(passwordHash === undefined ? {} : { passwordHash }),
  createdAtMs: work.nowMs,
});

export const createUser = async (work: Work, op: Of<"user.create">): Promise<OperationOutcome<"user.create">> => {
  if (await work.tx.access.userByName(op.name)) return refused("conflict", `a user named ${op.name} exists`);
  const user = newUser(work, op.name, op.role, op.passwordHash);
  await work.tx.access.putUser(user);
  return { status: "ok", result: { userId: user.userId } };
};

export const changeUser = async (work: Work, op: Of<"user.change">): Promise<OperationOutcome<"user.change">> => {
  const user = await work.tx.access.user(op.userId);
  if (!user) return refused("not-found", "no such user");
  const { disabledAtMs, ...rest } = user;
  const disabled = op.disabled ?? disabledAtMs !== undefined;
  await work.tx.access.putUser({
    ...rest,
    ...(op.role === undefined ? {} : { role: op.role }),
    ...(op.passwordHash === undefined ? {} : { passwordHash: op.passwordHash }),
    ...(disabled ? { disabledAtMs: disabledAtMs ?? work.nowMs } : {}),
  });
  return { status: "ok", result: {} };
};

export const createSignIn = async (
  work: Work,
  op: Of<"sign-in.create">,
): Promise<OperationOutcome<"sign-in.create">> => {
  const { access } = work.tx;
  const user = (await access.userByName(op.user)) ?? newUser(work, op.user, op.role);
  if (user.disabledAtMs !== undefined) return refused("forbidden", `the user ${user.name} is disabled`);
  await access.putUser(user);
  const code = createSecret("rcl", work.deps.random);
  const expiresAtMs = work.nowMs + op.withinMs;
  await access.putCode({ codeHash: hashSecret(code), userId: user.userId, expiresAtMs });
  return { status: "ok", result: { code, expiresAtMs } };
};

const openSession = async (work: Work, user: UserRow) => {
  const secret = createSecret("rcs", work.deps.random);
  const expiresAtMs = work.nowMs + SESSION_MS;
  await work.tx.access.putSession({
    secretHash: hashSecret(secret),
    userId: user.userId,
    createdAtMs: work.nowMs,
    expiresAtMs,
  });
  const { userId, name, role } = user;
  return { status: "ok", result: { secret, expiresAtMs, userId, name, role } } as const;
};

/** Works once. A code that was used tells so, because somebody else may have used it. */
export const redeemSignIn = async (
  work: Work,
  op: Of<"sign-in.redeem">,
): Promise<OperationOutcome<"sign-in.redeem">> => {
  const { access } = work.tx;
  const code = await access.code(hashSecret(op.code));
  if (!code) return refused("forbidden", "this sign-in link is not valid: ask for another");
  if (code.usedAtMs !== undefined) return refused("used-up", "this sign-in link has been used: ask for another");
  if (code.expiresAtMs <= work.nowMs) return refused("expired", "this sign-in link has expired: ask for another");
  const user = await access.user(code.userId);
  if (!user || user.disabledAtMs !== undefined) return refused("forbidden", "this user is disabled");
  await access.putCode({ ...code, usedAtMs: work.nowMs });
  return openSession(work, user);
};

export const createSession = async (
  work: Work,
  op: Of<"session.create">,
): Promise<OperationOutcome<"session.create">> => {
  const user = await work.tx.access.user(op.userId);
  if (!user || user.disabledAtMs !== undefined) return refused("forbidden", "this user is disabled");
  return openSession(work, user);
};

export const endSession = async (work: Work, op: Of<"session.end">): Promise<OperationOutcome<"session.end">> => {
  await work.tx.access.dropSession(hashSecret(op.secret));
  return { status: "ok", result: {} };
};
