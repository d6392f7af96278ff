import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, it } from "vitest";
import { openAccess } from "../../agent/snmp/access.ts";
import { parseHeader, repairAnswer, withRequestId } from "../../agent/snmp/ber.ts";
import type { SnmpCredential } from "../../agent/snmp/credentials.ts";
import { type Answer, createExchange } from "../../agent/snmp/exchange.ts";
import { readDevice } from "../../agent/snmp/inventory.ts";
import * as registry from "../../agent/snmp/profiles/registry.ts";
import { createSocketPool, type SocketFacade } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { createSeededRandom, systemRandom } from "../../shared/random.ts";
import { readerOf } from "../support/snmp-varbinds.ts";

const tlv = (tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "hex") : part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...length]), body]);
};
const varbind = (oid: string, value: Buffer): Buffer => tlv(0x30, tlv(6, oid), value);
const number = (n: number): Buffer => tlv(2, n.toString(16).padStart(8, "0"));
const values = [
  varbind("2b06010201010100", tlv(4, Buffer.from("Example OS 4.2, Büro"))),
  varbind("2b06010201010200", tlv(6, "2b0601040182b71b0102")),
  varbind("2b06010201010300", tlv(0x43, "03a1b2c3")),
  varbind("2b0601020104140101", tlv(0x40, "0a000001")),
  varbind("2b060102011f01010106", tlv(0x46, "00ffffffffffffffff")),
  varbind("2b06010201010400", tlv(0x81)),
  varbind("2b06010201010500", tlv(0x82)),
  varbind("2b06010201010700", number(72)),
];
const answer = (version: number, status: number): Buffer =>
  tlv(
    0x30,
    tlv(2, Uint8Array.of(version)),
    tlv(4, Buffer.from("public")),
    tlv(0xa2, number(1 << 24), number(status), number(status), tlv(0x30, ...values)),
  );
const engine = "80001f8880e9630000d61ff449";
const report = tlv(
  0x30,
  tlv(2, "03"),
  tlv(0x30, number(1), number(65_507), tlv(4, "00"), number(3)),
  tlv(4, tlv(0x30, tlv(4, engine), number(1), number(77), tlv(4), tlv(4), tlv(4))),
  tlv(
    0x30,
    tlv(4, engine),
    tlv(4),
    tlv(0xa8, number(1), number(0), number(0), tlv(0x30, varbind("2b060106030f01010400", tlv(0x41, "01")))),
  ),
);
/** Answers of the shapes that devices send, to be mutated: every type, exceptions, errors, v1, v2c and v3. */
const seeds = [answer(1, 0), answer(0, 2), answer(1, 0), report];

const CASES = 1_000_000;

const mutate = (random: ReturnType<typeof createSeededRandom>): Buffer => {
  const seed = seeds[Math.floor(random.next() * seeds.length)]!;
  const out = Buffer.from(seed);
  const edits = 1 + Math.floor(random.next() * 6);
  for (let i = 0; i < edits; i++) {
    const at = Math.floor(random.next() * out.length);
    const kind = random.next();
    if (kind < 0.5) out[at] = Math.floor(random.next() * 256);
    else if (kind < 0.7) out[at] = [0, 0x7f, 0x80, 0x81, 0x84, 0xff][Math.floor(random.next() * 6)]!;
    else if (kind < 0.85) out[at]! ^= 1 << Math.floor(random.next() * 8);
    else out.copyWithin(at, Math.floor(random.next() * out.length));
  }
  return random.next() < 0.2 ? out.subarray(0, Math.floor(random.next() * out.length)) : out;
};

/**
 * One million mutated answers through header parser, repair and net-snmp's own parser, as the facade hands them over: each
 * request settles, nothing is thrown, memory stays bounded. The pool is replaced by one that answers at once.
 */
