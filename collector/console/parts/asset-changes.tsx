import { Anchor, Button, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetDetail, ChangeRow } from "../../../shared/model/asset-detail.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { ChangeText } from "./changes.tsx";
import { MomentInput } from "./moment.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { formatDay } from "./value.ts";
import { actorLabel } from "./words.ts";

type Told = Pick<AssetDetail, "assetId" | "firstSeenAt">;

/** Any two times of the asset, beside each other. */
const Between = ({ asset: { assetId, firstSeenAt } }: { readonly asset: Told }) => {
  const [from, setFrom] = useState<string>();
  const [until, setUntil] = useState<string>();
  const right = until === undefined ? assetId : `${assetId}@${until}`;
  return (
    <form className="between" onSubmit={(event) => event.preventDefault()} aria-label="What changed between two times">
      <MomentInput label="What changed between" value={from} onChange={setFrom} earliest={firstSeenAt} isLive />
      <MomentInput label="and (empty: now)" value={until} onChange={setUntil} earliest={firstSeenAt} isLive />
      <Button
        size="sm"
        variant="default"
        disabled={from === undefined}
        renderRoot={(props) => <Link to="/compare" search={{ left: `${assetId}@${from ?? ""}`, right }} {...props} />}
      >
        Compare
      </Button>
    </form>
  );
};

/** A millisecond before the first of these, and the last of them. */
const spanOf = (changes: readonly ChangeRow[]): readonly [string, string] => {
  const times = changes.map(({ observedAt }) => Date.parse(observedAt));
  return [toTimestamp(Math.min(...times) - 1), toTimestamp(Math.max(...times))];
};

const Day = ({ day, asset, changes }: { day: string; asset: Told; changes: readonly ChangeRow[] }) => {
  const [from, until] = spanOf(changes);
  const { assetId, firstSeenAt } = asset;
  const isKnown = Date.parse(from) >= Date.parse(firstSeenAt);
  return (
    <section className="panel day" aria-label={day}>
      <header>
        <h2>{day}</h2>
        {isKnown && (
          <Anchor
            size="xs"
            renderRoot={(props) => (
              <Link
                to="/compare"
                search={{ left: `${assetId}@${from}`, right: `${assetId}@${until}` }}
                aria-label={`Before and after ${day}`}
                {...props}
              />
            )}
          >
            Before and after
          </Anchor>
        )}
      </header>
      <ul className="rows">
        {changes.map((change) => (
          <li key={change.changeId}>
            <div className="grow">
              <ChangeText change={change} />
            </div>
            <Text size="xs" c="dimmed" component="div" ta="right">
              <Anchor
                c="dimmed"
                underline="always"
                renderRoot={(props) => (
                  <Link
                    to="/assets/$assetId"
                    params={{ assetId }}
                    search={{ at: change.observedAt }}
                    title="The asset as it was then"
                    {...props}
                  />
                )}
              >
                <Ago at={change.observedAt} />
              </Anchor>
              <div>{actorLabel(change.actor)}</div>
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
};

/** What changed of an asset, by day; each leads to what it was then. */
export const AssetChanges = ({ asset }: { readonly asset: Told }) => {
  const query = useInfiniteQuery(queries.changes({ assetId: asset.assetId }));
  const rows = rowsOf(query.data);
  if (query.error && rows.length === 0) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const days = Map.groupBy(rows, (change) => formatDay(change.observedAt));
  return (
    <>
      <Between asset={asset} />
      {rows.length === 0 && (
        <Empty title="No changes yet">What differs from one inventory to the next is listed here.</Empty>
      )}
      {[...days].map(([day, changes]) => (
        <Day key={day} day={day} asset={asset} changes={changes} />
      ))}
      {query.hasNextPage && (
        <button type="button" className="more" onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? "Loading …" : "Older changes"}
        </button>
      )}
    </>
  );
};
