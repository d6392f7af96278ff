import { describe, expect, it } from "vitest";
import {
  decodeBits,
  decodeCounter,
  decodeDateAndTime,
  decodeIp,
  decodeMac,
  decodeNumber,
  decodeOid,
  decodeText,
  ipFromBytes,
} from "../../../agent/snmp/decode.ts";
import { tags, type Varbind } from "../../../agent/snmp/reader.ts";

const octets = (hex: string): Varbind => ({
  oid: "1.2",
  type: tags.octetString,
  value: Buffer.from(hex.replaceAll(" ", ""), "hex"),
});
const text = (value: string, encoding: BufferEncoding = "latin1"): Varbind => ({
  oid: "1.2",
  type: tags.octetString,
  value: Buffer.from(value, encoding),
});
const number = (value: number, type: number = tags.integer): Varbind => ({ oid: "1.2", type, value });

describe("decodeText", () => {
  const cases: readonly (readonly [string, Varbind | undefined, string | undefined])[] = [
    ["plain ASCII, trimmed", text("  GigabitEthernet0/1 \0\0"), "GigabitEthernet0/1"],
    ["UTF-8", text("Büro Süd", "utf8"), "Büro Süd"],
    ["Latin 1 that is no UTF-8", text("B\xfcro S\xfcd"), "Büro Süd"],
    ["GBK", octets("b1b1 bea9 bbfa b7bf"), "北京机房"],
    ["windows-1251", octets("d1e5 f0e2 e5f0 ede0 ff"), "Серверная"],
    ["UTF-16 little endian", octets("5000 7200 6900 6e00 7400"), "Print"],
    ["UTF-16 with byte order mark", octets("feff 0050 0072"), "Pr"],
    ["combining marks composed", text("A\u030a", "utf8"), "Å"],
    ["binary data is no text", octets("00 02 0f f1"), undefined],
    ["empty", octets(""), undefined],
    ["a number sent where text was due", number(42), "42"],
    ["absent", undefined, undefined],
  ];
  it.each(cases)("reads %s", (_, given, expected) => {
    expect(decodeText(given)).toBe(expected);
  });
});

describe("decodeMac", () => {
  it("reads six octets and the texts that agents write instead", () => {
    expect(decodeMac(octets("00 1b 21 0a 0b 0c"))).toBe("00:1b:21:0a:0b:0c");
    expect(decodeMac(text("0:1b:21:a:b:c"))).toBe("00:1b:21:0a:0b:0c");
    expect(decodeMac(text("001B-210A-0B0C".replace(/-/g, ".")))).toBe("00:1b:21:0a:0b:0c");
  });
  it("takes all zero, no octets and eight octets for none", () => {
    for (const hex of ["000000000000", "", "0011223344556677"]) expect(decodeMac(octets(hex))).toBeUndefined();
  });
});

describe("numbers", () => {
  it("reads numbers, and texts that are one", () => {
    expect(decodeNumber(number(-5))).toBe(-5);
    expect(decodeNumber(text("1000"))).toBe(1000);
    expect(decodeNumber(text("10 Mb"))).toBeUndefined();
    expect(decodeNumber({ oid: "1", type: tags.counter64, value: 2n ** 40n })).toBe(2 ** 40);
  });
  it("keeps a Counter64 exact", () => {
    expect(decodeCounter({ oid: "1", type: tags.counter64, value: 18_446_744_073_709_551_615n })).toBe(
      18_446_744_073_709_551_615n,
    );
  });
});

describe("decodeOid", () => {
  it("reads OIDs and texts that are one, and takes 0.0 for none", () => {
    expect(decodeOid({ oid: "1", type: tags.oid, value: "1.3.6.1.4.1.9.1.516" })).toBe("1.3.6.1.4.1.9.1.516");
    expect(decodeOid(text(".1.3.6.1"))).toBe("1.3.6.1");
    expect(decodeOid({ oid: "1", type: tags.oid, value: "0.0" })).toBeUndefined();
    expect(decodeOid({ oid: "1", type: tags.ipAddress, value: "10.0.0.1" })).toBeUndefined();
  });
});

describe("decodeBits", () => {
  it("numbers bits from the highest of the first octet", () => {
    expect(decodeBits(octets("80 01"))).toEqual([0, 15]);
    expect(decodeBits(undefined)).toEqual([]);
  });
});

describe("decodeDateAndTime", () => {
  it.each([
    ["07e8 02 1d 0c 1e 0f 00", "2024-02-29T12:30:15Z"],
    ["07e8 02 1d 0c 1e 0f 00 2b 02 00", "2024-02-29T10:30:15Z"],
    ["07e8 01 01 00 00 00 00 2d 05 1e", "2024-01-01T05:30:00Z"],
    ["0000 00 00 00 00 00 00", undefined],
    ["07e8 0d 01 00 00 00 00", undefined],
    ["07e8 01", undefined],
  ])("reads %s as %s", (hex, expected) => {
    expect(decodeDateAndTime(octets(hex))).toBe(expected);
  });
});

describe("addresses", () => {
  it("reads IpAddress, InetAddress with and without zone, and text", () => {
    expect(decodeIp({ oid: "1", type: tags.ipAddress, value: "10.1.2.3" })).toBe("10.1.2.3");
    expect(decodeIp(octets("0a010203"))).toBe("10.1.2.3");
    expect(decodeIp(octets("0a010203 00000007"))).toBe("10.1.2.3");
    expect(decodeIp(octets("20010db8 00000000 00000000 00000001"))).toBe("2001:db8::1");
    expect(decodeIp(text("10.1.2.3"))).toBe("10.1.2.3");
    expect(ipFromBytes([1, 2, 3])).toBeUndefined();
  });
});
