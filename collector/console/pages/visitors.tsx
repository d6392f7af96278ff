import { Box } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { VisitorRow } from "../../../shared/model/visitor.ts";
import { Ago } from "../parts/ago.tsx";
import type { Column } from "../parts/data-table.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { SearchListing } from "../parts/search-listing.tsx";
import { VisitorDays } from "../parts/visitor-days.tsx";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/visitors");

const Guess = ({ guess }: VisitorRow) =>
  guess === undefined ? (
    <>–</>
  ) : (
    <div>
      <span className="mono">{guess.mac}</span> <span className="dimmed">({Math.round(guess.score * 100)} %)</span>
      <div className="sub clip" title={guess.because}>
        {guess.because}
      </div>
    </div>
  );

const columns: readonly Column<VisitorRow>[] = [
  {
    id: "mac",
    header: "MAC",
    width: "11rem",
    cell: ({ mac, realm, names: [name] }) => (
      <div>
        <span className="mono">{mac}</span>
        <div className="sub clip">{[realm, name].filter(Boolean).join(" · ")}</div>
      </div>
    ),
  },
  {
    id: "name",
    header: "Says its name is",
    from: "sm",
    cell: ({ names }) => <span className="clip">{names.join(", ") || "–"}</span>,
  },
  {
    id: "address",
    header: "Addresses",
    width: "12rem",
    from: "sm",
    cell: ({ addresses: [first, ...rest] }) => (
      <div>
        <span className="mono clip">{first ?? "–"}</span>
        {rest.length > 0 && <div className="sub clip">before {rest.slice(0, 2).join(", ")}</div>}
      </div>
    ),
  },
  { id: "guess", header: "Probably was before", from: "md", cell: (row) => <Guess {...row} /> },
  {
    id: "seen",
    header: "Seen",
    width: "9rem",
    cell: ({ firstSeen, lastSeen }) => (
      <div>
        <Ago at={lastSeen} />
        <div className="sub">
          first <Ago at={firstSeen} />
        </div>
      </div>
    ),
  },
];

/** MACs that software sets, and changes: counted, and no assets. */
export const VisitorsPage = () => {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const days = useQuery(queries.visitorDays());
  const query = useInfiniteQuery(queries.visitors({ q }));
  const rows = rowsOf(query.data);
  return (
    <>
      <PageHead
        title="Visitors"
        note="Known by a MAC that software sets and changes, mostly phones: counted, not made assets"
      />
      {days.data && days.data.items.length > 0 && (
        <Box mb="md">
          <Panel title="Different MACs a day">
            <VisitorDays days={days.data} />
          </Panel>
        </Box>
      )}
      <SearchListing
        q={q}
        onSearch={(next) => void navigate({ search: (before) => ({ ...before, q: next }), replace: true })}
        words={{
          field: "MAC, name or address",
          hint: "Try another word.",
          none: "None",
          why: "Whatever was seen so far has a key that lasts, or an asset with one.",
        }}
        query={query}
        rows={rows}
        loadingRows={8}
        label="Visitors"
        columns={columns}
        rowKey={({ realm, mac }) => `${realm} ${mac}`}
        rowHeight={60}
      />
    </>
  );
};
