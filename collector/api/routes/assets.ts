import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import { assetIdSchema } from "../../../shared/ids.ts";
import {
  assetSchema,
  changeSchema,
  changeWeightSchema,
  criticalitySchema,
  lifecycleSchema,
  presenceStateSchema,
} from "../../../shared/model/asset.ts";
import {
  assetDetailSchema,
  assetFactsSchema,
  changeRowSchema,
  sectionItemsSchema,
} from "../../../shared/model/asset-detail.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { pageOf } from "../../../shared/model/page.ts";
import { queryFieldSchema } from "../../../shared/model/query.ts";
import { assetThenSchema } from "../../../shared/model/then.ts";
import { deviceTypeSchema } from "../../../shared/protocol/device-types.ts";
import { sectionNameSchema } from "../../../shared/protocol/snapshot.ts";
import { count } from "../../../shared/protocol/text.ts";
import { fields } from "../../query/fields.ts";
import { limits } from "../../query/query.ts";
import type { AssetFilter } from "../../store/reads.ts";
import type { DecisionRow } from "../../store/store.ts";
import { QUERY_HELP, readQuery } from "../asset-query.ts";
import type { ApiDeps } from "../deps.ts";
import { at, toPast } from "../past-time.ts";
import { ProblemError, refusalOf } from "../problem.ts";
import { defineRoute, found, paging, present, readyText, search, several, toList, versioned } from "../route.ts";

const tag = "Assets";
const params = z.object({ assetId: assetIdSchema });

const toDecision = ({
  atMs,
  undoneAtMs,
  keys: _,
  agentId: _agent,
  streamNo: _stream,
  assetId: _asset,
  before: _before,
  ...rest
}: DecisionRow) =>
  present({
    ...rest,
    at: toTimestamp(atMs),
    undoneAt: undoneAtMs === undefined ? undefined : toTimestamp(undoneAtMs),
  });

/** One asset with all that its page shows at once; reads follow a merge, so that an old address finds the survivor. */
const readAsset = async ({ reads }: ApiDeps, assetId: AssetId) => {
  const page = found(await reads.assetPage(assetId), `asset ${assetId}`);
  const { instance: _, decisions, keys, ...asset } = page.asset;
  const { sections, places, incidents } = page;
  const plainKeys = keys.map(({ learnedOf: _learned, ...key }) => key);
  const place = places.find(({ until }) => until === undefined);
  return {
    ...{ ...asset, keys: plainKeys, decisions: decisions.map(toDecision), sections, openIncidents: incidents },
    ...(place !== undefined && { place }),
  };
};

const assetFilter = {
  q: z.exactOptional(z.string().max(limits.chars)).describe(QUERY_HELP),
  type: several(deviceTypeSchema),
  presence: several(presenceStateSchema),
  lifecycle: several(lifecycleSchema),
  criticality: several(criticalitySchema),
  realm: search,
  site: search,
  hasAgent: z.exactOptional(z.enum(["true", "false"])),
} as const;
const assetFilterSchema = z.strictObject(assetFilter);

/** @throws ProblemError `query.invalid` */
const toAssetFilter = (
  { q, hasAgent, type, presence, lifecycle, criticality, ...rest }: z.output<typeof assetFilterSchema>,
  { clock }: ApiDeps,
): AssetFilter =>
  present({
    ...rest,
    where: q === undefined ? undefined : readQuery(q, clock.now()),
    type: toList(type),
    presence: toList(presence),
    lifecycle: toList(lifecycle),
    criticality: toList(criticality),
    hasAgent: hasAgent === undefined ? undefined : hasAgent === "true",
  });

const queryFields = fields.map(({ aliases, choices, ...field }) => ({
  ...field,
  aliases: [...aliases],
  choices: [...choices],
}));

export const listAssets = defineRoute({
  method: "GET",
  path: "/assets",
  role: "viewer",
  tag,
  summary: "Assets, filtered, searched, sorted, in pages",
  query: z.strictObject({
    ...paging,
    ...assetFilter,
    sort: z
      .exactOptional(z.enum(["name", "lastSeenAt", "firstSeenAt", "presence", "type", "assetId"]))
      .describe("Default: name"),
    order: z.exactOptional(z.enum(["asc", "desc"])),
  }),
  response: pageOf(assetSchema),
  handler: async ({ query: { limit, cursor, sort, order, ...filter }, deps }) => ({
    [readyText]: await deps.reads.assetsText({
      ...toAssetFilter(filter, deps),
      ...present({ limit, cursor, sort, descending: order === undefined ? undefined : order === "desc" }),
    }),
  }),
});

export const countAssets = defineRoute({
  method: "GET",
  path: "/assets/count",
  role: "viewer",
  tag,
  summary: "How many assets a filter or query finds",
  query: z.strictObject(assetFilter),
  response: z.object({ count }),
  handler: async ({ query, deps }) => ({ count: await deps.reads.assetCount(toAssetFilter(query, deps)) }),
});

