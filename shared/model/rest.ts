import { z } from "zod";
import { agentIdSchema, assetIdSchema, incidentIdSchema } from "../ids.ts";
import { commandSchema } from "../protocol/envelope.ts";
import { keyKindSchema, methodSchema, subjectKeySchema } from "../protocol/observation.ts";
import { deviceTypeSchema } from "../protocol/sections.ts";
import { sectionNameSchema } from "../protocol/snapshot.ts";
import { proofOfSightSchema } from "../protocol/sweep.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { agentSchema } from "./agent.ts";
import { assetEditShape, assetKeySchema, assetSchema, changeSchema, factSchema, presenceStateSchema } from "./asset.ts";
import { bookSchema } from "./book.ts";
import {
  evidenceSchema,
  incidentKindSchema,
  incidentSchema,
  ticketEventSchema,
  ticketSchema,
  ticketStateSchema,
} from "./incident.ts";
import { pageOf } from "./page.ts";
import { placeSchema } from "./place.ts";

/** What only the REST API says: everything below is an answer or a body of `/api/v1`, built from the records beside this file. */

/** From least to most: each role may do all that the ones before it may. */
export const roles = ["viewer", "service-desk", "asset-manager", "administrator"] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** RFC 9457. `code` is stable and dotted ("auth.expired"), `remedy` a sentence that says what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: optional(z.string()),
  remedy: optional(z.string()),
  instance: optional(z.string()),
  /** Where in a query it is wrong: UTF-16 units from 0, and how many. */
  position: optional(z.int()),
  length: optional(z.int()),
  /** For input that does not fit its schema: each fault with its place. */
  errors: optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof problemSchema>;

/** Who asks. `csrf` is present for cookie sessions: writes repeat it in the header `x-csrf-token`. */
export const meSchema = z.object({
  name: shortText,
  role: roleSchema,
  via: z.enum(["session", "token"]),
  expiresAt: optional(timestamp),
  csrf: optional(z.string()),
});
export type Me = z.infer<typeof meSchema>;

/** Targets that were met, of the cases whose target is past or was met. */
const punctualitySchema = z.object({ inTime: count, of: count });

/** How quickly what was lost was noticed (last seen to opened), answered (opened to taken) and over (opened to resolved). */
export const measuresSchema = z.object({
  days: count,
  incidents: count,
  mttdMs: z.number().nullable(),
  mttaMs: z.number().nullable(),
  mttrMs: z.number().nullable(),
  answered: punctualitySchema,
  resolved: punctualitySchema,
});
export type Measures = z.infer<typeof measuresSchema>;

export const overviewSchema = z.object({
  /** When the counts were taken. */
  at: timestamp,
  assets: count,
  assetsByPresence: z.partialRecord(presenceStateSchema, count),
  assetsByType: z.partialRecord(deviceTypeSchema, count),
  agents: count,
  agentsByState: z.partialRecord(agentSchema.shape.state, count),
  openIncidents: count,
  openIncidentsByKind: z.partialRecord(incidentKindSchema, count),
  openTickets: count,
  changesLastDay: count,
  measures: measuresSchema,
  firstAssetAt: optional(timestamp),
  /** What is wrong with the collector itself at the moment, a line each. */
  ailments: z.array(text),
});
export type Overview = z.infer<typeof overviewSchema>;

/** One section of an asset's current state, without its items. `goneAt`: no longer observed; `failure`: why the last round could not read it. */
export const sectionSummarySchema = z.object({
  section: sectionNameSchema,
  kind: z.enum(["value", "collection"]),
  itemCount: count,
  source: methodSchema,
  agentId: agentIdSchema,
  observedAt: timestamp,
  goneAt: optional(timestamp),
  failure: optional(text),
});
export type SectionSummary = z.infer<typeof sectionSummarySchema>;

/** Equal observations by one observer and method, as one interval. */
export const observerSchema = z.object({
  agentId: agentIdSchema,
  agentName: shortText,
  method: methodSchema,
  firstAt: timestamp,
  lastAt: timestamp,
  count,
  longestGapMs: z.number(),
});
export type Observer = z.infer<typeof observerSchema>;

