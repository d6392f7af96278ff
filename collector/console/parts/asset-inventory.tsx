import { Group, Select, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { SectionItemRow, SectionSummary } from "../../../shared/model/asset-detail.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago, At } from "./ago.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { SearchField } from "./filters.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { formatCount, formatValue } from "./value.ts";
import { compareFields, methodLabel, sectionLabel, toWords } from "./words.ts";

/** What is asked for first stands first; the rest by name. */
const first = [
  "software",
  "disks",
  "memoryModules",
  "cpu",
  "interfaces",
  "addresses",
  "listening",
  "services",
  "security",
];
type Shown = Omit<SectionSummary, "failure"> & Pick<Partial<SectionSummary>, "failure">;
/** An asset as it is, or as it was. */
type Inventoried = { readonly assetId: string; readonly sections: readonly Shown[] };

const rank = (section: string): number => (first.includes(section) ? first.indexOf(section) : first.length);
const byRank = (a: Shown, b: Shown): number =>
  Number(a.itemCount === 0) - Number(b.itemCount === 0) ||
  rank(a.section) - rank(b.section) ||
  a.section.localeCompare(b.section);

/** Columns of a section: the fields that its items have, what tells an item apart first, the emptiest left out where there are many. */
const MAX_COLUMNS = 7;
const untold = new Set(["provenance", "purl"]);

const columnsOf = (rows: readonly SectionItemRow[]): readonly Column<SectionItemRow>[] => {
  const filled = new Map<string, number>();
  for (const { item } of rows.slice(0, 200))
    for (const field of Object.keys(item)) if (!untold.has(field)) filled.set(field, (filled.get(field) ?? 0) + 1);
  const fields = [...filled.keys()].sort(compareFields);
  const kept = new Set(fields.toSorted((a, b) => (filled.get(b) ?? 0) - (filled.get(a) ?? 0)).slice(0, MAX_COLUMNS));
  return fields
    .filter((field) => kept.has(field))
    .map((field, i) => ({
      id: field,
      header: toWords(field),
      ...(i === 0 && { width: "22%" }),
      ...(i > 2 && { from: "md" as const }),
      cell: ({ item }) => (
        <span className={i === 0 ? "clip strong" : "clip"} title={formatValue(field, item[field])}>
          {formatValue(field, item[field])}
        </span>
      ),
    }));
};

const Items = ({
  asset,
  summary,
  at,
}: {
  readonly asset: Inventoried;
  readonly summary: Shown;
  readonly at?: string | undefined;
}) => {
  const [q, setQ] = useState<string>();
  const query = useInfiniteQuery(queries.sectionItems(asset.assetId, summary.section, q ?? "", at));
  const rows = useMemo(() => rowsOf(query.data), [query.data]);
  const columns = useMemo(() => columnsOf(rows), [rows]);
  const total = query.data?.pages[0]?.total;
  return (
    <>
      <Group justify="space-between" mb="xs" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {total !== undefined && `${formatCount(total)} ${total === 1 ? "item" : "items"} · `}
          {methodLabel(summary.source)},{" "}
          {at === undefined ? <Ago at={summary.observedAt} /> : <At at={summary.observedAt} />}
          {summary.goneAt !== undefined && " · no longer observed"}
        </Text>
        {summary.itemCount > 10 && (
          <SearchField label={`Search ${sectionLabel(summary.section).toLowerCase()}`} value={q} onChange={setQ} />
        )}
      </Group>
      {summary.failure !== undefined && (
        <p className="ailment" role="alert">
          The last round could not read this: {summary.failure}
        </p>
      )}
      {query.error && rows.length === 0 ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty title={q === undefined ? "Empty" : "Nothing fits"} />
      ) : (
        <DataTable
          label={sectionLabel(summary.section)}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.key}
          rowHeight={38}
          total={total}
          onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
        />
      )}
    </>
  );
};

/** The collections of an asset as tables: software, disks, interfaces … */
export const AssetInventory = ({
  asset,
  at,
  section,
  onSection,
}: {
  readonly asset: Inventoried;
  readonly at?: string;
  readonly section: string | undefined;
  readonly onSection: (section: string) => void;
}) => {
  const summaries = asset.sections.filter(({ kind }) => kind === "collection").sort(byRank);
  const current = summaries.find((one) => one.section === section) ?? summaries[0];
  if (!current)
    return (
      <Empty title="No inventory">
        Nobody has read this device from the inside: it has no agent, and SNMP has not been tried or did not answer.
      </Empty>
    );
  return (
    <div className="inventory">
      <nav aria-label="Sections" className="from-md">
        {summaries.map((one) => (
          <button
            key={one.section}
            type="button"
            aria-current={one === current ? "true" : undefined}
            className={one.itemCount === 0 ? "dimmed" : undefined}
            onClick={() => onSection(one.section)}
          >
            <span>{sectionLabel(one.section)}</span>
            <span className="count">{formatCount(one.itemCount)}</span>
          </button>
        ))}
      </nav>
      <Select
        aria-label="Section"
        className="hidden-from-md"
        mb="sm"
        value={current.section}
        onChange={(next) => next !== null && onSection(next)}
        data={summaries.map((one) => ({
          value: one.section,
          label: `${sectionLabel(one.section)} (${one.itemCount})`,
        }))}
      />
      <div className="grow">
        <Items key={current.section} asset={asset} summary={current} at={at} />
      </div>
    </div>
  );
};
