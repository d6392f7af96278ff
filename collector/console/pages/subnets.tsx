import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SubnetRow } from "../../../shared/model/place.ts";
import { Ago } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { formatShare, Sight, Use } from "../parts/look.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { queries } from "../queries.ts";

const origin: Readonly<Record<SubnetRow["knownBy"][number], string>> = {
  scope: "an agent's scope",
  device: "devices in it",
  addresses: "addresses seen",
};

const columns: readonly Column<SubnetRow>[] = [
  {
    id: "cidr",
    header: "Network",
    width: "13rem",
    cell: (subnet) => (
      <div>
        <Anchor
          className="mono clip"
          renderRoot={(props) => (
            <Link to="/subnets/$cidr" params={{ cidr: subnet.cidr }} search={{ realm: subnet.realm }} {...props} />
          )}
        >
          {subnet.cidr}
        </Anchor>
        <div className="sub clip">{subnet.realm}</div>
      </div>
    ),
  },
  { id: "use", header: "Addresses in use", cell: (subnet) => <Use subnet={subnet} /> },
  { id: "sight", header: "Sight", width: "8.5rem", cell: (subnet) => <Sight subnet={subnet} /> },
  {
    id: "seen",
    header: "Last could see",
    width: "13rem",
    from: "md",
    cell: ({ seen }) =>
      seen === undefined ? (
        <span className="dimmed">no sweep could see it</span>
      ) : (
        <div>
          <Ago at={seen.endedAt} /> <span className="dimmed">({formatShare(seen.share)})</span>
          <div className="sub clip">by {seen.agentName}</div>
        </div>
      ),
  },
  {
    id: "known",
    header: "Known by",
    width: "12rem",
    from: "lg",
    cell: ({ knownBy }) => <span className="clip dimmed">{knownBy.map((by) => origin[by]).join(", ")}</span>,
  },
];

export const SubnetsPage = () => {
  const { data, error, refetch } = useQuery(queries.subnets());
  return (
    <>
      <PageHead title="Subnets" note="The networks we know of, how full they are, and who could see them when" />
      <Panel title="Networks">
        {error && !data ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Loading rows={8} />
        ) : data.items.length === 0 ? (
          <Empty title="No networks yet">
            They come from what agents may look at, from devices' own addresses, and from addresses that were seen.
          </Empty>
        ) : (
          <DataTable
            label="Subnets"
            rows={data.items}
            columns={columns}
            rowKey={(subnet) => `${subnet.realm} ${subnet.cidr}`}
          />
        )}
      </Panel>
    </>
  );
};
