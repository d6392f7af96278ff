import { Button, Code, CopyButton, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role, Token } from "../../../shared/model/access.ts";
import { client } from "../client.ts";
import { queries } from "../queries.ts";
import { Ago, useNow } from "./ago.tsx";
import type { Column } from "./data-table.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { Listing } from "./listing.tsx";
import { RoleSelect } from "./role-select.tsx";
import { Empty, Failed } from "./states.tsx";
import { Status } from "./status.tsx";
import { formatDuration } from "./value.ts";
import { type Tone, toSentence } from "./words.ts";
import { useWrite } from "./write.ts";

const Until = ({ at }: { readonly at: string }) => {
  const left = Date.parse(at) - useNow();
  return <span className="nowrap">{left <= 0 ? "expired" : `in ${formatDuration(left)}`}</span>;
};

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
        <FormEnd
          close={ask.close}
          button="Revoke"
          danger
          run={() => {
            write.mutate({ method: "DELETE", path: `/tokens/${token.tokenId}`, done: `${token.name} is revoked` });
            ask.close();
          }}
        />
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
          <RoleSelect role={role} choose={setRole} />
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
        <FormEnd close={close} button="Make" loading={make.isPending} disabled={name.trim() === ""} />
      </Stack>
    </form>
  );
};

/** API and enrolment tokens: made, listed without their secrets, revoked. */
export const Tokens = () => {
  const query = useQuery(queries.tokens());
  const [making, make] = useDisclosure();
  return (
    <>
      <Group justify="flex-end" mb="sm">
        <Button size="sm" onClick={make.open}>
          Make a token …
        </Button>
      </Group>
      <Listing
        query={query}
        rows={query.data?.items ?? []}
        empty={<Empty title="No tokens" />}
        label="Tokens"
        columns={tokenColumns}
        rowKey={(token) => token.tokenId}
      />
      <Dialog title="Make a token" opened={making} close={make.close}>
        {making && <TokenForm close={make.close} />}
      </Dialog>
    </>
  );
};
