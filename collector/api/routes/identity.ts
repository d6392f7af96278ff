import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import { type AssetId, assetIdSchema } from "../../../shared/ids.ts";
import { relationsSchema } from "../../../shared/model/asset-detail.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import {
  assetIdentitySchema,
  decisionNoteSchema,
  identityDryRunSchema,
  identityRulesSchema,
} from "../../../shared/model/identity.ts";
import { pageOf } from "../../../shared/model/page.ts";
import { shortText } from "../../../shared/protocol/text.ts";
import { compare } from "../../identity/compare.ts";
import { strengthOf } from "../../identity/keys.ts";
import type { AssetDetail } from "../../store/reads.ts";
import type { DecisionRow } from "../../store/store.ts";
import type { ApiDeps } from "../deps.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute, found, paging, present, several, toList } from "../route.ts";

const tag = "Assets";
const params = z.object({ assetId: assetIdSchema });
/** Other assets that are loaded to show in what they differ; decisions beyond go without. */
const MAX_COMPARED = 20;

const readIdentity = async ({ reads }: ApiDeps, assetId: AssetId) => {
  const asset = found(await reads.asset(assetId), `asset ${assetId}`);
  const others = new Map<string, AssetDetail>();
  for (const { assetId: one, otherAssetId } of asset.decisions) {
    const other = one === asset.assetId ? otherAssetId : one;
    if (other === undefined || others.size >= MAX_COMPARED || others.has(other)) continue;
    const detail = await reads.asset(other);
    if (detail && detail.assetId !== asset.assetId) others.set(other, detail);
  }
  const toDecision = ({ atMs, undoneAtMs, agentId: _agent, streamNo: _stream, before, ...decision }: DecisionRow) => {
    const other = others.get((decision.assetId === assetId ? decision.otherAssetId : decision.assetId) ?? "");
    const { agree, disagree } = compare(asset.keys, other?.keys ?? []);
    return present({
      ...decision,
      at: toTimestamp(atMs),
      undoneAt: undoneAtMs === undefined ? undefined : toTimestamp(undoneAtMs),
      canUndo: undoneAtMs === undefined && (before !== undefined || (decision.kind === "separated" && decision.byHand)),
      agree: [...agree],
      disagree: [...disagree],
    });
  };
  return {
    assetId: asset.assetId,
    provisional: asset.provisional,
    keys: asset.keys.map((key) => ({ ...key, strength: strengthOf(key) })),
    decisions: asset.decisions.map(toDecision),
  };
};

export const getAssetIdentity = defineRoute({
  method: "GET",
  path: "/assets/:assetId/identity",
  role: "viewer",
  tag,
  summary: "How an asset is recognised: its keys, and every join, split and contested claim with its rule and keys",
  params,
  response: assetIdentitySchema,
  handler: ({ params: { assetId }, deps }) => readIdentity(deps, assetId),
});

export const mergeAsset = defineRoute({
  method: "POST",
  path: "/assets/:assetId/merge",
  role: "asset-manager",
  tag,
  summary: "Make another asset part of this one",
  description: "Both histories are kept, and the merge can be undone.",
  params,
  body: bodies.mergeAsset,
  response: assetIdentitySchema,
  handler: async ({ params: { assetId }, body, who, deps }) => {
    await applyFor<"asset.merge">(deps, who, { kind: "asset.merge", assetId, ...body });
    return readIdentity(deps, assetId);
  },
});

export const keepAssetApart = defineRoute({
  method: "POST",
  path: "/assets/:assetId/keep-apart",
  role: "asset-manager",
  tag,
  summary: "Say that this asset and another are two devices: settles a contested claim, and no rule joins them",
  params,
  body: bodies.keepApart,
  response: assetIdentitySchema,
  handler: async ({ params: { assetId }, body, who, deps }) => {
    await applyFor<"asset.keep-apart">(deps, who, { kind: "asset.keep-apart", assetId, ...body });
    return readIdentity(deps, assetId);
  },
});