it("survives a million mutated answers", { timeout: 1_800_000 }, async () => {
  const random = createSeededRandom(7);
  let settled = 0;
  let readable = 0;
  const exchangeOver = (credential: SnmpCredential) => {
    let onUnreadable: () => void = () => {};
    const moduleFor = (_target: unknown, events: { onUnreadable?: () => void } = {}) => {
      onUnreadable = events.onUnreadable ?? onUnreadable;
      const createSocket = (): SocketFacade => {
        let hear: (message: Buffer) => void = () => {};
        return {
          on: (event, listener) => {
            if (event === "message") hear = listener as unknown as (message: Buffer) => void;
          },
          send: (request, _offset, _length, _port, _address, done) => {
            done?.(null);
            const asked = parseHeader(request)!;
            let answer = mutate(random);
            const header = parseHeader(answer);
            if (header && header.version !== 3) answer = withRequestId(answer, header, asked.id);
            try {
              hear(answer);
            } catch {
              const again = parseHeader(answer);
              const repaired = again && repairAnswer(answer, again);
              try {
                if (repaired) hear(repaired);
              } catch {}
            }
            onUnreadable();
          },
          bind: () => {},
          ref: () => {},
          unref: () => {},
          close: () => {},
        };
      };
      return { createSocket };
    };
    return createExchange({
      pool: { moduleFor } as never,
      target: { address: "127.0.0.1", port: 9 },
      credential,
      timeoutMs: 50,
    });
  };
  const exchanges = [
    exchangeOver({ version: "2c", name: "c", community: "public" }),
    exchangeOver({ version: "1", name: "c", community: "public" }),
    exchangeOver({
      version: "3",
      name: "u",
      user: "u",
      level: "authPriv",
      authProtocol: "sha256",
      authKey: "authpass123",
      privProtocol: "aes128",
      privKey: "privpass123",
    }),
  ];
  const kinds = ["get", "next", "bulk"] as const;
  let peak = 0;
  for (let i = 0; i < CASES; i++) {
    const exchange = exchanges[i % 3]!;
    const answer: Answer = await exchange.ask({
      kind: kinds[Math.floor(i / 3) % kinds.length]!,
      oids: ["1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.2"],
      sends: 1,
      maxRepetitions: 5,
    });
    settled++;
    if (answer.status === "ok") readable++;
    if (i % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  for (const exchange of exchanges) exchange.close();
  process.stderr.write(`${settled} answers, ${readable} readable, heap at most ${Math.round(peak / 2 ** 20)} MiB\n`);
  expect(settled).toBe(CASES);
  expect(readable).toBeGreaterThan(1_000);
  expect(peak).toBeLessThan(400 << 20);
});

/** An agent whose every answer is mutated: the whole probe runs through and ends, with whatever it could make of it. */
it("ends its reading of a device that answers nonsense", { timeout: 600_000 }, async () => {
  const random = createSeededRandom(11);
  const device = createSocket("udp4");
  device.bind(0, "127.0.0.1");
  await once(device, "listening");
  let answers = 0;
  device.on("message", (request, from) => {
    const asked = parseHeader(request)!;
    answers++;
    // The access must succeed for the reading to begin: every fourth answer is an honest echo.
    let answer = answers % 4 === 1 ? Buffer.from(request) : mutate(random);
    if (answers % 4 === 1) answer[asked.pduOffset] = 0xa2;
    const header = parseHeader(answer);
    if (header && header.version !== 3) answer = withRequestId(answer, header, asked.id);
    device.send(answer, from.port, from.address);
  });
  const pool = createSocketPool({ clock: systemClock, random: systemRandom });
  const target = { address: "127.0.0.1", port: device.address().port };
  for (let i = 0; i < 6; i++) {
    const access = await openAccess({
      pool,
      clock: systemClock,
      target,
      credentials: [{ version: "2c", name: "c", community: "public" }],
      timeoutMs: 20,
      signal: AbortSignal.timeout(8_000),
      sends: 2,
    });
    if (access.status !== "ok") continue;
    const found = await readDevice(access.session, { profiles: Object.values(registry), maxRows: 1_000 });
    expect(found.interfaces.length).toBeLessThan(1_000);
    access.session.close();
  }
  expect(answers).toBeGreaterThan(50);
  await pool.close();
  device.close();
});

/** Random values in every standard table: decoders give rows or nothing, and never throw. */
it("decodes tables of random types and octets", { timeout: 600_000 }, async () => {
  const random = createSeededRandom(13);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!;
  const roots = [
    "1.3.6.1.2.1.2.2.1",
    "1.3.6.1.2.1.31.1.1.1",
    "1.3.6.1.2.1.4.20.1",
    "1.3.6.1.2.1.4.22.1",
    "1.3.6.1.2.1.4.34.1",
    "1.3.6.1.2.1.4.35.1",
    "1.3.6.1.2.1.17.4.3.1",
    "1.3.6.1.2.1.17.7.1.2.2.1",
    "1.3.6.1.2.1.17.7.1.4.2.1",
    "1.3.6.1.2.1.17.7.1.4.3.1",
    "1.3.6.1.2.1.47.1.1.1.1",
    "1.3.6.1.2.1.25.2.3.1",
    "1.3.6.1.2.1.25.6.3.1",
    "1.3.6.1.2.1.43.11.1.1",
    "1.0.8802.1.1.2.1.4.1.1",
    "1.0.8802.1.1.2.1.4.2.1",
    "1.3.6.1.4.1.9.9.23.1.2.1.1",
    "1.2.840.10006.300.43.1.2.1.1",
    "1.3.6.1.4.1.14179.2.2.1.1",
  ];
  const value = () =>
    pick([
      () => `2|${Math.floor((random.next() - 0.5) * 2 ** 32)}`,
      () => `4x|${Buffer.from(random.bytes(Math.floor(random.next() * 24))).toString("hex")}`,
      () => `66|${Math.floor(random.next() * 2 ** 32)}`,
      () => `6|1.3.6.1.${Math.floor(random.next() * 2 ** 32)}`,
      () => `64|10.0.0.${Math.floor(random.next() * 256)}`,
      () => `70|${BigInt(Math.floor(random.next() * 2 ** 52)) * 4096n}`,
      () => "5|",
    ])();
  for (let i = 0; i < 2_000; i++) {
    const lines = Array.from({ length: 120 }, () => {
      const index = Array.from({ length: Math.floor(random.next() * 24) + 1 }, () =>
        Math.floor(random.next() ** 3 * 300),
      ).join(".");
      return `${pick(roots)}.${1 + Math.floor(random.next() * 18)}.${index}|${value()}`;
    });
    await readDevice(readerOf(lines.join("\n")), { profiles: i % 10 === 0 ? Object.values(registry) : [] });
  }
});
