import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { DeskStatus, OutboxEntry } from "../../../shared/model/desk.ts";
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

/** Why an entry that was never refused waits: its desk's fault, what comes before it, or nothing but its turn. */
const reasonOf = ({ isFirst, attempts, desk }: OutboxEntry, desks: ReadonlyMap<string, DeskStatus>): string => {
  if (!isFirst) return "waits for what comes before it";
  if (attempts > 0) return "is being sent";
  const known = desks.get(desk);
  if (known === undefined) return "its desk is not configured any more";
  const fault = known.findings.find(({ ok }) => !ok);
  return fault === undefined ? "is about to be sent" : `the desk is not ready: ${fault.what}`;
};

const Why = ({ entry, desks }: { readonly entry: OutboxEntry; readonly desks: ReadonlyMap<string, DeskStatus> }) => (
  <span>
    {entry.lastError ?? reasonOf(entry, desks)}
    {entry.attempts > 0 && ` (tried ${entry.attempts === 1 ? "once" : `${entry.attempts} times`})`}
  </span>
);

/** A desk that rests is asked by nobody before its rest is over, however due an entry is. */
const nextTry = (entry: OutboxEntry, desks: ReadonlyMap<string, DeskStatus>): string => {
  const rest = desks.get(entry.desk)?.restsUntil ?? "";
  return rest > entry.dueAt ? rest : entry.dueAt;
};

const outboxColumns = (desks: ReadonlyMap<string, DeskStatus>): readonly Column<OutboxEntry>[] => [
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
          <Why entry={entry} desks={desks} />
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
        <Why entry={entry} desks={desks} />
      </span>
    ),
  },
  {
    id: "next",
    header: "Next try",
    width: "6.5rem",
    from: "sm",
    cell: (entry) => entry.isFirst && <In at={nextTry(entry, desks)} />,
  },
  { id: "since", header: "Since", width: "7rem", cell: (entry) => <Ago at={entry.since} /> },
];

/** What waits for which desk, since when and why. */
export const Outbox = ({ desks }: { readonly desks: readonly DeskStatus[] }) => {
  const query = useInfiniteQuery(queries.outbox());
  const columns = useMemo(() => outboxColumns(new Map(desks.map((desk) => [desk.name, desk]))), [desks]);
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