/** Why this is one asset: a stored join, split or refusal. */
export const identityDecisionSchema = z.object({
  decisionId: shortText,
  kind: z.enum(["created", "joined", "separated", "contested"]),
  otherAssetId: optional(assetIdSchema),
  rule: shortText,
  byHand: z.boolean(),
  explanation: text,
  at: timestamp,
  undoneAt: optional(timestamp),
});
export type IdentityDecision = z.infer<typeof identityDecisionSchema>;

/** How an asset is recognised: all keys, each with the asset it was learned of, and all decisions with what they went by. */
export const assetIdentitySchema = z.object({
  assetId: assetIdSchema,
  provisional: z.boolean(),
  keys: z.array(
    assetKeySchema.extend({
      strength: z.enum(["agent", "hardware", "network", "name", "address"]),
      /** A joined asset, where the key came with it. */
      learnedOf: optional(assetIdSchema),
    }),
  ),
  decisions: z.array(
    identityDecisionSchema.extend({
      assetId: assetIdSchema,
      keys: z.array(subjectKeySchema),
      canUndo: z.boolean(),
      /** Kinds of hardware keys in which this asset and the other agree, and in which both have some and none in common. */
      agree: z.array(keyKindSchema),
      disagree: z.array(keyKindSchema),
    }),
  ),
});
export type AssetIdentity = z.infer<typeof assetIdentitySchema>;

/** A decision as a list of many assets shows it. */
export const decisionNoteSchema = identityDecisionSchema.extend({
  assetId: assetIdSchema,
  assetName: shortText,
  otherAssetName: optional(shortText),
  keys: z.array(subjectKeySchema),
  canUndo: z.boolean(),
});
export type DecisionNote = z.infer<typeof decisionNoteSchema>;

/** How one asset is related to another: a VM to its host, an access point to its controller, a stack to its members. */
export const relationSchema = z.object({
  kind: z.enum(["runs", "runs-on", "controls", "controlled-by", "has-member", "member-of"]),
  /** What the telling device calls the other one; for the other direction, that device's name. */
  name: z.string(),
  state: optional(z.string()),
  /** Absent where no asset is known for it, or several are. */
  assetId: optional(assetIdSchema),
  /** Whose table says so. */
  toldBy: assetIdSchema,
  observedAt: timestamp,
});
export type Relation = z.infer<typeof relationSchema>;
export const relationsSchema = z.object({ items: z.array(relationSchema) });

/** A site's own rules of identity. */
export const identityRulesSchema = z.strictObject({
  /** Keys that say nothing here, beside the junk known everywhere. */
  ignore: z.array(subjectKeySchema.strict()).max(1_000),
  /** How long an address stays with who had it when nobody says more, hours. */
  leaseHours: z.number().min(1).max(720),
});

export type IdentityRules = z.infer<typeof identityRulesSchema>;

/** What the kept observations would give under other rules, in assets of today. */
export const identityDryRunSchema = z.object({
  observations: count,
  merges: z.array(z.array(assetIdSchema)),
  splits: z.array(z.object({ assetId: assetIdSchema, parts: count })),
  /** Assets that more or fewer observations would be of. */
  changes: z.array(assetIdSchema),
});
export type IdentityDryRun = z.infer<typeof identityDryRunSchema>;

/** What a query over assets can ask for. */
export const queryFieldSchema = z.object({
  name: shortText,
  /** Other names for it. */
  aliases: z.array(shortText),
  kind: z.enum([
    "text",
    "choice",
    "number",
    "size",
    "time",
    "until",
    "address",
    "mac",
    "version",
    "yes-no",
    "software",
  ]),
  /** The values that it can have, for "choice". */
  choices: z.array(shortText),
  help: text,
  example: shortText,
});
export type QueryField = z.infer<typeof queryFieldSchema>;

/** A query over assets that somebody keeps. */
export const savedQuerySchema = z.object({
  queryId: shortText,
  name: shortText,
  text,
  owner: shortText,
  /** Everybody sees it; otherwise its owner alone does. */
  shared: z.boolean(),
  /** Whether it is the asker's own. */
  mine: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
  version: count,
  /** Why it can't be asked any more. */
  fault: optional(text),
});
export type SavedQuery = z.infer<typeof savedQuerySchema>;

