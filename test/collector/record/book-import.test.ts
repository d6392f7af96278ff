import { describe, expect, it } from "vitest";
import { type ImportOptions, type Listed, planImport, toCsv } from "../../../collector/record/book-import.ts";
import type { AssetId } from "../../../shared/ids.ts";

const asset = (n: number, over: Partial<Listed> = {}): Listed => ({
  assetId: `ast_0000000000000000000000000${n}` as AssetId,
  name: `pc${n}`,
  type: "desktop",
  serials: [`S-${n}`],
  macs: [`02:00:00:00:00:0${n}`],
  version: n,
  written: {},
  ...over,
});
const one = asset(1, { written: { owner: "Kim", inventoryNumber: "IT-1" } });
const two = asset(2);
/** A dock's MAC and a placeholder of a serial number, that several have. */
const docked = [3, 4].map((n) => asset(n, { serials: ["0123"], macs: ["02:00:00:00:00:dd", `02:00:00:00:00:0${n}`] }));
const assets = [one, two, ...docked];

const plan = (text: string, options?: ImportOptions) => planImport(text, assets, options);
const first = (text: string, options?: ImportOptions) => plan(text, options)[0];

describe("a list of what people know of assets", () => {
  it.each([
    ["its id", `assetId,owner\n${two.assetId},Jo`],
    ["its serial number, in any case", "Serial Number,Owner\ns-2,Jo"],
    ["its MAC, however it is spelled", "mac,owner\n0200.0000.0002,Jo"],
    [
      "what of it is known, where the rest nobody has",
      "serialNumber,mac,inventory_number,owner\nX,02-00-00-00-00-02,,Jo",
    ],
    ["all that agrees", "serialNumber,mac,owner\nS-2,02:00:00:00:00:02,Jo"],
  ])("finds an asset by %s", (_, text) => {
    expect(first(text)).toMatchObject({ line: 2, status: "change", asset: two, set: { owner: "Jo" }, release: [] });
  });

  it("finds it by its inventory number, and gives one to what is found otherwise", () => {
    expect(first("inventoryNumber,owner\nit-1,Jo")).toMatchObject({ asset: one, set: { owner: "Jo" } });
    expect(first("serialNumber,inventoryNumber\nS-2,IT-2")).toMatchObject({
      asset: two,
      set: { inventoryNumber: "IT-2" },
    });
  });

  it("tells one of several by what else is said", () => {
    expect(first("serialNumber,mac,owner\n0123,02:00:00:00:00:04,Jo")).toMatchObject({ asset: docked[1] });
  });

  it.each([
    ["several have", "serialNumber,owner\n0123,Jo", /^ambiguous: serialNumber is of pc3 \(ast_.*\) and pc4 \(ast_/],
    ["several have, also together", "serialNumber,mac,owner\n0123,02:00:00:00:00:dd,Jo", /^ambiguous: .*pc3.*pc4/],
    [
      "are of two assets",
      "serialNumber,mac,owner\nS-1,02:00:00:00:00:02,Jo",
      /^ambiguous: serialNumber is of pc1 .*mac is of pc2/,
    ],
    [
      "another asset has",
      "serialNumber,inventoryNumber\nS-2,IT-1",
      /^ambiguous: serialNumber is of pc2 .*inventoryNumber is of pc1/,
    ],
    ["nobody has", "serialNumber,owner\nS-9,Jo", /^no asset has this serialNumber$/],
    ["are empty", "serialNumber,owner\n,Jo", /^nothing says which asset it is about/],
    ["are no MAC", "mac,owner\nwhat,Jo", /^"what" is no MAC address$/],
    ["are of an asset that is not there", "assetId,serialNumber\nast_x,S-2", /^there is no asset ast_x$/],
  ])("refuses a row whose names %s", (_, text, reason) => {
    expect(first(text)).toMatchObject({ line: 2, status: "refused", reason: expect.stringMatching(reason) });
  });

  it("refuses what an earlier line has said, with its number", () => {
    const rows = plan("serialNumber,inventoryNumber\nS-1,A\nS-2,A\nS-1,B");
    expect(rows).toMatchObject([
      { line: 2, status: "change" },
      { line: 3, status: "refused", reason: "this inventory number is on line 2 already" },
      { line: 4, status: "refused", reason: `pc1 (${one.assetId}) is on line 2 already` },
    ]);
  });

  it.each([
    ["warrantyUntil", "31.03.2027"],
    ["warrantyUntil", "2027-02-30"],
    ["price", "1.299 €"],
    ["owner", '"two\nlines"'],
    ["owner", "x".repeat(257)],
  ])("refuses %s that is %j, and names it", (field, value) => {
    expect(first(`serialNumber,${field}\nS-2,${value}`)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining(`${field}: `),
    });
  });

  it("leaves alone what is so already and what is empty, and empties only when told to", () => {
    expect(first("serialNumber,owner,note\nS-1,Kim,")).toMatchObject({ status: "same", asset: one });
    expect(first("serialNumber,owner,note,site\nS-1,,,", { clearEmpty: true })).toMatchObject({
      status: "change",
      set: {},
      release: ["owner"],
    });
  });

  it.each([
    ["", /line 1: nothing: the first line/],
    [
      "owner\nKim",
      /line 1: nothing says which asset a row is about: one of assetId, serialNumber, mac, inventoryNumber/,
    ],
    ["serialNumber,warenty until\nS-1,2027-01-01", /line 1: no column "warenty until": did you mean warrantyUntil\?/],
    ["serialNumber,Owner,owner\nS-1,a,b", /line 1: two columns owner/],
  ])("is refused as a whole: %j", (text, message) => {
    expect(() => plan(text)).toThrow(message);
  });

  it("leaves out columns that are not known when told to, and tells of cells beyond the columns", () => {
    expect(first("serialNumber,Colour,owner\nS-2,blue,Jo", { skipUnknown: true })).toMatchObject({
      set: { owner: "Jo" },
    });
    expect(first("serialNumber,owner\nS-2,Jo,more")).toMatchObject({ reason: "3 cells, the first line has 2" });
  });

  it("that was exported says nothing new, whatever people wrote", () => {
    const hostile = { owner: "=HYPERLINK(1)", note: 'a "b"\nc,d;e', location: "'-x", supplier: "<b>&amp;" };
    const all = [asset(5, { written: hostile }), asset(6, { name: "=cmd", serials: [], macs: [] })];
    const text = [...toCsv(all)].join("");
    expect(text).toContain("'=cmd");
    expect(planImport(text, all).map(({ status }) => status)).toEqual(["same", "same"]);
    const emptied = all.map((listed) => ({ ...listed, written: {} }));
    expect(planImport(text, emptied)).toMatchObject([{ status: "change", set: hostile }, { status: "same" }]);
    expect(planImport(text, all, { clearEmpty: true }).map(({ status }) => status)).toEqual(["same", "same"]);
  });
});
