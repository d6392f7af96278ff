import type { Incident } from "../../shared/model/incident.ts";
import type { Lab } from "./driver.ts";
import type { Ticket } from "./naive.ts";
import type { World } from "./site-file.ts";

/** A case that was raised in a run, with whom it is about by the truth. */
export type Raised = {
  readonly incident: Incident;
  /** Absent: no device of the world is known by what the asset is known by (a visitor, an asset that is nobody). */
  readonly device: string | undefined;
  readonly agent: string | undefined;
  /** It was a ticket of its own, for a while at least. */
  readonly hasTicket: boolean;
  readonly openedMs: number;
  readonly endedMs: number;
  /** Whenever it asked somebody to act; a child that never did: when it began. */
  readonly timesMs: readonly number[];
};

/** What tickets about assets that are no device of the world are booked under: always false. */
export const NOBODY = "";

export const ticketsOf = ({ device = NOBODY, timesMs }: Raised): readonly Ticket[] =>
  timesMs.map((openedMs) => ({ device, openedMs }));

const MAX_TICKETS = 5_000_000;
const MAX_CHILDREN = 100_000;

/** Everything that was ever raised: the built-in queue's tickets, and what is part of one. */
export const readRaised = (lab: Lab, world: World, startMs: number): Promise<readonly Raised[]> =>
  lab.read(async (tx) => {
    const byMac = new Map(
      world.devices.flatMap((device) => (device.mac === undefined ? [] : [[device.mac, device.id] as const])),
    );
    const out: Raised[] = [];
    const known = new Set<string>();
    const add = async (incident: Incident, times: readonly string[], hasTicket: boolean) => {
      if (known.has(incident.incidentId)) return;
      known.add(incident.incidentId);
      const asset = incident.assetId === undefined ? undefined : await tx.assets.get(incident.assetId);
      const keys = asset ? await tx.assets.keys(asset.assetId) : [];
      const device = keys.flatMap((key) => byMac.get(key.value) ?? [])[0];
      const agent = incident.agentId === undefined ? undefined : (await tx.agents.get(incident.agentId, 0))?.name;
      const openedMs = Date.parse(incident.openedAt) - startMs;
      const timesMs = times.map((at) => Date.parse(at) - startMs);
      const endedMs = incident.resolvedAt === undefined ? world.durationMs : Date.parse(incident.resolvedAt) - startMs;
      out.push({ incident, device, agent, hasTicket, openedMs, endedMs, timesMs });
    };
    const tickets: { readonly incident: Incident; readonly times: readonly string[] }[] = [];
    for (let number = 1; number < MAX_TICKETS; number++) {
      const ticket = await tx.tickets.get(number);
      if (!ticket) break;
      const incident = await tx.incidents.get(ticket.incidentId);
      if (!incident) continue;
      const events = await tx.ticketEvents.list(number, 1_000);
      const opened = events.filter(({ kind }) => kind === "opened" || kind === "reopened");
      tickets.push({ incident, times: opened.map(({ at }) => at) });
    }
    // First all that had a ticket, so that none is taken for a mere part of another.
    for (const { incident, times } of tickets) await add(incident, times, true);
    const addParts = async (incident: Incident) => {
      for (const child of await tx.incidents.children(incident.incidentId, MAX_CHILDREN)) {
        const isNew = !known.has(child.incidentId);
        await add(child, [child.openedAt], false);
        if (isNew) await addParts(child);
      }
    };
    for (const { incident } of tickets) await addParts(incident);
    return out;
  });
