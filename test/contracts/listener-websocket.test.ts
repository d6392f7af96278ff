import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigningKey, encodeFrame } from "../../shared/protocol/frame.ts";
import {
  connectScripted,
  enrolScripted,
  fullStep,
  rootOfContent,
  type ScriptedState,
  snapshotOf,
} from "../support/scripted-agent.ts";
import { requester, startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { until } from "../support/until.ts";

type Assets = {
  readonly items: readonly { readonly assetId: string; readonly name: string; readonly agentId?: string }[];
};
type Changes = {
  readonly items: readonly { readonly kind: string; readonly itemKey: string; readonly after?: unknown }[];
};

const osOf = (hostname: string) => fullStep("os", { "": { hostname, name: "Debian GNU/Linux" } });
const packageOf = (name: string, version: string) => ({ manager: "dpkg", name, architecture: "amd64", version });
const software = (...versions: readonly string[]) =>
  Object.fromEntries(versions.map((version, i) => [`dpkg|p${i}|amd64|`, packageOf(`p${i}`, version)]));
const uuid = (n: number) => ({
  subject: {
    id: "self",
    realm: "site",
    keys: [{ kind: "hardwareUuid" as const, value: `4c4c4544-0042-3010-8051-${n.toString(16).padStart(12, "0")}` }],
  },
});

describe("websocket listener", () => {
  let collector: TestCollector;
  let hosts = 0;
  beforeAll(async () => {
    collector = await startTestCollector();
  });
  afterAll(() => collector.stop());

  const enrolled = async (name = `host-${++hosts}`) => ({
    state: await enrolScripted(collector, name),
    host: uuid(++hosts),
  });
  const assetOf = async (state: ScriptedState) => {
    const { items } = await collector.get<Assets>("/api/v1/assets?limit=500");
    return items.filter(({ agentId }) => agentId === state.agentId);
  };

  it("turns a first inventory into an asset and one changed package into one change", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    const before = software("1.0", "1.0", "1.0");
    const after = software("1.0", "1.1", "1.0");
    await agent.deliver(snapshotOf([osOf("alpha"), fullStep("software", before)], host));
    const [asset] = await assetOf(state);
    expect(asset?.name).toBe("alpha");
    await agent.deliver(
      snapshotOf(
        [
          {
            kind: "delta",
            section: "software",
            base:
              fullStep("software", before).kind === "full"
                ? (fullStep("software", before) as { hash: string }).hash
                : "",
            hash: (fullStep("software", after) as { hash: string }).hash,
            put: { "dpkg|p1|amd64|": packageOf("p1", "1.1") },
            drop: [],
          },
        ],
        host,
      ),
    );
    const { items } = await collector.get<Changes>(`/api/v1/changes?assetId=${asset?.assetId}`);
    expect(items).toMatchObject([
      { kind: "changed", itemKey: "dpkg|p1|amd64|", field: "version", before: "1.0", after: "1.1" },
    ]);
    await agent.close();
  });

  it("acknowledges a message that came twice and records it once", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([fullStep("software", software("1"))], host));
    const body = snapshotOf([fullStep("software", software("2"))], host);
    const kept = { kind: "kept", epoch: state.epoch, sequence: state.nextSequence, spooledAtMs: Date.now(), body };
    agent.say(kept);
    agent.say(kept);
    agent.say(kept);
    state.nextSequence++;
    await until("the acknowledgement", () => state.lastSequence === kept.sequence);
    await agent.deliver(snapshotOf([], host));
    const [asset] = await assetOf(state);
    const { items } = await collector.get<Changes>(`/api/v1/changes?assetId=${asset?.assetId}`);
    expect(items).toHaveLength(1);
    await agent.close();
  });

  it("takes nothing after a gap and asks for what is missing", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([osOf("gap-1")], host));
    const first = state.nextSequence;
    state.nextSequence += 1;
    agent.send(snapshotOf([osOf("gap-3")], host));
    expect(await agent.waitFor("resend")).toMatchObject({ epoch: state.epoch, from: first });
    expect((await assetOf(state))[0]?.name).toBe("gap-1");
    await agent.close();
  });

  it("asks for a section whose base it does not hold, and leaves it alone until it has it", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([fullStep("software", software("1"))], host));
    const step = fullStep("software", software("3")) as { hash: string };
    await agent.deliver(
      snapshotOf(
        [{ kind: "delta", section: "software", base: "0".repeat(32), hash: step.hash, put: {}, drop: [] }],
        host,
      ),
    );
    expect(await agent.waitFor("need")).toMatchObject({ hashes: true });
    const asked = await until("the section to be asked for", () =>
      agent.heard.find((body) => body.kind === "need" && body.sections !== undefined),
    );
    expect(asked).toEqual({ kind: "need", sections: [{ stream: "local/self", section: "software" }] });
    await agent.deliver(snapshotOf([fullStep("software", software("3"))], host));
    const [asset] = await assetOf(state);
    expect((await collector.get<Changes>(`/api/v1/changes?assetId=${asset?.assetId}`)).items).toHaveLength(1);
    await agent.close();
  });

  it("believes a section only when its items hash to what the step says", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    const forged = { ...fullStep("os", { "": { hostname: "forged" } }), hash: "f".repeat(32) };
    await agent.deliver(snapshotOf([osOf("honest")], host), snapshotOf([forged], host));
    expect((await assetOf(state))[0]?.name).toBe("honest");
    await agent.close();
  });

  it("asks for all hashes when the root of a heartbeat is another, and for nothing when it is the same", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    const content = { os: { "": { hostname: "rooted" } } };
    await agent.deliver(snapshotOf([fullStep("os", content.os)], host));
    agent.heard.length = 0;
    agent.beat({ root: rootOfContent("local/self", content) });
    agent.beat({ root: "a".repeat(32) });
    expect(await agent.waitFor("need")).toEqual({ kind: "need", hashes: true });
    expect(agent.heard).toHaveLength(1);
    agent.say({
      kind: "hashes",
      session: agent.session(),
      streams: { "local/self": { os: "b".repeat(32), disks: "c".repeat(32) } },
    });
    await until("the sections", () => agent.heard.length === 2);
    expect(agent.heard[1]).toEqual({
      kind: "need",
      sections: [
        { stream: "local/self", section: "os" },
        { stream: "local/self", section: "disks" },
      ],
    });
    await agent.close();
  });

  it("refuses a message that can never be accepted, and goes on with the next", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    const wrong = fullStep("software", { "dpkg|p0|amd64|": { manager: "dpkg", name: 7, architecture: "amd64" } });
    agent.send(snapshotOf([wrong], host));
    expect(await agent.waitFor("refused")).toMatchObject({ sequence: 1, reason: expect.stringContaining("software") });
    agent.say({
      kind: "kept",
      epoch: state.epoch,
      sequence: state.nextSequence++,
      spooledAtMs: 1,
      body: { kind: "poem" },
    });
    await until("the second refusal", () => agent.heard.filter(({ kind }) => kind === "refused").length === 2);
    await agent.deliver(snapshotOf([osOf("after-refusals")], host));
    expect((await assetOf(state))[0]?.name).toBe("after-refusals");
    await agent.close();
  });

  it("gives a put-back state the next epoch and takes its data", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([osOf("restored-1")], host));
    const backup = { ...state };
    await agent.deliver(snapshotOf([osOf("restored-2")], host));
    await agent.close();
    const again = await connectScripted(collector.url, backup);
    const welcome = await again.waitFor("welcome");
    expect(welcome).toMatchObject({ instance: 0, epoch: state.epoch + 1, have: 0 });
    expect(await again.waitFor("need")).toEqual({ kind: "need", hashes: true });
    await again.deliver(snapshotOf([osOf("restored-3")], host));
    expect((await assetOf(state)).map(({ name }) => name)).toEqual(["restored-3"]);
    await again.close();
  });

  it("keeps two living copies of one state apart and raises a conflict", async () => {
    const { state, host } = await enrolled("twin");
    const first = await connectScripted(collector.url, state);
    await first.waitFor("welcome");
    await first.deliver(snapshotOf([osOf("twin-a")], host));
    const copy = { ...state };
    const second = await connectScripted(collector.url, copy);
    expect(await second.waitFor("welcome")).toMatchObject({ instance: 1, have: 0 });
    await second.deliver(snapshotOf([osOf("twin-b")], host));
    await first.deliver(snapshotOf([osOf("twin-a2")], host));
    expect((await assetOf(state)).map(({ name }) => name).sort()).toEqual(["twin-a2", "twin-b"]);
    const { items } = await collector.get<{ items: { kind: string; agentId?: string }[] }>("/api/v1/incidents");
    expect(items.filter(({ kind, agentId }) => kind === "identity-conflict" && agentId === state.agentId)).toHaveLength(
      1,
    );
    await Promise.all([first.close(), second.close()]);
  });

  it("separates a copy that shows itself by one number with another content", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.deliver(snapshotOf([osOf("original")], host));
    agent.heard.length = 0;
    state.nextSequence = state.lastSequence;
    agent.send(snapshotOf([osOf("imposter")], host));
    expect(await agent.waitFor("welcome")).toMatchObject({ instance: 1, have: 0, session: agent.session() });
    await agent.deliver(snapshotOf([osOf("imposter")], host));
    expect((await assetOf(state)).map(({ name }) => name).sort()).toEqual(["imposter", "original"]);
    await agent.close();
  });

  it("does not listen to a hello that another key signed", async () => {
    const { state } = await enrolled();
    const agent = await connectScripted(collector.url, state, { signAs: createSigningKey() });
    expect((await agent.closed).reason).toContain("agent.signature");
    expect(agent.heard).toEqual([]);
  });

  it("does not let an agent speak for another", async () => {
    const { state, host } = await enrolled();
    const { state: other } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    agent.say({
      ...{ kind: "kept", agentId: other.agentId, epoch: 1, sequence: 1, spooledAtMs: 1 },
      body: snapshotOf([osOf("foreign")], host),
    });
    expect(await agent.waitFor("error")).toMatchObject({ code: "agent.foreign" });
    await agent.closed;
    expect(await assetOf(other)).toEqual([]);
  });

  it("costs the sender of nonsense its message, and nobody anything else", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    agent.sendRaw(encodeFrame("{ not json").frame);
    agent.sendRaw(encodeFrame(`${'{"a":'.repeat(200)}1${"}".repeat(200)}`).frame);
    await until("both errors", () => agent.heard.filter(({ kind }) => kind === "error").length === 2);
    await agent.deliver(snapshotOf([osOf("still-here")], host));
    expect((await assetOf(state))[0]?.name).toBe("still-here");
    await agent.close();
  });

  it.each([
    ["unknown flags", () => Buffer.from([0xf0, 1, 2, 3]), "frame.malformed"],
    ["an empty frame", () => Buffer.alloc(0), "frame.malformed"],
    ["a bomb", () => encodeFrame(JSON.stringify({ v: 1, bomb: "0".repeat(40 << 20) })).frame, "frame.too-large"],
    [
      "a version of tomorrow",
      () => encodeFrame(JSON.stringify({ v: 99, kind: "hello" })).frame,
      "protocol.unsupported",
    ],
  ])("hangs up on %s with a reason", async (_, frame, code) => {
    const { state } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    agent.sendRaw(frame());
    expect(await agent.waitFor("error")).toMatchObject({ code });
    await agent.closed;
  });

  it("hears nothing before a hello", async () => {
    const { state, host } = await enrolled();
    const agent = await connectScripted(collector.url, state, { greet: false });
    agent.say({ kind: "kept", epoch: 0, sequence: 1, spooledAtMs: 1, body: snapshotOf([osOf("rude")], host) });
    expect((await agent.closed).reason).toContain("agent.signature");
    expect(await assetOf(state)).toEqual([]);
  });

  it.each([
    ["another path", "/elsewhere", "", "404"],
    ["a path that is no URL", "//", "", "404"],
    ["a page in a browser", "/api/v1/agents/ws", "Origin: http://evil.example\r\n", "403"],
    ["no key", "/api/v1/agents/ws", "", "400"],
  ])("refuses an upgrade from %s, and lives on", async (_, path, header, status) => {
    const { hostname, port } = new URL(collector.url);
    const ask = () => {
      const socket = connectTcp(Number(port), hostname);
      socket.on("error", () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${header}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      return socket;
    };
    const socket = ask();
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    await new Promise((resolve) => socket.once("close", resolve));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    // Hung up on while it is being answered.
    for (let i = 0; i < 20; i++) ask().resetAndDestroy();
    const { state } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await agent.close();
  });

  it("gives up who floods before a hello", async () => {
    const { hostname, port } = new URL(collector.url);
    const socket = connectTcp(Number(port), hostname);
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(
      "GET /api/v1/agents/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    await new Promise((resolve) => socket.once("data", resolve));
    // The head of a frame of 12 MiB, and then as much of it as is taken.
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0xc0, 0, 0, 1, 2, 3, 4]));
    for (let i = 0; i < 64 && !socket.destroyed; i++) socket.write(Buffer.alloc(64 << 10));
    await closed;
    expect(socket.bytesWritten).toBeLessThan(12 << 20);
  });

  it("ends a revoked agent's session at once and does not let it back", async () => {
    const { state } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    await collector.engine.apply({ kind: "agent.revoke", agentId: state.agentId }, requester);
    expect(await agent.waitFor("error")).toMatchObject({ code: "agent.revoked" });
    await agent.closed;
    const again = await connectScripted(collector.url, state);
    expect(await again.waitFor("error")).toMatchObject({ code: "agent.unknown" });
    await again.closed;
  });

  it("lets a pending agent wait, and hears it once a person has approved", async () => {
    const key = createSigningKey();
    const { formatPublicKey, parsePublicKey } = await import("../../shared/protocol/frame.ts");
    const response = await fetch(`${collector.url}/api/v1/enrol`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        token: await collector.enrolToken({ maxUses: null }),
        publicKey: formatPublicKey(key),
        name: "pending",
      }),
    });
    const body = (await response.json()) as {
      agentId: ScriptedState["agentId"];
      collectorPublicKey: string;
      status: string;
    };
    expect(body.status).toBe("pending");
    const state: ScriptedState = {
      ...{ agentId: body.agentId, key, collectorKey: parsePublicKey(body.collectorPublicKey) },
      ...{ instance: 0, epoch: 0, nextSequence: 1, lastSequence: 0, lastDigest: null },
    };
    const agent = await connectScripted(collector.url, state);
    expect(await agent.waitFor("welcome")).toMatchObject({ pending: true });
    await collector.engine.apply({ kind: "agent.approve", agentId: state.agentId }, requester);
    await agent.closed;
    const again = await connectScripted(collector.url, state);
    expect(await again.waitFor("welcome")).toMatchObject({ pending: false });
    await again.deliver(snapshotOf([osOf("approved")], uuid(++hosts)));
    await again.close();
  });

  it("tells a close by the host's system from one that was ours", async () => {
    const { state } = await enrolled();
    const agent = await connectScripted(collector.url, state);
    await agent.waitFor("welcome");
    agent.kill();
    await until("the close to be known", async () => {
      const { state: now } = (await collector.reads.agent(state.agentId))[0] ?? {};
      return now === "closed";
    });
  });
});
