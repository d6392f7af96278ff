import { ActionIcon, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowsLeftRight } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Comparison } from "../../../shared/model/then.ts";
import { ComparisonSection } from "../parts/comparison.tsx";
import { AssetLink } from "../parts/links.tsx";
import { MomentInput } from "../parts/moment.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { formatCount, formatTime } from "../parts/value.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/compare");

/** "ast_…" or "ast_…@time", as the API takes it. */
type Side = { readonly assetId: string; readonly at?: string | undefined };
const parseSide = (text = ""): Side => {
  const cut = text.indexOf("@");
  return cut < 0 ? { assetId: text } : { assetId: text.slice(0, cut), at: text.slice(cut + 1) };
};
const formatSide = ({ assetId, at }: Side): string => (at === undefined ? assetId : `${assetId}@${at}`);

const AssetSelect = ({
  label,
  value,
  name,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly name: string | undefined;
  readonly onChange: (assetId: string) => void;
}) => {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text, 200);
  const query = useInfiniteQuery(queries.assets({ q: q === name ? "" : q }));
  const found = rowsOf(query.data)
    .slice(0, 30)
    .map((asset) => ({ value: asset.assetId as string, label: asset.name }));
  const data = found.some((one) => one.value === value) ? found : [{ value, label: name ?? "" }, ...found];
  return (
    <Select
      label={label}
      size="sm"
      searchable
      allowDeselect={false}
      data={data}
      value={value}
      onSearchChange={setText}
      filter={({ options }) => options}
      onChange={(next) => next !== null && onChange(next)}
      nothingFoundMessage="No asset fits"
    />
  );
};

const SideForm = ({
  title,
  side,
  told,
  onChange,
}: {
  readonly title: string;
  readonly side: Side;
  readonly told: Comparison["left"] | undefined;
  readonly onChange: (side: Side) => void;
}) => (
  <fieldset className="compared">
    <legend>{title}</legend>
    <AssetSelect
      key={`${side.assetId} ${told?.name ?? ""}`}
      label="Asset"
      value={side.assetId}
      name={told?.name}
      onChange={(assetId) => onChange({ ...side, assetId })}
    />
    <MomentInput
      label="As it was on (empty: now)"
      value={side.at}
      earliest={told?.knownFrom}
      onChange={(at) => at !== side.at && onChange({ assetId: side.assetId, at })}
    />
  </fieldset>
);

const nameOf = (side: Side, told: Comparison["left"], isOne: boolean): string => {
  const time = side.at === undefined ? "now" : formatTime(side.at);
  if (isOne) return time;
  return side.at === undefined ? told.name : `${told.name}, ${time}`;
};

export const ComparePage = () => {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [left, right] = [parseSide(search.left), parseSide(search.right)];
  const set = (sides: { left?: Side; right?: Side }) =>
    void navigate({
      search: { left: formatSide(sides.left ?? left), right: formatSide(sides.right ?? right) },
      replace: true,
    });
  const isChosen = left.assetId !== "" && right.assetId !== "";
  const query = useInfiniteQuery({ ...queries.compare(formatSide(left), formatSide(right)), enabled: isChosen });
  const [first] = query.data?.pages ?? [];
  const rows = query.data?.pages.flatMap(({ items }) => [...items]) ?? [];
  const isOne = isChosen && left.assetId === right.assetId;
  const names = first && ([nameOf(left, first.left, isOne), nameOf(right, first.right, isOne)] as const);
  return (
    <>
      <PageHead
        title="What differs"
        note={
          first && (
            <span className="linked">
              {isOne ? "Two times of " : "Between "}
              <AssetLink assetId={first.left.assetId}>{first.left.name}</AssetLink>
              {!isOne && (
                <>
                  {" and "}
                  <AssetLink assetId={first.right.assetId}>{first.right.name}</AssetLink>
                </>
              )}
            </span>
          )
        }
      />
      <div className="compared-sides">
        <SideForm title="Left" side={left} told={first?.left} onChange={(next) => set({ left: next })} />
        <ActionIcon
          variant="default"
          size="lg"
          aria-label="Swap the sides"
          onClick={() => set({ left: right, right: left })}
        >
          <IconArrowsLeftRight size={18} aria-hidden="true" />
        </ActionIcon>
        <SideForm title="Right" side={right} told={first?.right} onChange={(next) => set({ right: next })} />
      </div>
      {!isChosen ? (
        <Empty title="Choose an asset on both sides">
          Two assets are compared, or one asset with itself at another time.
        </Empty>
      ) : query.error && !first ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : !first || !names ? (
        <Loading rows={8} label="Loading the comparison" />
      ) : rows.length === 0 ? (
        <Empty title="Nothing differs">Every section and field that is kept is the same on both sides.</Empty>
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="xs" role="status">
            {first.total === 1 ? "1 difference" : `${formatCount(first.total)} differences`}
          </Text>
          {[...Map.groupBy(rows, ({ section }) => section)].map(([section, of]) => (
            <ComparisonSection key={section} section={section} rows={of} names={names} />
          ))}
          {query.hasNextPage && (
            <button type="button" className="more" onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? "Loading …" : "More differences"}
            </button>
          )}
        </>
      )}
    </>
  );
};