export const assetDetailSchema = assetSchema.extend({
  provisional: z.boolean(),
  /** Fields that a person set: no observation overwrites them until they are released. */
  locked: z.array(shortText),
  keys: z.array(assetKeySchema),
  observers: z.array(observerSchema),
  decisions: z.array(identityDecisionSchema),
  sections: z.array(sectionSummarySchema),
  openIncidents: z.array(incidentSchema),
  /** Where it is plugged in or served by radio, as of the latest tables; its history is at /assets/{assetId}/places. */
  place: optional(placeSchema),
});
export type AssetDetail = z.infer<typeof assetDetailSchema>;

/** Items of one section by their key; a value section has one, under the key "". */
export const sectionItemSchema = z.object({ key: z.string(), item: z.record(z.string(), z.unknown()) });
export type SectionItemRow = z.infer<typeof sectionItemSchema>;
export const sectionItemsSchema = pageOf(sectionItemSchema).extend({ total: count });

export const assetFactsSchema = z.object({ items: z.array(factSchema) });

/** A change with the name of what it happened to, as lists of many assets need it. */
export const changeRowSchema = changeSchema.extend({ assetName: shortText });
export type ChangeRow = z.infer<typeof changeRowSchema>;

export const incidentRowSchema = incidentSchema.extend({
  assetName: optional(shortText),
  ticketNumber: optional(z.int()),
});
export type IncidentRow = z.infer<typeof incidentRowSchema>;

/** A ticket as its desk knows it; `number` in the built-in queue. */
export const ticketRefSchema = z.object({
  connector: shortText,
  ticketRef: shortText,
  url: optional(text),
  number: optional(z.int()),
});
export const incidentDetailSchema = incidentRowSchema.extend({
  /** What people had written of the asset when it was opened: owner, place, warranty ... */
  book: optional(bookSchema),
  evidence: z.array(evidenceSchema),
  childIncidents: z.array(incidentSchema),
  tickets: z.array(ticketRefSchema),
  /** Of the built-in queue's ticket, where there is one: comments and changes of state, oldest first. */
  timeline: z.array(ticketEventSchema),
});
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

export const ticketRowSchema = ticketSchema.extend({ assetName: optional(shortText) });
export type TicketRow = z.infer<typeof ticketRowSchema>;
export const ticketDetailSchema = ticketRowSchema.extend({ timeline: z.array(ticketEventSchema) });
export type TicketDetail = z.infer<typeof ticketDetailSchema>;

/** A token as it may be shown: its secret was shown once, when it was made. `role` is for "api", the uses are for "enrol". */
export const tokenSchema = z.object({
  tokenId: shortText,
  kind: z.enum(["api", "enrol"]),
  name: shortText,
  role: optional(roleSchema),
  maxUses: optional(count),
  uses: count,
  approval: z.boolean(),
  createdAt: timestamp,
  createdBy: shortText,
  expiresAt: optional(timestamp),
  revokedAt: optional(timestamp),
  lastUsedAt: optional(timestamp),
});
export type Token = z.infer<typeof tokenSchema>;
export const newTokenSchema = z.object({ tokenId: shortText, secret: z.string() });

export const userSchema = z.object({
  userId: shortText,
  name: shortText,
  role: roleSchema,
  createdAt: timestamp,
  disabledAt: optional(timestamp),
});
export type User = z.infer<typeof userSchema>;

