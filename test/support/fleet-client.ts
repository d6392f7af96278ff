import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { WebSocket } from "ws";
import { backoffMs } from "../../shared/backoff.ts";
import type { DownBody, DownMessage } from "../../shared/protocol/envelope.ts";
import { decodeFrame, encodeFrame, importSigningKey } from "../../shared/protocol/frame.ts";
import { systemRandom } from "../../shared/random.ts";
import { fullStep, rootOfContent, snapshotOf } from "./scripted-agent.ts";

/**
 * A process that stands for many live agents (`npm run bench -- fleet`): each with its own key and connection, one small
 * inventory, heartbeats, and the real agent's waits between attempts. It tells its parent twice a second how they do.
 */
export type FleetPlan = {
  readonly url: string;
  readonly caFile?: string;
  /** Source of its connections, so that no address runs out of ports. */
  readonly localAddress: string;
  readonly heartbeatMs: number;
  readonly startWithinMs: number;
  readonly agents: readonly { readonly agentId: string; readonly key: string }[];
};
export type FleetReport = {
  readonly welcomed: number;
  readonly settled: number;
  readonly beats: number;
  readonly attempts: number;
};

const BACKOFF = { minMs: 1_000, maxMs: 60_000 };
const counts = { welcomed: 0, settled: 0, beats: 0, attempts: 0 };

const startAgent = (
  plan: FleetPlan,
  { agentId, key }: FleetPlan["agents"][number],
  no: number,
  secureContext: SecureContext | undefined,
) => {
  const signing = { domain: "rollcall/1 up", key: importSigningKey(key) } as const;
  const os = { "": { hostname: `host-${agentId.slice(-8)}`, name: "Debian GNU/Linux", version: "13" } };
  const root = rootOfContent("local/self", { os });
  const keys = [{ kind: "hardwareUuid" as const, value: `4c4c4544-0042-3010-8051-${agentId.slice(-12)}` }];
  const state = { epoch: 0, instance: 0, sequence: 0, digest: null as string | null, failures: 0 };
  const clock = () => ({ wallMs: Date.now(), monotonicMs: performance.now(), bootId: `boot-${no}` });

  const connect = () => {
    counts.attempts++;
    const socket = new WebSocket(`${plan.url.replace(/^http/, "ws")}/api/v1/agents/ws`, {
      ...{ perMessageDeflate: false, localAddress: plan.localAddress, handshakeTimeout: 30_000 },
      ...(secureContext ? { secureContext } : {}),
    });
    let session: string | undefined;
    let beat = 0;
    let timer: NodeJS.Timeout | undefined;
    const say = (message: object, context?: string): string => {
      const json = JSON.stringify({ v: 1, agentId, instance: state.instance, ...message });
      const { frame, digest } = encodeFrame(json, context === undefined ? undefined : { ...signing, context });
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true });
      return digest;
    };
    const sendBeat = () => {
      counts.beats++;
      say({
        ...{ kind: "heartbeat", session, beat: ++beat, clock: clock(), latenessMs: 1 },
        ...{ root: state.sequence > 0 ? root : null, roundAtMs: Date.now() - 1_000 },
      });
    };
    const hear = (body: DownBody) => {
      if (body.kind === "welcome") {
        if (session === undefined) counts.welcomed++;
        session = body.session;
        Object.assign(state, { epoch: body.epoch, instance: body.instance, failures: 0 });
        if (body.have !== state.sequence)
          Object.assign(state, { sequence: body.have, digest: body.haveDigest ?? null });
        // Beats of many agents are spread over the interval, as agents started at different times have them.
        clearInterval(timer);
        timer = setTimeout(() => {
          sendBeat();
          timer = setInterval(sendBeat, plan.heartbeatMs);
        }, systemRandom.next() * plan.heartbeatMs);
        const subject = { id: "self", realm: "bench", keys };
        if (state.sequence === 0)
          say({
            ...{ kind: "kept", epoch: state.epoch, sequence: 1, spooledAtMs: Date.now() },
            body: snapshotOf([fullStep("os", os)], { subject }),
          });
      }
      if (body.kind === "ack") {
        if (state.sequence === 0) counts.settled++;
        Object.assign(state, { sequence: body.sequence, digest: body.digest });
      }
    };
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) return hear((JSON.parse(decodeFrame(data, { maxBytes: 1 << 20 }).json) as DownMessage).body);
      const { nonce } = JSON.parse(data.toString()) as { nonce: string };
      const { epoch, sequence, digest } = state;
      say(
        {
          ...{ kind: "hello", epoch, nextSequence: sequence + 1, lastDigest: digest, lastSequence: sequence },
          ...{ nonce: `nonce-${no}-${counts.attempts}`, clock: clock(), heartbeatMs: plan.heartbeatMs, scopes: [] },
          software: { version: "0", platform: "linux" },
        },
        nonce,
      );
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      if (session !== undefined) counts.welcomed--;
      setTimeout(connect, backoffMs(state.failures++, BACKOFF, systemRandom));
    });
  };
  setTimeout(connect, systemRandom.next() * plan.startWithinMs);
};

const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as FleetPlan;
const secureContext = plan.caFile === undefined ? undefined : createSecureContext({ ca: readFileSync(plan.caFile) });
for (const [no, agent] of plan.agents.entries()) startAgent(plan, agent, no, secureContext);
setInterval(() => process.send?.({ ...counts } satisfies FleetReport), 500);
process.on("disconnect", () => process.exit());
