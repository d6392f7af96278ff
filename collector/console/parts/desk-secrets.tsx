import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SecretName } from "../../../shared/model/desk.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { useWrite } from "./write.ts";

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
        <FormEnd close={close} button="Set" loading={write.isPending} disabled={name === "" || value === ""} />
      </Stack>
    </form>
  );
};

/** Secrets that desks' settings name: set, replaced and removed, never shown. */
export const Secrets = () => {
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
        <FormEnd
          close={() => remove(undefined)}
          button="Remove"
          danger
          run={() => {
            write.mutate({
              method: "DELETE",
              path: `/secrets/${removing?.name}`,
              done: `${removing?.name} is removed`,
            });
            remove(undefined);
          }}
        />
      </Dialog>
    </Panel>
  );
};
