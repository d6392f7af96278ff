import { type Clock, days, toTimestamp } from "../../shared/clock.ts";
import type { Overview, Principal, Reads } from "./reads.ts";
import { auditTable, sessionTable, tokenTable, userTable } from "./sqlite/access.ts";
import { createAssetReads } from "./sqlite/asset-reads.ts";
import { createAgentReads, createCaseReads } from "./sqlite/case-reads.ts";
import { type Database, openDatabase } from "./sqlite/database.ts";
import { decodeCursor, pageSize, toPage } from "./sqlite/paging.ts";
import type { Role, UserRow } from "./store.ts";

const createAccessReads = (
  db: Database,
): Pick<Reads, "principalByToken" | "principalBySession" | "userByName" | "users" | "tokens" | "audit"> => {
  const enabledUser = (userId: string): UserRow | undefined => {
    const user = userTable.get(db, "user_id = ?", userId);
    return user?.disabledAtMs === undefined ? user : undefined;
  };
  return {
    principalByToken: async (secretHash, nowMs): Promise<Principal | undefined> => {
      const token = tokenTable.get(db, "secret_hash = ?", secretHash);
      if (token?.kind !== "api" || token.revokedAtMs !== undefined) return undefined;
      if (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs) return undefined;
      return { kind: "token", id: token.tokenId, name: token.name, role: token.role as Role };
    },
    principalBySession: async (secretHash, nowMs) => {
      const session = sessionTable.get(db, "secret_hash = ?", secretHash);
      if (!session || session.expiresAtMs <= nowMs) return undefined;
      const user = enabledUser(session.userId);
      return user && { kind: "user", id: user.userId, name: user.name, role: user.role, session };
    },
    userByName: async (name) => userTable.get(db, "name = ?", name),
    users: async () => userTable.all(db, "ORDER BY name LIMIT 10000").map(({ passwordHash: _, ...user }) => user),
    tokens: async () =>
      tokenTable.all(db, "ORDER BY created_at, token_id LIMIT 10000").map(({ secretHash: _, ...token }) => token),
    audit: async (query) => {
      const place = decodeCursor(query.cursor, 1);
      const rows = auditTable.all(
        db,
        `${place ? "WHERE audit_no < ?" : ""} ORDER BY audit_no DESC LIMIT ?`,
        ...(place ?? []),
        pageSize(query.limit) + 1,
      );
      return toPage(
        rows,
        query.limit,
        ({ auditNo: _, ...row }) => row,
        (row) => [row.auditNo],
      );
    },
  };
};

const readOverview = (db: Database, nowMs: number): Overview => {
  const number = (sql: string, ...params: number[]) => Number(db.get(sql, ...params)?.["n"] ?? 0);
  const counts = (sql: string) =>
    Object.fromEntries(db.all(sql).map((record) => [String(record["name"]), Number(record["n"])]));
  const first = db.get("SELECT min(first_seen_at) AS at FROM assets")?.["at"];
  return {
    assets: number("SELECT count(*) AS n FROM assets WHERE merged_into IS NULL"),
    assetsByPresence: counts(
      "SELECT presence AS name, count(*) AS n FROM assets WHERE merged_into IS NULL GROUP BY presence",
    ),
    assetsByType: counts("SELECT type AS name, count(*) AS n FROM assets WHERE merged_into IS NULL GROUP BY type"),
    agents: number("SELECT count(*) AS n FROM agents"),
    agentsByState: counts("SELECT state AS name, count(*) AS n FROM agents GROUP BY state"),
    openIncidents: number("SELECT count(*) AS n FROM incidents WHERE state IN ('open', 'acknowledged')"),
    openIncidentsByKind: counts(
      "SELECT kind AS name, count(*) AS n FROM incidents WHERE state IN ('open', 'acknowledged') GROUP BY kind",
    ),
    openTickets: number("SELECT count(*) AS n FROM tickets WHERE state IN ('open', 'in-progress')"),
    changesLastDay: number("SELECT count(*) AS n FROM changes WHERE recorded_at >= ?", nowMs - days(1)),
    ...(typeof first === "number" ? { firstAssetAt: toTimestamp(first) } : {}),
  };
};

/** The read side over a connection of its own, which can't write. */
export const openSqliteReads = (
  path: string,
  { clock }: { readonly clock: Clock },
): { readonly reads: Reads; readonly close: () => void } => {
  const db = openDatabase(path, { readOnly: true });
  const reads: Reads = {
    overview: async () => readOverview(db, clock.now()),
    ...createAssetReads(db),
    ...createAgentReads(db),
    ...createCaseReads(db),
    ...createAccessReads(db),
  };
  return { reads, close: db.close };
};
