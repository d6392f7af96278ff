import { Anchor, Button, Group, Menu, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft, IconBulb, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import type { IncidentDetail } from "../../../shared/model/incident-detail.ts";
import { Ago, At } from "../parts/ago.tsx";
import { bookRows } from "../parts/book.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { EvidenceLedger } from "../parts/evidence.tsx";
import { FormEnd } from "../parts/form-end.tsx";
import { AssetLink, IncidentLink, TicketLink } from "../parts/links.tsx";
import { Facts } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { IncidentStatus, Priority } from "../parts/status.tsx";
import { CommentForm, Timeline } from "../parts/timeline.tsx";
import { incidentKindLabel, toSentence } from "../parts/words.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries } from "../queries.ts";

const route = getRouteApi("/inside/incidents/$incidentId");

/** Asks for one line of text before something is done with it. */
const AskLine = ({
  label,
  button,
  initial,
  opened,
  close,
  send,
}: {
  readonly label: string;
  readonly button: string;
  readonly initial: string;
  readonly opened: boolean;
  readonly close: () => void;
  readonly send: (text: string) => void;
}) => {
  const [text, setText] = useState(initial);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(text.trim());
    close();
  };
  return (
    <Dialog opened={opened} close={close} title={button}>
      <form onSubmit={submit}>
        <TextInput
          data-autofocus
          label={label}
          value={text}
          maxLength={128}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormEnd close={close} button={button} disabled={text.trim() === ""} />
      </form>
    </Dialog>
  );
};

const verdicts = [
  { value: "true", label: "True: it was so" },
  { value: "false", label: "False alarm" },
  { value: "planned", label: "Planned: somebody knew" },
] as const;