export const auditEntrySchema = z.object({
  at: timestamp,
  actor: shortText,
  action: shortText,
  target: text,
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** One sweep: what an agent covered, and whether it could see (design §6). */
export const sweepSummarySchema = z.object({
  sweepId: shortText,
  agentId: agentIdSchema,
  scope: shortText,
  realm: shortText,
  startedAt: timestamp,
  endedAt: timestamp,
  proof: proofOfSightSchema,
  addresses: count,
  sightingCount: count,
});
export type SweepSummary = z.infer<typeof sweepSummarySchema>;

const windowBase = {
  name: shortText.min(1),
  match: z.strictObject({
    realms: optional(z.array(shortText.min(1)).min(1).max(64)),
    assetIds: optional(z.array(assetIdSchema).min(1).max(256)),
    deviceTypes: optional(z.array(deviceTypeSchema).min(1)),
  }),
};
/** A time in which devices are not expected; recurring ones count in the policy's time zone. */
export const windowSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("once"), ...windowBase, from: z.iso.datetime(), to: z.iso.datetime() }),
  z.strictObject({
    kind: z.literal("weekly"),
    ...windowBase,
    days: z
      .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
      .min(1)
      .max(7),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM"),
    durationMs: z
      .int()
      .min(60_000)
      .max(7 * 86_400_000),
  }),
]);
export type Window = z.infer<typeof windowSchema>;

export const occurrenceSchema = z.object({ from: timestamp, to: timestamp });
export type Occurrence = z.infer<typeof occurrenceSchema>;

/** Maintenance windows in force: the configuration's, which are changed there, and those that people set. */
export const maintenanceSchema = z.object({
  timeZone: shortText,
  /** Names the list that people set; a change that names an older one is refused. */
  mark: shortText,
  items: z.array(
    z.object({
      source: z.enum(["configuration", "console"]),
      window: z.unknown(),
      /** The one that is open now, and those to come. */
      next: z.array(occurrenceSchema),
    }),
  ),
});
export type Maintenance = Omit<z.infer<typeof maintenanceSchema>, "items"> & {
  readonly items: readonly {
    readonly source: "configuration" | "console";
    readonly window: Window;
    readonly next: readonly Occurrence[];
  }[];
};

/** The policy in force: as configured, with what was accepted of proposals, each beside the configured value. */
export const policyInForceSchema = z.object({
  presence: z.record(z.string(), z.unknown()),
  incidents: z.record(z.string(), z.unknown()),
  learned: z.array(
    z.object({
      setting: shortText,
      value: z.union([z.number(), shortText]),
      configured: z.union([z.number(), shortText]),
      proposalId: shortText,
    }),
  ),
});
export type PolicyInForce = z.infer<typeof policyInForceSchema>;

export const outboxEntrySchema = z.object({
  outboxId: shortText,
  desk: shortText,
  incidentId: incidentIdSchema,
  title: optional(shortText),
  action: z.enum(["open", "comment", "resolve", "reopen"]),
  attempts: count,
  since: timestamp,
  dueAt: timestamp,
  /** Nothing of the same incident waits before it. */
  isFirst: z.boolean(),
  lastError: optional(text),
});
export type OutboxEntry = z.infer<typeof outboxEntrySchema>;
export const outboxSchema = pageOf(outboxEntrySchema).extend({ total: count });

export const deskFindingSchema = z.object({ ok: z.boolean(), what: text, remedy: optional(text) });
export type DeskFinding = z.infer<typeof deskFindingSchema>;

/** A desk of the configuration: what its start-up check found, and how its deliveries fare since the collector started. */
export const deskSchema = z.object({
  name: shortText,
  connector: shortText,
  title: shortText,
  /** "real": tried against the running product · "fake": against a strict fake that cites its documents. */
  tried: z.enum(["real", "fake"]),
  abilities: z.array(
    z.enum(["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"]),
  ),
  checkedAt: optional(timestamp),
  findings: z.array(deskFindingSchema),
  waiting: count,
  delivered: count,
  rejected: count,
  failuresInRow: count,
  /** Nothing but one trial call is made before this: the desk failed too often in a row. */
  restsUntil: optional(timestamp),
  lastError: optional(text),
});
export type DeskStatus = z.infer<typeof deskSchema>;

export const deskTrialSchema = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ what: shortText, ok: z.boolean(), detail: text })),
  url: optional(text),
});
export type DeskTrial = z.infer<typeof deskTrialSchema>;
export const deskPreviewSchema = z.object({ subject: text, text: z.string(), html: z.string() });
export type DeskPreview = z.infer<typeof deskPreviewSchema>;

