import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { parseHeader, withRequestId } from "../../../agent/snmp/ber.ts";
import { type Answer, createExchange } from "../../../agent/snmp/exchange.ts";
import { createSocketPool } from "../../../agent/snmp/sockets.ts";
import { systemClock } from "../../../shared/clock.ts";
import { systemRandom } from "../../../shared/random.ts";
import { until } from "../../support/until.ts";

const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const listen = async (address: string, port = 0): Promise<Socket> => {
  const socket = createSocket("udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  open.push(() => socket.close());
  return socket;
};
const pool = () => {
  const made = createSocketPool({ clock: systemClock, random: systemRandom, sockets: 1 });
  open.push(made.close);
  return made;
};
/** The request turned into its own answer, NULLs and all. */
const echo = (request: Buffer): Buffer => {
  const answer = Buffer.from(request);
  answer[parseHeader(request)!.pduOffset] = 0xa2;
  return answer;
};
const community = { version: "2c", name: "c", community: "public" } as const;
const get = { kind: "get", oids: ["1.3.6.1.2.1.1.1.0"], sends: 2 } as const;

describe("socket pool", () => {
  it("refuses an answer from a stranger who knows the request id, and waits for the true one", async () => {
    const device = await listen("127.0.0.1");
    const stranger = await listen("127.0.0.2");
    const sockets = pool();
    const { port } = device.address();
    device.once("message", (request, from) => {
      stranger.send(echo(request), from.port, from.address, () => device.send(echo(request), from.port, from.address));
    });
    const exchange = createExchange({
      pool: sockets,
      target: { address: "127.0.0.1", port },
      credential: community,
      timeoutMs: 2_000,
    });
    expect((await exchange.ask(get)).status).toBe("ok");
    expect(sockets.stats()).toMatchObject({ strangers: 1, received: 2 });
    exchange.close();
  });

  it("refuses the right address with another request id or another port", async () => {
    const device = await listen("127.0.0.1");
    const otherPort = await listen("127.0.0.1");
    const sockets = pool();
    device.once("message", (request, from) => {
      const { id } = parseHeader(request)!;
      device.send(withRequestId(echo(request), parseHeader(request)!, (id ^ 1) >>> 0), from.port, from.address);
      otherPort.send(echo(request), from.port, from.address);
    });
    const target = { address: "127.0.0.1", port: device.address().port };
    const exchange = createExchange({ pool: sockets, target, credential: community, timeoutMs: 1_000 });
    expect((await exchange.ask({ ...get, sends: 1 })).status).toBe("timeout");
    await until("both answers", () => sockets.stats().strangers === 2);
    exchange.close();
  });

  it("takes an answer from another address that the device is known by", async () => {
    const device = await listen("127.0.0.1");
    const { port } = device.address();
    const other = await listen("127.0.0.3");
    device.once("message", (request, from) => other.send(echo(request), from.port, from.address));
    const target = { address: "127.0.0.1", port, alsoFrom: ["127.0.0.3"] };
    const exchange = createExchange({ pool: pool(), target, credential: community, timeoutMs: 2_000 });
    expect((await exchange.ask(get)).status).toBe("ok");
    exchange.close();
  });

  it("refuses an unsigned answer to an authenticated v3 request", async () => {
    const device = await listen("127.0.0.1");
    // Engine discovery as asked, but answered as if it were the data: flags 0, a GetResponse.
    device.on("message", (request, from) => {
      const answer = Buffer.from(request);
      const header = parseHeader(answer)!;
      const at = answer.lastIndexOf(0xa0);
      answer[at] = 0xa2;
      if (header.pduTag !== 0xa0) throw new Error("expected a plain discovery");
      device.send(answer, from.port, from.address);
    });
    const sockets = pool();
    const exchange = createExchange({
      pool: sockets,
      target: { address: "127.0.0.1", port: device.address().port },
      credential: {
        version: "3",
        name: "u",
        user: "u",
        level: "authPriv",
        authProtocol: "sha256",
        authKey: "authpass123",
        privProtocol: "aes128",
        privKey: "privpass123",
      },
      timeoutMs: 1_000,
    });
    expect((await exchange.ask({ ...get, sends: 1 })).status).toBe("timeout");
    await until("the unsigned answer", () => sockets.stats().unsigned > 0);
    exchange.close();
  });

  it("serves many devices over one socket at the same time", async () => {
    const device = await listen("127.0.0.1");
    device.on("message", (request, from) => device.send(echo(request), from.port, from.address));
    const sockets = pool();
    const target = { address: "127.0.0.1", port: device.address().port };
    const ids = new Set<number>();
    device.on("message", (request) => ids.add(parseHeader(request)!.id));
    const asks = Array.from({ length: 200 }, async (): Promise<Answer> => {
      const exchange = createExchange({ pool: sockets, target, credential: community, timeoutMs: 5_000 });
      const answer = await exchange.ask(get);
      exchange.close();
      return answer;
    });
    expect((await Promise.all(asks)).every(({ status }) => status === "ok")).toBe(true);
    expect(ids.size).toBe(200);
    expect([...ids].every((id) => id >= 0x40_00_00_00 && id < 0x80_00_00_00)).toBe(true);
  });
});
