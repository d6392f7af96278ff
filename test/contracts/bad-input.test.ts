import { type AddressInfo, connect, createServer } from "node:net";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createSigningKey, encodeFrame, formatPublicKey } from "../../shared/protocol/frame.ts";
import {
  connectScripted,
  enrolScripted,
  fullStep,
  type ScriptedAgent,
  type ScriptedState,
  snapshotOf,
} from "../support/scripted-agent.ts";
import { requester, resultOf, startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { until } from "../support/until.ts";

/**
 * What an agent, or somebody in its place, may do wrong on a real connection: it costs the sender its message at most, and
 * loses nothing that was accepted. The suites of the listeners hold what is particular to each uplink.
 */
describe("bad input over the wire", () => {
  let collector: TestCollector;
  let names = 0;
  beforeAll(async () => {
    collector = await startTestCollector();
  });
  afterAll(() => collector.stop());

  /** An enrolled agent whose host is in the books, and what the books say of it. */
  const settled = async () => {
    const name = `host-${++names}`;
    const subject = {
      ...{ id: "self", realm: "site" },
      keys: [{ kind: "hardwareUuid" as const, value: `4c4c4544-0042-3010-8051-${String(names).padStart(12, "b")}` }],
    };
    const tell = (hostname: string, fields = {}) =>
      snapshotOf([fullStep("os", { "": { hostname } })], { subject, ...fields });
    const state = await enrolScripted(collector, name);
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(tell(name));
    onTestFinished(() => agent.kill());
    const known = async () => {
      const { items } = await collector.get<{ items: { assetId: string; agentId?: string; name: string }[] }>(
        "/api/v1/assets?limit=500",
      );
      return items.find(({ agentId }) => agentId === state.agentId);
    };
    return { name, state, agent, tell, known };
  };
  const goesOn = async (state: ScriptedState, tell: (hostname: string) => ReturnType<typeof snapshotOf>) => {
    const again = await connectScripted(collector.url, state);
    await again.waitFor("welcome");
    await again.deliver(tell("went-on"));
    await again.close();
  };

  const enrolLike = JSON.stringify({ v: 1, kind: "kept", filler: "x".repeat(4_000) });
  it.each<[string, () => Uint8Array]>([
    ["a frame above the limit", () => Buffer.alloc(17 << 20)],
    ["half of a compressed message", () => Buffer.concat([Buffer.of(1), zstdCompressSync(enrolLike).subarray(0, 12)])],
    ["a signature that is not whole", () => Buffer.concat([Buffer.of(2), Buffer.alloc(20)])],
    ["a flag and nothing behind it", () => Buffer.of(1)],
    ["text that is not UTF-8", () => Buffer.of(0, 0x7b, 0xff, 0xfe, 0x7d)],
  ])("hangs up on %s, or forgives it, and goes on", async (_, frame) => {
    const { name, state, agent, tell, known } = await settled();
    agent.sendRaw(frame());
    const told = () => agent.heard.some(({ kind }) => kind === "error");
    const isOver = agent.closed.then(() => true);
    await until("a word or the end", async () => told() || (await Promise.race([isOver, Promise.resolve(false)])));
    expect((await known())?.name).toBe(name);
    agent.kill();
    await agent.closed;
    await goesOn(state, tell);
    expect((await known())?.name).toBe("went-on");
  });

  it("takes nothing of a message whose sender was cut off in the middle, and all of it the next time", async () => {
    const { name, state, agent, tell, known } = await settled();
    await agent.close();
    let cuts = false;
    const between = createServer((near) => {
      const far = connect(Number(new URL(collector.url).port), "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => {});
      far.pipe(near);
      near.on("data", (chunk: Buffer) => {
        if (!cuts) return void far.write(chunk);
        far.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => far.resetAndDestroy());
        near.destroy();
      });
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void between.close());
    const unlucky = await connectScripted(`http://127.0.0.1:${(between.address() as AddressInfo).port}`, state);
    await unlucky.waitFor("welcome");
    cuts = true;
    const { nextSequence } = state;
    unlucky.send(tell("half"));
    await unlucky.closed;
    expect((await known())?.name).toBe(name);
    Object.assign(state, { nextSequence });
    await goesOn(state, tell);
    expect((await known())?.name).toBe("went-on");
  });

  it("does not take a hello that was signed for another connection", async () => {
    const { state, agent } = await settled();
    await agent.close();
    const replayed: ScriptedAgent = await connectScripted(collector.url, state, { greet: false });
    const hello = {
      ...{ v: 1, agentId: state.agentId, instance: state.instance, kind: "hello", epoch: state.epoch, scopes: [] },
      ...{ nextSequence: state.nextSequence, lastDigest: state.lastDigest, nonce: "n", heartbeatMs: 1_000 },
      clock: { wallMs: Date.now(), monotonicMs: 1, bootId: "b" },
      software: { version: "0", platform: "linux" },
    };
    const signing = { domain: "rollcall/1 up", key: state.key, context: "the challenge of another day" } as const;
    replayed.sendRaw(encodeFrame(JSON.stringify(hello), signing).frame);
    expect((await replayed.closed).reason).toContain("agent.signature");
    expect(replayed.heard).toEqual([]);
  });

  it("dates nothing in the future, and is not blind to what comes after", async () => {
    const { agent, tell, known } = await settled();
    const tenYears = 3_650 * 86_400_000;
    await agent.deliver(tell("from-the-future", { observedAtMs: Date.now() + tenYears }));
    await agent.deliver(tell("of-today"));
    const asset = await known();
    expect(asset?.name).toBe("of-today");
    const { items } = await collector.get<{ items: { observedAt: string; recordedAt: string; after?: unknown }[] }>(
      `/api/v1/changes?assetId=${asset?.assetId}`,
    );
    expect(items.map(({ after }) => after)).toEqual(expect.arrayContaining(["from-the-future", "of-today"]));
    for (const { observedAt } of items) expect(Date.parse(observedAt)).toBeLessThanOrEqual(Date.now());
  });

  it("enrols nobody by a token that is wrong, over, or used up, and says which", async () => {
    const enrol = async (token: string) => {
      const response = await fetch(`${collector.url}/api/v1/enrol`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token, publicKey: formatPublicKey(createSigningKey()), name: "stranger" }),
      });
      const text = await response.text();
      expect(text).not.toContain(token);
      return { ...(JSON.parse(text) as { code?: string; detail?: string }), status: response.status };
    };
    const token = { kind: "enrol", name: "short", maxUses: 1 } as const;
    const made = await collector.engine.apply({ kind: "token.create", token, expiresInMs: 1 }, requester);
    const { secret } = resultOf<"token.create">(made);
    const madeAtMs = Date.now();
    await until("the token to be over", () => Date.now() > madeAtMs + 1, { everyMs: 1 });
    const over = { status: 410, code: "expired", detail: expect.stringMatching(/expired: ask an administrator/) };
    expect(await enrol(secret)).toMatchObject(over);
    const once = await collector.enrolToken();
    expect(await enrol(once)).toMatchObject({ status: 200 });
    expect(await enrol(once)).toMatchObject({ status: 410, code: "used-up", detail: expect.stringMatching(/\w/) });
    expect(await enrol(`${once}x`)).toMatchObject({ status: 401, code: "auth.invalid" });
  });
});
