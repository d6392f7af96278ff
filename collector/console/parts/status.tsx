import type { Agent } from "../../../shared/model/agent.ts";
import type { ChangeWeight, PresenceState } from "../../../shared/model/asset.ts";
import type { IncidentState, Ticket } from "../../../shared/model/incident.ts";
import { agentWords, incidentStateWords, presenceWords, type Tone, ticketStateWords, weightWords } from "./words.ts";

/** A coloured dot and a word: the word carries the meaning, the colour only helps to find it. */
export const Status = ({
  tone,
  label,
  hint,
}: {
  readonly tone: Tone;
  readonly label: string;
  readonly hint?: string;
}) => (
  <span className="status" title={hint}>
    <span className={`dot ${tone}`} aria-hidden="true" />
    {label}
  </span>
);

export const Presence = ({ state }: { readonly state: PresenceState }) => <Status {...presenceWords[state]} />;
export const AgentState = ({ state }: { readonly state: Agent["state"] }) => <Status {...agentWords[state]} />;
export const IncidentStatus = ({ state }: { readonly state: IncidentState }) => (
  <Status {...incidentStateWords[state]} />
);
export const TicketStatus = ({ state }: { readonly state: Ticket["state"] }) => <Status {...ticketStateWords[state]} />;
export const Weight = ({ weight }: { readonly weight: ChangeWeight }) => <Status {...weightWords[weight]} />;

export const Priority = ({ priority }: { readonly priority: number }) => (
  <span className={`priority p${priority}`} title={`Priority ${priority} of 5, 1 is the highest`}>
    P{priority}
  </span>
);
