import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchField } from "../parts/filters.tsx";
import { linkColumns, linkKey } from "../parts/link-rows.tsx";
import { Listing } from "../parts/listing.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/links");
const columns = linkColumns();

export const LinksPage = () => {
  const { q, ended } = route.useSearch();
  const navigate = route.useNavigate();
  const showsEnded = ended !== undefined;
  const query = useInfiniteQuery(queries.links({ q, ended: showsEnded ? "true" : undefined }));
  const rows = rowsOf(query.data);
  return (
    <>
      <PageHead title="Links" note="Cables between devices, as their ports say by LLDP and CDP" />
      <Group gap="xs" mb="sm" className="filters">
        <SearchField
          label="Device or port"
          value={q}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, q: next }), replace: true })}
        />
        <Button
          variant="default"
          size="sm"
          className={showsEnded ? "filter chosen" : "filter"}
          aria-pressed={showsEnded}
          onClick={() =>
            void navigate({
              search: (before) => ({ ...before, ended: showsEnded ? undefined : "shown" }),
              replace: true,
            })
          }
        >
          Ended ones, too
        </Button>
      </Group>
      <Listing
        query={query}
        rows={rows}
        empty={
          <Empty title={q ? "Nothing fits" : "No links yet"}>
            {q
              ? "Try another word."
              : "Devices that are read by SNMP and speak LLDP or CDP tell who is at the other end of their ports."}
          </Empty>
        }
        label="Links"
        columns={columns}
        rowKey={linkKey}
        rowHeight={60}
      />
    </>
  );
};
