import { createSocket } from "node:dgram";
import { createSeededRandom } from "../../shared/random.ts";

/**
 * A host of the lab that answers every question of SNMP, NetBIOS and mDNS with lies, never with the truth: answers to ids that
 * were not asked, right answers from an address that was not asked, names of others, and hundreds of cut and flipped copies.
 *
 * Arguments: its address, another address of its own that it lies from.
 */
const [address = "", other = ""] = process.argv.slice(2);
const random = createSeededRandom(9);
const at = (size: number): number => Math.floor(random.next() * size);

const mutated = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes.subarray(0, 1 + at(bytes.length)));
  for (let i = 0; i < 1 + at(4); i++) copy[at(copy.length)] = at(256);
  return copy;
};

const withByte = (bytes: Buffer, index: number, change: (byte: number) => number): Buffer => {
  const copy = Buffer.from(bytes);
  if (index >= 0 && index < copy.length) copy[index] = change(copy[index] ?? 0) & 0xff;
  return copy;
};

/** A GET with its PDU tag turned into that of a response: an answer that only lacks the right id. */
const toResponse = (question: Buffer): Buffer => {
  const pdu = question.indexOf(0xa0);
  return withByte(question, pdu, () => 0xa2);
};

/** "victim.local" at an address that is not the speaker's (RFC 1035, 4.1). */
const victim = Buffer.concat([
  Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
  Buffer.from([
    6,
    ...Buffer.from("victim"),
    5,
    ...Buffer.from("local"),
    0,
    0,
    1,
    0x80,
    1,
    0,
    0,
    0,
    120,
    0,
    4,
    10,
    77,
    0,
    2,
  ]),
]);

const bind = (port: number, host: string) => {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("error", (error) => process.stderr.write(`${error.message}\n`));
  socket.bind(port, host);
  return socket;
};

const MANY = 60;
for (const port of [161, 137, 5353]) {
  const elsewhere = bind(port, other);
  const here = bind(port, address);
  here.on("message", (question, { port: to, address: from }) => {
    const answer = port === 161 ? toResponse(question) : port === 137 ? withByte(question, 2, (b) => b | 0x84) : victim;
    // The id lies in the PDU behind its tag and length; one more is one that nobody asked.
    const id = port === 161 ? question.indexOf(0xa0) + 4 : 1;
    const lies = [
      withByte(answer, id, (byte) => byte + 1),
      ...Array.from({ length: MANY }, () => mutated(answer)),
      Buffer.alloc(0),
      Buffer.alloc(1_400, 0xff),
    ];
    // A mutated copy may by chance be the right answer to the right question; that one is no lie.
    for (const lie of lies)
      if (!lie.equals(answer))
        here.send(
          withByte(lie, id, (byte) => byte ^ 0x55),
          to,
          from,
        );
    elsewhere.send(answer, to, from);
  });
}
process.stdout.write("ready\n");
