import { z } from "zod";
import { assetIdSchema } from "../ids.ts";
import { commandSchema } from "../protocol/envelope.ts";
import { subjectKeySchema } from "../protocol/observation.ts";
import { count, optional } from "../protocol/text.ts";
import { roleSchema } from "./access.ts";
import { assetEditShape } from "./asset.ts";
import { ticketStateSchema } from "./incident.ts";
import { windowSchema } from "./policy.ts";

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
