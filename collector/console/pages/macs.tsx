import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { UnclaimedMac } from "../../../shared/model/place.ts";
import { Ago } from "../parts/ago.tsx";
import type { Column } from "../parts/data-table.tsx";
import { AssetLink } from "../parts/links.tsx";
import { PageHead } from "../parts/page.tsx";
import { SearchListing } from "../parts/search-listing.tsx";
import { Status } from "../parts/status.tsx";
import type { Tone } from "../parts/words.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/macs");

const kinds: Readonly<Record<UnclaimedMac["kind"], { readonly tone: Tone; readonly label: string }>> = {
  lasting: { tone: "watch", label: "Burnt in: a device that nothing else tells of" },
  random: { tone: "quiet", label: "Set by software: a visitor" },
  shared: { tone: "quiet", label: "Of no one device (VRRP, HSRP, bridges)" },
};

const Where = ({ places, kind }: UnclaimedMac) => {
  const [first, ...rest] = places;
  if (!first) return <>–</>;
  return (
    <div>
      <span className="place">
        <AssetLink assetId={first.device.assetId}>{first.device.name}</AssetLink>
        <span className="mono">{first.port}</span>
      </span>
      <div className="sub">
        {[
          first.vlan !== undefined && `VLAN ${first.vlan}`,
          first.ssid,
          kind !== "lasting" && kind,
          rest.length > 0 && `and ${rest.length} more`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </div>
    </div>
  );
};

const columns: readonly Column<UnclaimedMac>[] = [
  { id: "mac", header: "MAC", width: "11rem", cell: ({ mac }) => <span className="mono">{mac}</span> },
  { id: "where", header: "Where", cell: (row) => <Where {...row} /> },
  {
    id: "kind",
    header: "What it is",
    from: "md",
    cell: ({ kind }) => <Status {...kinds[kind]} />,
  },
  {
    id: "since",
    header: "Since",
    width: "8rem",
    from: "sm",
    cell: ({ places: [first] }) => (first ? <Ago at={first.from} /> : "–"),
  },
];

/** What switches and access points see and no asset is known by: set algebra's other half. */
export const MacsPage = () => {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(queries.unclaimed({ q }));
  const rows = rowsOf(query.data);
  return (
    <>
      <PageHead title="Unclaimed MACs" note="In the tables of switches and access points now, and no asset's" />
      <SearchListing
        q={q}
        onSearch={(next) => void navigate({ search: (before) => ({ ...before, q: next }), replace: true })}
        words={{
          field: "Part of a MAC",
          hint: "Try another part of the MAC.",
          none: "None",
          why: "Every MAC that a switch knows belongs to an asset.",
        }}
        query={query}
        rows={rows}
        loadingRows={8}
        label="Unclaimed MACs"
        columns={columns}
        rowKey={({ mac }) => mac}
      />
    </>
  );
};
