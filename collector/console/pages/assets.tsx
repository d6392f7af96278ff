import { Group, Select, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Asset, PresenceState } from "../../../shared/model/asset.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import { ApiError } from "../client.ts";
import { Ago } from "../parts/ago.tsx";
import { type Column, DataTable, type Sort } from "../parts/data-table.tsx";
import { DeviceIcon } from "../parts/device-icon.tsx";
import { FilterMenu, toValues } from "../parts/filters.tsx";
import { AssetLink } from "../parts/links.tsx";
import { PageHead } from "../parts/page.tsx";
import { QueryBox } from "../parts/query-box.tsx";
import { SavedQueries } from "../parts/saved-queries.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Presence } from "../parts/status.tsx";
import { formatCount } from "../parts/value.ts";
import { presenceWords, toSentence, typeLabel } from "../parts/words.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/assets");

const columns: readonly Column<Asset>[] = [
  {
    id: "name",
    header: "Name",
    sortable: true,
    cell: (asset) => (
      <div className="name-cell">
        <DeviceIcon type={asset.type} />
        <div>
          <AssetLink assetId={asset.assetId} className="row-link">
            {asset.name}
          </AssetLink>
          <div className="sub">
            {[asset.manufacturer, asset.model].filter(Boolean).join(" ") || typeLabel(asset.type)}
          </div>
        </div>
      </div>
    ),
  },
  {
    id: "presence",
    header: "Presence",
    width: "8rem",
    sortable: true,
    cell: (asset) => <Presence state={asset.presence} />,
  },
  {
    id: "address",
    header: "Address",
    width: "10rem",
    from: "md",
    cell: (asset) => (
      <div>
        <div className="mono">{asset.primaryAddress ?? "–"}</div>
        <div className="sub mono">{asset.primaryMac}</div>
      </div>
    ),
  },
  {
    id: "os",
    header: "System",
    width: "10.5rem",
    from: "lg",
    cell: (asset) => <span className="clip">{[asset.osName, asset.osVersion].filter(Boolean).join(" ") || "–"}</span>,
  },
  {
    id: "serial",
    header: "Serial number",
    width: "9rem",
    from: "lg",
    cell: (asset) => <span className="mono clip">{asset.serialNumber ?? "–"}</span>,
  },
  {
    id: "owner",
    header: "Owner and location",
    width: "11rem",
    from: "xl",
    cell: ({ owner, location, site }) => (
      <div>
        <div className="clip">{owner ?? "–"}</div>
        <div className="sub clip">{[location, site].filter(Boolean).join(", ")}</div>
      </div>
    ),
  },
  {
    id: "lastSeenAt",
    header: "Last seen",
    width: "7.5rem",
    from: "sm",
    sortable: true,
    cell: (asset) => <Ago at={asset.lastSeenAt} />,
  },
];

const toSort = (text: string | undefined): Sort => ({
  id: text?.replace(/^-/, "") ?? "name",
  desc: text?.startsWith("-") ?? false,
});

const lifecycles = ["ordered", "in-stock", "in-use", "missing", "in-repair", "retired", "disposed"] as const;

const useFilters = () => {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return { search, set };
};

const Filters = () => {
  const { search, set } = useFilters();
  const { data } = useQuery(queries.overview());
  const options = <K extends string>(counts: Partial<Record<K, number>> | undefined, label: (key: K) => string) =>
    (Object.entries(counts ?? {}) as [K, number][])
      .sort((a, b) => b[1] - a[1])
      .map(([value, count]) => ({ value, label: label(value), count }));
  return (
    <Group gap="xs" mb="sm" className="filters">
      <FilterMenu
        label="Type"
        value={search.type}
        onChange={(type) => set({ type })}
        options={options<DeviceType>(data?.assetsByType, typeLabel)}
      />
      <FilterMenu
        label="Presence"
        value={search.presence}
        onChange={(presence) => set({ presence })}
        options={options<PresenceState>(data?.assetsByPresence, (state) => presenceWords[state].label)}
      />
      <FilterMenu
        label="Lifecycle"
        value={search.lifecycle}
        onChange={(lifecycle) => set({ lifecycle })}
        options={lifecycles.map((value) => ({ value, label: toSentence(value) }))}
      />
      <Select
        aria-label="Sort by"
        className="hidden-from-sm"
        value={search.sort ?? "name"}
        onChange={(sort) => set({ sort: sort ?? undefined })}
        data={[
          { value: "name", label: "By name" },
          { value: "-lastSeenAt", label: "Seen last first" },
          { value: "lastSeenAt", label: "Longest unseen first" },
          { value: "presence", label: "By presence" },
        ]}
      />
    </Group>
  );
};

export const AssetsPage = () => {
  const { search, set } = useFilters();
  const sort = toSort(search.sort);
  const filter = {
    q: search.q,
    type: toValues(search.type),
    presence: toValues(search.presence),
    lifecycle: toValues(search.lifecycle),
  };
  const query = useInfiniteQuery(queries.assets({ ...filter, sort: sort.id, order: sort.desc ? "desc" : "asc" }));
  const { data: overview } = useQuery(queries.overview());
  const rows = rowsOf(query.data);
  const isFiltered = Boolean(search.q || search.type || search.presence || search.lifecycle);
  const problem = query.error instanceof ApiError ? query.error.problem : undefined;
  const isWrong = problem?.code.startsWith("query.") ?? false;
  const counted = useQuery({ ...queries.assetCount(filter), enabled: isFiltered && query.hasNextPage });
  const found = query.hasNextPage ? counted.data?.count : rows.length;
  const total = isFiltered ? found : overview?.assets;
  const note = isWrong
    ? "The query can't be read"
    : query.data === undefined
      ? "…"
      : isFiltered
        ? `${found === undefined ? "…" : formatCount(found)} of ${formatCount(overview?.assets ?? 0)}`
        : `${formatCount(overview?.assets ?? rows.length)} in all`;
  return (
    <>
      <PageHead title="Assets" note={<span role="status">{note}</span>} />
      <QueryBox value={search.q} onChange={(q) => set({ q })} problem={problem} />
      <SavedQueries value={search.q} onPick={(q) => set({ q })} canSave={!isWrong} />
      <Filters />
      {isWrong ? null : query.error && rows.length === 0 ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading rows={10} />
      ) : rows.length === 0 ? (
        <Empty title={isFiltered ? "Nothing fits" : "No assets yet"}>
          {isFiltered
            ? "Try fewer filters or terms; MACs that switches know and no asset has are listed under Unclaimed MACs."
            : "They appear with the first inventory of an agent."}
        </Empty>
      ) : (
        <DataTable
          label="Assets"
          rows={rows}
          columns={columns}
          rowKey={(asset) => asset.assetId}
          total={total}
          sort={sort}
          onSort={({ id, desc }) => set({ sort: id === "name" && !desc ? undefined : `${desc ? "-" : ""}${id}` })}
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
