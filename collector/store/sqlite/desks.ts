import type { Proposal } from "../../../shared/model/proposal.ts";
import type { ProposalRepository, SecretRepository, SecretRow } from "../store.ts";
import type { Database, SqlRecord } from "./database.ts";
import { defineTable, plain } from "./table.ts";

const proposals = (records: readonly SqlRecord[]): Proposal[] =>
  records.map((record) => JSON.parse(String(record["body"])) as Proposal);

export const createProposalRepository = (db: Database): ProposalRepository => ({
  get: async (proposalId) => proposals(db.all("SELECT body FROM proposals WHERE proposal_id = ?", proposalId))[0],
  put: async (proposal) =>
    void db.run(
      `INSERT INTO proposals (proposal_id, setting, state, created_at, decided_at, body) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (proposal_id) DO UPDATE SET state = excluded.state, decided_at = excluded.decided_at, body = excluded.body`,
      proposal.proposalId,
      proposal.setting,
      proposal.state,
      Date.parse(proposal.createdAt),
      proposal.decidedAt === undefined ? null : Date.parse(proposal.decidedAt),
      JSON.stringify(proposal),
    ),
  ofSetting: async (setting) =>
    proposals(
      db.all("SELECT body FROM proposals WHERE setting = ? ORDER BY created_at DESC, proposal_id DESC", setting),
    ),
  accepted: async () =>
    proposals(db.all("SELECT body FROM proposals WHERE state = 'accepted' ORDER BY decided_at, proposal_id")),
});

export const secretTable = defineTable<SecretRow>(
  "secrets",
  {
    name: plain("name"),
    sealed: plain("sealed"),
    updatedAtMs: plain("updated_at"),
    updatedBy: plain("updated_by"),
  },
  ["name"],
);

export const createSecretRepository = (db: Database): SecretRepository => ({
  get: async (name) => secretTable.get(db, "name = ?", name),
  put: async (row) => secretTable.put(db, row),
  remove: async (name) => void db.run("DELETE FROM secrets WHERE name = ?", name),
  all: async () => secretTable.all(db, "ORDER BY name"),
});
