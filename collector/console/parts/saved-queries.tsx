import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SavedQuery } from "../../../shared/model/query.ts";
import { queries } from "../queries.ts";
import { Dialog } from "./dialog.tsx";
import { formatCount } from "./value.ts";
import { useMay, useWrite } from "./write.ts";

const Count = ({ text }: { readonly text: string }) => {
  const { data } = useQuery(queries.assetCount({ q: text }));
  return data === undefined ? null : <span className="count">{formatCount(data.count)}</span>;
};

const Chip = ({ query, chosen, pick }: { query: SavedQuery; chosen: boolean; pick: () => void }) => (
  <button
    type="button"
    className={chosen ? "chip chosen" : "chip"}
    aria-pressed={chosen}
    title={query.fault ?? `${query.text}${query.mine ? "" : ` (${query.owner}'s)`}`}
    onClick={pick}
  >
    {query.fault !== undefined && <IconAlertTriangle size={14} aria-label="Can't be asked any more" />}
    {query.shared && <IconUsers size={14} aria-label="Shared" />}
    {query.name}
    {query.fault === undefined && <Count text={query.text} />}
  </button>
);

/** Keeps the text under a name, or changes what is kept. */
const SaveForm = ({
  text,
  before,
  close,
}: {
  readonly text: string;
  readonly before: SavedQuery | undefined;
  readonly close: () => void;
}) => {
  const write = useWrite("queries");
  const mayShare = useMay("service-desk");
  const [name, setName] = useState(before?.name ?? "");
  const [query, setQuery] = useState(text);
  const [shared, setShared] = useState(before?.shared ?? false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), text: query.trim(), shared };
    const target = before
      ? ({ method: "PUT", path: `/queries/${before.queryId}`, version: before.version } as const)
      : { path: "/queries" };
    write.mutate({ ...target, body }, { onSuccess: close });
  };
  const remove = () =>
    before &&
    write.mutate(
      { method: "DELETE", path: `/queries/${before.queryId}`, version: before.version, done: `${before.name} removed` },
      { onSuccess: close },
    );
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          maxLength={64}
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Query"
          maxLength={2_048}
          spellCheck={false}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        {mayShare && (
          <Checkbox
            label="Everybody sees it"
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        )}
        <Group justify="space-between">
          {before ? (
            <Button variant="default" onClick={remove} loading={write.isPending}>
              Remove
            </Button>
          ) : (
            <span />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={write.isPending} disabled={name.trim() === ""}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
};

/** Queries that are kept, each with how many assets it finds now. */
export const SavedQueries = ({
  value,
  onPick,
  canSave,
}: {
  readonly value: string | undefined;
  readonly onPick: (text: string | undefined) => void;
  readonly canSave: boolean;
}) => {
  const { data } = useQuery(queries.savedQueries());
  const [opened, { open, close }] = useDisclosure();
  const isAdministrator = useMay("administrator");
  const text = (value ?? "").trim();
  const chosen = data?.items.find((one) => one.text.trim() === text && text !== "");
  const mayChange = chosen !== undefined && (chosen.mine || isAdministrator);
  if (data === undefined) return null;
  return (
    <fieldset className="chips" aria-label="Saved queries">
      {data.items.length > 0 && (
        <button
          type="button"
          className={text === "" ? "chip chosen" : "chip"}
          aria-pressed={text === ""}
          onClick={() => onPick(undefined)}
        >
          All
        </button>
      )}
      {data.items.map((query) => (
        <Chip key={query.queryId} query={query} chosen={query === chosen} pick={() => onPick(query.text)} />
      ))}
      {text !== "" && (mayChange || (chosen === undefined && canSave)) && (
        <Button size="compact-sm" variant="subtle" onClick={open}>
          {chosen === undefined ? "Save this query …" : "Change …"}
        </Button>
      )}
      <Dialog title={mayChange ? `Change “${chosen.name}”` : "Save this query"} opened={opened} close={close}>
        <SaveForm key={chosen?.queryId ?? text} text={text} before={mayChange ? chosen : undefined} close={close} />
      </Dialog>
    </fieldset>
  );
};
