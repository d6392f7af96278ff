import { Button, Code, Group, Menu, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DeskPreview, DeskStatus, DeskTrial } from "../../../shared/model/desk.ts";
import type { IncidentRow } from "../../../shared/model/incident-detail.ts";
import { client } from "../client.ts";
import { queries, rowsOf } from "../queries.ts";
import { Ago, In } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { Facts, Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { Status } from "./status.tsx";
import { formatCount } from "./value.ts";
import { type Tone, toSentence } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

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

/** One desk: how it stands, what it lacks, and what can be done about it. */
export const DeskPanel = ({ desk }: { readonly desk: DeskStatus }) => {
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
