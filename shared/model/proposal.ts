import { z } from "zod";
import { incidentIdSchema } from "../ids.ts";
import { optional, shortText, text, timestamp } from "../protocol/text.ts";
import { incidentKindSchema } from "./incident.ts";

/** One incident that speaks for a proposal (judged "false") or against it (judged "true"). */
export const proposalCaseSchema = z.object({
  incidentId: incidentIdSchema,
  title: shortText,
  verdict: z.enum(["true", "false"]),
  openedAt: timestamp,
});
export type ProposalCase = z.infer<typeof proposalCaseSchema>;

/**
 * open: waits for a person · accepted: in force · rejected: a person said no, and only later verdicts ask again ·
 * withdrawn: its verdicts were taken back · undone: was in force, and is no longer.
 */
export const proposalStateSchema = z.enum(["open", "accepted", "rejected", "withdrawn", "undone"]);
export type ProposalState = z.infer<typeof proposalStateSchema>;

/** A change of the policy that people's verdicts speak for. Nothing changes before a person accepts it. */
export const proposalSchema = z.object({
  proposalId: shortText,
  /** "presence.silentAfterBeats", as in the configuration. */
  setting: shortText,
  kind: incidentKindSchema,
  from: z.union([z.number(), shortText]),
  to: z.union([z.number(), shortText]),
  why: text,
  state: proposalStateSchema,
  cases: z.array(proposalCaseSchema).max(100),
  createdAt: timestamp,
  updatedAt: timestamp,
  decidedAt: optional(timestamp),
  decidedBy: optional(shortText),
  note: optional(text),
});
export type Proposal = z.infer<typeof proposalSchema>;
