import type { Page, PageQuery, Principal, Reads } from "../reads.ts";
import { auditTable, sessionTable, tokenTable, userTable } from "../sqlite/access.ts";
import type { Database } from "../sqlite/database.ts";
import type { AuditRow, TokenRow, UserRow } from "../store.ts";
import { createFilter } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

/** Revoked and expired tokens answer like unknown ones: whoever holds one learns nothing from the difference. */
export const readPrincipalByToken = (db: Database, secretHash: string, nowMs: number): Principal | undefined => {
  const token = tokenTable.get(db, "secret_hash = ? AND kind = 'api'", secretHash);
  if (!token?.role || token.revokedAtMs !== undefined || (token.expiresAtMs ?? Infinity) <= nowMs) return undefined;
  const { tokenId, name, role, expiresAtMs } = token;
  return { kind: "token", id: tokenId, name, role, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
};

export const readPrincipalBySession = (
  db: Database,
  secretHash: string,
  nowMs: number,
): Awaited<ReturnType<Reads["principalBySession"]>> => {
  const session = sessionTable.get(db, "secret_hash = ?", secretHash);
  if (!session || session.expiresAtMs <= nowMs) return undefined;
  const user = userTable.get(db, "user_id = ?", session.userId);
  if (!user || user.disabledAtMs !== undefined) return undefined;
  const { userId, name, role } = user;
  return { kind: "user", id: userId, name, role, session, expiresAtMs: session.expiresAtMs };
};

export const readUserByName = (db: Database, name: string): UserRow | undefined => userTable.get(db, "name = ?", name);

export const readUsers = (db: Database): Omit<UserRow, "passwordHash">[] =>
  userTable.all(db, "ORDER BY name").map(({ passwordHash: _, ...user }) => user);

export const readTokens = (db: Database): Omit<TokenRow, "secretHash">[] =>
  tokenTable.all(db, "ORDER BY created_at DESC, token_id").map(({ secretHash: _, ...token }) => token);

export const readAudit = (db: Database, { limit, cursor }: PageQuery): Page<AuditRow> => {
  const filter = createFilter();
  const [before] = decodeCursor(cursor, "audit", 1) ?? [];
  if (before !== undefined) filter.and("audit_no < ?", Number(before));
  const rows = auditTable.all(db, `${filter.where()} ORDER BY audit_no DESC LIMIT ?`, ...filter.params(), limit + 1);
  return toPage(
    rows,
    limit,
    ({ auditNo: _, ...row }) => row,
    ({ auditNo }) => ({ list: "audit", after: [auditNo] }),
  );
};