/** Where a desk's ticket and our incident say different things. */
export const deskDifferenceSchema = z.object({
  desk: shortText,
  ticket: shortText,
  url: optional(text),
  incidentId: incidentIdSchema,
  title: shortText,
  what: z.enum(["state", "assignee", "verdict", "merged", "unreadable"]),
  ours: text,
  theirs: text,
});
export type DeskDifference = z.infer<typeof deskDifferenceSchema>;
export const deskParitySchema = z.object({ compared: count, differences: z.array(deskDifferenceSchema) });

/** A secret as it may be shown: never itself. */
export const secretSchema = z.object({ name: shortText, updatedAt: timestamp, updatedBy: shortText });
export type SecretName = z.infer<typeof secretSchema>;

export const healthSchema = z.object({ status: z.enum(["ok", "degraded"]) });

/** What a live event tells: something is new; the reader asks the API for the rest. `event:` on the stream is the kind. */
export const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("asset"), assetId: assetIdSchema, what: z.enum(["added", "updated"]) }),
  z.object({ kind: z.literal("changes"), assetId: assetIdSchema, count }),
  z.object({ kind: z.literal("agent"), agentId: agentIdSchema }),
  z.object({ kind: z.literal("sweep"), sweepId: shortText, realm: shortText }),
  z.object({ kind: z.literal("incident"), incidentId: incidentIdSchema }),
  z.object({ kind: z.literal("ticket"), number: z.int() }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;

const line = z.string().trim().min(1).max(256);
const paragraph = z.string().trim().min(1).max(4_000);
const assignee = line.max(128).nullable();

/** Bodies of the writes. Strict: a typo should be told. */
export const bodies = {
  signIn: z.union([
    z.strictObject({ code: z.string().min(8).max(256) }),
    z.strictObject({ name: line, password: z.string().min(1).max(1_024) }),
  ]),
  editAsset: z.strictObject(assetEditShape),
  mergeAsset: z.strictObject({ otherAssetId: assetIdSchema }),
  keepApart: z.strictObject({ otherAssetId: assetIdSchema }),
  splitAsset: z.strictObject({ keys: z.array(subjectKeySchema.strict()).min(1).max(256) }),
  acknowledge: z.strictObject({ assignee: optional(line.max(128)), note: optional(paragraph) }),
  assign: z.strictObject({ assignee }),
  comment: z.strictObject({ text: paragraph }),
  putMaintenance: z.strictObject({ windows: z.array(windowSchema).max(200), mark: optional(line) }),
  previewWindow: windowSchema,
  verdict: z.strictObject({ verdict: z.enum(["true", "false", "planned"]) }),
  resolve: z.strictObject({ resolution: line }),
  ticketState: z.strictObject({ state: ticketStateSchema, note: optional(paragraph) }),
  revokeAgent: z.strictObject({ reason: optional(paragraph) }),
  commandAgent: z.strictObject({
    instance: count.default(0),
    action: commandSchema.shape.action,
    withinSeconds: z.int().min(1).max(3_600).default(300),
  }),
  createToken: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("api"),
      name: line,
      role: roleSchema,
      expiresInDays: optional(z.int().min(1).max(3_650)),
    }),
    z.strictObject({
      kind: z.literal("enrol"),
      name: line,
      /** Agents it admits; null for any number. */
      maxUses: z.int().min(1).max(1_000_000).nullable(),
      approval: optional(z.boolean()),
      expiresInDays: optional(z.int().min(1).max(3_650)),
    }),
  ]),
  saveQuery: z.strictObject({
    name: line.max(64),
    text: z.string().max(2_048),
    shared: z.boolean().default(false),
  }),
  decideProposal: z.strictObject({ note: optional(paragraph) }),
  putSecret: z.strictObject({ value: z.string().min(1).max(16_384) }),
  createUser: z.strictObject({ name: line, role: roleSchema, password: optional(z.string().min(12).max(1_024)) }),
  changeUser: z.strictObject({
    role: optional(roleSchema),
    password: optional(z.string().min(12).max(1_024)),
    disabled: optional(z.boolean()),
  }),
} as const;
