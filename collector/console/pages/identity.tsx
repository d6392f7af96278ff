import { Button, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { DecisionNote } from "../../../shared/model/identity.ts";
import { Ago } from "../parts/ago.tsx";
import { DecisionItem } from "../parts/decisions.tsx";
import { IdentityRulesPanel } from "../parts/identity-rules.tsx";
import { AssetLink } from "../parts/links.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { toWords } from "../parts/words.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/identity");

/** Two assets of which a rule could not say whether they are one: a person does. */
const Conflict = ({ decision }: { readonly decision: DecisionNote }) => {
  const { assetId, otherAssetId = "", assetName, otherAssetName, explanation, keys, at } = decision;
  const write = useWrite("assets", "overview", "incidents");
  const mayDecide = useMay("asset-manager");
  return (
    <li className="decision">
      <div className="grow">
        <div className="row-top">
          <span>
            <AssetLink assetId={assetId}>{assetName}</AssetLink> claims what is{" "}
            <AssetLink assetId={otherAssetId}>{`${otherAssetName}'s`}</AssetLink>
          </span>
          <span className="dimmed">
            <Ago at={at} />
          </span>
        </div>
        <div>{explanation}</div>
        <div className="sub keys-of">
          {keys.slice(0, 6).map(({ kind, value }) => (
            <span key={`${kind} ${value}`}>
              {toWords(kind)} <span className="mono">{value}</span>
            </span>
          ))}
        </div>
        {mayDecide && (
          <Group gap="xs" mt="xs">
            <Button
              size="compact-sm"
              variant="default"
              loading={write.isPending}
              onClick={() =>
                write.mutate({
                  path: `/assets/${otherAssetId}/merge`,
                  body: { otherAssetId: assetId },
                  done: `One device: ${otherAssetName}`,
                })
              }
            >
              One device: merge
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              loading={write.isPending}
              onClick={() =>
                write.mutate({
                  path: `/assets/${assetId}/keep-apart`,
                  body: { otherAssetId },
                  done: "Two devices: no rule joins them",
                })
              }
            >
              Two devices: keep apart
            </Button>
          </Group>
        )}
      </div>
    </li>
  );
};

const Waiting = () => {
  const query = useInfiniteQuery(queries.decisions({ waiting: "true" }));
  const rows = rowsOf(query.data);
  return (
    <Panel title="Waits for a person">
      {query.error && rows.length === 0 ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading rows={3} />
      ) : rows.length === 0 ? (
        <Empty title="No conflicts">
          Where two hosts claim one serial or UUID, both are kept apart and shown here.
        </Empty>
      ) : (
        <ul className="rows">
          {rows.map((decision) => (
            <Conflict key={decision.decisionId} decision={decision} />
          ))}
        </ul>
      )}
    </Panel>
  );
};

const filters = [
  ["", "All"],
  ["hand", "By a person"],
  ["rule", "By a rule"],
] as const;

const Decisions = () => {
  const { tab = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(queries.decisions({ by: tab === "hand" || tab === "rule" ? tab : undefined }));
  const rows = rowsOf(query.data);
  return (
    <Panel title="Last decisions">
      <Group gap={6} mb="xs" role="group" aria-label="Decided">
        {filters.map(([value, label]) => (
          <button
            key={value}
            type="button"
            className={tab === value ? "chip chosen" : "chip"}
            aria-pressed={tab === value}
            onClick={() => void navigate({ search: { tab: value === "" ? undefined : value }, replace: true })}
          >
            {label}
          </button>
        ))}
      </Group>
      {query.error && rows.length === 0 ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading rows={6} />
      ) : rows.length === 0 ? (
        <Empty title="None yet">Joins and splits of assets are listed here, with what they went by.</Empty>
      ) : (
        <ul className="rows">
          {rows.map((decision) => (
            <DecisionItem key={decision.decisionId} decision={decision} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <button type="button" className="more" onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? "Loading …" : "Older decisions"}
        </button>
      )}
    </Panel>
  );
};

/** Which records are one device: what waits for a person, what was decided and why, and by which rules. */
export const IdentityPage = () => (
  <>
    <PageHead title="Identity" note={<Text size="sm">Which records are one device, and why</Text>} />
    <div className="identity-page">
      <div>
        <Waiting />
        <Decisions />
      </div>
      <IdentityRulesPanel />
    </div>
  </>
);
