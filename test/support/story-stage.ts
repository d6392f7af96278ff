import { expect, it } from "vitest";
import type { Case, Row, StoryLab } from "./story-lab.ts";

export type Told = Promise<{ readonly error?: unknown }>;
type Evidence = Row & {
  readonly at: string;
  readonly method: string;
  readonly couldSee: string;
  readonly bearing: string;
  readonly statement: string;
  readonly observer: { readonly kind: string; readonly name?: string };
};
export type Stage = ReturnType<typeof createStage>;

/**
 * Stories that run side by side in one lab, each a test that waits for its end. A case that a story expects is noted; whatever
 * else is found at the end of all is a false alarm.
 */
export const createStage = (lab: () => StoryLab) => {
  const beginnings: (() => void)[] = [];
  const ids = new Map<string, string>();
  const expected = new Set<string>();
  const idOf = (name: string): string => ids.get(name) ?? "";

  /** Begins with the others, `afterMs` later, or when other stories have ended. */
  const story = (name: string, after: number | readonly Told[], tell: () => Promise<void>): Told => {
    const { promise, resolve } = Promise.withResolvers<{ error?: unknown }>();
    const begin = async () => {
      if (typeof after === "number") await lab().rest(after);
      else await Promise.all(after);
      await tell();
    };
    beginnings.push(() => {
      begin().then(
        () => resolve({}),
        (error: unknown) => resolve({ error }),
      );
    });
    it(name, async () => {
      const { error } = await promise;
      if (error !== undefined) throw new Error(`${String(error)}\n${lab().told()}`, { cause: error });
    }, 600_000);
    return promise;
  };
  const expectCase = (found: Case | undefined) => {
    if (found) expected.add(found.incidentId);
    return found;
  };
  const open = async (name: string, kind = "device-missing") =>
    expectCase((await lab().casesOf(idOf(name), kind)).find((one) => one.state !== "resolved"));
  const presenceOf = async (name: string) =>
    (await lab().assets()).find((a) => a["assetId"] === idOf(name))?.["presence"];
  const evidenceOf = async (incidentId: string) =>
    (await lab().get<{ evidence: Evidence[] }>(`/incidents/${incidentId}`)).evidence;
  const isOf = (one: Case, name: string) => one.agentId === idOf(`agent ${name}`);

  return {
    begin: () => {
      for (const begin of beginnings) begin();
    },
    story,
    ids,
    idOf,
    expected,
    expectCase,
    open,
    presenceOf,
    evidenceOf,
    missing: (name: string) => lab().soon(`${name} is missing`, () => open(name)),
    quiet: (name: string, kind = "device-missing") =>
      lab().soon(`nothing is open of ${name}`, async () => (await open(name, kind)) === undefined),
    isPresent: (name: string, presence = "present") =>
      lab().soon(`${name} is ${presence}`, async () => (await presenceOf(name)) === presence),
    /** Every case there ever was about a host or the agent on it, as "kind state", oldest first. */
    allOf: async (name: string) =>
      (await lab().cases())
        .filter((one) => one.assetId === idOf(name) || isOf(one, name))
        .map((one) => `${one.kind} ${one.state}`)
        .reverse(),
    agentCase: (name: string, state: string) =>
      lab().soon(`agent ${name} is a case, ${state}`, async () =>
        expectCase(
          (await lab().cases()).find((one) => one.kind === "agent-silent" && one.state === state && isOf(one, name)),
        ),
      ),
    agentQuiet: (name: string) =>
      lab().soon(`agent ${name} is heard again`, async () =>
        (await lab().cases()).every((one) => one.state === "resolved" || !isOf(one, name)),
      ),
    /** The ledger of a loss: who could see looked and did not see, by name, and nobody who could not is counted. */
    expectProof: async (incidentId: string) => {
      const ledger = await evidenceOf(incidentId);
      const against = ledger.filter(({ bearing, observer }) => bearing === "for" && observer.kind === "agent");
      expect(against.length, JSON.stringify(ledger)).toBeGreaterThanOrEqual(2);
      for (const one of against) {
        expect(one.couldSee).toBe("could-see");
        expect(["one", "two", "three"]).toContain(one.observer.name);
        expect(one.statement).not.toBe("");
        expect(Date.parse(one.at)).toBeGreaterThan(0);
      }
      return ledger;
    },
  };
};
