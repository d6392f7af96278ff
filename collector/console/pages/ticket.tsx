import { Anchor, Button, Group, Menu } from "@mantine/core";
import { IconArrowLeft, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Ticket } from "../../../shared/model/incident.ts";
import { Ago, At } from "../parts/ago.tsx";
import { AssetLink, IncidentLink } from "../parts/links.tsx";
import { Facts, PageHead, Panel } from "../parts/page.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Priority, TicketStatus } from "../parts/status.tsx";
import { CommentForm, Timeline } from "../parts/timeline.tsx";
import { ticketStateWords } from "../parts/words.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries } from "../queries.ts";

const route = getRouteApi("/inside/tickets/$number");
const states: readonly Ticket["state"][] = ["open", "in-progress", "resolved", "closed"];

export const TicketPage = () => {
  const { number } = route.useParams();
  const { data: ticket, error, refetch } = useQuery(queries.ticket(number));
  const { data: me } = useQuery(queries.me());
  const mayWork = useMay("service-desk");
  const write = useWrite("tickets", "incidents", "overview");
  if (error && !ticket) return <Failed error={error} retry={() => void refetch()} />;
  if (!ticket) return <Loading rows={8} label="Loading the ticket" />;
  const send = (path: string, body: object) => write.mutateAsync({ path: `/tickets/${number}/${path}`, body });
  return (
    <div className="narrow">
      <Anchor size="sm" className="back always" renderRoot={(props) => <Link to="/tickets" {...props} />}>
        <IconArrowLeft size={15} aria-hidden="true" /> All tickets
      </Anchor>
      <PageHead
        title={`#${ticket.number} ${ticket.subject}`}
        note={
          <span className="row-start">
            <Priority priority={ticket.priority} /> <TicketStatus state={ticket.state} /> <Ago at={ticket.updatedAt} />
          </span>
        }
      >
        {mayWork && (
          <Group gap="xs">
            {me && ticket.assignee !== me.name && (
              <Button size="sm" variant="default" onClick={() => void send("assign", { assignee: me.name })}>
                Assign to me
              </Button>
            )}
            <Menu withinPortal position="bottom-end">
              <Menu.Target>
                <Button size="sm" variant="default" rightSection={<IconChevronDown size={14} aria-hidden="true" />}>
                  Move to …
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {states
                  .filter((state) => state !== ticket.state)
                  .map((state) => (
                    <Menu.Item key={state} onClick={() => void send("state", { state })}>
                      {ticketStateWords[state].label}
                    </Menu.Item>
                  ))}
              </Menu.Dropdown>
            </Menu>
          </Group>
        )}
      </PageHead>
      <Facts
        rows={[
          [
            "Asset",
            ticket.assetId !== undefined && (
              <AssetLink assetId={ticket.assetId}>{ticket.assetName ?? "unnamed"}</AssetLink>
            ),
          ],
          [
            "Incident",
            <IncidentLink key="i" incidentId={ticket.incidentId}>
              its evidence
            </IncidentLink>,
          ],
          ["Assignee", ticket.assignee ?? "nobody"],
          ["Opened", <At key="o" at={ticket.openedAt} />],
          ["Resolved", ticket.resolvedAt !== undefined && <At at={ticket.resolvedAt} />],
        ]}
      />
      <Panel title="What it says">
        <p className="said body">{ticket.body}</p>
      </Panel>
      <Panel title="Timeline">
        <Timeline events={ticket.timeline} />
        {mayWork && <CommentForm pending={write.isPending} send={(text) => send("comments", { text })} />}
      </Panel>
    </div>
  );
};
