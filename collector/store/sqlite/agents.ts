import type { AgentRepository, AgentRow, CommandRow } from "../store.ts";
import type { Database } from "./database.ts";
import { createHeldRows, type HeldRows } from "./held-rows.ts";
import { defineTable, json, plain } from "./table.ts";

export const agentTable = defineTable<AgentRow>(
  "agents",
  {
    agentId: plain("agent_id"),
    instance: plain("instance"),
    name: plain("name"),
    publicKey: plain("public_key"),
    state: plain("state"),
    stateSinceMs: plain("state_since"),
    enrolledAtMs: plain("enrolled_at"),
    approvedAtMs: plain("approved_at"),
    revokedAtMs: plain("revoked_at"),
    assetId: plain("asset_id"),
    version: plain("version"),
    platform: plain("platform"),
    uplink: plain("uplink"),
    session: plain("session"),
    lastHeardAtMs: plain("last_heard_at"),
    heartbeatMs: plain("heartbeat_ms"),
    clockOffsetMs: plain("clock_offset_ms"),
    latenessMs: plain("lateness_ms"),
    helloClock: json("hello_clock"),
    roundAtMs: plain("round_at"),
    closeKind: plain("close_kind"),
    goodbye: json("goodbye"),
    epoch: plain("epoch"),
    sequence: plain("sequence"),
    digest: plain("digest"),
    root: plain("root"),
    scopes: json("scopes"),
  },
  ["agentId", "instance"],
);

const commandTable = defineTable<CommandRow & { readonly expiresAtMs: number }>(
  "commands",
  {
    commandId: plain("command_id"),
    agentId: plain("agent_id"),
    instance: plain("instance"),
    command: json("command"),
    createdAtMs: plain("created_at"),
    expiresAtMs: plain("expires_at"),
    state: plain("state"),
    answer: plain("answer"),
  },
  ["commandId"],
);

export const createAgentRepository = (
  db: Database,
): { readonly repository: AgentRepository; readonly forget: () => void } => {
  const held = createHeldRows(db, agentTable);
  return { repository: createRepository(db, held), forget: held.forget };
};

const nameOf = (agentId: string, instance: number): string => `${agentId}#${instance}`;

const createRepository = (db: Database, held: HeldRows<AgentRow>): AgentRepository => ({
  get: async (agentId, instance) =>
    held.get(nameOf(agentId, instance), () => agentTable.get(db, "agent_id = ? AND instance = ?", agentId, instance)),
  instances: async (agentId) => agentTable.all(db, "WHERE agent_id = ? ORDER BY instance", agentId),
  byPublicKey: async (publicKey) => agentTable.get(db, "public_key = ? ORDER BY instance LIMIT 1", publicKey),
  ofAsset: async (assetId) => agentTable.all(db, "WHERE asset_id = ? ORDER BY agent_id, instance", assetId),
  all: async () => agentTable.all(db, "ORDER BY agent_id, instance"),
  put: async (row) => held.put(nameOf(row.agentId, row.instance), row),
  heard: async (agentId, instance, { lastHeardAtMs, clockOffsetMs, latenessMs, roundAtMs }) => {
    held.drop(nameOf(agentId, instance));
    db.run(
      "UPDATE agents SET last_heard_at = ?, clock_offset_ms = ?, lateness_ms = ?, round_at = coalesce(?, round_at) WHERE agent_id = ? AND instance = ?",
      lastHeardAtMs,
      clockOffsetMs,
      latenessMs ?? null,
      roundAtMs ?? null,
      agentId,
      instance,
    );
  },
  putCommand: async (row) => commandTable.put(db, { ...row, expiresAtMs: row.command.expiresAtMs }),
  command: async (commandId) => withoutExpiry(commandTable.get(db, "command_id = ?", commandId)),
  openCommands: async (agentId, instance, nowMs) =>
    commandTable
      .all(
        db,
        "WHERE agent_id = ? AND instance = ? AND state = 'open' AND expires_at > ? ORDER BY created_at, command_id",
        agentId,
        instance,
        nowMs,
      )
      .map((row) => withoutExpiry(row) as CommandRow),
});

const withoutExpiry = (row: (CommandRow & { readonly expiresAtMs: number }) | undefined): CommandRow | undefined => {
  if (!row) return undefined;
  const { expiresAtMs: _, ...command } = row;
  return command;
};
