import type { AgentId } from "../../shared/ids.ts";
import type { DownBody } from "../../shared/protocol/envelope.ts";
import type { Directive } from "../engine/engine.ts";

/** A live session as the other parts of the process may use it. */
export type LiveSession = {
  readonly agentId: AgentId;
  readonly instance: () => number;
  readonly send: (body: DownBody) => void;
  /** Tells why, then closes. */
  readonly end: (code: string, reason: string) => void;
  /** Whether the other end answers within a moment. */
  readonly isAlive: () => Promise<boolean>;
};

/** Every live session of this process, whatever its uplink. */
export type Sessions = {
  readonly add: (session: LiveSession) => void;
  readonly remove: (session: LiveSession) => void;
  readonly find: (agentId: AgentId, instance: number) => LiveSession | undefined;
  readonly count: () => number;
  readonly obey: (directive: Directive) => void;
  readonly endAll: (code: string, reason: string) => void;
};

export const createSessions = (): Sessions => {
  const byAgent = new Map<AgentId, Set<LiveSession>>();
  const of = (agentId: AgentId, instance?: number) =>
    [...(byAgent.get(agentId) ?? [])].filter((s) => instance === undefined || s.instance() === instance);
  return {
    add: (session) => {
      const known = byAgent.get(session.agentId);
      if (known) known.add(session);
      else byAgent.set(session.agentId, new Set([session]));
    },
    remove: (session) => {
      const known = byAgent.get(session.agentId);
      known?.delete(session);
      if (known?.size === 0) byAgent.delete(session.agentId);
    },
    find: (agentId, instance) => of(agentId, instance)[0],
    count: () => [...byAgent.values()].reduce((sum, sessions) => sum + sessions.size, 0),
    obey: (directive) => {
      if (directive.kind === "forget-list") return;
      for (const session of of(directive.agentId, directive.instance))
        if (directive.kind === "send") session.send(directive.body);
        else session.end(directive.code, directive.reason);
    },
    endAll: (code, reason) => {
      for (const sessions of [...byAgent.values()]) for (const session of [...sessions]) session.end(code, reason);
    },
  };
};
