import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Maintenance, Occurrence, Window } from "../../../shared/model/policy.ts";
import { queries } from "../queries.ts";
import { useNow } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { WindowForm } from "./maintenance-form.tsx";
import { formatOccurrence } from "./occurrence.ts";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { Status } from "./status.tsx";
import { formatDuration } from "./value.ts";
import { toSentence, typeLabel } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

const whenOf = (window: Window, timeZone: string): string =>
  window.kind === "once"
    ? formatOccurrence(window, timeZone)
    : `${window.days.map(toSentence).join(", ")} at ${window.at} for ${formatDuration(window.durationMs)}`;

const whatOf = ({ match }: Window): string => {
  const parts = [
    ...(match.deviceTypes ?? []).map(typeLabel),
    ...(match.realms ?? []).map((realm) => `realm ${realm}`),
    ...(match.assetIds === undefined
      ? []
      : [`${match.assetIds.length} ${match.assetIds.length === 1 ? "asset" : "assets"}`]),
  ];
  return parts.length === 0 ? "Everything" : parts.join(", ");
};

const Next = ({ next, timeZone }: { readonly next: readonly Occurrence[]; readonly timeZone: string }) => {
  const now = useNow();
  const [first] = next;
  if (!first) return <Status tone="quiet" label="Over" />;
  if (Date.parse(first.from) <= now) return <Status tone="watch" label="Open now" />;
  return <span className="value">{formatOccurrence(first, timeZone)}</span>;
};

type Item = Maintenance["items"][number];
/** -1: a new one. */
type Editing = { readonly at: number; readonly verb: "edit" | "remove" };

const Row = ({
  item: { window, next, source },
  timeZone,
  begin,
}: {
  readonly item: Item;
  readonly timeZone: string;
  readonly begin: ((verb: Editing["verb"]) => void) | undefined;
}) => (
  <li className="window">
    <div className="grow">
      <div className="strong wrap">{window.name}</div>
      <div className="sub wrap">
        {whenOf(window, timeZone)} · {whatOf(window)}
      </div>
      <div className="sub wrap">
        Next: <Next next={next} timeZone={timeZone} />
      </div>
    </div>
    {source === "configuration" ? (
      <span className="sub">set in the configuration</span>
    ) : (
      begin !== undefined && (
        <Group gap={6} wrap="nowrap">
          <Button size="compact-sm" variant="default" onClick={() => begin("edit")}>
            Change …
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => begin("remove")}>
            Remove …
          </Button>
        </Group>
      )
    )}
  </li>
);

const List = ({ data }: { readonly data: Maintenance }) => {
  const mayChange = useMay("administrator");
  const write = useWrite("policy");
  const [editing, edit] = useState<Editing>();
  const { timeZone, mark, items } = data;
  const own = items.filter(({ source }) => source === "console").map(({ window }) => window);
  const chosen = editing === undefined ? undefined : own[editing.at];
  const close = () => edit(undefined);
  const send = (windows: readonly Window[], done: string) =>
    write.mutate({ method: "PUT", path: "/policy/maintenance", body: { windows, mark }, done }, { onSuccess: close });
  const save = (window: Window) =>
    send(chosen === undefined ? [...own, window] : own.with(editing?.at ?? 0, window), `“${window.name}” is set`);
  return (
    <Panel
      title="Maintenance windows"
      action={
        mayChange && (
          <Button size="compact-sm" variant="default" onClick={() => edit({ at: -1, verb: "edit" })}>
            Add a window …
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed" mb="xs">
        While one is open its devices are not expected, and nothing is raised about them. Times are those of {timeZone}.
      </Text>
      {items.length === 0 ? (
        <Empty title="None is set" />
      ) : (
        <ul className="rows">
          {items.map((item) => {
            const at = own.indexOf(item.window);
            return (
              <Row
                key={`${item.source} ${item.window.name} ${at}`}
                item={item}
                timeZone={timeZone}
                begin={mayChange ? (verb) => edit({ at, verb }) : undefined}
              />
            );
          })}
        </ul>
      )}
      <Dialog
        title={chosen === undefined ? "Add a maintenance window" : "Change the maintenance window"}
        opened={editing?.verb === "edit"}
        close={close}
      >
        {editing?.verb === "edit" && (
          <WindowForm initial={chosen} timeZone={timeZone} pending={write.isPending} save={save} close={close} />
        )}
      </Dialog>
      <Dialog title={`Remove “${chosen?.name}”?`} opened={editing?.verb === "remove"} close={close}>
        <Text size="sm">Its devices are expected again at once, also where it is open now.</Text>
        <FormEnd
          close={close}
          button="Remove"
          danger
          loading={write.isPending}
          run={() => send(own.toSpliced(editing?.at ?? 0, 1), "It is removed")}
        />
      </Dialog>
    </Panel>
  );
};

/** Maintenance windows in force, with when each is open next; those that people set can be changed here. */
export const MaintenanceWindows = () => {
  const { data, error, refetch } = useQuery(queries.maintenance());
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  return data === undefined ? <Loading rows={3} /> : <List data={data} />;
};
