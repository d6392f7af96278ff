import { SegmentedControl, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useParams } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect } from "react";
import type { IncidentKind } from "../../../shared/model/incident.ts";
import type { IncidentRow } from "../../../shared/model/incident-detail.ts";
import { Ago } from "../parts/ago.tsx";
import { FilterMenu, toValues } from "../parts/filters.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { IncidentStatus, Priority } from "../parts/status.tsx";
import { incidentKindLabel } from "../parts/words.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/incidents");

const views = {
  active: ["open", "acknowledged"],
  open: ["open"],
  resolved: ["resolved"],
  all: [],
} as const;
type View = keyof typeof views;
const isView = (text: string | undefined): text is View => text !== undefined && Object.hasOwn(views, text);

const kinds: readonly IncidentKind[] = [
  "device-missing",
  "agent-silent",
  "segment-unreachable",
  "unknown-device",
  "device-moved",
  "component-removed",
  "component-replaced",
  "duplicate-address",
  "identity-conflict",
  "came-back-changed",
  "clock-wrong",
  "evidence-refused",
];

const Entry = ({ incident, selected }: { readonly incident: IncidentRow; readonly selected: boolean }) => (
  <li>
    <Link
      to="/incidents/$incidentId"
      params={{ incidentId: incident.incidentId }}
      search={(before) => before}
      className="queue-entry"
      aria-current={selected ? "true" : undefined}
    >
      <Priority priority={incident.priority} />
      <span className="grow">
        <span className="queue-title">{incident.title}</span>
        <span className="queue-note">
          <IncidentStatus state={incident.state} />
          <span>{incidentKindLabel(incident.kind)}</span>
          <Ago at={incident.openedAt} />
          {incident.assignee !== undefined && <span>{incident.assignee}</span>}
          {incident.children > 0 && <span>+{incident.children}</span>}
        </span>
      </span>
    </Link>
  </li>
);

/** Up and down (j, k) walk the queue; the incident opens as the focus reaches it, so that one hand is enough. */
const walk = (event: KeyboardEvent<HTMLElement>): void => {
  const step =
    event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
  if (step === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>("a.queue-entry")];
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.click();
};

export const IncidentsPage = () => {
  const { state, kind } = route.useSearch();
  const navigate = route.useNavigate();
  const { incidentId } = useParams({ strict: false });
  const view = isView(state) ? state : "active";
  const query = useInfiniteQuery(queries.incidents({ state: views[view], kind: toValues(kind) }));
  const rows = rowsOf(query.data);
  useEffect(() => {
    if (incidentId === undefined) document.title = "Incidents · Rollcall";
  }, [incidentId]);
  return (
    <div className={incidentId === undefined ? "queue-page" : "queue-page chosen"}>
      <div className="queue">
        <PageHead title="Incidents" />
        <div className="queue-filters">
          <SegmentedControl
            aria-label="Which incidents"
            fullWidth
            size="sm"
            value={view}
            onChange={(next) =>
              void navigate({ search: (before) => ({ ...before, state: next === "active" ? undefined : next }) })
            }
            data={[
              { value: "active", label: "Active" },
              { value: "open", label: "Not taken" },
              { value: "resolved", label: "Resolved" },
              { value: "all", label: "All" },
            ]}
          />
          <FilterMenu
            label="Kind"
            value={kind}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, kind: next }) })}
            options={kinds.map((value) => ({ value, label: incidentKindLabel(value) }))}
          />
        </div>
        {query.error && rows.length === 0 ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <Loading />
        ) : rows.length === 0 ? (
          <Empty title={view === "resolved" ? "None was resolved yet" : "Nothing to do"}>
            {view === "active" && kind === undefined
              ? "Nothing that is watched is known to be missing."
              : "No incident fits."}
          </Empty>
        ) : (
          <ul className="queue-list" aria-label="Queue" onKeyDown={walk}>
            {rows.map((incident) => (
              <Entry key={incident.incidentId} incident={incident} selected={incident.incidentId === incidentId} />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <button type="button" className="more" onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading …" : "More"}
          </button>
        )}
      </div>
      <div className="queue-detail">
        <Outlet />
        {incidentId === undefined && rows.length > 0 && (
          <Text c="dimmed" className="queue-hint">
            Choose an incident to see its evidence and to work on it.
          </Text>
        )}
      </div>
    </div>
  );
};
