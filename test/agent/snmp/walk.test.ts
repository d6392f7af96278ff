import { describe, expect, it } from "vitest";
import type { Answer, Ask } from "../../../agent/snmp/exchange.ts";
import { getAll, nextAll } from "../../../agent/snmp/get.ts";
import { compareOids, type Varbind } from "../../../agent/snmp/reader.ts";
import { createTuning } from "../../../agent/snmp/tuning.ts";
import { walkAll } from "../../../agent/snmp/walk.ts";

const int = (oid: string, value = 1): Varbind => ({ oid, type: 2, value });
const endOfView = (oid: string): Varbind => ({ oid, type: 130, value: null });

/** Columns 1.1.C with the given number of rows each, and something behind them. */
const deviceOf = (rows: Readonly<Record<string, number>>): readonly Varbind[] =>
  [
    ...Object.entries(rows).flatMap(([root, n]) => Array.from({ length: n }, (_, i) => int(`${root}.${i + 1}`, i))),
    int("9.1.0"),
  ].sort((a, b) => compareOids(a.oid, b.oid));

/** An agent over `objects`, as RFC 3416 has it; `limit` varbinds fit into an answer. */
const agent = (objects: readonly Varbind[], { limit = 40 }: { limit?: number } = {}) => {
  const asked: Ask[] = [];
  const after = (oid: string) => objects.find((v) => compareOids(v.oid, oid) > 0) ?? endOfView(oid);
  const ask = async (request: Ask): Promise<Answer> => {
    asked.push(request);
    const { kind, oids, maxRepetitions = 1 } = request;
    if (kind === "get")
      return {
        status: "ok",
        columns: oids.map((oid) => [objects.find((v) => v.oid === oid) ?? { oid, type: 129, value: null }]),
      };
    if (kind === "next") return { status: "ok", columns: oids.map((oid) => [after(oid)]) };
    const columns: Varbind[][] = oids.map(() => []);
    for (let r = 0, n = 0; r < maxRepetitions && n < limit; r++)
      for (let c = 0; c < oids.length && n < limit; c++, n++)
        columns[c]!.push(after(columns[c]!.at(-1)?.oid ?? oids[c]!));
    return { status: "ok", columns };
  };
  return { ask, asked };
};

const tuning = () => createTuning("2c", 3);
const oidsOf = ({ varbinds }: { varbinds: readonly Varbind[] }) => varbinds.map((v) => v.oid);

