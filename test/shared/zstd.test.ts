import { constants, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { claimedSize } from "../../shared/protocol/zstd.ts";

describe("the size that a zstd frame claims", () => {
  it("is that of what was compressed in one go, whatever its size takes to write", () => {
    for (const size of [1, 255, 256, 257, 65_791, 65_792, 1 << 20])
      for (const params of [{}, { [constants.ZSTD_c_compressionLevel]: 1 }, { [constants.ZSTD_c_checksumFlag]: 1 }])
        expect(claimedSize(zstdCompressSync(Buffer.alloc(size, "ab"), { params }))).toBe(size);
  });

  it("is unknown for what says none, is cut short or no zstd", () => {
    const silent = zstdCompressSync(Buffer.alloc(70_000), { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
    expect(claimedSize(silent)).toBeUndefined();
    const frame = zstdCompressSync(Buffer.alloc(70_000));
    for (let length = 0; length < 8; length++) expect(claimedSize(frame.subarray(0, length))).toBeUndefined();
    expect(claimedSize(Buffer.from("no zstd at all, but long enough"))).toBeUndefined();
  });
});
