import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Proposal, ProposalState } from "../../../shared/model/proposal.ts";
import type { PolicyInForce } from "../../../shared/model/rest.ts";
import { Ago } from "../parts/ago.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { IncidentLink } from "../parts/links.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { settingWords } from "../parts/policy-words.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { formatDuration, formatValue } from "../parts/value.ts";
import { incidentKindLabel, type Tone, toSentence, toWords } from "../parts/words.ts";
import { useMay, useWrite } from "../parts/write.ts";
import { queries } from "../queries.ts";

const stateWords: Readonly<Record<ProposalState, { readonly tone: Tone; readonly label: string }>> = {
  open: { tone: "watch", label: "Waits for you" },
  accepted: { tone: "good", label: "In force" },
  rejected: { tone: "quiet", label: "Rejected" },
  withdrawn: { tone: "quiet", label: "Withdrawn" },
  undone: { tone: "quiet", label: "Undone" },
};

/** "presence.silentAfterBeats" in words; "incidents.handling.clock-wrong" as "Clock wrong". */
const settingLabel = (setting: string): string => {
  const [, name = "", kind] = setting.split(".");
  return kind === undefined ? (settingWords[setting]?.label ?? toWords(name)) : toSentence(kind);
};

/** Exactly: 90 s are not "1 min" where somebody compares settings. */
const formatMs = (ms: number): string => {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const [size, unit] = units.find(([one]) => ms >= one && ms % one === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
};

/** A setting's value for people: those in milliseconds as a duration. */
const formatSetting = (name: string, value: unknown): string => {
  if (typeof value === "number" && /Ms$/.test(name)) return formatMs(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => formatSetting("", one)).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([key, one]) => `${toWords(key)}: ${formatSetting(name, one)}`)
      .join("; ");
  return formatValue(name, value);
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
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={write.isPending}>
          {verbs[verb].button}
        </Button>
      </Group>
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

const Proposals = () => {
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

type Window = {
  readonly kind: "once" | "weekly";
  readonly name: string;
  readonly match: Readonly<Record<string, readonly string[] | undefined>>;
  readonly from?: string;
  readonly to?: string;
  readonly days?: readonly string[];
  readonly at?: string;
  readonly durationMs?: number;
};

const Maintenance = ({ windows, timeZone }: { readonly windows: readonly Window[]; readonly timeZone: string }) => {
  if (windows.length === 0)
    return (
      <Empty title="None">
        Add them under presence.maintenance in the collector’s configuration. While one is open, its devices are not
        expected, and nothing is raised about them.
      </Empty>
    );
  return (
    <table className="fact-table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">When</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {windows.map((window) => (
          <tr key={`${window.name} ${window.from ?? window.at}`}>
            <th scope="row">{window.name}</th>
            <td className="value">
              {window.kind === "once"
                ? `${formatValue("", window.from)} to ${formatValue("", window.to)}`
                : `${(window.days ?? []).map(toWords).join(", ")} at ${window.at} for ${formatDuration(window.durationMs ?? 0)} (${timeZone})`}
            </td>
            <td className="value">
              {Object.keys(window.match).length === 0 ? "Everything" : formatSetting("", window.match)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** What is made of parts stands a part a line. */
const Value = ({ name, value }: { readonly name: string; readonly value: unknown }) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (
    <ul className="plain">
      {Object.entries(value).map(([key, one]) => (
        <li key={key}>
          {toWords(key)}: {formatSetting(name, one)}
        </li>
      ))}
    </ul>
  ) : (
    formatSetting(name, value)
  );

const Settings = ({ policy, part }: { readonly policy: PolicyInForce; readonly part: "presence" | "incidents" }) => {
  const learned = new Map(policy.learned.map((one) => [one.setting, one]));
  return (
    <table className="fact-table">
      <tbody>
        {Object.entries(policy[part])
          .filter(([name]) => name !== "maintenance")
          .map(([name, value]) => {
            const changed = [...learned.values()].filter(
              ({ setting }) => setting === `${part}.${name}` || setting.startsWith(`${part}.${name}.`),
            );
            return (
              <tr key={name}>
                <th scope="row">
                  {settingLabel(`${part}.${name}`)}
                  {settingWords[`${part}.${name}`]?.hint !== undefined && (
                    <div className="setting-hint">{settingWords[`${part}.${name}`]?.hint}</div>
                  )}
                </th>
                <td className="value">
                  <Value name={name} value={value} />
                  {changed.map(({ setting, configured }) => (
                    <div key={setting} className="sub wrap">
                      {setting.split(".").length > 2 && `${settingLabel(setting)} `}by an accepted proposal; configured:{" "}
                      {formatSetting(name, configured)}
                    </div>
                  ))}
                </td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
};

export const PolicyPage = () => {
  const { data: policy, error, refetch } = useQuery(queries.policy());
  return (
    <>
      <PageHead title="Policy" note="When something counts as gone, and what becomes of it" />
      <Panel title="Proposals">
        <Proposals />
      </Panel>
      {error && !policy ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !policy ? (
        <Loading />
      ) : (
        <>
          <Panel title="Maintenance windows">
            <Maintenance
              windows={(policy.presence["maintenance"] ?? []) as readonly Window[]}
              timeZone={String(policy.presence["timeZone"] ?? "UTC")}
            />
          </Panel>
          <div className="policy-panels">
            <Panel title="When something counts as gone">
              <Settings policy={policy} part="presence" />
            </Panel>
            <Panel title="What becomes of an incident">
              <Settings policy={policy} part="incidents" />
            </Panel>
          </div>
        </>
      )}
    </>
  );
};
