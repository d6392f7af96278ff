import { Anchor, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Agent } from "../../../shared/model/agent.ts";
import type { PresenceState } from "../../../shared/model/asset.ts";
import type { Measures, Overview } from "../../../shared/model/overview.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import { Ago } from "../parts/ago.tsx";
import { ChangeText } from "../parts/changes.tsx";
import { DeviceIcon } from "../parts/device-icon.tsx";
import { AssetLink, IncidentLink } from "../parts/links.tsx";
import { Facts, PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { AgentState, IncidentStatus, Priority } from "../parts/status.tsx";
import { formatCount, formatDuration } from "../parts/value.ts";
import { presenceWords, typeLabel } from "../parts/words.ts";
import { queries, rowsOf } from "../queries.ts";

const order: readonly PresenceState[] = [
  "present",
  "late",
  "suspect",
  "missing",
  "blind",
  "away",
  "unobserved",
  "retired",
];

const Tile = ({
  label,
  value,
  note,
  to,
  search,
  alarm = false,
}: {
  readonly label: string;
  readonly value: number;
  readonly note: ReactNode;
  readonly to: "/assets" | "/incidents" | "/tickets" | "/agents" | "/changes";
  readonly search?: Record<string, string>;
  readonly alarm?: boolean;
}) => (
  <Link to={to} search={search ?? {}} className={alarm ? "tile alarm" : "tile"}>
    <span className="tile-label">{label}</span>
    <span className="tile-value">{formatCount(value)}</span>
    <span className="tile-note">{note}</span>
  </Link>
);

const Tiles = ({ data }: { readonly data: Overview }) => {
  const connected = data.agentsByState.connected ?? 0;
  const missing = data.assetsByPresence.missing ?? 0;
  const unheard = (data.agentsByState.silent ?? 0) + (data.agentsByState.closed ?? 0);
  return (
    <div className="tiles">
      <Tile
        label="Assets"
        value={data.assets}
        to="/assets"
        note={`${formatCount(data.assetsByPresence.present ?? 0)} present`}
      />
      <Tile
        label="Missing"
        value={missing}
        to="/assets"
        search={{ presence: "missing" }}
        alarm={missing > 0}
        note={`${formatCount(data.assetsByPresence.suspect ?? 0)} more suspected`}
      />
      <Tile
        label="Open incidents"
        value={data.openIncidents}
        to="/incidents"
        alarm={data.openIncidents > 0}
        note={`${formatCount(data.openTickets)} open tickets`}
      />
      <Tile
        label="Agents"
        value={data.agents}
        to="/agents"
        alarm={unheard > 0}
        note={`${formatCount(connected)} connected${unheard > 0 ? `, ${formatCount(unheard)} not heard` : ""}`}
      />
      <Tile label="Changes" value={data.changesLastDay} to="/changes" note="in the last 24 hours" />
    </div>
  );
};

const span = (ms: number | null): string => (ms === null ? "—" : formatDuration(ms));
const share = ({ inTime, of }: Measures["answered"]): string => (of === 0 ? "—" : `${inTime} of ${of}`);

/** MTTD, MTTA, MTTR and the targets of the last month. */
const Pace = ({ measures }: { readonly measures: Measures }) => (
  <Facts
    rows={[
      ["Noticed after", `${span(measures.mttdMs)} (MTTD: last seen to opened)`],
      ["Taken after", `${span(measures.mttaMs)} (MTTA: opened to taken)`],
      ["Over after", `${span(measures.mttrMs)} (MTTR: opened to resolved)`],
      ["Answered in time", share(measures.answered)],
      ["Resolved in time", share(measures.resolved)],
    ]}
  />
);

const PresenceBar = ({ data }: { readonly data: Overview }) => {
  const parts = order
    .map((state) => ({ state, count: data.assetsByPresence[state] ?? 0, ...presenceWords[state] }))
    .filter(({ count }) => count > 0);
  return (
    <>
      <div className="presence-bar" aria-hidden="true">
        {parts.map(({ state, count }) => (
          <span key={state} className={`presence-${state}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="legend">
        {parts.map(({ state, count, label, hint }) => (
          <li key={state} title={hint}>
            <Link to="/assets" search={{ presence: state }}>
              <span className={`swatch presence-${state}`} aria-hidden="true" />
              {label} <strong>{formatCount(count)}</strong>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
};

const Types = ({ data }: { readonly data: Overview }) => {
  const rows = (Object.entries(data.assetsByType) as [DeviceType, number][]).sort((a, b) => b[1] - a[1]);
  const most = rows[0]?.[1] ?? 1;
  return (
    <ul className="bars">
      {rows.map(([type, count]) => (
        <li key={type}>
          <Link to="/assets" search={{ type }}>
            <DeviceIcon type={type} size={16} />
            <span className="bar-label">{typeLabel(type)}</span>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className="bar-count">{formatCount(count)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
};

const More = ({
  to,
  children,
}: {
  readonly to: "/incidents" | "/changes" | "/agents";
  readonly children: ReactNode;
}) => (
  <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
    {children}
  </Anchor>
);

const OpenIncidents = () => {
  const { data, error, refetch } = useInfiniteQuery(queries.incidents({ state: ["open", "acknowledged"] }));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={4} />;
  const rows = rowsOf(data).slice(0, 6);
  if (rows.length === 0)
    return <Empty title="No open incidents">Nothing that is watched is known to be missing.</Empty>;
  return (
    <ul className="rows">
      {rows.map((incident) => (
        <li key={incident.incidentId}>
          <Priority priority={incident.priority} />
          <div className="grow">
            <IncidentLink incidentId={incident.incidentId}>{incident.title}</IncidentLink>
            <Text size="xs" c="dimmed">
              <IncidentStatus state={incident.state} /> · <Ago at={incident.openedAt} />
              {incident.assignee !== undefined && ` · ${incident.assignee}`}
            </Text>
          </div>
        </li>
      ))}
    </ul>
  );
};

const RecentChanges = () => {
  const { data, error, refetch } = useInfiniteQuery(queries.changes({ weight: "low" }));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={6} />;
  const rows = rowsOf(data).slice(0, 8);
  if (rows.length === 0)
    return <Empty title="No changes yet">What differs from one inventory to the next is listed here.</Empty>;
  return (
    <ul className="rows">
      {rows.map((change) => (
        <li key={change.changeId}>
          <div className="grow">
            <div className="row-top">
              <AssetLink assetId={change.assetId}>{change.assetName}</AssetLink>
              <Text size="xs" c="dimmed" component="span">
                <Ago at={change.observedAt} />
              </Text>
            </div>
            <ChangeText change={change} />
          </div>
        </li>
      ))}
    </ul>
  );
};

/** Agents that need somebody: those not heard and those that wait, before those that are well. */
const urgency: Readonly<Record<Agent["state"], number>> = {
  pending: 0,
  silent: 1,
  closed: 2,
  never: 3,
  connected: 4,
  "said-goodbye": 5,
  revoked: 6,
};

const Agents = () => {
  const { data, error, refetch } = useQuery(queries.agents());
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={4} />;
  if (data.items.length === 0)
    return <Empty title="No agents yet">Enrol one with a token: rollcall-agent enrol.</Empty>;
  const rows = [...data.items].sort((a, b) => urgency[a.state] - urgency[b.state]).slice(0, 7);
  return (
    <ul className="rows">
      {rows.map((agent) => (
        <li key={`${agent.agentId} ${agent.instance}`}>
          <div className="grow row-top">
            {agent.assetId === undefined ? (
              <span className="clip">{agent.name}</span>
            ) : (
              <AssetLink assetId={agent.assetId}>{agent.name}</AssetLink>
            )}
            <span className="agent-state">
              <AgentState state={agent.state} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
};

export const OverviewPage = () => {
  const { data, error, refetch } = useQuery(queries.overview());
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <>
      <PageHead
        title="Overview"
        note={
          data && (
            <>
              Counted <Ago at={data.at} />
            </>
          )
        }
      />
      {data?.ailments.map((ailment) => (
        <div key={ailment} className="ailment" role="alert">
          {ailment}
        </div>
      ))}
      {data ? <Tiles data={data} /> : <Loading rows={3} />}
      {data?.assets === 0 ? (
        <Empty title="Waiting for the first agent">
          Assets appear as soon as an agent has enrolled and sent its first inventory. On another host: make a token
          with rollcall-collector token create, then run rollcall-agent enrol.
        </Empty>
      ) : (
        <div className="dashboard">
          <div>
            <Panel title="Needs attention" action={<More to="/incidents">All incidents</More>}>
              <OpenIncidents />
            </Panel>
            <Panel title="Recent changes" action={<More to="/changes">All changes</More>}>
              <RecentChanges />
            </Panel>
          </div>
          <div>
            <Panel title="Presence">{data ? <PresenceBar data={data} /> : <Loading rows={2} />}</Panel>
            <Panel title="Agents" action={<More to="/agents">All agents</More>}>
              <Agents />
            </Panel>
            {data && data.measures.incidents > 0 && (
              <Panel title={`Incidents of ${data.measures.days} days`}>
                <Pace measures={data.measures} />
              </Panel>
            )}
            <Panel title="By type">{data ? <Types data={data} /> : <Loading rows={5} />}</Panel>
          </div>
        </div>
      )}
    </>
  );
};
