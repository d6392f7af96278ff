import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../../shared/clock.ts";
import type { KeptBody } from "../../../shared/protocol/envelope.ts";
import { INTERVAL_MS, macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

/** Whatever happens in between, in whatever order and however often: in the end exactly what is gone has one open case. */

const DEVICES = Array.from({ length: 20 }, (_, i) => 20 + i);
const CANDIDATES = DEVICES.slice(0, 2);

type Action =
  | { readonly kind: "toggle"; readonly device: number }
  | { readonly kind: "pass"; readonly minutes: number }
  | { readonly kind: "restart" }
  | { readonly kind: "tick-again" }
  | { readonly kind: "deliver-again" }
  | { readonly kind: "roll-back" };

const actionArbitrary: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("toggle" as const), device: fc.constantFrom(...CANDIDATES) }),
  fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    kind: fc.constantFrom("restart" as const, "tick-again" as const, "deliver-again" as const, "roll-back" as const),
  }),
);

const typed = (n: number, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "local",
    subject: { id: `mac:${macOf(n)}`, realm: "site", keys: [{ kind: "mac", value: macOf(n) }] },
    observedAtMs: atMs,
    steps: [],
    failures: [],
  },
});

const sweepOf = (segment: Segment): KeptBody => ({
  kind: "sweep",
  sweep: {
    sweepId: `again-${segment.lab.clock.now()}`,
    scope: "lan",
    realm: "site",
    startedAtMs: segment.lab.clock.now() - 2_000,
    endedAtMs: segment.lab.clock.now(),
    coverage: [{ from: "10.0.0.1", to: "10.0.0.254", asks: 2, spreadMs: 1_500, methods: ["arp"] }],
    proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
    sightings: [...segment.up].map((n) => ({
      subject: {
        id: `mac:${macOf(n)}`,
        realm: "site",
        keys: [
          { kind: "mac" as const, value: macOf(n) },
          { kind: "ip" as const, value: `10.0.0.${n}` },
        ],
      },
      method: "arp" as const,
      observedAtMs: segment.lab.clock.now() - 500,
    })),
  },
});

describe("presence and incidents", () => {
  it("lose no case and make no second one, over restarts, repeated ticks and deliveries, and transactions that were not kept", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actionArbitrary, { minLength: 3, maxLength: 12 }), async (actions) => {
        const segment = await openSegment({ flapDoublings: 0, reopenWithinMs: 1 });
        try {
          const { up, pass, agent, lab } = segment;
          const one = await agent("watcher", 6);
          one.verdict = "could-see";
          for (const n of DEVICES) up.add(n);
          await pass(INTERVAL_MS);
          // Kinds aside, a device that was seen for hours and never stayed away is judged as a steady one.
          await pass(hours(2));
          for (const action of actions) await play(segment, one, action);
          await pass(hours(3));
          const found = await lab.read(async (tx) =>
            (await tx.incidents.open(1_000)).filter((i) => i.kind === "device-missing"),
          );
          const names = found.map((incident) => incident.title).sort();
          expect(new Set(found.map((i) => i.condition)).size).toBe(found.length);
          expect(found.filter((i) => i.state !== "part-of").every((i) => i.state === "open")).toBe(true);
          const steady = await lab.read(async (tx) =>
            (await tx.presence.due(8_640_000_000_000_000, 100))
              .filter((track) => track.absences < 0.5)
              .map((track) => `${track.name} is missing`),
          );
          const gone = CANDIDATES.filter((n) => !up.has(n)).map((n) => `10.0.0.${n} is missing`);
          expect(names.filter((name) => !gone.includes(name))).toEqual([]);
          expect(gone.filter((name) => steady.includes(name) && !names.includes(name))).toEqual([]);
          const tickets = await segment.tickets();
          expect(tickets.filter((line) => line.startsWith("open")).length).toBe(
            (await segment.incidents()).filter((line) => line.includes(" open: ")).length,
          );
        } finally {
          await segment.stop();
        }
      }),
      { numRuns: 12, seed: 20_261_121 },
    );
  }, 120_000);
});

const play = async (segment: Segment, one: Awaited<ReturnType<Segment["agent"]>>, action: Action): Promise<void> => {
  const { lab, up, pass } = segment;
  switch (action.kind) {
    case "toggle":
      if (!up.delete(action.device)) up.add(action.device);
      return;
    case "pass":
      return pass(minutes(action.minutes));
    case "restart":
      await lab.restart();
      await one.agent.connect();
      return;
    case "tick-again":
      await lab.tick();
      await lab.tick();
      return;
    case "deliver-again":
      await one.agent.send(sweepOf(segment));
      await one.agent.send(sweepOf(segment));
      return;
    case "roll-back":
      // A transaction that does not commit: what was decided in it never happened.
      await lab.rollBackNext();
      await one.agent.send(sweepOf(segment)).catch(() => {});
      await one.agent.connect();
      await one.agent.send(typed(6, lab.clock.now()));
      return;
    default:
      action satisfies never;
  }
};
