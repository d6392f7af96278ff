import { SegmentedControl, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TicketRow } from "../../../shared/model/incident-detail.ts";
import { Ago } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { AssetLink, TicketLink } from "../parts/links.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Priority, TicketStatus } from "../parts/status.tsx";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/tickets");

const columns: readonly Column<TicketRow>[] = [
  {
    id: "number",
    header: "No.",
    width: "4rem",
    from: "sm",
    cell: (ticket) => <span className="mono">#{ticket.number}</span>,
  },
  { id: "priority", header: "Prio", width: "4rem", cell: (ticket) => <Priority priority={ticket.priority} /> },
  {
    id: "subject",
    header: "Subject",
    cell: (ticket) => (
      <div>
        <TicketLink number={ticket.number} className="row-link clip">
          {ticket.subject}
        </TicketLink>
        <div className="sub hidden-from-sm">
          #{ticket.number} · <Ago at={ticket.updatedAt} />
        </div>
      </div>
    ),
  },
  {
    id: "asset",
    header: "Asset",
    width: "12rem",
    from: "md",
    cell: (ticket) =>
      ticket.assetId === undefined ? (
        "–"
      ) : (
        <AssetLink assetId={ticket.assetId} className="clip above">
          {ticket.assetName ?? "unnamed"}
        </AssetLink>
      ),
  },
  { id: "state", header: "State", width: "7.5rem", cell: (ticket) => <TicketStatus state={ticket.state} /> },
  {
    id: "assignee",
    header: "Assignee",
    width: "9rem",
    from: "md",
    cell: (ticket) => <span className="clip">{ticket.assignee ?? "–"}</span>,
  },
  { id: "updated", header: "Updated", width: "7.5rem", from: "sm", cell: (ticket) => <Ago at={ticket.updatedAt} /> },
];

const views = { active: ["open", "in-progress"], done: ["resolved", "closed"], all: [] } as const;
type View = keyof typeof views;
const isView = (text: string | undefined): text is View => text !== undefined && Object.hasOwn(views, text);

export const TicketsPage = () => {
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const view = isView(state) ? state : "active";
  const query = useInfiniteQuery(queries.tickets({ state: views[view] }));
  const rows = rowsOf(query.data);
  return (
    <>
      <PageHead title="Tickets" note="The built-in queue: one ticket for each incident">
        <SegmentedControl
          aria-label="Which tickets"
          value={view}
          onChange={(next) => void navigate({ search: { state: next === "active" ? undefined : next } })}
          data={[
            { value: "active", label: "Active" },
            { value: "done", label: "Done" },
            { value: "all", label: "All" },
          ]}
        />
      </PageHead>
      {query.error && rows.length === 0 ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading rows={8} />
      ) : rows.length === 0 ? (
        <Empty title={view === "active" ? "Nothing to do" : "No tickets"}>
          A ticket is opened with each incident, and closes with it.
        </Empty>
      ) : (
        <DataTable
          label="Tickets"
          rows={rows}
          columns={columns}
          rowKey={(ticket) => String(ticket.number)}
          onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
        />
      )}
      {query.isFetchingNextPage && (
        <Text size="sm" c="dimmed" ta="center" py="sm" role="status">
          Loading more …
        </Text>
      )}
    </>
  );
};
