import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { AddressUse, SubnetDetail } from "../../../shared/model/place.ts";
import { AddressMap, canDraw } from "../parts/address-map.tsx";
import { Ago } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { DeviceIcon } from "../parts/device-icon.tsx";
import { AssetLink } from "../parts/links.tsx";
import { LookText, Sight, Use } from "../parts/look.tsx";
import { Facts, PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Presence } from "../parts/status.tsx";
import { formatCount } from "../parts/value.ts";
import { presenceWords } from "../parts/words.ts";
import { queries } from "../queries.ts";

const route = getRouteApi("/inside/subnets/$cidr");

const columns: readonly Column<AddressUse>[] = [
  {
    id: "address",
    header: "Address",
    width: "11rem",
    cell: (use) => <span className={use.ended ? "mono dimmed clip" : "mono clip"}>{use.address}</span>,
  },
  {
    id: "asset",
    header: "Used by",
    cell: ({ asset }) => (
      <div className="name-cell">
        <DeviceIcon type={asset.type} />
        <div className="grow">
          <AssetLink assetId={asset.assetId} className="clip">
            {asset.name}
          </AssetLink>
          {asset.mac !== undefined && <div className="sub mono clip">{asset.mac}</div>}
        </div>
      </div>
    ),
  },
  {
    id: "presence",
    header: "Presence",
    width: "9rem",
    from: "sm",
    cell: ({ ended, asset }) =>
      ended ? <span className="dimmed">used it before</span> : <Presence state={asset.presence} />,
  },
  { id: "from", header: "Since", width: "8rem", from: "md", cell: (use) => <Ago at={use.from} /> },
  { id: "last", header: "Last seen there", width: "8.5rem", from: "md", cell: (use) => <Ago at={use.last} /> },
];

const SHOWN = 4;

const lookersOf = ({ scopes }: SubnetDetail): string => {
  const names = [...new Set(scopes.map(({ agentName }) => agentName))];
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

const Summary = ({ subnet }: { readonly subnet: SubnetDetail }) => (
  <Facts
    rows={[
      ["Realm", subnet.realm],
      ["In use", <Use key="u" subnet={subnet} />],
      ["Sight", <Sight key="s" subnet={subnet} />],
      ["Last could see", subnet.seen && <LookText key="l" look={subnet.seen} />],
      ["Latest look", subnet.last && <LookText key="w" look={subnet.last} />],
      ["Looked at by", lookersOf(subnet)],
      ["Devices in it", subnet.devices > 0 && formatCount(subnet.devices)],
    ]}
  />
);

const drawn = ["present", "late", "suspect", "missing", "blind", "away"] as const;

const Legend = () => (
  <ul className="legend">
    {drawn.map((state) => (
      <li key={state}>
        <span className={`swatch presence-${state}`} aria-hidden="true" />
        {presenceWords[state].label}
      </li>
    ))}
    <li>
      <span className="swatch free" aria-hidden="true" />
      Free
    </li>
  </ul>
);

export const SubnetPage = () => {
  const { cidr } = route.useParams();
  const { realm } = route.useSearch();
  const query = useInfiniteQuery(queries.subnet(cidr, realm));
  const [subnet] = query.data?.pages ?? [];
  if (query.error && !subnet) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!subnet) return <Loading rows={10} label="Loading the network" />;
  const uses = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHead title={subnet.cidr} note="Who uses its addresses, who did, and how well it is seen" />
      <Summary subnet={subnet} />
      {canDraw(subnet.cidr) && (
        <Panel title="At a glance" className="map-panel">
          <AddressMap cidr={subnet.cidr} uses={uses} />
          <Legend />
        </Panel>
      )}
      <Panel title="Addresses">
        {uses.length === 0 ? (
          <Empty title="No address is in use">No asset that we know of has or had an address here.</Empty>
        ) : (
          <DataTable
            label="Addresses"
            rows={uses}
            columns={columns}
            rowKey={(use) => `${use.address} ${use.asset.assetId} ${use.from}`}
            onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </Panel>
    </>
  );
};