const Actions = ({ incident }: { readonly incident: IncidentDetail }) => {
  const { data: me } = useQuery(queries.me());
  const mayWork = useMay("service-desk");
  const write = useWrite("incidents", "tickets", "overview");
  const [assigning, assign] = useDisclosure();
  const [resolving, resolve] = useDisclosure();
  if (!mayWork) return null;
  const send = (path: string, body: object) =>
    write.mutate({ path: `/incidents/${incident.incidentId}/${path}`, body, version: incident.version });
  const isOver = incident.state === "resolved";
  return (
    <Group gap="xs">
      {incident.state === "open" && (
        <Button
          size="sm"
          loading={write.isPending}
          onClick={() => send("acknowledge", me ? { assignee: me.name } : {})}
        >
          Take it
        </Button>
      )}
      {!isOver && (
        <Button size="sm" variant="default" onClick={assign.open}>
          Assign …
        </Button>
      )}
      <Menu withinPortal position="bottom-start">
        <Menu.Target>
          <Button size="sm" variant="default" rightSection={<IconChevronDown size={14} aria-hidden="true" />}>
            {incident.verdict === undefined ? "Verdict" : `Verdict: ${toSentence(incident.verdict)}`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {verdicts.map(({ value, label }) => (
            <Menu.Item key={value} onClick={() => send("verdict", { verdict: value })}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {!isOver && (
        <Button size="sm" variant="default" onClick={resolve.open}>
          Resolve …
        </Button>
      )}
      <AskLine
        key={`assign ${incident.assignee}`}
        label="To whom"
        button="Assign"
        initial={incident.assignee ?? me?.name ?? ""}
        opened={assigning}
        close={assign.close}
        send={(assignee) => send("assign", { assignee })}
      />
      <AskLine
        label="How it ended"
        button="Resolve"
        initial=""
        opened={resolving}
        close={resolve.close}
        send={(resolution) => send("resolve", { resolution })}
      />
    </Group>
  );
};

/** The first line is the most important one: it says also what could not be known. */
const Summary = ({ text }: { readonly text: string }) => {
  const [first, ...rest] = text.split("\n");
  return (
    <div className="incident-summary">
      <p>{first}</p>
      {rest.length > 0 && <p className="more-text">{rest.join("\n")}</p>}
    </div>
  );
};

/** A ticket at a desk; its address is the desk's word, and only ever a link that people may follow. */
const DeskTicket = ({ connector, ticketRef, url }: IncidentDetail["tickets"][number]) => {
  const label = `${connector} ${ticketRef}`;
  return url !== undefined && /^https?:\/\//.test(url) ? (
    <Anchor href={url} rel="noreferrer noopener" target="_blank">
      {label}
    </Anchor>
  ) : (
    label
  );
};

const About = ({ incident }: { readonly incident: IncidentDetail }) => (
  <Facts
    rows={[
      [
        "Asset",
        incident.assetId !== undefined && (
          <AssetLink assetId={incident.assetId}>{incident.assetName ?? "unnamed"}</AssetLink>
        ),
      ],
      ["Opened", <At key="o" at={incident.openedAt} />],
      ["Last seen", incident.lastSeenAt !== undefined && <At at={incident.lastSeenAt} />],
      ["Taken", incident.acknowledgedAt !== undefined && <At at={incident.acknowledgedAt} />],
      ["Resolved", incident.resolvedAt !== undefined && <At at={incident.resolvedAt} />],
      ["Because", incident.resolution],
      ["Assignee", incident.assignee],
      ["Last known place", incident.lastKnownPlace],
      ...bookRows(incident.book ?? {}, Date.parse(incident.openedAt)),
      ["Impact and urgency", `${toSentence(incident.impact)}, ${incident.urgency}`],
      ["Confidence", `${Math.round(incident.confidence * 100)} %`],
      ["Reopened", incident.reopened > 0 && `${incident.reopened} times`],
      [
        "Part of",
        incident.parentId !== undefined && <IncidentLink incidentId={incident.parentId}>another incident</IncidentLink>,
      ],
      [
        "Tickets",
        incident.tickets.length > 0 && (
          <span>
            {incident.tickets.map((ticket, i) => (
              <span key={`${ticket.connector} ${ticket.ticketRef}`}>
                {i > 0 && ", "}
                {ticket.number !== undefined ? (
                  <TicketLink number={ticket.number}>#{ticket.number}</TicketLink>
                ) : (
                  <DeskTicket {...ticket} />
                )}
              </span>
            ))}
          </span>
        ),
      ],
    ]}
  />
);

export const IncidentPage = () => {
  const { incidentId } = route.useParams();
  const { data: incident, error, refetch } = useQuery(queries.incident(incidentId));
  const comment = useWrite("incidents", "tickets");
  const mayWork = useMay("service-desk");
  useEffect(() => {
    if (incident) document.title = `${incident.title} · Rollcall`;
  }, [incident]);
  if (error && !incident) return <Failed error={error} retry={() => void refetch()} />;
  if (!incident) return <Loading rows={10} label="Loading the incident" />;
  return (
    <article className="incident" aria-label={incident.title}>
      <Anchor
        size="sm"
        className="back"
        renderRoot={(props) => <Link to="/incidents" search={(before) => before} {...props} />}
      >
        <IconArrowLeft size={15} aria-hidden="true" /> All incidents
      </Anchor>
      <Group gap="sm" align="flex-start" wrap="nowrap">
        <Priority priority={incident.priority} />
        <Title order={1} className="incident-title">
          {incident.title}
        </Title>
      </Group>
      <Text size="sm" c="dimmed" component="div" mb="sm" className="incident-sub">
        <IncidentStatus state={incident.state} /> · {incidentKindLabel(incident.kind)} · <Ago at={incident.openedAt} />
      </Text>
      <Summary text={incident.summary} />
      {incident.nextStep !== undefined && incident.state !== "resolved" && (
        <p className="next-step">
          <IconBulb size={18} stroke={1.7} aria-hidden="true" />
          <span>
            <strong>Next step:</strong> {incident.nextStep}
          </span>
        </p>
      )}
      <Actions incident={incident} />
      <About incident={incident} />
      {incident.childIncidents.length > 0 && (
        <section aria-label="Lost with it">
          <Title order={2}>Lost with it</Title>
          <ul className="plain">
            {incident.childIncidents.map((child) => (
              <li key={child.incidentId}>
                <Priority priority={child.priority} />{" "}
                <IncidentLink incidentId={child.incidentId}>{child.title}</IncidentLink>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="Evidence">
        <Title order={2}>Evidence</Title>
        {incident.evidence.length === 0 ? (
          <Empty title="No evidence recorded" />
        ) : (
          <EvidenceLedger evidence={incident.evidence} />
        )}
      </section>
      <section aria-label="Timeline">
        <Title order={2}>Timeline</Title>
        {incident.timeline.length === 0 ? (
          <Text c="dimmed">Nothing yet.</Text>
        ) : (
          <Timeline events={incident.timeline} />
        )}
        {mayWork && (
          <CommentForm
            pending={comment.isPending}
            send={(text) => comment.mutateAsync({ path: `/incidents/${incidentId}/comments`, body: { text } })}
          />
        )}
      </section>
    </article>
  );
};
