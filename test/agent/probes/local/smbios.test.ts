import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryMaker } from "../../../../agent/probes/local/memory-maker.ts";
import {
  baseboardOf,
  biosOf,
  chassisOf,
  decodeSmbiosTable,
  memoryArrayOf,
  memoryModulesOf,
  processorsOf,
  systemOf,
  toIsoDate,
} from "../../../../agent/probes/local/smbios.ts"; // biome format: keep as a table

/** One structure: its fields by offset (a number of octets each), zero elsewhere, and its strings. */
const structure = (
  type: number,
  length: number,
  fields: Readonly<Record<number, readonly number[]>>,
  strings: readonly string[] = [],
) => {
  const data = Buffer.alloc(length);
  data.set([type, length, 0x10, type]);
  for (const [offset, octets] of Object.entries(fields)) data.set(octets, Number(offset));
  return Buffer.concat([data, Buffer.from(strings.length === 0 ? "\0\0" : `${strings.join("\0")}\0\0`)]);
};
const end = structure(127, 4, {});
const word = (n: number) => [n & 0xff, (n >> 8) & 0xff];
const dword = (n: number) => [...word(n % 65_536), ...word(Math.floor(n / 65_536))];

const uuid = [0x44, 0x45, 0x4c, 0x4c, 0x58, 0x00, 0x10, 0x51, 0x80, 0x34, 0xb7, 0xc0, 0x4f, 0x4b, 0x5a, 0x33];
const table = decodeSmbiosTable(
  Buffer.concat([
    structure(0, 24, { 4: [1], 5: [2], 8: [3] }, ["Dell Inc.", "1.10.2", "09/14/2023"]),
    structure(1, 27, { 4: [1], 5: [2], 6: [3], 7: [4], 8: uuid, 25: [5], 26: [6] }, [
      "Dell Inc.",
      "PowerEdge R650",
      "Not Specified",
      "7XQ4KZ3",
      "SKU=0A6B",
      "PowerEdge",
    ]),
    structure(2, 15, { 4: [1], 5: [2], 6: [3], 7: [4] }, ["Dell Inc.", "0PYXKY", "A04", ".7XQ4KZ3."]),
    structure(3, 22, { 5: [0x80 | 23], 7: [1], 8: [2] }, ["CN747", "DC2-R14"]),
    structure(4, 48, { 4: [1], 20: word(4_000), 24: [0x41], 32: [2] }, ["CPU1", "SN-1"]),
    structure(4, 48, { 4: [1], 24: [0] }, ["CPU2"]),
    structure(16, 23, { 5: [3], 6: [6], 7: dword(0x8000_0000), 13: word(32), 15: dword(0), 19: dword(512) }),
    structure(
      17,
      92,
      {
        12: word(0x7fff),
        14: [9],
        16: [1],
        18: [34],
        23: [2],
        24: [3],
        26: [4],
        28: dword(65_536),
        21: word(0xffff),
        84: dword(70_000),
      },
      ["A1", "00AD00B300AD", "SN-A1", "HMCG94"],
    ),
    structure(17, 40, { 12: word(16_384), 16: [1], 17: [2], 18: [26], 32: word(2_933), 21: word(3_200) }, [
      "A2",
      "BANK 1",
    ]),
    structure(17, 40, { 12: word(0x8000 | 512), 16: [1] }, ["A2"]),
    structure(17, 40, { 12: word(0), 16: [1] }, ["A3"]),
    end,
    structure(1, 27, { 4: [1] }, ["after the end"]),
  ]),
); // biome format: keep as a table

describe("the SMBIOS table", () => {
  it("names the machine, its firmware, board and chassis", () => {
    expect(systemOf(table)).toEqual({
      manufacturer: "Dell Inc.",
      model: "PowerEdge R650",
      version: undefined,
      serialNumber: "7XQ4KZ3",
      uuid: "4c4c4544-0058-5110-8034-b7c04f4b5a33",
      sku: "SKU=0A6B",
      family: "PowerEdge",
    }); // biome format: keep as a table
    expect(biosOf(table)).toMatchObject({ vendor: "Dell Inc.", version: "1.10.2", releaseDate: "2023-09-14" });
    expect(baseboardOf(table)).toMatchObject({ product: "0PYXKY", version: "A04", serialNumber: ".7XQ4KZ3." });
    expect(chassisOf(table)).toEqual({ chassisType: 23, serialNumber: "CN747", assetTag: "DC2-R14" });
  });

  it("counts only sockets that hold a processor", () => {
    expect(processorsOf(table)).toEqual([{ socket: "CPU1", maxSpeedMhz: 4_000, serialNumber: "SN-1" }]);
  });

  it("reads module sizes in all three forms and leaves empty slots out", () => {
    const modules = memoryModulesOf(table);
    expect(modules.map(({ slot, sizeBytes }) => [slot, sizeBytes])).toEqual([
      ["A1", 64 * 2 ** 30],
      ["A2", 16 * 2 ** 30],
      ["A2 #2", 512 * 1_024],
    ]);
    expect(modules[0]).toMatchObject({ type: "DDR5", formFactor: "DIMM", speedMtps: 70_000, partNumber: "HMCG94" });
    expect(modules[1]).toMatchObject({ type: "DDR4", speedMtps: 2_933 });
    expect(memoryMaker(modules[0]?.manufacturer)).toBe("SK Hynix");
  });

  it("reads an array's extended maximum", () => {
    expect(memoryArrayOf(table)).toEqual({ slots: 32, maximumBytes: 2 ** 41, errorCorrection: "multi-bit ECC" });
  });

  it("has no UUID where a vendor left zeros or ones", () => {
    for (const octet of [0, 0xff]) {
      const blank = decodeSmbiosTable(structure(1, 27, { 8: new Array(16).fill(octet) }));
      expect(systemOf(blank)?.uuid).toBeUndefined();
    }
  });

  it("survives any bytes, any truncation and any flipped bit", () => {
    const readAll = (bytes: Uint8Array) => {
      const structures = decodeSmbiosTable(bytes);
      for (const read of [systemOf, biosOf, baseboardOf, chassisOf, processorsOf, memoryModulesOf, memoryArrayOf])
        read(structures);
      return structures.length;
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => readAll(bytes) <= 4_096));
    const whole = Buffer.concat(
      table.map(({ data, strings }) => Buffer.concat([data, Buffer.from(`${strings.join("\0")}\0\0`)])),
    );
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, at, octet) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        if (at < bytes.length) bytes[at] = octet;
        readAll(bytes);
      }),
    );
  });

  it("writes firmware dates as ISO dates", () => {
    expect([toIsoDate("09/14/2023"), toIsoDate("04/01/98"), toIsoDate("2023"), toIsoDate(undefined)]).toEqual([
      "2023-09-14",
      "1998-04-01",
      "2023",
      undefined,
    ]);
  });
});