describe("walkAll", () => {
  it("gives every row of every root, root by root, in few requests", async () => {
    const objects = deviceOf({ "1.1.1": 50, "1.1.2": 50, "1.1.4": 3 });
    const { ask, asked } = agent(objects);
    const walk = await walkAll(ask, tuning(), ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]);
    expect(oidsOf(walk)).toEqual(objects.slice(0, -1).map((v) => v.oid));
    expect(walk.truncated).toEqual([]);
    expect(asked.length).toBeLessThan(10);
  });

  it("gives the same from answers that hold three varbinds, and starves no column", async () => {
    const objects = deviceOf({ "1.1.1": 20, "1.1.2": 20, "1.1.3": 20, "1.1.4": 20, "1.1.5": 20 });
    const walk = await walkAll(agent(objects, { limit: 3 }).ask, tuning(), [
      "1.1.1",
      "1.1.2",
      "1.1.3",
      "1.1.4",
      "1.1.5",
    ]);
    expect(oidsOf(walk)).toEqual(objects.slice(0, -1).map((v) => v.oid));
  });

  it("walks with GETNEXT a device that drops GETBULK", async () => {
    const { ask } = agent(deviceOf({ "1.1.1": 7 }));
    const its = tuning();
    const walk = await walkAll(async (r) => (r.kind === "bulk" ? { status: "timeout" } : ask(r)), its, ["1.1.1"]);
    expect(walk.varbinds).toHaveLength(7);
    expect(walk.truncated).toEqual([]);
    expect(its.bulk).toBe(false);
  });

  it("asks for less when an answer would be too big", async () => {
    const { ask } = agent(deviceOf({ "1.1.1": 30, "1.1.2": 30 }));
    const tooBig = async (r: Ask): Promise<Answer> =>
      r.oids.length * (r.maxRepetitions ?? 1) > 4 ? { status: "error", code: 1 } : ask(r);
    const walk = await walkAll(tooBig, tuning(), ["1.1.1", "1.1.2"]);
    expect(walk.varbinds).toHaveLength(60);
    expect(walk.truncated).toEqual([]);
  });

  it("stops at an agent that goes in circles, keeps what it gave, and says so", async () => {
    const circle = async ({ oids, maxRepetitions = 1 }: Ask): Promise<Answer> => ({
      status: "ok",
      columns: oids.map(() => Array.from({ length: maxRepetitions }, (_, i) => int(`1.1.1.${(i % 4) + 1}`))),
    });
    const walk = await walkAll(circle, tuning(), ["1.1.1"]);
    expect(oidsOf(walk)).toEqual(["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]);
    expect(walk.truncated).toEqual([{ root: "1.1.1", reason: "loop" }]);
  });

  it("says so when an agent leads back to before the subtree, which is not its end", async () => {
    const walk = await walkAll(
      async ({ oids }) => ({ status: "ok", columns: oids.map(() => [int("1.0.5.0")]) }),
      tuning(),
      ["1.1.1"],
    );
    expect(walk).toEqual({ varbinds: [], truncated: [{ root: "1.1.1", reason: "loop" }] });
  });

  it("reads a table that is out of order but finite", async () => {
    const order = ["1.1.1.5", "1.1.1.2", "1.1.1.9", "1.1.1.3", "2.0"];
    const muddled = async ({ oids }: Ask): Promise<Answer> => ({
      status: "ok",
      columns: oids.map((oid) => [int(order[order.indexOf(oid) + 1]!)]),
    });
    const walk = await walkAll(muddled, tuning(), ["1.1.1"]);
    expect(oidsOf(walk)).toEqual(["1.1.1.5", "1.1.1.2", "1.1.1.9", "1.1.1.3"]);
    expect(walk.truncated).toEqual([]);
  });

  it("leaves out only the column that the agent fails on", async () => {
    const objects = deviceOf({ "1.1.1": 5, "1.1.2": 5, "1.1.3": 5 });
    const { ask } = agent(objects);
    const failing = async (r: Ask): Promise<Answer> => {
      const bad = r.oids.find((oid) => oid.startsWith("1.1.2"));
      return bad === undefined ? ask(r) : { status: "error", code: 5, oid: bad };
    };
    const walk = await walkAll(failing, tuning(), ["1.1.1", "1.1.2", "1.1.3"]);
    expect(oidsOf(walk).filter((oid) => oid.startsWith("1.1.1") || oid.startsWith("1.1.3"))).toHaveLength(10);
    expect(walk.truncated).toEqual([{ root: "1.1.2", reason: "error", detail: "error-status 5" }]);
  });

  it("marks all that is left when a device stops answering, and asks it nothing more", async () => {
    const { ask } = agent(deviceOf({ "1.1.1": 500, "1.1.2": 500 }));
    const its = tuning();
    let left = 4;
    let late = 0;
    const dying = async (r: Ask): Promise<Answer> => {
      if (left-- > 0) return ask(r);
      late++;
      return { status: "timeout" };
    };
    const walk = await walkAll(dying, its, ["1.1.1", "1.1.2"]);
    expect(walk.truncated.map((t) => [t.root, t.reason])).toEqual([
      ["1.1.1", "timeout"],
      ["1.1.2", "timeout"],
    ]);
    expect(walk.varbinds.length).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(4);
    expect(its.silent).toBe(true);
  });

  it("cuts at maxRows and says so", async () => {
    const walk = await walkAll(agent(deviceOf({ "1.1.1": 100 })).ask, tuning(), ["1.1.1"], { maxRows: 12 });
    expect(walk.varbinds).toHaveLength(12);
    expect(walk.truncated).toEqual([{ root: "1.1.1", reason: "rows" }]);
  });

  it("gives up on a device that answers with nothing", async () => {
    const walk = await walkAll(async () => ({ status: "ok", columns: [] }), tuning(), ["1.1.1"]);
    expect(walk.truncated).toEqual([{ root: "1.1.1", reason: "error", detail: "empty answers" }]);
  });
});

describe("getAll", () => {
  it("leaves missing objects out, whatever the agent says of them", async () => {
    const { ask, asked } = agent([int("1.1.0", 7), int("1.2.0", 8)]);
    const found = await getAll(ask, tuning(), ["1.1.0", "1.5.0", "1.2.0"]);
    expect([...found.keys()]).toEqual(["1.1.0", "1.2.0"]);
    expect(asked).toHaveLength(1);
  });

  it("asks a v1 agent by GETNEXT, so that one missing object does not fail the others", async () => {
    const { ask, asked } = agent([int("1.1.0", 7), int("1.2.0", 8), int("1.4.3.5", 9)]);
    const found = await getAll(ask, createTuning("1", 3), ["1.1.0", "1.3.0", "1.2.0", "1.4.3.5"]);
    expect([...found.keys()].sort()).toEqual(["1.1.0", "1.2.0", "1.4.3.5"]);
    expect(asked.every((a) => a.kind === "next")).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it("takes the object out that an agent answers an error for, and keeps the rest", async () => {
    const { ask } = agent([int("1.1.0"), int("1.2.0"), int("1.3.0")]);
    const picky = async (r: Ask): Promise<Answer> =>
      r.oids.includes("1.2.0") ? { status: "error", code: 5, oid: "1.2.0" } : ask(r);
    expect([...(await getAll(picky, tuning(), ["1.1.0", "1.2.0", "1.3.0"])).keys()]).toEqual(["1.1.0", "1.3.0"]);
  });

  it("finds by halves which object makes an answer unreadable", async () => {
    const { ask } = agent([int("1.1.0"), int("1.2.0"), int("1.3.0"), int("1.4.0")]);
    const picky = async (r: Ask): Promise<Answer> => (r.oids.includes("1.3.0") ? { status: "unreadable" } : ask(r));
    expect([...(await getAll(picky, tuning(), ["1.1.0", "1.2.0", "1.3.0", "1.4.0"])).keys()]).toEqual([
      "1.1.0",
      "1.2.0",
      "1.4.0",
    ]);
  });
});

describe("nextAll", () => {
  it("learns from v1's noSuchName that nothing comes behind, in one more request", async () => {
    const { ask, asked } = agent([int("1.1.0"), int("1.2.0")]);
    const v1 = async (r: Ask): Promise<Answer> => {
      const answer = await ask(r);
      if (answer.status !== "ok") return answer;
      const i = answer.columns.findIndex((c) => c[0]!.type === 130);
      return i < 0 ? answer : { status: "error", code: 2, oid: r.oids[i]! };
    };
    const found = await nextAll(v1, createTuning("1", 3), ["1.1", "1.9", "1.1.5", "1.7", "1.8"]);
    expect([...found].map(([from, v]) => [from, v.oid])).toEqual([
      ["1.1", "1.1.0"],
      ["1.1.5", "1.2.0"],
    ]);
    expect(asked).toHaveLength(2);
  });

  it("asks a context that does not answer only once", async () => {
    let asked = 0;
    const its = createTuning("2c", 2, { answered: false });
    await nextAll(async () => ({ status: ++asked > 0 ? "timeout" : "unreadable" }), its, ["1.1", "1.2", "1.3"]);
    expect(asked).toBe(1);
    expect(its.silent).toBe(true);
  });
});
