import { useInfiniteQuery } from "@tanstack/react-query";
import type { AuditEntry } from "../../../shared/model/access.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago } from "./ago.tsx";
import type { Column } from "./data-table.tsx";
import { Listing } from "./listing.tsx";
import { Empty } from "./states.tsx";
import { Status } from "./status.tsx";
import { formatValue } from "./value.ts";

const detailOf = ({ detail }: AuditEntry): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${formatValue(name, value)}`)
    .join("; ");

const auditColumns: readonly Column<AuditEntry>[] = [
  {
    id: "action",
    header: "What",
    cell: (entry) => (
      <div>
        <div className="clip">
          <span className="strong">{entry.action}</span> {entry.target}
        </div>
        <div className="sub" title={detailOf(entry)}>
          <span className="hidden-from-sm">{entry.actor} · </span>
          {detailOf(entry) || "no details"}
        </div>
      </div>
    ),
  },
  {
    id: "outcome",
    header: "Outcome",
    width: "7.5rem",
    from: "md",
    cell: (entry) =>
      entry.detail["refused"] === undefined ? (
        <Status tone="good" label="Done" />
      ) : (
        <Status tone="watch" label="Refused" />
      ),
  },
  {
    id: "actor",
    header: "Who",
    width: "10rem",
    from: "sm",
    cell: (entry) => <span className="clip">{entry.actor}</span>,
  },
  { id: "at", header: "When", width: "7.5rem", cell: (entry) => <Ago at={entry.at} /> },
];

/** Every write that a person or a token made, newest first. */
export const Audit = () => {
  const query = useInfiniteQuery(queries.audit());
  const rows = rowsOf(query.data).map((entry, i) => ({ ...entry, i }));
  return (
    <Listing
      query={query}
      rows={rows}
      empty={<Empty title="Nothing yet" />}
      loadingRows={8}
      label="Audit log"
      columns={auditColumns as readonly Column<(typeof rows)[number]>[]}
      rowKey={(entry) => String(entry.i)}
    />
  );
};
