import { z } from "zod";
import { type AssetId, agentIdSchema, assetIdSchema, incidentIdSchema } from "../../shared/ids.ts";
import { assetEditShape } from "../../shared/model/asset.ts";
import { identityRulesSchema } from "../../shared/model/identity.ts";
import { ticketStateSchema } from "../../shared/model/incident.ts";
import { windowSchema } from "../../shared/model/policy.ts";
import { commandSchema } from "../../shared/protocol/envelope.ts";
import { subjectKeySchema } from "../../shared/protocol/observation.ts";
import { count, longText, optional, shortText, text } from "../../shared/protocol/text.ts";
import { MAX_WINDOWS } from "../presence/maintenance.ts";
import { type Role, roles } from "../store/store.ts";

/**
 * Every write that comes from outside the agents' stream: the API, the CLI, `npm start`. The engine applies one in one
 * transaction, with its audit line. Schemas are strict: a typo should be told.
 */
export const roleSchema = z.enum(roles);
const byId = { incidentId: incidentIdSchema };
const ticketNumber = { number: z.int().min(1) };
const nonEmpty = text.min(1);
export const secretName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "lower-case letters, digits and dashes");

export const operationSchema = z.discriminatedUnion("kind", [
  // agents
  z.strictObject({
    kind: z.literal("agent.enrol"),
    token: shortText,
    publicKey: z.string().length(43),
    name: shortText,
    remote: optional(shortText),
  }),
  z.strictObject({ kind: z.literal("agent.approve"), agentId: agentIdSchema }),
  z.strictObject({ kind: z.literal("agent.revoke"), agentId: agentIdSchema, reason: optional(text) }),
  z.strictObject({
    kind: z.literal("agent.command"),
    agentId: agentIdSchema,
    instance: count,
    action: commandSchema.shape.action,
    /** How long the agent may take before the command is void, ms; at most an hour. */
    withinMs: z.int().min(1_000).max(3_600_000),
  }),
  // assets
  z.strictObject({
    kind: z.literal("asset.edit"),
    assetId: assetIdSchema,
    /** Refused with "conflict" when the asset has another version by now (ETag). */
    ifVersion: optional(count),
    ...assetEditShape,
  }),
  /** `otherAssetId` becomes part of `assetId`. */
  z.strictObject({ kind: z.literal("asset.merge"), assetId: assetIdSchema, otherAssetId: assetIdSchema }),
  /** Two assets that a rule contests or might join stay two, whatever rules say. */
  z.strictObject({ kind: z.literal("asset.keep-apart"), assetId: assetIdSchema, otherAssetId: assetIdSchema }),
  /** These keys, and what spoke of them, become an asset of their own, which no rule joins again. */
  z.strictObject({
    kind: z.literal("asset.split"),
    assetId: assetIdSchema,
    keys: z.array(subjectKeySchema.strict()).min(1).max(256),
  }),
  /** Takes a join or split back, whoever decided it. */
  z.strictObject({ kind: z.literal("asset.undo"), assetId: assetIdSchema, decisionId: shortText }),
  /** A site's own rules of identity, as a whole. What was decided stays; what is seen from then on is judged by them. */
  z.strictObject({ kind: z.literal("identity.rules"), rules: identityRulesSchema }),
  // incidents
  z.strictObject({
    kind: z.literal("incident.acknowledge"),
    ...byId,
    assignee: optional(shortText),
    note: optional(text),
  }),
  z.strictObject({ kind: z.literal("incident.assign"), ...byId, assignee: shortText.nullable() }),
  z.strictObject({ kind: z.literal("incident.comment"), ...byId, text: nonEmpty }),
  z.strictObject({ kind: z.literal("incident.resolve"), ...byId, resolution: shortText.min(1) }),
  z.strictObject({ kind: z.literal("incident.verdict"), ...byId, verdict: z.enum(["true", "false", "planned"]) }),
  // tickets of the built-in queue
  z.strictObject({ kind: z.literal("ticket.comment"), ...ticketNumber, text: nonEmpty }),
  z.strictObject({ kind: z.literal("ticket.state"), ...ticketNumber, state: ticketStateSchema, note: optional(text) }),
  z.strictObject({ kind: z.literal("ticket.assign"), ...ticketNumber, assignee: shortText.nullable() }),
  // what verdicts propose
  z.strictObject({ kind: z.literal("proposal.accept"), proposalId: shortText, note: optional(text) }),
  z.strictObject({ kind: z.literal("proposal.reject"), proposalId: shortText, note: optional(text) }),
  z.strictObject({ kind: z.literal("proposal.undo"), proposalId: shortText, note: optional(text) }),
  // saved queries over assets; the API has read their text
  z.strictObject({
    kind: z.literal("query.create"),
    name: shortText.min(1),
    text: text,
    shared: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("query.change"),
    queryId: shortText,
    /** Refused with "conflict" when the query has another version by now (ETag); so below. */
    ifVersion: optional(count),
    name: shortText.min(1),
    text: text,
    shared: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("query.remove"), queryId: shortText, ifVersion: optional(count) }),
  /** The maintenance windows that people set, as a whole; those of the configuration stand beside them. */
  z.strictObject({
    kind: z.literal("policy.maintenance"),
    windows: z.array(windowSchema).max(MAX_WINDOWS),
    /** Refused with "conflict" when the list is another by now. */
    ifMark: optional(shortText),
  }),
  // secrets of desks, sealed before they come here
  z.strictObject({ kind: z.literal("secret.put"), name: secretName, sealed: longText }),
  z.strictObject({ kind: z.literal("secret.remove"), name: secretName }),
  // access
  z.strictObject({
    kind: z.literal("token.create"),
    token: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("api"), name: shortText.min(1), role: roleSchema }),
      z.strictObject({
        kind: z.literal("enrol"),
        name: shortText.min(1),
        /** Agents it admits; null for any number. */
        maxUses: z.int().min(1).nullable(),
        /** Wait for a person; the default for many-use tokens. */
        approval: optional(z.boolean()),
      }),
    ]),
    expiresInMs: optional(z.int().min(1_000)),
  }),
  z.strictObject({ kind: z.literal("token.revoke"), tokenId: shortText }),
  z.strictObject({
    kind: z.literal("user.create"),
    name: shortText.min(1),
    role: roleSchema,
    passwordHash: optional(text),
  }),
  z.strictObject({
    kind: z.literal("user.change"),
    userId: shortText,
    role: optional(roleSchema),
    passwordHash: optional(text),
    disabled: optional(z.boolean()),
  }),
  /** A one-time sign-in link for a user, made if missing; the code travels in the link's fragment. */
  z.strictObject({
    kind: z.literal("sign-in.create"),
    user: shortText.min(1),
    role: roleSchema,
    withinMs: z.int().min(1_000).max(3_600_000),
  }),
  z.strictObject({ kind: z.literal("sign-in.redeem"), code: shortText }),
  /** After the API has checked a password (argon2id takes its time, and not on the engine's thread). */
  z.strictObject({ kind: z.literal("session.create"), userId: shortText }),
  z.strictObject({ kind: z.literal("session.end"), secret: shortText }),
]);
export type Operation = z.infer<typeof operationSchema>;
export type OperationKind = Operation["kind"];

