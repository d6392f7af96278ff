import { Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ChangeRow } from "../../../shared/model/asset-detail.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { Ago } from "../parts/ago.tsx";
import { ChangeText } from "../parts/changes.tsx";
import type { Column } from "../parts/data-table.tsx";
import { FilterMenu, SearchField, toValues } from "../parts/filters.tsx";
import { AssetLink } from "../parts/links.tsx";
import { Listing } from "../parts/listing.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { Weight } from "../parts/status.tsx";
import { sectionLabel, weightWords } from "../parts/words.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/changes");

const columns: readonly Column<ChangeRow>[] = [
  { id: "when", header: "When", width: "7rem", from: "sm", cell: (change) => <Ago at={change.observedAt} /> },
  {
    id: "asset",
    header: "Asset",
    width: "12rem",
    from: "sm",
    cell: (change) => (
      <AssetLink assetId={change.assetId} className="clip">
        {change.assetName}
      </AssetLink>
    ),
  },
  {
    id: "what",
    header: "What",
    cell: (change) => (
      <div>
        <div className="hidden-from-sm row-top">
          <AssetLink assetId={change.assetId} className="clip">
            {change.assetName}
          </AssetLink>
          <span className="dimmed">
            <Ago at={change.observedAt} />
          </span>
        </div>
        <ChangeText change={change} />
      </div>
    ),
  },
  { id: "weight", header: "Weight", width: "7rem", from: "md", cell: (change) => <Weight weight={change.weight} /> },
];

/** The sections whose changes people look for; the search finds the others. */
const sections: readonly SectionName[] = [
  "software",
  "system",
  "os",
  "cpu",
  "memory",
  "memoryModules",
  "disks",
  "interfaces",
  "addresses",
  "routes",
  "listening",
  "services",
  "security",
  "certificates",
  "firmware",
  "usb",
  "modules",
  "neighbours",
];

export const ChangesPage = () => {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const query = useInfiniteQuery(
    queries.changes({
      q: search.q,
      section: toValues(search.section),
      kind: toValues(search.kind),
      weight: search.weight,
    }),
  );
  const rows = rowsOf(query.data);
  const isFiltered = Boolean(search.q || search.section || search.kind || search.weight);
  return (
    <>
      <PageHead title="Changes" note="What differs from one inventory to the next, newest first" />
      <Group gap="xs" mb="sm" className="filters">
        <SearchField label="Asset, item or value" value={search.q} onChange={(q) => set({ q })} />
        <FilterMenu
          label="Section"
          value={search.section}
          onChange={(section) => set({ section })}
          options={sections.map((value) => ({ value, label: sectionLabel(value) }))}
        />
        <FilterMenu
          label="Kind"
          value={search.kind}
          onChange={(kind) => set({ kind })}
          options={[
            { value: "added", label: "Added" },
            { value: "removed", label: "Removed" },
            { value: "changed", label: "Changed" },
          ]}
        />
        <FilterMenu
          label="At least"
          value={search.weight}
          onChange={(weight) => set({ weight: toValues(weight).at(-1) })}
          options={(["low", "normal", "high", "critical"] as const).map((value) => ({
            value,
            label: weightWords[value].label,
          }))}
        />
      </Group>
      <Listing
        query={query}
        rows={rows}
        empty={
          <Empty title={isFiltered ? "Nothing fits" : "No changes yet"}>
            {isFiltered ? "Try fewer filters." : "The first inventory of a host is its beginning, not a change."}
          </Empty>
        }
        label="Changes"
        columns={columns}
        rowKey={(change) => change.changeId}
        rowHeight={60}
      />
      {query.isFetchingNextPage && (
        <Text size="sm" c="dimmed" ta="center" py="sm" role="status">
          Loading more …
        </Text>
      )}
    </>
  );
};
