import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overwriteRequestId, parseHeader, repairAnswer, withRequestId } from "../../../agent/snmp/ber.ts";

/** v2c GetResponse to request 5: sysDescr.0 = "abc", an IpAddress of no octets, an empty INTEGER, sysName.0 = "x". */
const varbinds = [
  "300d06082b060102010101000401 61",
  "300d06092b060102010414010040 00",
  "300c06082b06010201010700 0200",
  "300d06082b06010201010500 0401 78",
];
const hexOf = (body: string) => (body.length / 2).toString(16).padStart(2, "0");
const answerOf = (list: readonly string[], id = "05"): Buffer => {
  const vb = list.join("").replaceAll(" ", "");
  const pdu = `0201${id}02010002010030${hexOf(vb)}${vb}`;
  const body = `0201010406${Buffer.from("public").toString("hex")}a2${hexOf(pdu)}${pdu}`;
  return Buffer.from(`30${hexOf(body)}${body}`, "hex");
};

describe("parseHeader", () => {
  it("finds version, request id and PDU", () => {
    expect(parseHeader(answerOf(varbinds))).toMatchObject({ version: 1, id: 5, idLength: 1, pduTag: 0xa2 });
  });
  it("takes nothing else for an SNMP message, whatever the octets", () => {
    for (const hex of ["", "30", "3003020101", "0400", "30820000"])
      expect(parseHeader(Buffer.from(hex, "hex"))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseHeader(bytes);
        const mutated = answerOf(varbinds);
        for (const [i, b] of bytes.entries()) mutated[(b + i * 7) % mutated.length] = b;
        const header = parseHeader(mutated);
        if (header) expect(() => repairAnswer(mutated, header)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("request ids", () => {
  it("are replaced on the way out and put back on the way in", () => {
    const message = answerOf(varbinds);
    const wire = withRequestId(message, parseHeader(message)!, 0x41_02_03_04);
    const header = parseHeader(wire)!;
    expect(header).toMatchObject({ id: 0x41_02_03_04, idLength: 4 });
    expect(overwriteRequestId(wire, header, 5)).toBe(true);
    expect(parseHeader(wire)).toMatchObject({ id: 5, idLength: 4 });
    expect(wire.subarray(-20)).toEqual(message.subarray(-20));
  });
});

describe("repairAnswer", () => {
  it("puts NULL for values that no parser takes, and keeps the others", () => {
    const message = answerOf(varbinds);
    const repaired = repairAnswer(message, parseHeader(message)!)!.toString("hex");
    expect(repaired).toContain("2b060102010101000401 61".replaceAll(" ", ""));
    expect(repaired).toContain("2b0601020104140100 0500".replaceAll(" ", ""));
    expect(repaired).toContain("2b060102010107000500");
    expect(repaired).toContain("2b06010201010500040178");
  });
  it("keeps what comes before a varbind that does not end", () => {
    const message = answerOf([varbinds[0]!, "307f06082b06010201010500 0401 78"]);
    const repaired = repairAnswer(message, parseHeader(message)!)!;
    expect(repaired.toString("hex")).toContain("2b0601020101010004 0161".replaceAll(" ", ""));
    expect(repaired.length).toBeLessThan(message.length);
  });
});
