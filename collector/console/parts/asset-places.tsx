import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Place } from "../../../shared/model/place.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { linkColumns, linkKey } from "./link-rows.tsx";
import { AssetLink } from "./links.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";

/** "on sw-lobby, Gi1/0/4, VLAN 10", or by whose radio. */
export const PlaceText = ({ place }: { readonly place: Place }) => (
  <span className="place">
    {place.accessPoint?.assetId === undefined ? (
      <AssetLink assetId={place.device.assetId}>{place.device.name}</AssetLink>
    ) : (
      <AssetLink assetId={place.accessPoint.assetId}>{place.accessPoint.name}</AssetLink>
    )}
    <span className="mono">{place.kind === "port" ? place.port : (place.ssid ?? place.port)}</span>
    {place.vlan !== undefined && <span className="dimmed">VLAN {place.vlan}</span>}
  </span>
);

const columns: readonly Column<Place>[] = [
  { id: "where", header: "Where", cell: (place) => <PlaceText place={place} /> },
  {
    id: "kind",
    header: "How",
    width: "7rem",
    from: "sm",
    cell: ({ kind }) => (kind === "port" ? "by cable" : "by radio"),
  },
  { id: "mac", header: "MAC", width: "11rem", from: "md", cell: ({ mac }) => <span className="mono clip">{mac}</span> },
  { id: "from", header: "Since", width: "8rem", cell: ({ from }) => <Ago at={from} /> },
  {
    id: "until",
    header: "Until",
    width: "8rem",
    from: "sm",
    cell: ({ until }) => (until === undefined ? "now" : <Ago at={until} />),
  },
];

const placeKey = ({ mac, device, port, vlan, from }: Place): string =>
  `${mac} ${device.assetId} ${port} ${vlan} ${from}`;

/** Where an asset hangs and hung, and its own cables. */
export const AssetPlaces = ({ assetId }: { readonly assetId: string }) => {
  const { data, error, refetch } = useQuery(queries.places(assetId));
  const links = useInfiniteQuery(queries.links({ assetId, ended: "true" }));
  const own = useMemo(() => linkColumns(assetId), [assetId]);
  const rows = rowsOf(links.data);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <>
      <Panel title="Where it hangs">
        {data.items.length === 0 ? (
          <Empty title="Not known">No switch or access point that is read by SNMP has its MAC on an edge port.</Empty>
        ) : (
          <DataTable label="Ports and radios" rows={data.items} columns={columns} rowKey={placeKey} rowHeight={44} />
        )}
      </Panel>
      {rows.length > 0 && (
        <Panel title="Links">
          <DataTable label="Links of this asset" rows={rows} columns={own} rowKey={linkKey} rowHeight={60} />
        </Panel>
      )}
    </>
  );
};
