import type { Database } from "./database.ts";

/** Versions that are looked at in one go. */
const SLICE = 2_048;

const IS_NOBODYS = `NOT EXISTS (SELECT 1 FROM software_in_sets s WHERE s.software_no = w.software_no)
  AND NOT EXISTS (SELECT 1 FROM software_drift d WHERE d.software_no = w.software_no)`;
const SLICE_AFTER = `SELECT software_no, ${IS_NOBODYS} AS is_nobodys FROM software w WHERE software_no > ?
  ORDER BY software_no LIMIT ${SLICE}`;
/** All but the empty one. */
const UNUSED_SETS = `SELECT set_no, numbers FROM software_sets s
  WHERE set_no <> 0 AND NOT EXISTS (SELECT 1 FROM installed i WHERE i.set_no = s.set_no)`;

export type Tidied = { readonly sets: ReadonlySet<number>; readonly numbers: ReadonlySet<number> };

/** Sets of the dictionary that no host has any more go, and of a slice of its versions, each time the next, those that nobody has. */
export const createSoftwareTidying = (db: Database): { readonly tidy: () => Tidied; readonly forget: () => void } => {
  let lookedAt = 0;
  const dropSets = (): ReadonlySet<number> => {
    const dropped = new Set<number>();
    for (const record of db.all(UNUSED_SETS)) {
      const setNo = Number(record["set_no"]);
      for (const number of new Uint32Array(new Uint8Array(record["numbers"] as Uint8Array).buffer))
        db.run("DELETE FROM software_in_sets WHERE software_no = ? AND set_no = ?", number, setNo);
      db.run("DELETE FROM software_set_marks WHERE set_no = ?", setNo);
      db.run("DELETE FROM software_sets WHERE set_no = ?", setNo);
      dropped.add(setNo);
    }
    return dropped;
  };
  const dropNumbers = (): ReadonlySet<number> => {
    const slice = db.all(SLICE_AFTER, lookedAt);
    const isAtEnd = slice.length < SLICE;
    lookedAt = isAtEnd ? 0 : Number(slice.at(-1)?.["software_no"]);
    // The newest stays, so that its number is not given again.
    const dropped = new Set<number>();
    for (const record of isAtEnd ? slice.slice(0, -1) : slice) {
      if (record["is_nobodys"] !== 1) continue;
      const number = Number(record["software_no"]);
      db.run("DELETE FROM software WHERE software_no = ?", number);
      dropped.add(number);
    }
    return dropped;
  };
  return {
    tidy: () => ({ sets: dropSets(), numbers: dropNumbers() }),
    forget: () => {
      lookedAt = 0;
    },
  };
};
