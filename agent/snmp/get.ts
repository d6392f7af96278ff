/** Exact instances and successors over an exchange: batched, halved where a batch fails, v1's all-or-nothing avoided. */
import { type Answer, errorStatus, isException } from "./exchange.ts";
import { compareOids, isBelow, type Varbind } from "./reader.ts";
import { type Asker, askCounted, type Tuning } from "./tuning.ts";

const MAX_GET = 30;

/** Exact instances. In v1 one missing object fails the whole request, so there GETNEXT is asked for what comes before. */
export const getAll = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Varbind>> => {
  const found = new Map<string, Varbind>();
  const queue: (readonly string[])[] = chunk(oids, Math.min(MAX_GET, tuning.capacity));
  for (let batch = queue.shift(); batch !== undefined && !tuning.silent; batch = queue.shift()) {
    if (tuning.version === "1") {
      await getByNext(ask, tuning, batch, found);
      continue;
    }
    const answer = await askCounted(ask, tuning, { kind: "get", oids: batch, sends: tuning.sends });
    if (answer.status === "ok") {
      for (const column of answer.columns)
        for (const v of column) if (!isException(v) && v.value !== null) found.set(v.oid, v);
    } else queue.unshift(...remainder(batch, answer));
  }
  const asked = new Set(oids);
  for (const oid of found.keys()) if (!asked.has(oid)) found.delete(oid);
  return found;
};

/** What of a failed batch is worth asking again: all but the named culprit, else its halves, else nothing. */
const remainder = (batch: readonly string[], answer: Answer): readonly (readonly string[])[] => {
  if (batch.length === 1) return [];
  if (
    answer.status === "error" &&
    answer.code !== errorStatus.tooBig &&
    answer.oid !== undefined &&
    batch.includes(answer.oid)
  )
    return [batch.filter((oid) => oid !== answer.oid)];
  const half = Math.ceil(batch.length / 2);
  return [batch.slice(0, half), batch.slice(half)];
};

/** The last OID before `oid` that GETNEXT can start from: "x.0" from "x", "x.5" from "x.4". */
const predecessor = (oid: string): string => {
  const dot = oid.lastIndexOf(".");
  const last = Number(oid.slice(dot + 1));
  return last === 0 ? oid.slice(0, dot) : `${oid.slice(0, dot)}.${last - 1}`;
};

const getByNext = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
  found: Map<string, Varbind>,
): Promise<void> => {
  const wanted = new Map(oids.map((oid) => [predecessor(oid), oid]));
  const next = await nextAll(ask, tuning, [...wanted.keys()]);
  const hidden: string[] = [];
  for (const [before, oid] of wanted) {
    const v = next.get(before);
    if (v?.oid === oid) found.set(oid, v);
    // Something stands between x.4 and x.5 (x.4.1): ask for the instance itself.
    else if (v !== undefined && isBelow(v.oid, before) && !isBelow(oid, before)) hidden.push(oid);
  }
  for (const oid of hidden) {
    const answer = await askCounted(ask, tuning, { kind: "get", oids: [oid], sends: tuning.sends });
    const v = answer.status === "ok" ? answer.columns[0]?.[0] : undefined;
    if (v && !isException(v)) found.set(oid, v);
  }
};

export const nextAll = async (
  ask: Asker,
  tuning: Tuning,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Varbind>> => {
  const found = new Map<string, Varbind>();
  const queue: (readonly string[])[] = chunk([...new Set(oids)].sort(compareOids), Math.min(MAX_GET, tuning.capacity));
  /** v1 says noSuchName at the end of the view: nothing from here on has a successor. */
  let end: string | undefined;
  for (let batch = queue.shift(); batch !== undefined && !tuning.silent; batch = queue.shift()) {
    const limit = end;
    const asked = limit === undefined ? batch : batch.filter((oid) => compareOids(oid, limit) < 0);
    if (asked.length === 0) continue;
    const answer = await askCounted(ask, tuning, { kind: "next", oids: asked, sends: tuning.sends });
    if (answer.status === "ok") {
      answer.columns.forEach((column, i) => {
        const v = column[0];
        const from = asked[i];
        if (v && from !== undefined && !isException(v)) found.set(from, v);
      });
    } else if (
      answer.status === "error" &&
      answer.code === errorStatus.noSuchName &&
      answer.oid !== undefined &&
      asked.includes(answer.oid)
    ) {
      end = answer.oid;
      queue.unshift(asked);
    } else queue.unshift(...remainder(asked, answer));
  }
  return found;
};

const chunk = <T>(items: readonly T[], size: number): T[][] => {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
};
