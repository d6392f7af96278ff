import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { type IpAddress, parseIp } from "../../../shared/ip.ts";
import {
  type BerNode,
  berInteger,
  berNode,
  berNull,
  berOid,
  berSequence,
  berText,
  berToNumber,
  berToOid,
  decodeBer,
} from "./ber.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { printable } from "./printable.ts";

const PORT = 161;
const sysDescr = "1.3.6.1.2.1.1.1.0";
const sysObjectID = "1.3.6.1.2.1.1.2.0";
const sysName = "1.3.6.1.2.1.1.5.0";
const names: Readonly<Record<string, string>> = {
  [sysDescr]: "sysDescr",
  [sysObjectID]: "sysObjectID",
  [sysName]: "sysName",
};
const MAX_OPEN = 20_000;

/** GET of the three objects that every agent has, in v1 (version 0) or v2c (version 1). */
export const encodeGet = (version: 0 | 1, community: string, requestId: number): Uint8Array =>
  berSequence(
    berInteger(version),
    berText(community),
    berNode(
      0xa0,
      berInteger(requestId),
      berInteger(0),
      berInteger(0),
      berSequence(...[sysDescr, sysObjectID, sysName].map((oid) => berSequence(berOid(oid), berNull))),
    ),
  );

/** Engine discovery (RFC 3414, 4): an empty, reportable, unauthenticated GET; the report that it provokes needs no secret. */
export const encodeDiscovery = (messageId: number): Uint8Array =>
  berSequence(
    berInteger(3),
    berSequence(berInteger(messageId), berInteger(1_472), berText(Uint8Array.of(0x04)), berInteger(3)),
    berText(berSequence(berText(""), berInteger(0), berInteger(0), berText(""), berText(""), berText(""))),
    berSequence(
      berText(""),
      berText(""),
      berNode(0xa0, berInteger(messageId), berInteger(0), berInteger(0), berSequence()),
    ),
  );

export type SnmpAnswer = { readonly requestId: number; readonly detail: Readonly<Record<string, string>> };

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const decodeVarbinds = (list: BerNode | undefined): Record<string, string> => {
  const detail: Record<string, string> = {};
  for (const varbind of (list && decodeBer(list.bytes)) ?? []) {
    const [oid, value] = decodeBer(varbind.bytes, 2) ?? [];
    const name = oid?.tag === 0x06 ? names[berToOid(oid)] : undefined;
    if (name === undefined || value === undefined) continue;
    if (value.tag === 0x04) detail[name] = printable(value.bytes);
    else if (value.tag === 0x06) detail[name] = berToOid(value);
  }
  return detail;
};

const decodeCommunityAnswer = (version: number, pdu: BerNode | undefined): SnmpAnswer | undefined => {
  const [requestId, , , list] = (pdu && decodeBer(pdu.bytes, 4)) ?? [];
  const id = requestId && berToNumber(requestId);
  if (pdu?.tag !== 0xa2 || id === undefined) return undefined;
  return { requestId: id, detail: { [version === 0 ? "v1" : "v2c"]: "answers", ...decodeVarbinds(list) } };
};

const decodeReport = (header: BerNode | undefined, security: BerNode | undefined): SnmpAnswer | undefined => {
  const [messageId] = (header && decodeBer(header.bytes, 4)) ?? [];
  const [usm] = (security && decodeBer(security.bytes, 1)) ?? [];
  const [engineId, boots, time] = (usm && decodeBer(usm.bytes, 6)) ?? [];
  const id = messageId && berToNumber(messageId);
  // SnmpEngineID is 5 to 32 octets (RFC 3411).
  if (id === undefined || engineId === undefined || engineId.bytes.length < 5 || engineId.bytes.length > 32)
    return undefined;
  return {
    requestId: id,
    detail: {
      v3: "answers",
      engineId: toHex(engineId.bytes),
      ...(boots && { engineBoots: String(berToNumber(boots) ?? 0) }),
      ...(time && { engineTime: String(berToNumber(time) ?? 0) }),
    },
  };
};

