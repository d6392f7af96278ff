import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { DeskStatus, OutboxEntry } from "../../../shared/model/rest.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago, In } from "./ago.tsx";
import type { Column } from "./data-table.tsx";
import { IncidentLink } from "./links.tsx";
import { Listing } from "./listing.tsx";
import { Empty } from "./states.tsx";

const actionWords: Readonly<Record<OutboxEntry["action"], string>> = {
  open: "Open a ticket",
  comment: "Comment",
  resolve: "Resolve",
  reopen: "Reopen",
};

const Why = ({ entry }: { readonly entry: OutboxEntry }) => (
  <span>
    {entry.lastError ?? (entry.isFirst ? "is being sent" : "waits for what comes before it")}
    {entry.attempts > 0 && ` (tried ${entry.attempts === 1 ? "once" : `${entry.attempts} times`})`}
  </span>
);

/** A desk that rests is asked by nobody before its rest is over, however due an entry is. */
const nextTry = (entry: OutboxEntry, rests: ReadonlyMap<string, string>): string => {
  const rest = rests.get(entry.desk) ?? "";
  return rest > entry.dueAt ? rest : entry.dueAt;
};

const outboxColumns = (rests: ReadonlyMap<string, string>): readonly Column<OutboxEntry>[] => [
  {
    id: "what",
    header: "What",
    cell: (entry) => (
      <div>
        <IncidentLink incidentId={entry.incidentId} className="clip">
          {entry.title ?? entry.incidentId}
        </IncidentLink>
        <div className="sub">
          {actionWords[entry.action]} at {entry.desk}
        </div>
        <div className="sub hidden-from-md">
          <Why entry={entry} />
        </div>
      </div>
    ),
  },
  {
    id: "why",
    header: "Why it waits",
    width: "45%",
    from: "md",
    cell: (entry) => (
      <span className="two-lines" title={entry.lastError}>
        <Why entry={entry} />
      </span>
    ),
  },
  {
    id: "next",
    header: "Next try",
    width: "6.5rem",
    from: "sm",
    cell: (entry) => entry.isFirst && <In at={nextTry(entry, rests)} />,
  },
  { id: "since", header: "Since", width: "7rem", cell: (entry) => <Ago at={entry.since} /> },
];

/** What waits for which desk, since when and why. */
export const Outbox = ({ desks }: { readonly desks: readonly DeskStatus[] }) => {
  const query = useInfiniteQuery(queries.outbox());
  const columns = useMemo(
    () => outboxColumns(new Map(desks.flatMap(({ name, restsUntil }) => (restsUntil ? [[name, restsUntil]] : [])))),
    [desks],
  );
  const rows = rowsOf(query.data);
  return (
    <Listing
      query={query}
      rows={rows}
      empty={<Empty title="Nothing waits">Everything that desks are to be told has been told.</Empty>}
      loadingRows={3}
      label="Waiting for desks"
      total={query.data?.pages[0]?.total}
      columns={columns}
      rowHeight={64}
      rowKey={(entry) => entry.outboxId}
    />
  );
};
