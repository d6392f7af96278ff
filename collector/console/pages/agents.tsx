import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Agent, AgentFlag, SweepSummary } from "../../../shared/model/agent.ts";
import { Ago } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { AssetLink, IncidentLink } from "../parts/links.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { AgentState, Status } from "../parts/status.tsx";
import { formatCount, formatDuration } from "../parts/value.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries } from "../queries.ts";

/** `brief`: where there is no room for more than what waits. */
const Approval = ({ agent, brief = false }: { readonly agent: Agent; readonly brief?: boolean }) => {
  const write = useWrite("agents", "overview");
  const [asking, ask] = useDisclosure();
  const path = (verb: string) => `/agents/${agent.agentId}/${verb}`;
  if (agent.state === "revoked") return null;
  return (
    <Group gap={6} wrap="nowrap" className="above">
      {agent.state === "pending" && (
        <Button
          size="compact-sm"
          onClick={() => write.mutate({ path: path("approve"), done: `${agent.name} is let in` })}
        >
          Approve
        </Button>
      )}
      {!brief && (
        <Button size="compact-sm" variant="default" onClick={ask.open}>
          Revoke …
        </Button>
      )}
      <Dialog opened={asking} close={ask.close} title={`Revoke ${agent.name}?`}>
        <Text size="sm">
          It is shut out at once and for good: to come back it must enrol again. What only it observed becomes
          unobserved, not missing.
        </Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={ask.close}>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              write.mutate({ path: path("revoke"), body: {}, done: `${agent.name} is revoked` });
              ask.close();
            }}
          >
            Revoke
          </Button>
        </Group>
      </Dialog>
    </Group>
  );
};

const flagWords: Readonly<Record<AgentFlag["kind"], string>> = {
  "evidence-refused": "Reports what it may not look at",
  "clock-wrong": "Its clock is wrong",
  "identity-conflict": "Its identity is contested",
};

const agentColumns = (isAdministrator: boolean): readonly Column<Agent>[] => [
  {
    id: "name",
    header: "Agent",
    cell: (agent) => (
      <div>
        {agent.assetId === undefined ? (
          <span className="clip">{agent.name}</span>
        ) : (
          <AssetLink assetId={agent.assetId} className="clip">
            {agent.name}
          </AssetLink>
        )}
        <div className="sub">
          {[agent.version, agent.platform, agent.uplink].filter(Boolean).join(" · ")}
          {agent.instance > 0 && ` · copy ${agent.instance}`}
        </div>
        {agent.flags?.map((flag) => (
          <div key={flag.incidentId}>
            <IncidentLink incidentId={flag.incidentId}>
              <Status tone="bad" label={flagWords[flag.kind]} />
            </IncidentLink>
          </div>
        ))}
        {isAdministrator && agent.state === "pending" && (
          <div className="hidden-from-sm">
            <Approval agent={agent} brief />
          </div>
        )}
      </div>
    ),
  },
  { id: "state", header: "State", width: "10.5rem", cell: (agent) => <AgentState state={agent.state} /> },
  {
    id: "heard",
    header: "Last heard",
    width: "7.5rem",
    from: "sm",
    cell: (agent) => (agent.lastHeardAt === undefined ? "never" : <Ago at={agent.lastHeardAt} />),
  },
  {
    id: "clock",
    header: "Clock",
    width: "6rem",
    from: "lg",
    cell: (agent) =>
      agent.clockOffsetMs === undefined
        ? "–"
        : `${agent.clockOffsetMs > 0 ? "+" : ""}${Math.round(agent.clockOffsetMs)} ms`,
  },
  {
    id: "scopes",
    header: "May look at",
    from: "md",
    cell: (agent) => <span className="clip mono">{agent.scopes.join(", ") || "its own host only"}</span>,
  },
  ...(isAdministrator
    ? [
        {
          id: "actions",
          header: "Actions",
          width: "11.5rem",
          from: "sm" as const,
          cell: (agent: Agent) => <Approval agent={agent} />,
        },
      ]
    : []),
];

const sight = {
  "could-see": { tone: "good", label: "Could see" },
  partly: { tone: "watch", label: "In part" },
  blind: { tone: "bad", label: "Blind" },
} as const;

const coverageColumns = (names: ReadonlyMap<string, string>): readonly Column<SweepSummary>[] => [
  {
    id: "scope",
    header: "Scope",
    cell: (sweep) => (
      <div>
        <div className="clip">{sweep.scope}</div>
        <div className="sub clip">by {names.get(sweep.agentId) ?? sweep.agentId}</div>
      </div>
    ),
  },
  { id: "sight", header: "Sight", width: "8rem", cell: (sweep) => <Status {...sight[sweep.proof.verdict]} /> },
  {
    id: "why",
    header: "Why",
    from: "md",
    cell: (sweep) => <span className="clip">{sweep.proof.reasons.join("; ") || "controls answered"}</span>,
  },
  {
    id: "addresses",
    header: "Addresses",
    width: "7rem",
    from: "sm",
    align: "end",
    cell: (sweep) => formatCount(sweep.addresses),
  },
  { id: "seen", header: "Seen", width: "5rem", align: "end", cell: (sweep) => formatCount(sweep.sightingCount) },
  {
    id: "took",
    header: "Took",
    width: "5.5rem",
    from: "lg",
    align: "end",
    cell: (sweep) => formatDuration(Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt)),
  },
  { id: "ended", header: "Ended", width: "7.5rem", cell: (sweep) => <Ago at={sweep.endedAt} /> },
];

const Coverage = ({ names }: { readonly names: ReadonlyMap<string, string> }) => {
  const { data, error, refetch } = useQuery(queries.coverage());
  const columns = useMemo(() => coverageColumns(names), [names]);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  if (data.items.length === 0)
    return <Empty title="No sweeps yet">An agent looks at a network only where its own file lets it.</Empty>;
  return <DataTable label="Coverage" rows={data.items} columns={columns} rowKey={(sweep) => sweep.sweepId} />;
};

export const AgentsPage = () => {
  const { data, error, refetch } = useQuery(queries.agents());
  const isAdministrator = useMay("administrator");
  const columns = useMemo(() => agentColumns(isAdministrator), [isAdministrator]);
  const names = useMemo(() => new Map(data?.items.map((agent) => [agent.agentId as string, agent.name])), [data]);
  return (
    <>
      <PageHead title="Agents and coverage" note="Who looks, what they may look at, and whether they could see" />
      <Panel title="Agents">
        {error && !data ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Loading />
        ) : data.items.length === 0 ? (
          <Empty title="No agents yet">
            Make a token with rollcall-collector token create, then run rollcall-agent enrol on a host.
          </Empty>
        ) : (
          <DataTable
            label="Agents"
            rows={data.items}
            columns={columns}
            rowKey={(agent) => `${agent.agentId} ${agent.instance}`}
          />
        )}
      </Panel>
      <Panel title="Latest sweeps">
        <Coverage names={names} />
      </Panel>
    </>
  );
};