export const listAssetFields = defineRoute({
  method: "GET",
  path: "/assets/fields",
  role: "viewer",
  tag,
  summary: "What a query over assets can ask for: every field with its kind, its known values and an example",
  response: z.object({ items: z.array(queryFieldSchema) }),
  handler: async () => ({ items: queryFields }),
});
export const getAsset = defineRoute({
  method: "GET",
  path: "/assets/:assetId",
  role: "viewer",
  tag,
  summary: "One asset: identity keys, who sees it, its sections, its open incidents",
  description: "With `at`: the asset as it was at that time, with its facts; see also its sections and /compare.",
  params,
  query: z.strictObject({ at }),
  response: z.union([assetDetailSchema, assetThenSchema]),
  handler: async ({ params: { assetId }, query, reply, deps }) => {
    const atMs = toPast(query.at, deps);
    return atMs === undefined
      ? versioned(await readAsset(deps, assetId), reply)
      : found(await deps.reads.assetThen(assetId, atMs), `asset ${assetId}`);
  },
});

export const getAssetFacts = defineRoute({
  method: "GET",
  path: "/assets/:assetId/facts",
  role: "viewer",
  tag,
  summary: "Fields of an asset with the source and age of each",
  params,
  query: z.strictObject({ at }),
  response: assetFactsSchema,
  handler: async ({ params: { assetId }, query, deps }) => {
    const atMs = toPast(query.at, deps);
    if (atMs === undefined) return { items: await deps.reads.facts(assetId) };
    return { items: found(await deps.reads.assetThen(assetId, atMs), `asset ${assetId}`).facts };
  },
});

export const getAssetSection = defineRoute({
  method: "GET",
  path: "/assets/:assetId/sections/:section",
  role: "viewer",
  tag,
  summary: "Items of one section (software, disks, interfaces ...) by key",
  params: params.extend({ section: sectionNameSchema }),
  query: z.strictObject({ ...paging, q: search, at }),
  response: sectionItemsSchema,
  handler: ({ params: { assetId, section }, query: { q, at: then, ...page }, deps }) =>
    deps.reads.items(present({ ...page, assetId, section, search: q, atMs: toPast(then, deps) })),
});

export const editAsset = defineRoute({
  method: "PATCH",
  path: "/assets/:assetId",
  role: "asset-manager",
  tag,
  summary: "Set fields by hand (no observation overwrites them), or release them again",
  description: "With If-Match the edit is refused (412) when the asset has another version by now.",
  params,
  body: bodies.editAsset,
  response: assetDetailSchema,
  handler: async ({ params: { assetId }, body, who, ifMatch, reply, deps }) => {
    const outcome = await deps.apply<"asset.edit">(
      present({ kind: "asset.edit" as const, assetId, ifVersion: ifMatch, set: body.set, release: body.release }),
      { name: who.name, role: who.role },
    );
    if (outcome.status === "refused" && outcome.code === "conflict" && ifMatch !== undefined)
      throw new ProblemError("request.version", outcome.reason);
    if (outcome.status === "refused") throw refusalOf(outcome.code, outcome.reason);
    return versioned(await readAsset(deps, assetId), reply);
  },
});

const changeQuery = {
  ...paging,
  q: search,
  section: several(sectionNameSchema),
  kind: several(changeSchema.shape.kind),
  weight: z.exactOptional(changeWeightSchema).describe("This weight and heavier"),
  since: z.exactOptional(z.iso.datetime()),
  until: z.exactOptional(z.iso.datetime()),
} as const;
const changeQuerySchema = z.strictObject(changeQuery);

const readChanges = async (
  deps: ApiDeps,
  { q, section, kind, since, until, ...rest }: z.output<typeof changeQuerySchema>,
  assetId?: AssetId,
) => ({
  [readyText]: await deps.reads.changesText(
    present({
      ...rest,
      assetId,
      search: q,
      section: toList(section),
      kind: toList(kind),
      sinceMs: since === undefined ? undefined : Date.parse(since),
      untilMs: until === undefined ? undefined : Date.parse(until),
    }),
  ),
});

export const getAssetChanges = defineRoute({
  method: "GET",
  path: "/assets/:assetId/changes",
  role: "viewer",
  tag,
  summary: "Changes of one asset, newest first",
  params,
  query: changeQuerySchema,
  response: pageOf(changeRowSchema),
  handler: ({ params: { assetId }, query, deps }) => readChanges(deps, query, assetId),
});

export const listChanges = defineRoute({
  method: "GET",
  path: "/changes",
  role: "viewer",
  tag: "Changes",
  summary: "Changes of all assets, newest first",
  query: changeQuerySchema.extend({ assetId: z.exactOptional(assetIdSchema) }),
  response: pageOf(changeRowSchema),
  handler: ({ query: { assetId, ...query }, deps }) => readChanges(deps, query, assetId),
});
