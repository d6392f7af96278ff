import type { Clock } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { streamId } from "../../shared/protocol/hash.ts";
import { applyStep, hashesOf, type Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Snapshot } from "../../shared/protocol/snapshot.ts";
import { seal } from "./sealing.ts";
import type { Baseline, Position, Sealed, Spool, SpoolLimits } from "./spool.ts";

type Section = { readonly hash: string; readonly items: ReadonlyMap<string, Item> };
type Stream = { readonly about: Snapshot; readonly sections: ReadonlyMap<SectionName, Section> };
type Message = { readonly kind: string; readonly json: string; readonly spooledAtMs: number; sealed?: Sealed };

const applySnapshot = (streams: ReadonlyMap<string, Stream>, snapshot: Snapshot): Map<string, Stream> => {
  const id = streamId(snapshot.source, snapshot.subject.id);
  const sections = new Map(streams.get(id)?.sections);
  for (const step of snapshot.steps) {
    const known = sections.get(step.section);
    if (step.kind === "delta" && known?.hash !== step.base)
      throw new RollcallError("spool.stale", `section ${step.section} of ${id} changed since the round began`, {
        remedy: "retry",
      });
    const items = applyStep(known?.items ?? new Map(), step);
    if (items === undefined || step.kind === "gone") sections.delete(step.section);
    else sections.set(step.section, { hash: step.hash, items });
  }
  return new Map(streams).set(id, { about: snapshot, sections });
};

/** The spool for tests and for hosts without a disk: nothing outlives the process, and nothing is folded. */
export const createMemorySpool = ({
  agentId,
  limits,
  clock,
}: {
  readonly agentId: string;
  readonly limits: SpoolLimits;
  readonly clock: Pick<Clock, "now">;
}): Spool => {
  let streams: ReadonlyMap<string, Stream> = new Map();
  let place: Position = { instance: 0, epoch: 0, nextSequence: 1, lastSequence: 0, lastDigest: null };
  let queue: readonly Message[] = [];
  let settled = 0;
  const bytesOf = () => queue.reduce((sum, { json }) => sum + json.length, 0);

  const baseline: Baseline = {
    streams: () => [...streams.keys()].sort(),
    stream: (id) => streams.get(id)?.about,
    sectionHashes: (id) => new Map([...(streams.get(id)?.sections ?? [])].map(([name, { hash }]) => [name, hash])),
    itemHashes: (id, section) => hashesOf(streams.get(id)?.sections.get(section)?.items ?? new Map()),
    items: (id, section) => streams.get(id)?.sections.get(section)?.items ?? new Map(),
  };

  const append = (bodies: readonly KeptBody[]) => {
    if (bytesOf() > limits.hardBytes && !bodies.every(({ kind }) => kind === "goodbye"))
      throw new RollcallError("spool.full", `spool holds ${bytesOf()} bytes, the limit is ${limits.hardBytes}`, {
        remedy: "retry",
      });
    streams = bodies.reduce(
      (before, body) => (body.kind === "snapshot" ? applySnapshot(before, body.snapshot) : before),
      streams,
    );
    const spooledAtMs = Math.round(clock.now());
    queue = [...queue, ...bodies.map((body) => ({ kind: body.kind, json: JSON.stringify(body), spooledAtMs }))];
  };

  const begin = (after: number): Sealed | undefined => {
    for (const message of queue) {
      if (message.sealed === undefined) {
        const { instance, epoch, nextSequence: sequence } = place;
        const { spooledAtMs } = message;
        message.sealed = seal({ agentId, instance, epoch, sequence, spooledAtMs }, message.json);
        place = { ...place, nextSequence: sequence + 1 };
      }
      if (message.sealed.sequence > after) return message.sealed;
    }
    return undefined;
  };

  return {
    baseline,
    position: () => place,
    append,
    begin,
    settle: ({ epoch, sequence, digest }) => {
      const found = queue.find(({ sealed }) => sealed?.sequence === sequence);
      if (epoch !== place.epoch || found?.sealed?.digest !== digest) return "unknown";
      const rest = queue.filter(({ sealed }) => sealed === undefined || sealed.sequence > sequence);
      settled += queue.length - rest.length;
      queue = rest;
      place = { ...place, lastSequence: sequence, lastDigest: digest };
      return "settled";
    },
    adopt: ({ instance, epoch, have, digest }) => {
      if (place.instance === instance && place.epoch === epoch) return;
      for (const message of queue) delete message.sealed;
      place = { instance, epoch, nextSequence: have + 1, lastSequence: have, lastDigest: digest };
    },
    counts: () => ({
      messages: queue.length,
      bytes: bytesOf(),
      oldestAtMs: queue[0]?.spooledAtMs,
      folded: 0,
      settled,
    }),
    close: () => {},
  };
};
