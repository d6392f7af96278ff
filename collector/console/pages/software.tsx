import { Anchor, Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { InstallationRow, SoftwareRow } from "../../../shared/model/software.ts";
import type { Column } from "../parts/data-table.tsx";
import { AssetLink } from "../parts/links.tsx";
import { Listing } from "../parts/listing.tsx";
import { PageHead } from "../parts/page.tsx";
import { SearchListing } from "../parts/search-listing.tsx";
import { Empty } from "../parts/states.tsx";
import { formatCount } from "../parts/value.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/software");

type Search = { readonly name?: string; readonly manager?: string; readonly from?: string; readonly through?: string };

const SoftwareLink = ({
  search,
  label,
  children,
}: {
  readonly search: Search;
  readonly label?: string;
  readonly children: ReactNode;
}) => (
  <Anchor
    className="clip"
    aria-label={label}
    renderRoot={(props) => <Link to="/software" search={search} {...props} />}
  >
    {children}
  </Anchor>
);

const packageColumns: readonly Column<SoftwareRow>[] = [
  {
    id: "name",
    header: "Package",
    cell: ({ name, manager, publisher }) => (
      <div className="grow">
        <SoftwareLink search={{ name, manager }}>{name}</SoftwareLink>
        <div className="sub clip">{publisher ?? manager}</div>
      </div>
    ),
  },
  {
    id: "version",
    header: "Version",
    cell: ({ version, architecture, instance }) => (
      <div className="grow">
        <div className="mono clip">{version}</div>
        <div className="sub clip">{[architecture, instance].filter(Boolean).join(" · ")}</div>
      </div>
    ),
  },
  { id: "manager", header: "Manager", width: "7rem", from: "md", cell: ({ manager }) => manager },
  {
    id: "hosts",
    header: "Hosts",
    width: "6rem",
    align: "end",
    cell: ({ name, manager, version, hosts }) => (
      <SoftwareLink
        search={{ name, manager, from: version, through: version }}
        label={`${formatCount(hosts)} hosts with ${name} ${version}`}
      >
        {formatCount(hosts)}
      </SoftwareLink>
    ),
  },
];

const hostColumns: readonly Column<InstallationRow>[] = [
  {
    id: "asset",
    header: "Host",
    cell: ({ assetId, assetName }) => (
      <AssetLink assetId={assetId} className="clip">
        {assetName}
      </AssetLink>
    ),
  },
  { id: "version", header: "Version", cell: ({ version }) => <span className="mono clip">{version}</span> },
  { id: "architecture", header: "Architecture", width: "8rem", from: "md", cell: ({ architecture }) => architecture },
  { id: "manager", header: "Manager", width: "7rem", from: "md", cell: ({ manager }) => manager },
];

/** Every version of every package that is installed somewhere. */
const Packages = () => {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(queries.software({ q }));
  const rows = rowsOf(query.data);
  return (
    <>
      <PageHead title="Software" note="What is installed, in which versions, on how many hosts" />
      <SearchListing
        q={q}
        onSearch={(next) => void navigate({ search: (before) => ({ ...before, q: next }), replace: true })}
        words={{
          field: "Package",
          hint: "Try the beginning of another name.",
          none: "No software yet",
          why: "Hosts with an agent tell what is installed on them.",
        }}
        query={query}
        rows={rows}
        label="Software"
        columns={packageColumns}
        rowKey={(row) => [row.manager, row.name, row.version, row.architecture, row.instance].join(" ")}
      />
    </>
  );
};

const bounds = [
  { id: "from", label: "From version", word: "from" },
  { id: "through", label: "Through version", word: "through" },
  { id: "below", label: "Before version", word: "before" },
] as const;

const BoundField = ({
  label,
  word,
  value,
  onChange,
}: {
  readonly label: string;
  readonly word: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) => {
  const [text, setText] = useState(value ?? "");
  const report = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), 300);
  useEffect(() => setText((now) => (now.trim() === (value ?? "") ? now : (value ?? ""))), [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder="any version"
      leftSection={<span className="sub">{word}</span>}
      leftSectionWidth="4.5rem"
      title="Compared as the package's own manager does"
      value={text}
      maxLength={256}
      onChange={(event) => {
        setText(event.currentTarget.value);
        report(event.currentTarget.value);
      }}
    />
  );
};

/** Who has one package, in versions between bounds. */
const Hosts = ({ name }: { readonly name: string }) => {
  const { q: _, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(queries.installations({ ...search, name }));
  const rows = rowsOf(query.data);
  const total = query.data?.pages[0]?.total;
  const isBounded = bounds.some(({ id }) => search[id] !== undefined);
  const found = total === undefined ? "Counting …" : total === 1 ? "One host" : `${formatCount(total)} hosts`;
  return (
    <>
      <PageHead title={`Who has ${name}`} note={found}>
        <SoftwareLink search={{}}>All software</SoftwareLink>
      </PageHead>
      <Group gap="xs" mb="sm" className="filters">
        {bounds.map(({ id, label, word }) => (
          <BoundField
            key={id}
            label={label}
            word={word}
            value={search[id]}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, [id]: next }), replace: true })}
          />
        ))}
      </Group>
      <Listing
        query={query}
        rows={rows}
        loadingRows={6}
        empty={
          <Empty title="No host has it">
            {isBounded ? "None in these versions: try without bounds." : "No host that is known has this package."}
          </Empty>
        }
        label={`Hosts with ${name}`}
        total={total}
        columns={hostColumns}
        rowKey={(row) => [row.assetId, row.manager, row.version, row.architecture, row.instance].join(" ")}
        rowHeight={44}
      />
    </>
  );
};

export const SoftwarePage = () => {
  const { name } = route.useSearch();
  return name === undefined ? <Packages /> : <Hosts key={name} name={name} />;
};
