import type {
  AccessRepository,
  AuditRepository,
  AuditRow,
  MetaRepository,
  SessionRow,
  SignInCodeRow,
  TokenRow,
  UserRow,
} from "../store.ts";
import type { Database } from "./database.ts";
import { defineTable, flag, json, plain } from "./table.ts";

export const tokenTable = defineTable<TokenRow>(
  "tokens",
  {
    tokenId: plain("token_id"),
    kind: plain("kind"),
    secretHash: plain("secret_hash"),
    name: plain("name"),
    role: plain("role"),
    maxUses: plain("max_uses"),
    approval: flag("approval"),
    uses: plain("uses"),
    createdAtMs: plain("created_at"),
    createdBy: plain("created_by"),
    expiresAtMs: plain("expires_at"),
    revokedAtMs: plain("revoked_at"),
    lastUsedAtMs: plain("last_used_at"),
  },
  ["tokenId"],
);

export const userTable = defineTable<UserRow>(
  "users",
  {
    userId: plain("user_id"),
    name: plain("name"),
    role: plain("role"),
    passwordHash: plain("password_hash"),
    createdAtMs: plain("created_at"),
    disabledAtMs: plain("disabled_at"),
  },
  ["userId"],
);

const codeTable = defineTable<SignInCodeRow>(
  "sign_in_codes",
  {
    codeHash: plain("code_hash"),
    userId: plain("user_id"),
    expiresAtMs: plain("expires_at"),
    usedAtMs: plain("used_at"),
  },
  ["codeHash"],
);

export const sessionTable = defineTable<SessionRow>(
  "user_sessions",
  {
    secretHash: plain("secret_hash"),
    userId: plain("user_id"),
    createdAtMs: plain("created_at"),
    expiresAtMs: plain("expires_at"),
  },
  ["secretHash"],
);

export const createAccessRepository = (db: Database): AccessRepository => ({
  token: async (tokenId) => tokenTable.get(db, "token_id = ?", tokenId),
  tokenByHash: async (secretHash) => tokenTable.get(db, "secret_hash = ?", secretHash),
  tokens: async () => tokenTable.all(db, "ORDER BY created_at, token_id"),
  putToken: async (row) => tokenTable.put(db, row),
  user: async (userId) => userTable.get(db, "user_id = ?", userId),
  userByName: async (name) => userTable.get(db, "name = ?", name),
  users: async () => userTable.all(db, "ORDER BY name"),
  putUser: async (row) => userTable.put(db, row),
  code: async (codeHash) => codeTable.get(db, "code_hash = ?", codeHash),
  putCode: async (row) => codeTable.put(db, row),
  session: async (secretHash) => sessionTable.get(db, "secret_hash = ?", secretHash),
  putSession: async (row) => sessionTable.put(db, row),
  dropSession: async (secretHash) => void db.run("DELETE FROM user_sessions WHERE secret_hash = ?", secretHash),
  dropExpired: async (nowMs) => {
    db.run("DELETE FROM user_sessions WHERE expires_at <= ?", nowMs);
    db.run("DELETE FROM sign_in_codes WHERE expires_at <= ?", nowMs);
  },
});

type NumberedAudit = AuditRow & { readonly auditNo: number };
export const auditTable = defineTable<NumberedAudit>(
  "audit",
  {
    auditNo: plain("audit_no"),
    atMs: plain("at"),
    actor: plain("actor"),
    action: plain("action"),
    target: plain("target"),
    detail: json("detail"),
  },
  ["auditNo"],
  "auditNo",
);

export const createAuditRepository = (db: Database): AuditRepository => ({
  add: async (row) => void auditTable.add(db, row),
  latest: async (limit) =>
    auditTable.all(db, "ORDER BY audit_no DESC LIMIT ?", limit).map(({ auditNo: _, ...row }) => row),
});

export const createMetaRepository = (db: Database): MetaRepository => ({
  get: async (name) => db.get("SELECT value FROM meta WHERE name = ?", name)?.["value"] as string | undefined,
  put: async (name, value) =>
    void db.run(
      "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      value,
    ),
});
