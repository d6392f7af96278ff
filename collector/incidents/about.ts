import type { Track } from "../presence/track.ts";
import type { Work } from "../presence/work.ts";

/** What the books say of a device, for whoever has to find it. */
export type About = {
  readonly site?: string;
  /** Who signed in there last, where that may be kept (the section "users" is off unless somebody switched it on). */
  readonly lastUser?: { readonly name: string; readonly at: string };
};

export const aboutOf = async ({ tx }: Work, { assetId, realm }: Track): Promise<About> => {
  const row = await tx.assets.get(assetId);
  const lastUser = await lastUserOf(tx, assetId);
  return {
    ...(row?.site !== undefined && row.site !== realm && { site: row.site }),
    ...(lastUser && { lastUser }),
  };
};

const lastUserOf = async (tx: Work["tx"], assetId: Track["assetId"]): Promise<About["lastUser"]> => {
  const accepted = (await tx.assets.accepted(assetId)).find(({ section }) => section === "users");
  if (!accepted) return undefined;
  let last: About["lastUser"];
  for (const { item } of (await tx.sections.items(accepted.streamNo, "users"))?.values() ?? []) {
    const { name, fullName, lastLoginAt } = item as { name?: string; fullName?: string; lastLoginAt?: string };
    if (name === undefined || lastLoginAt === undefined || (last && last.at >= lastLoginAt)) continue;
    last = { name: fullName ? `${fullName} (${name})` : name, at: lastLoginAt };
  }
  return last;
};
