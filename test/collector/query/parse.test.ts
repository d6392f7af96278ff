import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCondition } from "../../../collector/query/condition.ts";
import { fields } from "../../../collector/query/fields.ts";
import { parse } from "../../../collector/query/parse.ts";
import { print } from "../../../collector/query/print.ts";
import { limits, operators, QueryError } from "../../../collector/query/query.ts";
import { anyQuery } from "../../support/any-query.ts";

const faultOf = (text: string): QueryError => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
};
const compare = (field: string, operator: string, ...values: string[]) => ({
  ...{ kind: "compare", field, operator, values, bounds: [] },
});
const word = (text: string) => ({ kind: "word", text });

describe("a query", () => {
  it.each([
    ["type:printer", compare("type", ":", "printer")],
    ["TYPE : printer".replace(" :", ":"), compare("type", ":", "printer")],
    ["type in (printer, switch)", compare("type", ":", "printer", "switch")],
    ["type:printer,switch", compare("type", ":", "printer", "switch")],
    ['os ~ "Windows 10"', compare("os", "~", "Windows 10")],
    ["lastSeen>7d", compare("seen", ">", "7d")],
    ["seen<=2026-11-03T14:30Z", compare("seen", "<=", "2026-11-03T14:30Z")],
    ["ip in 10.1.0.0/16", compare("ip", ":", "10.1.0.0/16")],
    ["ip!=fe80::/10", compare("ip", "!=", "fe80::/10")],
    ["mac:54:ee:75:*", compare("mac", ":", "54:ee:75:*")],
    ['site=""', compare("site", "=", "")],
    ["memory.totalBytes>=16GiB", compare("memory.totalBytes", ">=", "16GiB")],
    [
      "software:openssl<3.0.13",
      { ...compare("software", ":", "openssl"), bounds: [{ operator: "<", value: "3.0.13" }] },
    ],
    ["54:ee:75:01:02:03", word("54:ee:75:01:02:03")],
    ["a4:bb:6d", word("a4:bb:6d")],
    ["fe80::1", word("fe80::1")],
    ["10.1.0.0/16", word("10.1.0.0/16")],
    ['"say \\"hi\\" \\\\"', word('say "hi" \\')],
    ['"and"', word("and")],
    ["android", word("android")],
    ["nb-01 lenovo", { kind: "and", parts: [word("nb-01"), word("lenovo")] }],
    ["a AND b", { kind: "and", parts: [word("a"), word("b")] }],
    ["not a", { kind: "not", part: word("a") }],
    ["a b or c", { kind: "or", parts: [{ kind: "and", parts: [word("a"), word("b")] }, word("c")] }],
    ["a (b or c)", { kind: "and", parts: [word("a"), { kind: "or", parts: [word("b"), word("c")] }] }],
    ["not(a)", { kind: "not", part: word("a") }],
    ["  ", { kind: "all" }],
  ])("reads %s", (text, expected) => expect(parse(text)).toEqual(expected));

  it.each([
    ["serail:x", 0, 6, "did you mean `serial`"],
    ["printers in office", 0, 8, "unknown field `printers`"],
    ["memory.totlBytes>1", 0, 16, "did you mean `memory.totalBytes`"],
    ["type:printr", 5, 6, "did you mean `printer`"],
    ["a type:cat b", 7, 3, "it is one of server, desktop"],
    ["a (b", 4, 1, "expected ) for the ( at 3"],
    ["a)", 1, 1, "there is no ( for it"],
    ["()", 1, 1, "expected a term"],
    ["not", 3, 1, "expected a term"],
    ["or a", 0, 2, "expected a term before `or`"],
    ["a and", 5, 1, "expected a term"],
    ['"open', 0, 5, "has no end"],
    ['""', 0, 2, "expected text between the quotes"],
    ["site=", 5, 1, 'for none at all write `site=""`'],
    ["type:(printer", 13, 1, "expected , or )"],
    ["type<printer", 0, 4, "can't be compared by <"],
    ["software<3", 0, 8, "name the package first"],
    ["software:a>=1<2<3", 15, 1, "at most two bounds"],
    ["seen>soon", 5, 4, "expected a duration or a date"],
    ["seen>2026-02-30", 5, 10, "expected a duration or a date"],
    ["seen:7d", 5, 2, "compare an age with < or >"],
    ["ip:10.1.0.0/40", 3, 11, "expected an address, a network or a range"],
    ["ip:10.0.0.9-10.0.0.1", 3, 17, "expected an address"],
    ["mac:zz", 4, 2, "expected a MAC address"],
    ["packages>many", 9, 4, "expected a number"],
    ["memory.totalBytes>1XB", 18, 3, "expected a size"],
    ["provisional:maybe", 12, 5, "expected yes or no"],
    ["-type:printer", 0, 1, "write `not type:…`"],
    ["type:printer<3", 12, 1, "expected a blank"],
    ['seen<""', 5, 2, "for none"],
  ])("says of %s at %i what is wrong", (text, position, length, message) => {
    const fault = faultOf(text);
    expect(fault.message).toContain(message);
    expect([fault.position, fault.length]).toEqual([position, length]);
  });

  it("is bounded in length, depth, terms and values", () => {
    expect(faultOf("a".repeat(limits.chars + 1)).message).toContain(`${limits.chars} characters`);
    expect(faultOf("(".repeat(200)).message).toContain(`deeper than ${limits.depth}`);
    expect(faultOf("not ".repeat(200)).message).toContain(`deeper than ${limits.depth}`);
    expect(faultOf("a ".repeat(200)).message).toContain(`${limits.terms} terms`);
    expect(faultOf(`name:${"a,".repeat(200)}a`).message).toContain(`${limits.values} values`);
  });

  it("of any text is read or refused as a query, never otherwise, with a place within it", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(
        ...operators,
        "(",
        ")",
        '"',
        "\\",
        ",",
        " ",
        " in ",
        "and ",
        "or ",
        "not ",
        "7d",
        "10.0.0.0/8",
        "\0",
      ),
      fc.constantFrom(...fields.map(({ name }) => name)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        try {
          const query = parse(text);
          toCondition(query, 1e12);
          expect(parse(print(query))).toEqual(query);
        } catch (error) {
          if (!(error instanceof QueryError)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(text.length);
          expect(error.message).not.toBe("");
        }
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    );
  }, 60_000);

  it("that is printed is read as the same query", () => {
    fc.assert(
      fc.property(anyQuery(), (query) => {
        expect(parse(print(query))).toEqual(query);
      }),
      { numRuns: 1_500, seed: 20_261_122 },
    );
  });

  it("has an example for every field, and each can be read", () => {
    expect(fields.length).toBeGreaterThan(300);
    for (const { example } of fields) expect(() => toCondition(parse(example), 0), example).not.toThrow();
    const names = fields.flatMap(({ name, aliases }) => [name, ...aliases]).map((name) => name.toLowerCase());
    expect(names.filter((name, i) => names.indexOf(name) !== i && !name.includes("."))).toEqual([]);
  });
});
