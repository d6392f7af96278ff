import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { linkColumns, linkKey } from "../parts/link-rows.tsx";
import { PageHead } from "../parts/page.tsx";
import { SearchListing } from "../parts/search-listing.tsx";
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
      <SearchListing
        q={q}
        onSearch={(next) => void navigate({ search: (before) => ({ ...before, q: next }), replace: true })}
        words={{
          field: "Device or port",
          hint: "Try another word.",
          none: "No links yet",
          why: "Devices that are read by SNMP and speak LLDP or CDP tell who is at the other end of their ports.",
        }}
        filters={
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
        }
        query={query}
        rows={rows}
        label="Links"
        columns={columns}
        rowKey={linkKey}
        rowHeight={60}
      />
    </>
  );
};