/** Who asks; the API has checked that the role may. `name` is what the audit log and timelines show. */
export type Requester = { readonly name: string; readonly role: Role | "agent" | "system" };

/** What an operation gives when it was carried out, by kind; the others give `{}`. */
export type OperationResults = {
  "agent.enrol": { agentId: string; collectorId: string; collectorPublicKey: string; status: "approved" | "pending" };
  "agent.command": { commandId: string };
  "asset.merge": { decisionId: string };
  "asset.keep-apart": { decisionId: string };
  "asset.split": { decisionId: string; assetId: AssetId };
  "query.create": { queryId: string };
  /** The only time the secret is told. */
  "token.create": { tokenId: string; secret: string };
  "user.create": { userId: string };
  "sign-in.create": { code: string; expiresAtMs: number };
  "sign-in.redeem": { secret: string; expiresAtMs: number; userId: string; name: string; role: Role };
  "session.create": { secret: string; expiresAtMs: number; userId: string; name: string; role: Role };
};
export type ResultOf<K extends OperationKind> = K extends keyof OperationResults
  ? OperationResults[K]
  : Record<string, never>;

/** Why an operation was not carried out; the API maps these to problems. */
export type RefusalCode = "not-found" | "conflict" | "forbidden" | "invalid" | "expired" | "used-up" | "unavailable";

export type OperationOutcome<K extends OperationKind = OperationKind> =
  | { readonly status: "ok"; readonly result: ResultOf<K> }
  | { readonly status: "refused"; readonly code: RefusalCode; readonly reason: string };