export const listIdentityDecisions = defineRoute({
  method: "GET",
  path: "/identity/decisions",
  role: "viewer",
  tag,
  summary: "Joins, splits and contested claims of all assets, the latest first",
  query: z.strictObject({
    ...paging,
    kind: several(decisionNoteSchema.shape.kind),
    by: z.exactOptional(z.enum(["hand", "rule"])),
    waiting: z.exactOptional(z.enum(["true"])).describe("Contested claims that wait for a person"),
  }),
  response: pageOf(decisionNoteSchema),
  handler: ({ query: { limit, cursor, kind, by, waiting }, deps }) =>
    deps.reads.decisions(
      present({
        ...{ limit, cursor, kind: toList(kind) },
        byHand: by === undefined ? undefined : by === "hand",
        waiting: waiting === undefined ? undefined : true,
      }),
    ),
});

export const splitAsset = defineRoute({
  method: "POST",
  path: "/assets/:assetId/split",
  role: "asset-manager",
  tag,
  summary: "Give some of an asset's keys, and what spoke of them, to an asset of their own",
  description: "No rule joins the two again. The answer is the new asset's identity.",
  params,
  body: bodies.splitAsset,
  response: assetIdentitySchema,
  handler: async ({ params: { assetId }, body, who, deps }) => {
    const split = await applyFor<"asset.split">(deps, who, { kind: "asset.split", assetId, ...body });
    return readIdentity(deps, split.assetId);
  },
});

export const undoDecision = defineRoute({
  method: "POST",
  path: "/assets/:assetId/identity/:decisionId/undo",
  role: "asset-manager",
  tag,
  summary: "Take a join or a split back, whoever decided it",
  description: "What was learned since stays. A join by a rule that was undone is not made again.",
  params: params.extend({ decisionId: shortText }),
  response: assetIdentitySchema,
  handler: async ({ params: { assetId, decisionId }, who, deps }) => {
    await applyFor<"asset.undo">(deps, who, { kind: "asset.undo", assetId, decisionId });
    return readIdentity(deps, assetId);
  },
});

export const getIdentityRules = defineRoute({
  method: "GET",
  path: "/identity/rules",
  role: "viewer",
  tag,
  summary: "This site's own rules of identity: keys that say nothing here, and how long an address is kept",
  response: identityRulesSchema,
  handler: ({ deps }) => deps.reads.identityRules(),
});

export const putIdentityRules = defineRoute({
  method: "PUT",
  path: "/identity/rules",
  role: "administrator",
  tag,
  summary: "Set the rules of identity, as a whole",
  description:
    "What was decided stays; what is seen from then on is judged by them. Try them first: /identity/dry-run.",
  body: identityRulesSchema,
  response: identityRulesSchema,
  handler: async ({ body: rules, who, deps }) => {
    await applyFor<"identity.rules">(deps, who, { kind: "identity.rules", rules });
    return deps.reads.identityRules();
  },
});

export const tryIdentityRules = defineRoute({
  method: "POST",
  path: "/identity/dry-run",
  role: "asset-manager",
  tag,
  summary: "Which assets would merge, split or change under other rules, by the kept observations; nothing is written",
  perMinute: 6,
  body: identityRulesSchema,
  response: identityDryRunSchema,
  handler: async ({ body: rules, deps }) => {
    const result = await deps.reads.identityDryRun(rules);
    if (result === null)
      throw new ProblemError(
        "request.too-large",
        "There are too many observations for one answer: run rollcall-collector rebuild --rules FILE on the collector",
      );
    return result;
  },
});

export const getAssetRelations = defineRoute({
  method: "GET",
  path: "/assets/:assetId/relations",
  role: "viewer",
  tag,
  summary: "A VM's host and a host's VMs, an access point's controller, a stack's members",
  params,
  response: relationsSchema,
  handler: async ({ params: { assetId }, deps }) => ({
    items: found(await deps.reads.relations(assetId), `asset ${assetId}`),
  }),
});
