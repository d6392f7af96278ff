import type { ComparisonRow } from "../../../shared/model/then.ts";
import { toItemName } from "./changes.tsx";
import { Panel } from "./page.tsx";
import { formatValue, summariseItem } from "./value.ts";
import { sectionLabel, toWords } from "./words.ts";

const LACKS = "not there";

const Cell = ({ row, side }: { readonly row: ComparisonRow; readonly side: "left" | "right" }) => {
  const value = row[side];
  if (row.field !== undefined) return formatValue(row.field, value);
  if (value === undefined) return <span className="dimmed">{LACKS}</span>;
  return summariseItem(value, toItemName(row.section, row.itemKey)) || "there";
};

const labelOf = ({ section, itemKey, field }: ComparisonRow): string => {
  const name = section === "notes" && itemKey === "asset" ? "" : toItemName(section, itemKey);
  return [name, field === undefined ? "" : toWords(field)].filter((part) => part !== "").join(" · ") || "All of it";
};

/** Differences of one section, each item or field once, the two sides beside each other. */
export const ComparisonSection = ({
  section,
  rows,
  names,
}: {
  readonly section: ComparisonRow["section"];
  readonly rows: readonly ComparisonRow[];
  readonly names: readonly [string, string];
}) => {
  const title = section === "notes" ? "The asset itself" : sectionLabel(section);
  return (
    <Panel
      title={title}
      action={<span className="panel-note">{rows.length === 1 ? "1 difference" : `${rows.length} differences`}</span>}
    >
      <table className="fact-table comparison">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.itemKey} ${row.field ?? ""}`}>
              <th scope="row">{labelOf(row)}</th>
              <td className="value" data-side={names[0]}>
                <Cell row={row} side="left" />
              </td>
              <td className="value" data-side={names[1]}>
                <Cell row={row} side="right" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
};
