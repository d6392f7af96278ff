import { Button, Code, CopyButton, Group, Select, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { AuditEntry, Role, Token, User } from "../../../shared/model/rest.ts";
import { client } from "../client.ts";
import { Ago, useNow } from "../parts/ago.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { PageHead } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { formatDuration, formatValue } from "../parts/value.ts";
import { type Tone, toSentence } from "../parts/words.ts";
import { roles, useWrite } from "../parts/write.ts";
import { queries, rowsOf } from "../queries.ts";

const route = getRouteApi("/inside/access");
const roleOptions = roles.map((role) => ({ value: role, label: toSentence(role) }));

const Until = ({ at }: { readonly at: string }) => {
  const left = Date.parse(at) - useNow();
  return <span className="nowrap">{left <= 0 ? "expired" : `in ${formatDuration(left)}`}</span>;
};

// --- tokens ---

const tokenState = (token: Token, nowMs: number): { readonly tone: Tone; readonly label: string } => {
  if (token.revokedAt !== undefined) return { tone: "quiet", label: "Revoked" };
  if (token.expiresAt !== undefined && Date.parse(token.expiresAt) <= nowMs) return { tone: "quiet", label: "Expired" };
  if (token.maxUses !== undefined && token.uses >= token.maxUses) return { tone: "quiet", label: "Used up" };
  return { tone: "good", label: "Valid" };
};

const TokenState = ({ token }: { readonly token: Token }) => <Status {...tokenState(token, useNow())} />;

const tokenPurpose = ({ kind, role, uses, maxUses, approval }: Token): string =>
  kind === "api"
    ? `API, as ${toSentence(role ?? "viewer").toLowerCase()}`
    : `Enrols agents: ${uses} of ${maxUses ?? "any number"}${approval ? ", each is approved" : ""}`;

const RevokeToken = ({ token }: { readonly token: Token }) => {
  const write = useWrite("tokens");
  const [asking, ask] = useDisclosure();
  const now = useNow();
  if (tokenState(token, now).label !== "Valid") return null;
  return (
    <div className="above">
      <Button size="compact-sm" variant="default" onClick={ask.open}>
        Revoke …
      </Button>
      <Dialog opened={asking} close={ask.close} title={`Revoke ${token.name}?`}>
        <Text size="sm">Whoever uses it is refused from now on. It can’t be given back: make another instead.</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={ask.close}>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              write.mutate({ method: "DELETE", path: `/tokens/${token.tokenId}`, done: `${token.name} is revoked` });
              ask.close();
            }}
          >
            Revoke
          </Button>
        </Group>
      </Dialog>
    </div>
  );
};

const tokenColumns: readonly Column<Token>[] = [
  {
    id: "name",
    header: "Token",
    cell: (token) => (
      <div>
        <div className="clip">{token.name}</div>
        <div className="sub">{tokenPurpose(token)}</div>
      </div>
    ),
  },
  { id: "state", header: "State", width: "6.5rem", cell: (token) => <TokenState token={token} /> },
  {
    id: "made",
    header: "Made",
    width: "13rem",
    from: "md",
    cell: (token) => (
      <span className="clip">
        <Ago at={token.createdAt} /> by {token.createdBy}
      </span>
    ),
  },
  {
    id: "ends",
    header: "Ends",
    width: "7rem",
    from: "sm",
    cell: (token) => (token.expiresAt === undefined ? "never" : <Until at={token.expiresAt} />),
  },
  { id: "actions", header: "Actions", width: "6.5rem", cell: (token) => <RevokeToken token={token} /> },
];

/** Shown this once: who leaves the dialog has to make another. */
const NewSecret = ({ secret, close }: { readonly secret: string; readonly close: () => void }) => (
  <Stack gap="sm">
    <Text size="sm">Copy it now: it is kept as a hash only, and nobody can show it again.</Text>
    <Code block className="secret">
      {secret}
    </Code>
    <Group justify="flex-end">
      <CopyButton value={secret}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
      <Button onClick={close}>Done</Button>
    </Group>
  </Stack>
);