/** What an SNMP message says, whatever its version; undefined for what is none. */
export const decodeSnmp = (bytes: Uint8Array): SnmpAnswer | undefined => {
  const [message] = decodeBer(bytes, 1) ?? [];
  const [version, second, third] = (message?.tag === 0x30 && decodeBer(message.bytes, 4)) || [];
  const number = version && berToNumber(version);
  if (number === 0 || number === 1) return decodeCommunityAnswer(number, third);
  return number === 3 ? decodeReport(second, third) : undefined;
};

type Open = { readonly address: IpAddress; readonly startedAt: number };

const openSocket = (family: 4 | 6): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    socket.once("error", reject);
    socket.bind(0, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {});
      resolve(socket);
    });
  });

const createAsker = (deps: MethodDeps) => {
  const open = new Map<number, Open>();
  const answered = new Set<IpAddress>();
  const sockets = new Map<4 | 6, Promise<Socket>>();
  const hear = (bytes: Uint8Array, from: string) => {
    const answer = decodeSnmp(bytes);
    const asked = answer && open.get(answer.requestId);
    // Ids can't be guessed, and only whom we asked may answer.
    if (answer === undefined || asked === undefined || asked.address !== parseIp(from)) return;
    open.delete(answer.requestId);
    answered.add(asked.address);
    const latencyMs = deps.clock.monotonic() - asked.startedAt;
    const { address } = asked;
    deps.saw({ address, method: "snmp", atMs: deps.clock.now(), alive: true, latencyMs, detail: answer.detail });
  };
  const socketFor = (family: 4 | 6): Promise<Socket> => {
    const made =
      sockets.get(family) ??
      openSocket(family).then((socket) => socket.on("message", (bytes, { address }) => hear(bytes, address)));
    sockets.set(family, made);
    return made;
  };
  const newId = (): number => {
    for (;;) {
      const id = deps.random.bytes(4).reduce((n, byte) => n * 256 + byte, 0) & 0x7fffffff;
      if (id !== 0 && !open.has(id)) return id;
    }
  };
  return {
    answered,
    ask: async (address: IpAddress, encode: (id: number) => Uint8Array): Promise<void> => {
      const id = newId();
      await deps.permit(address);
      const socket = await socketFor(isIP(address) === 6 ? 6 : 4);
      // The oldest go first: their time is long over.
      if (open.size >= MAX_OPEN) for (const old of [...open.keys()].slice(0, MAX_OPEN / 10)) open.delete(old);
      open.set(id, { address, startedAt: deps.clock.monotonic() });
      socket.send(encode(id), PORT, address, () => {});
    },
    close: async () => {
      for (const socket of sockets.values()) (await socket).close();
    },
  };
};

/**
 * One socket asks all: v3 engine discovery, which needs no secret, and v2c with each community; v1 only of hosts that
 * are there and have not answered, since every v2c agent of the last twenty years answers v2c.
 */
export const snmp: SweepMethod = {
  name: "snmp",
  purpose: "ask",
  families: [4, 6],
  packets: ({ communities }) => 1 + communities.length,
  run: async (addresses, deps) => {
    const asker = createAsker(deps);
    const walk = async (encode: (id: number) => Uint8Array, wanted = (_: IpAddress) => true): Promise<number> => {
      let asked = 0;
      for (const address of addresses) {
        deps.signal.throwIfAborted();
        if (!wanted(address)) continue;
        await asker.ask(address, encode);
        asked++;
      }
      return asked;
    };
    const silentButThere = (address: IpAddress) =>
      deps.book.isSeen(deps.targets.index4(address)) && !asker.answered.has(address);
    try {
      for (const community of deps.options.communities) await walk((id) => encodeGet(1, community, id));
      await walk(encodeDiscovery);
      await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
      let asked = 0;
      for (const community of deps.options.communities)
        asked += await walk((id) => encodeGet(0, community, id), silentButThere);
      if (asked > 0) await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
    } catch (error) {
      if (!deps.signal.aborted) throw error;
    } finally {
      await asker.close();
    }
  },
};
