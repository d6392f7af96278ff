import { z } from "zod";
import { assetIdSchema } from "../../../shared/ids.ts";
import { pageOf } from "../../../shared/model/page.ts";
import { linkSchema, placesSchema, unclaimedMacSchema } from "../../../shared/model/place.ts";
import { defineRoute, found, paging, present, search } from "../route.ts";

export const listLinks = defineRoute({
  method: "GET",
  path: "/links",
  role: "viewer",
  tag: "Places",
  summary:
    "Cables between devices, as they say by LLDP and CDP: one for each pair of ports, by the names of their ends",
  query: z.strictObject({
    ...paging,
    q: search,
    assetId: z.exactOptional(assetIdSchema).describe("Links of this asset"),
    ended: z.exactOptional(z.enum(["true", "false"])).describe("Those that are no more, too. Default: false"),
  }),
  response: pageOf(linkSchema),
  handler: ({ query: { q, ended, ...query }, deps }) =>
    deps.reads.links(present({ ...query, search: q, ended: ended === undefined ? undefined : ended === "true" })),
});

export const listUnclaimedMacs = defineRoute({
  method: "GET",
  path: "/macs/unclaimed",
  role: "viewer",
  tag: "Places",
  summary: "MACs that switches and access points have in their tables now, and that no asset is known by",
  query: z.strictObject({ ...paging, q: search }),
  response: pageOf(unclaimedMacSchema),
  handler: ({ query: { q, ...query }, deps }) => deps.reads.unclaimed(present({ ...query, search: q })),
});

export const getAssetPlaces = defineRoute({
  method: "GET",
  path: "/assets/:assetId/places",
  role: "viewer",
  tag: "Places",
  summary: "Switch ports and radios where an asset's MACs are and were; the first is where it is",
  params: z.object({ assetId: assetIdSchema }),
  response: placesSchema,
  handler: async ({ params: { assetId }, deps }) => {
    found(await deps.reads.asset(assetId), `asset ${assetId}`);
    return { items: [...(await deps.reads.places(assetId))] };
  },
});
