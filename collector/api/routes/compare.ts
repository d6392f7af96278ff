import { z } from "zod";
import type { AssetId } from "../../../shared/ids.ts";
import { comparisonSchema } from "../../../shared/model/then.ts";
import { sectionNameSchema } from "../../../shared/protocol/snapshot.ts";
import type { ComparedSide } from "../../store/reads.ts";
import type { ApiDeps } from "../deps.ts";
import { momentText, toPast } from "../past-time.ts";
import { defineRoute, found, paging, present, several, toList } from "../route.ts";

const toSide = (text: string, deps: ApiDeps): ComparedSide => {
  const cut = text.indexOf("@");
  const assetId = (cut < 0 ? text : text.slice(0, cut)) as AssetId;
  return present({ assetId, atMs: toPast(cut < 0 ? undefined : text.slice(cut + 1), deps) });
};

export const compareAssets = defineRoute({
  method: "GET",
  path: "/compare",
  role: "viewer",
  tag: "Changes",
  summary: "What differs between two assets, or between two times of one: by section, item and field",
  description:
    "A side is an asset's id, or one with a time: `ast_…@2026-01-05T08:00:00Z`. A side without a time is taken as of now; the pages that follow keep to the times of the first.",
  query: z.strictObject({
    ...paging,
    left: momentText,
    right: momentText,
    section: several(sectionNameSchema),
  }),
  response: comparisonSchema,
  handler: async ({ query: { left, right, section, ...page }, deps }) => {
    const sides = { left: toSide(left, deps), right: toSide(right, deps) };
    return found(
      await deps.reads.compare(present({ ...page, ...sides, section: toList(section) })),
      `asset ${sides.left.assetId} or ${sides.right.assetId}`,
    );
  },
});
