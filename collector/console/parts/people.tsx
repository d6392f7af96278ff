import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role, User } from "../../../shared/model/access.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import type { Column } from "./data-table.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { Listing } from "./listing.tsx";
import { RoleSelect } from "./role-select.tsx";
import { Empty } from "./states.tsx";
import { Status } from "./status.tsx";
import { toSentence } from "./words.ts";
import { useWrite } from "./write.ts";

const UserActions = ({ user }: { readonly user: User }) => {
  const write = useWrite("users");
  const { data: me } = useQuery(queries.me());
  const [editing, edit] = useDisclosure();
  const [role, setRole] = useState(user.role);
  const isDisabled = user.disabledAt !== undefined;
  const change = (body: object, done: string) => {
    write.mutate({ method: "PATCH", path: `/users/${user.userId}`, body, done });
    edit.close();
  };
  if (me?.name === user.name) return <span className="sub">you</span>;
  return (
    <div className="above">
      <Button size="compact-sm" variant="default" onClick={edit.open}>
        Change …
      </Button>
      <Dialog opened={editing} close={edit.close} title={`Change ${user.name}`}>
        <Stack gap="sm">
          <RoleSelect role={role} choose={setRole} />
          <Group justify="space-between">
            <Button
              variant="default"
              onClick={() =>
                change({ disabled: !isDisabled }, `${user.name} ${isDisabled ? "may sign in again" : "is shut out"}`)
              }
            >
              {isDisabled ? "Let in again" : "Shut out"}
            </Button>
            <Group gap="xs">
              <Button variant="default" onClick={edit.close}>
                Cancel
              </Button>
              <Button disabled={role === user.role} onClick={() => change({ role }, `${user.name} is changed`)}>
                Save
              </Button>
            </Group>
          </Group>
        </Stack>
      </Dialog>
    </div>
  );
};

const userColumns: readonly Column<User>[] = [
  {
    id: "name",
    header: "Person",
    cell: (user) => (
      <div>
        <div className="clip">{user.name}</div>
        <div className="sub hidden-from-sm">{toSentence(user.role)}</div>
      </div>
    ),
  },
  { id: "role", header: "Role", width: "10rem", from: "sm", cell: (user) => toSentence(user.role) },
  {
    id: "state",
    header: "State",
    width: "8rem",
    cell: (user) => (
      <Status
        {...(user.disabledAt === undefined
          ? ({ tone: "good", label: "May sign in" } as const)
          : ({ tone: "quiet", label: "Shut out" } as const))}
      />
    ),
  },
  { id: "since", header: "Since", width: "8rem", from: "md", cell: (user) => <Ago at={user.createdAt} /> },
  { id: "actions", header: "Actions", width: "6.5rem", cell: (user) => <UserActions key={user.role} user={user} /> },
];

const UserForm = ({ close }: { readonly close: () => void }) => {
  const write = useWrite("users");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate({ path: "/users", body: { name: name.trim(), role } }, { onSuccess: close });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label="Name" value={name} maxLength={128} onChange={(event) => setName(event.currentTarget.value)} />
        <RoleSelect role={role} choose={setRole} />
        <Text size="sm" c="dimmed">
          Signs in by a link that rollcall-collector user link makes, or with a password that user password sets.
        </Text>
        <FormEnd close={close} button="Add" loading={write.isPending} disabled={name.trim() === ""} />
      </Stack>
    </form>
  );
};

/** Who may sign in, and as what. */
export const People = () => {
  const query = useQuery(queries.users());
  const [adding, add] = useDisclosure();
  return (
    <>
      <Group justify="flex-end" mb="sm">
        <Button size="sm" onClick={add.open}>
          Add a person …
        </Button>
      </Group>
      <Listing
        query={query}
        rows={query.data?.items ?? []}
        empty={<Empty title="Nobody" />}
        label="People"
        columns={userColumns}
        rowKey={(user) => user.userId}
      />
      <Dialog title="Add a person" opened={adding} close={add.close}>
        {adding && <UserForm close={add.close} />}
      </Dialog>
    </>
  );
};
