/** IEEE8023-LAG-MIB: which ports are bundled into which aggregate. Indexes are ifIndexes. */
import { decodeNumber } from "../decode.ts";
import { defineTable, type Tables } from "../table.ts";

export const dot3adAggPortTable = defineTable("dot3adAggPortTable", "1.2.840.10006.300.43.1.2.1.1", {
  dot3adAggPortSelectedAggID: 12,
  dot3adAggPortAttachedAggID: 13,
});

export type Lag = { readonly ifIndex: number; readonly members: readonly number[] };

/** The attached aggregate counts, else the selected one; a port that is its own aggregate is not bundled. */
export const decodeLags = (tables: Tables): readonly Lag[] => {
  const members = new Map<number, number[]>();
  for (const {
    parts: [port = 0],
    cells,
  } of tables.rows(dot3adAggPortTable)) {
    const aggregate =
      decodeNumber(cells.dot3adAggPortAttachedAggID) || decodeNumber(cells.dot3adAggPortSelectedAggID) || 0;
    if (aggregate > 0 && port > 0 && aggregate !== port)
      members.set(aggregate, [...(members.get(aggregate) ?? []), port]);
  }
  return [...members]
    .map(([ifIndex, ports]) => ({ ifIndex, members: ports.sort((a, b) => a - b) }))
    .sort((a, b) => a.ifIndex - b.ifIndex);
};
