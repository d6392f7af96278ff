import { componentFindings, returnsOf } from "../incidents/components.ts";
import type { ChangeRow } from "../store/store.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Parts of a device that went, were swapped, or are back. */
export const hearChanges = async (work: Work, track: Track, changes: readonly ChangeRow[]): Promise<void> => {
  for (const { condition, part } of returnsOf(track, changes)) {
    const [known] = await work.tx.incidents.byCondition(condition, 1);
    if (known === undefined || known.state === "resolved") continue;
    const isSame = known.title.includes(part);
    await work.cases.resolve(known, isSame ? `${part} is back` : `${part} is in its place now`);
  }
  for (const finding of componentFindings(track, changes)) await work.cases.open(finding);
};
