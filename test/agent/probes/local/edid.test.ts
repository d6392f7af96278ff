import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEdid, displayMaker } from "../../../../agent/probes/local/edid.ts";

/** A base block made by hand to the VESA layout, with its checksum. */
const edid = (change: (block: Buffer) => void = () => {}) => {
  const block = Buffer.alloc(128);
  block.set([0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], 0);
  block.set([0x10, 0xac, 0x7b, 0xa0], 8); // "DEL", product 0xa07b
  block.set([0x4c, 0x31, 0x32, 0x33], 12);
  block.set([14, 33, 1, 4], 16); // week 14 of 2023, EDID 1.4
  block.set([0x02, 0x3a, 0x80, 0x18, 0x71, 0x38, 0x2d, 0x40, 0x58, 0x2c, 0x45, 0x00, 0x0f, 0x28, 0x21, 0, 0, 0x1e], 54); // 1920x1080
  block.set([0, 0, 0, 0xff, 0, ...Buffer.from("7MT0193P28QL\n")], 72);
  block.set([0, 0, 0, 0xfc, 0, ...Buffer.from("DELL U2419H\n ")], 90);
  change(block);
  block[127] = (256 - (block.subarray(0, 127).reduce((sum, b) => sum + b, 0) % 256)) % 256;
  return block;
};

describe("EDID", () => {
  it("names a display as its maker did", () => {
    expect(decodeEdid(edid())).toEqual({
      vendor: "DEL",
      product: 0xa07b,
      model: "DELL U2419H",
      serialNumber: "7MT0193P28QL",
      madeIn: "2023-W14",
      diagonalInches: 23.8,
      resolution: "1920x1080",
    }); // biome format: keep as a table
    expect(displayMaker("DEL")).toBe("Dell");
    expect(displayMaker("XYZ")).toBe("XYZ");
  });

  it("falls back to the numeric serial, and to the year of the model", () => {
    const plain = edid((block) => {
      block.fill(0, 72, 90);
      block[16] = 255;
    });
    expect(decodeEdid(plain)).toMatchObject({ serialNumber: String(0x3332314c), madeIn: "2023" });
  });

  it("believes no block with a wrong checksum, header or length", () => {
    const wrong = edid();
    wrong[20] = (wrong[20] ?? 0) ^ 1;
    expect(decodeEdid(wrong)).toBeUndefined();
    expect(decodeEdid(edid().subarray(0, 127))).toBeUndefined();
    expect(decodeEdid(new Uint8Array(128))).toBeUndefined();
  });

  it("survives any block", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 118, maxLength: 118 }), (bytes) => {
        decodeEdid(edid((block) => block.set(bytes, 8)));
      }),
    );
  });
});
