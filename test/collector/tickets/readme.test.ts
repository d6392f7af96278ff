import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Ability } from "../../../collector/tickets/connector.ts";
import * as registry from "../../../collector/tickets/registry.ts";

/** The table of products in the folder's README says what the registry says. */

const readme = readFileSync(fileURLToPath(new URL("../../../collector/tickets/README.md", import.meta.url)), "utf8");
const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const lines = readme.split("\n").filter((line) => line.startsWith("|"));
const head = cellsOf(lines.find((line) => line.startsWith("| connector")) ?? "");
const rows = new Map(
  lines.flatMap((line): [string, Record<string, string>][] => {
    const cells = cellsOf(line);
    const name = /^`([a-z0-9-]+)`$/.exec(cells[0] ?? "")?.[1];
    if (name === undefined || cells.length !== head.length) return [];
    return [[name, Object.fromEntries(head.map((column, i) => [column, cells[i] ?? ""]))]];
  }),
);

const columns: Record<Ability, string> = {
  comment: "comment",
  resolve: "resolve",
  reopen: "reopen",
  find: "finds by key",
  read: "reads back",
  linksAsset: "links the asset",
  assignee: "who took it",
  verdict: "verdict",
  merges: "merges",
};

describe("the table of connectors", () => {
  it("has a row for each connector, and no other", () =>
    expect([...rows.keys()].sort()).toEqual(
      Object.values(registry)
        .map(({ name }) => name)
        .sort(),
    ));

  it.each(Object.values(registry).map((connector) => ({ connector, name: connector.name })))(
    "says of $name what it can, and what it was tried against",
    ({ connector: { name, tried, abilities } }) => {
      const row = rows.get(name) ?? {};
      expect(row["tried against"]?.includes("strict fake")).toBe(tried === "fake");
      const said = Object.entries(columns).filter(([, column]) => !/^no\b/.test(row[column] ?? "no"));
      expect(said.map(([ability]) => ability)).toEqual(abilities);
    },
  );
});
