import { Button, Code, Group, Menu, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import type {
  DeskDifference,
  DeskPreview,
  DeskStatus,
  DeskTrial,
  IncidentRow,
  OutboxEntry,
  SecretName,
} from "../../../shared/model/rest.ts";
import { client } from "../client.ts";
import { Ago, useNow } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { IncidentLink } from "../parts/links.tsx";
import { Facts, PageHead, Panel } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { formatCount, formatDuration } from "../parts/value.ts";
import type { Tone } from "../parts/words.ts";
import { toSentence } from "../parts/words.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries, rowsOf } from "../queries.ts";

const standingOf = (desk: DeskStatus): { readonly tone: Tone; readonly label: string; readonly hint?: string } => {
  if (desk.findings.some(({ ok }) => !ok)) return { tone: "bad", label: "Not ready" };
  if (desk.restsUntil !== undefined)
    return {
      tone: "bad",
      label: "Resting",
      hint: "It failed too often in a row; one trial call is made after the rest",
    };
  if (desk.failuresInRow > 0) return { tone: "watch", label: "Failing" };
  return desk.checkedAt === undefined ? { tone: "quiet", label: "Not checked yet" } : { tone: "good", label: "Ready" };
};

/** A time to come, or "now". */
const In = ({ at }: { readonly at: string }) => {
  const left = Date.parse(at) - useNow();
  return <span className="nowrap">{left <= 0 ? "now" : `in ${formatDuration(left)}`}</span>;
};

const Findings = ({ desk }: { readonly desk: DeskStatus }) => {
  const faults = desk.findings.filter(({ ok }) => !ok);
  if (faults.length === 0) return null;
  return (
    <ul className="plain findings">
      {faults.map(({ what, remedy }) => (
        <li key={what}>
          <Status tone="bad" label={what} />
          {remedy !== undefined && <div className="sub wrap">Do: {remedy}</div>}
        </li>
      ))}
    </ul>
  );
};

const Trial = ({ desk, close }: { readonly desk: DeskStatus; readonly close: () => void }) => {
  const queryClient = useQueryClient();
  const trial = useMutation({
    mutationFn: () => client.write<DeskTrial>("POST", `/desks/${desk.name}/test`),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["desks"] }),
  });
  return (
    <Stack gap="sm">
      <Text size="sm">
        Opens a ticket “Rollcall: test, please ignore” at {desk.title}, comments on it, and resolves it.
      </Text>
      {trial.error && <Failed error={trial.error} />}
      {trial.data && (
        <ul className="plain steps" aria-label="Steps">
          {trial.data.steps.map(({ what, ok, detail }) => (
            <li key={what}>
              <Status tone={ok ? "good" : "bad"} label={`${toSentence(what)}: ${ok ? "done" : "failed"}`} />
              <div className="sub wrap">{detail}</div>
            </li>
          ))}
        </ul>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Close
        </Button>
        <Button loading={trial.isPending} onClick={() => trial.mutate()}>
          {trial.data ? "Test again" : "Test"}
        </Button>
      </Group>
    </Stack>
  );
};

const Preview = ({ desk }: { readonly desk: DeskStatus }) => {
  const [chosen, choose] = useState<IncidentRow>();
  const incidents = useInfiniteQuery(queries.incidents({}));
  const rows = rowsOf(incidents.data).slice(0, 12);
  const incident = chosen ?? rows[0];
  const preview = useQuery({
    queryKey: ["desks", "preview", desk.name, incident?.incidentId],
    queryFn: ({ signal }) =>
      client.get<DeskPreview>(`/desks/${desk.name}/preview`, { incidentId: incident?.incidentId }, signal),
    enabled: incident !== undefined,
  });
  if (incidents.error) return <Failed error={incidents.error} />;
  if (!incidents.data) return <Loading rows={4} />;
  if (!incident) return <Empty title="No incident to show it with">The preview is made of a real incident.</Empty>;
  return (
    <Stack gap="sm">
      <Menu withinPortal position="bottom-start">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden="true" />} className="chooser">
            <span className="clip">{incident.title}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="18rem" className="chooser-menu">
          {rows.map((row) => (
            <Menu.Item key={row.incidentId} onClick={() => choose(row)}>
              {row.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {preview.error && <Failed error={preview.error} />}
      {preview.data ? (
        <>
          <div className="preview-subject">{preview.data.subject}</div>
          <Code block className="preview-text">
            {preview.data.text}
          </Code>
        </>
      ) : (
        <Loading rows={6} />
      )}
    </Stack>
  );
};

const DeskPanel = ({ desk }: { readonly desk: DeskStatus }) => {
  const check = useWrite("desks");
  const mayCheck = useMay("service-desk");
  const mayTest = useMay("administrator");
  const [testing, test] = useDisclosure();
  const [showing, show] = useDisclosure();
  return (
    <Panel title={desk.name} action={<Status {...standingOf(desk)} />}>
      <Facts
        rows={[
          ["Product", desk.title],
          ["Waiting", formatCount(desk.waiting)],
          ["Delivered since the start", formatCount(desk.delivered)],
          ["Refused for good", desk.rejected > 0 && formatCount(desk.rejected)],
          ["Failures in a row", desk.failuresInRow > 0 && formatCount(desk.failuresInRow)],
          ["Next trial call", desk.restsUntil !== undefined && <In key="rest" at={desk.restsUntil} />],
          ["Checked", desk.checkedAt !== undefined && <Ago key="checked" at={desk.checkedAt} />],
        ]}
      />
      {desk.lastError !== undefined && (
        <Text size="sm" mb="sm" className="wrap">
          Last error: {desk.lastError}
        </Text>
      )}
      <Findings desk={desk} />
      {desk.tried === "fake" && (
        <Text size="xs" c="dimmed" mb="sm">
          This connector was tried against a strict imitation of the product only: run a test before you rely on it.
        </Text>
      )}
      <Group gap="xs">
        {mayCheck && (
          <Button
            size="compact-sm"
            variant="default"
            loading={check.isPending}
            onClick={() => check.mutate({ path: `/desks/${desk.name}/check`, done: `${desk.name} was checked` })}
          >
            Check again
          </Button>
        )}
        {mayTest && (
          <Button size="compact-sm" variant="default" onClick={test.open}>
            Test …
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={show.open}>
          Preview …
        </Button>
      </Group>
      <Dialog title={`Test ${desk.name}`} opened={testing} close={test.close}>
        <Trial desk={desk} close={test.close} />
      </Dialog>
      <Dialog title={`What ${desk.name} would be told`} opened={showing} close={show.close} size="xl">
        <Preview desk={desk} />
      </Dialog>
    </Panel>
  );
};

const actionWords: Readonly<Record<OutboxEntry["action"], string>> = {
  open: "Open a ticket",
  comment: "Comment",
  resolve: "Resolve",
  reopen: "Reopen",
};

const Why = ({ entry }: { readonly entry: OutboxEntry }) => (
  <span>
    {entry.lastError ?? (entry.isFirst ? "is being sent" : "waits for what comes before it")}
    {entry.attempts > 0 && ` (tried ${entry.attempts === 1 ? "once" : `${entry.attempts} times`})`}
  </span>
);

/** A desk that rests is asked by nobody before its rest is over, however due an entry is. */
const nextTry = (entry: OutboxEntry, rests: ReadonlyMap<string, string>): string => {
  const rest = rests.get(entry.desk) ?? "";
  return rest > entry.dueAt ? rest : entry.dueAt;
};

const outboxColumns = (rests: ReadonlyMap<string, string>): readonly Column<OutboxEntry>[] => [
  {
    id: "what",
    header: "What",
    cell: (entry) => (
      <div>
        <IncidentLink incidentId={entry.incidentId} className="clip">
          {entry.title ?? entry.incidentId}
        </IncidentLink>
        <div className="sub">
          {actionWords[entry.action]} at {entry.desk}
        </div>
        <div className="sub hidden-from-md">
          <Why entry={entry} />
        </div>
      </div>
    ),
  },
  {
    id: "why",
    header: "Why it waits",
    width: "45%",
    from: "md",
    cell: (entry) => (
      <span className="two-lines" title={entry.lastError}>
        <Why entry={entry} />
      </span>
    ),
  },
  {
    id: "next",
    header: "Next try",
    width: "6.5rem",
    from: "sm",
    cell: (entry) => entry.isFirst && <In at={nextTry(entry, rests)} />,
  },
  { id: "since", header: "Since", width: "7rem", cell: (entry) => <Ago at={entry.since} /> },
];

const Outbox = ({ desks }: { readonly desks: readonly DeskStatus[] }) => {
  const query = useInfiniteQuery(queries.outbox());
  const columns = useMemo(
    () => outboxColumns(new Map(desks.flatMap(({ name, restsUntil }) => (restsUntil ? [[name, restsUntil]] : [])))),
    [desks],
  );
  const rows = rowsOf(query.data);
  if (query.error && rows.length === 0) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading rows={3} />;
  if (rows.length === 0)
    return <Empty title="Nothing waits">Everything that desks are to be told has been told.</Empty>;
  return (
    <DataTable
      label="Waiting for desks"
      rows={rows}
      total={query.data.pages[0]?.total}
      columns={columns}
      rowHeight={64}
      rowKey={(entry) => entry.outboxId}
      onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
    />
  );
};

const differenceWords: Readonly<Record<DeskDifference["what"], string>> = {
  state: "State",
  assignee: "Assignee",
  verdict: "Verdict",
  merged: "Merged there",
  unreadable: "Can't be read",
};

const Parity = () => {
  const compare = useMutation({
    mutationFn: () =>
      client.get<{ readonly compared: number; readonly differences: readonly DeskDifference[] }>("/desks/parity"),
  });
  return (
    <Panel
      title="The desks' tickets against ours"
      action={
        <Button size="compact-sm" variant="default" loading={compare.isPending} onClick={() => compare.mutate()}>
          Compare
        </Button>
      }
    >
      {compare.error && <Failed error={compare.error} />}
      {compare.data === undefined ? (
        <Text size="sm" c="dimmed">
          Reads every ticket at the desks that can be read, and lists where they and we say different things.
        </Text>
      ) : compare.data.differences.length === 0 ? (
        <Empty title="No differences">{formatCount(compare.data.compared)} tickets were compared.</Empty>
      ) : (
        <table className="fact-table">
          <thead>
            <tr>
              <th scope="col">Incident</th>
              <th scope="col">Differs in</th>
              <th scope="col">Here</th>
              <th scope="col">There</th>
            </tr>
          </thead>
          <tbody>
            {compare.data.differences.map((one) => (
              <tr key={`${one.desk} ${one.ticket} ${one.what}`}>
                <td>
                  <IncidentLink incidentId={one.incidentId}>{one.title}</IncidentLink>
                  <div className="sub">
                    {one.desk}, ticket {one.ticket}
                  </div>
                </td>
                <td>{differenceWords[one.what]}</td>
                <td className="value">{one.ours}</td>
                <td className="value">{one.theirs}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
};

const SecretForm = ({ name: given, close }: { readonly name: string; readonly close: () => void }) => {
  const write = useWrite("secrets", "desks");
  const [name, setName] = useState(given);
  const [value, setValue] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate(
      { method: "PUT", path: `/secrets/${encodeURIComponent(name)}`, body: { value }, done: `${name} is set` },
      { onSuccess: close },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="Lower-case letters, digits and dashes; settings refer to it as store:NAME"
          value={name}
          maxLength={64}
          disabled={given !== ""}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Secret"
          description="It is sealed, and never shown again"
          autoComplete="off"
          value={value}
          maxLength={16_384}
          visibilityToggleButtonProps={{ "aria-label": "Show what I typed" }}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={write.isPending} disabled={name === "" || value === ""}>
            Set
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Secrets = () => {
  const { data, error, refetch } = useQuery(queries.secrets());
  const write = useWrite("secrets", "desks");
  const [editing, edit] = useState<string>();
  const [removing, remove] = useState<SecretName>();
  return (
    <Panel
      title="Stored secrets"
      action={
        <Button size="compact-sm" variant="default" onClick={() => edit("")}>
          Set a secret …
        </Button>
      }
    >
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading rows={2} />
      ) : data.items.length === 0 ? (
        <Empty title="None">Desks’ settings may also name a file (@FILE) or a variable (env:NAME).</Empty>
      ) : (
        <ul className="rows">
          {data.items.map((secret) => (
            <li key={secret.name}>
              <div className="grow">
                <span className="mono">store:{secret.name}</span>
                <div className="sub">
                  set <Ago at={secret.updatedAt} /> by {secret.updatedBy}
                </div>
              </div>
              <Group gap={6} wrap="nowrap">
                <Button size="compact-sm" variant="default" onClick={() => edit(secret.name)}>
                  Replace …
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => remove(secret)}>
                  Remove …
                </Button>
              </Group>
            </li>
          ))}
        </ul>
      )}
      <Dialog
        title={editing === "" ? "Set a secret" : `Replace ${editing}`}
        opened={editing !== undefined}
        close={() => edit(undefined)}
      >
        {editing !== undefined && <SecretForm name={editing} close={() => edit(undefined)} />}
      </Dialog>
      <Dialog title={`Remove ${removing?.name}?`} opened={removing !== undefined} close={() => remove(undefined)}>
        <Text size="sm">Desks whose settings name it can’t be reached any more; what waits for them is kept.</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => remove(undefined)}>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              write.mutate({
                method: "DELETE",
                path: `/secrets/${removing?.name}`,
                done: `${removing?.name} is removed`,
              });
              remove(undefined);
            }}
          >
            Remove
          </Button>
        </Group>
      </Dialog>
    </Panel>
  );
};

const none: readonly DeskStatus[] = [];

export const DesksPage = () => {
  const { data, error, refetch } = useQuery(queries.desks());
  const isAdministrator = useMay("administrator");
  const mayCompare = useMay("service-desk");
  const some = data !== undefined && data.items.length > 0;
  return (
    <>
      <PageHead title="Desks" note="Ticket systems that are told of incidents, and what waits for them" />
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : some ? (
        <div className="desk-panels">
          {data.items.map((desk) => (
            <DeskPanel key={desk.name} desk={desk} />
          ))}
        </div>
      ) : (
        <Panel title="No desk is configured">
          <Text size="sm" c="dimmed">
            Every incident has its ticket in the built-in queue. To tell another system too, add it under desks in the
            collector’s configuration: connector, settings and which incidents go there.
          </Text>
        </Panel>
      )}
      <Panel title="Waiting">
        <Outbox desks={data?.items ?? none} />
      </Panel>
      {some && mayCompare && <Parity />}
      {isAdministrator && some && <Secrets />}
    </>
  );
};
