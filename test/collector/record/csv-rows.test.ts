import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv } from "../../../collector/record/csv-rows.ts";
import { toCsvLine } from "../../../shared/csv.ts";

const limits = { rows: 1_000, cells: 8, chars: 100 };
const cellsOf = (text: string) => parseCsv(text, limits).map(({ cells }) => cells);

describe("CSV", () => {
  it("gives back what was written, whatever the texts hold", () => {
    const cell = fc.oneof(
      fc.constantFrom("=1+1", "'=x", "@a", "-", "a,b", 'say "x"', "two\nlines", "a;b", " ", "'", "\ttab"),
      fc.string({ maxLength: 20, unit: "binary" }).map((text) => text.replaceAll("\r", "")),
    );
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 }), (rows) => {
        const filled = [["a", "b", "c"], ...rows.filter((row) => row.some((text) => text.trim() !== ""))];
        expect(cellsOf(filled.map(toCsvLine).join(""))).toEqual(filled);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it.each([
    [
      "with another country's separator",
      "a;b,c;d\n1;2;3",
      [
        ["a", "b,c", "d"],
        ["1", "2", "3"],
      ],
    ],
    [
      "with tabs",
      "a\tb\r\n1\t\r\n",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    [
      "with a mark of the byte order",
      "\uFEFFa,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "with old ends of lines",
      "a,b\r1,2\r",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "with empty lines and a last empty cell",
      "a,b\n\n,\n1,",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    [
      "with separators in quotes of the first line",
      '"a;;;;b",c\n1,2',
      [
        ["a;;;;b", "c"],
        ["1", "2"],
      ],
    ],
    ["that is empty", "", []],
  ] as const)("is read %s", (_, text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  it("says on which line a row begins, past cells of several lines", () => {
    expect(parseCsv('a,b\n"1\n2\n3",x\ny,z\n', limits).map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it.each([
    ['a,b\n"x', /^line 2: a quote that is never closed$/],
    ['"', /^line 1: a quote that is never closed$/],
    ['a\n"x"y', /^line 2: text after a closing quote$/],
    ['a\n"1\n2"\nx"y', /^line 4: a quote within a cell that does not begin with one$/],
    [`a\n${"x".repeat(101)}`, /^line 2: a cell of more than 100 characters$/],
    ["a,".repeat(9), /^line 1: more than 8 columns$/],
    ["a\n".repeat(1_001), /^line 1001: more than 1000 rows$/],
  ])("is refused with the line: %j", (text, message) => {
    expect(() => parseCsv(text, limits)).toThrow(message);
  });
});
