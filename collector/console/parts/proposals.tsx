import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Proposal, ProposalState } from "../../../shared/model/proposal.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { IncidentLink } from "./links.tsx";
import { formatSetting, settingLabel } from "./policy-words.ts";
import { Empty, Failed, Loading } from "./states.tsx";
import { Status } from "./status.tsx";
import { incidentKindLabel, type Tone } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

const stateWords: Readonly<Record<ProposalState, { readonly tone: Tone; readonly label: string }>> = {
  open: { tone: "watch", label: "Waits for you" },
  accepted: { tone: "good", label: "In force" },
  rejected: { tone: "quiet", label: "Rejected" },
  withdrawn: { tone: "quiet", label: "Withdrawn" },
  undone: { tone: "quiet", label: "Undone" },
};

const formatProposed = ({ setting, from, to }: Proposal): string => {
  const [, name = ""] = setting.split(".");
  return `${formatSetting(name, from)} → ${formatSetting(name, to)}`;
};

type Verb = "accept" | "reject" | "undo";
const verbs: Readonly<Record<Verb, { readonly button: string; readonly asks: string }>> = {
  accept: { button: "Accept", asks: "It is in force at once, and until somebody undoes it." },
  reject: { button: "Reject", asks: "The policy stays as it is; only later verdicts ask again." },
  undo: { button: "Undo", asks: "The policy is again as it was configured." },
};

const Decide = ({
  proposal,
  verb,
  close,
}: {
  readonly proposal: Proposal;
  readonly verb: Verb;
  readonly close: () => void;
}) => {
  const write = useWrite("proposals", "policy");
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = note.trim() === "" ? {} : { note: note.trim() };
    write.mutate({ path: `/proposals/${proposal.proposalId}/${verb}`, body }, { onSuccess: close });
  };
  return (
    <form onSubmit={submit}>
      <Text size="sm" mb="sm">
        {settingLabel(proposal.setting)}: {formatProposed(proposal)}. {verbs[verb].asks}
      </Text>
      <TextInput
        label="Why (kept with it)"
        maxLength={256}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
      <FormEnd close={close} button={verbs[verb].button} loading={write.isPending} />
    </form>
  );
};

const Cases = ({ proposal, verdict }: { readonly proposal: Proposal; readonly verdict: "true" | "false" }) => {
  const cases = proposal.cases.filter((one) => one.verdict === verdict);
  if (cases.length === 0) return null;
  return (
    <div>
      <div className="sub">
        {verdict === "false" ? "Speaks for it" : "Speaks against it"}: judged {verdict}{" "}
        {cases.length === 1 ? "once" : `${cases.length} times`}
      </div>
      <ul className="plain">
        {cases.slice(0, 5).map((one) => (
          <li key={one.incidentId}>
            <IncidentLink incidentId={one.incidentId}>{one.title}</IncidentLink>, <Ago at={one.openedAt} />
          </li>
        ))}
      </ul>
      {cases.length > 5 && <div className="sub">and {cases.length - 5} more</div>}
    </div>
  );
};

const ProposalItem = ({ proposal }: { readonly proposal: Proposal }) => {
  const mayDecide = useMay("administrator");
  const [verb, setVerb] = useState<Verb>();
  const offered: readonly Verb[] =
    proposal.state === "open" ? ["accept", "reject"] : proposal.state === "accepted" ? ["undo"] : [];
  return (
    <li className="proposal">
      <div className="grow">
        <div className="row-top">
          <span className="strong">
            {settingLabel(proposal.setting)}: {formatProposed(proposal)}
          </span>
          <Status {...stateWords[proposal.state]} />
        </div>
        <Text size="sm" my={4}>
          For “{incidentKindLabel(proposal.kind)}”: {proposal.why}.
        </Text>
        <div className="proposal-cases">
          <Cases proposal={proposal} verdict="false" />
          <Cases proposal={proposal} verdict="true" />
        </div>
        {proposal.decidedAt !== undefined && (
          <div className="sub wrap">
            {stateWords[proposal.state].label} by {proposal.decidedBy}, <Ago at={proposal.decidedAt} />
            {proposal.note !== undefined && `: ${proposal.note}`}
          </div>
        )}
        {mayDecide && offered.length > 0 && (
          <Group gap="xs" mt="xs">
            {offered.map((one) => (
              <Button
                key={one}
                size="compact-sm"
                variant={one === "accept" ? "filled" : "default"}
                onClick={() => setVerb(one)}
              >
                {verbs[one].button} …
              </Button>
            ))}
          </Group>
        )}
      </div>
      <Dialog
        title={`${verb === undefined ? "" : verbs[verb].button} this proposal?`}
        opened={verb !== undefined}
        close={() => setVerb(undefined)}
      >
        {verb !== undefined && <Decide proposal={proposal} verb={verb} close={() => setVerb(undefined)} />}
      </Dialog>
    </li>
  );
};

/** What verdicts propose to change of the policy: decided by administrators, seen by all. */
export const Proposals = () => {
  const { data, error, refetch } = useQuery(queries.proposals());
  const [all, showAll] = useState(false);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  const live = data.items.filter(({ state }) => state === "open" || state === "accepted");
  const shown = all ? data.items : live;
  return (
    <>
      {shown.length === 0 ? (
        <Empty title="No proposals">
          When people call an incident a false alarm, here or at a desk, a change of the policy that would have avoided
          it is proposed here. Nothing changes by itself.
        </Empty>
      ) : (
        <ul className="rows">
          {shown.map((proposal) => (
            <ProposalItem key={proposal.proposalId} proposal={proposal} />
          ))}
        </ul>
      )}
      {data.items.length > live.length && (
        <button type="button" className="more" onClick={() => showAll(!all)}>
          {all ? "Only what waits or is in force" : `Earlier ones (${data.items.length - live.length})`}
        </button>
      )}
    </>
  );
};