const lifetimes = [
  { value: "1", label: "A day" },
  { value: "7", label: "A week" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
];

const TokenForm = ({ close }: { readonly close: () => void }) => {
  const queryClient = useQueryClient();
  const [kind, setKind] = useState<"api" | "enrol">("enrol");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [uses, setUses] = useState("1");
  const [days, setDays] = useState("7");
  const make = useMutation({
    mutationFn: () =>
      client.write<{ readonly secret: string }>("POST", "/tokens", {
        ...{ kind, name: name.trim(), expiresInDays: Number(days) },
        ...(kind === "api" ? { role } : { maxUses: uses === "many" ? null : 1 }),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["tokens"] }),
  });
  if (make.data) return <NewSecret secret={make.data.secret} close={close} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {make.error && <Failed error={make.error} />}
        <Select
          label="For"
          allowDeselect={false}
          data={[
            { value: "enrol", label: "Enrolling agents" },
            { value: "api", label: "Programs that use the API" },
          ]}
          value={kind}
          onChange={(value) => setKind(value === "api" ? "api" : "enrol")}
        />
        <TextInput
          label="Name"
          description="What it is for, as this list shows it"
          value={name}
          maxLength={128}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {kind === "api" ? (
          <Select
            label="Role"
            allowDeselect={false}
            data={roleOptions}
            value={role}
            onChange={(value) => setRole(roles.find((one) => one === value) ?? "viewer")}
          />
        ) : (
          <Select
            label="Admits"
            allowDeselect={false}
            data={[
              { value: "1", label: "One agent" },
              { value: "many", label: "Any number; each waits for approval" },
            ]}
            value={uses}
            onChange={(value) => setUses(value ?? "1")}
          />
        )}
        <Select
          label="Valid for"
          allowDeselect={false}
          data={lifetimes}
          value={days}
          onChange={(value) => setDays(value ?? "7")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ""}>
            Make
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Tokens = () => {
  const { data, error, refetch } = useQuery(queries.tokens());
  const [making, make] = useDisclosure();
  return (
    <>
      <Group justify="flex-end" mb="sm">
        <Button size="sm" onClick={make.open}>
          Make a token …
        </Button>
      </Group>
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <Empty title="No tokens" />
      ) : (
        <DataTable label="Tokens" rows={data.items} columns={tokenColumns} rowKey={(token) => token.tokenId} />
      )}
      <Dialog title="Make a token" opened={making} close={make.close}>
        {making && <TokenForm close={make.close} />}
      </Dialog>
    </>
  );
};

// --- people ---

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
          <Select
            label="Role"
            allowDeselect={false}
            data={roleOptions}
            value={role}
            onChange={(value) => setRole(roles.find((one) => one === value) ?? user.role)}
          />
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
        <Select
          label="Role"
          allowDeselect={false}
          data={roleOptions}
          value={role}
          onChange={(value) => setRole(roles.find((one) => one === value) ?? "viewer")}
        />
        <Text size="sm" c="dimmed">
          Signs in by a link that rollcall-collector user link makes, or with a password that user password sets.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={write.isPending} disabled={name.trim() === ""}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Users = () => {
  const { data, error, refetch } = useQuery(queries.users());
  const [adding, add] = useDisclosure();
  return (
    <>
      <Group justify="flex-end" mb="sm">
        <Button size="sm" onClick={add.open}>
          Add a person …
        </Button>
      </Group>
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : (
        <DataTable label="People" rows={data.items} columns={userColumns} rowKey={(user) => user.userId} />
      )}
      <Dialog title="Add a person" opened={adding} close={add.close}>
        {adding && <UserForm close={add.close} />}
      </Dialog>
    </>
  );
};

// --- audit ---

const detailOf = ({ detail }: AuditEntry): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${formatValue(name, value)}`)
    .join("; ");

const auditColumns: readonly Column<AuditEntry>[] = [
  {
    id: "action",
    header: "What",
    cell: (entry) => (
      <div>
        <div className="clip">
          <span className="strong">{entry.action}</span> {entry.target}
        </div>
        <div className="sub" title={detailOf(entry)}>
          <span className="hidden-from-sm">{entry.actor} · </span>
          {detailOf(entry) || "no details"}
        </div>
      </div>
    ),
  },
  {
    id: "outcome",
    header: "Outcome",
    width: "7.5rem",
    from: "md",
    cell: (entry) =>
      entry.detail["refused"] === undefined ? (
        <Status tone="good" label="Done" />
      ) : (
        <Status tone="watch" label="Refused" />
      ),
  },
  {
    id: "actor",
    header: "Who",
    width: "10rem",
    from: "sm",
    cell: (entry) => <span className="clip">{entry.actor}</span>,
  },
  { id: "at", header: "When", width: "7.5rem", cell: (entry) => <Ago at={entry.at} /> },
];

const Audit = () => {
  const query = useInfiniteQuery(queries.audit());
  const rows = rowsOf(query.data).map((entry, i) => ({ ...entry, i }));
  if (query.error && rows.length === 0) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading rows={8} />;
  if (rows.length === 0) return <Empty title="Nothing yet" />;
  return (
    <DataTable
      label="Audit log"
      rows={rows}
      columns={auditColumns as readonly Column<(typeof rows)[number]>[]}
      rowKey={(entry) => String(entry.i)}
      onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
    />
  );
};

const tabs = ["tokens", "people", "audit"] as const;

export const AccessPage = () => {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title="Access" note="Who may sign in, which programs and agents have tokens, and who changed what" />
      <Tabs
        value={tabs.find((one) => one === tab) ?? "tokens"}
        onChange={(next) => void navigate({ search: { tab: next ?? undefined }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List aria-label="Of access">
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="audit">Audit log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="tokens" pt="md">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="people" pt="md">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="audit" pt="md">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </>
  );
};
