import type { TicketRef } from "../../collector/tickets/connector.ts";
import { createDesk, DeskError, type DeskOperations } from "../../collector/tickets/desk.ts";
import type { Random } from "../../shared/random.ts";

export type MemoryTicket = { readonly key: string; state: "open" | "resolved"; readonly notes: string[] };

/** A desk in memory that fails as real ones do: before it did anything, or after, so that its answer is lost. */
export const createMemoryDesk = (random: Random, failing: { before: number; after: number }) => {
  const tickets = new Map<string, MemoryTicket>();
  const lose = (share: number, unclear: boolean) => {
    if (random.next() < share) throw new DeskError({ status: "retry", reason: "connection lost", unclear });
  };
  const doing = <T>(act: () => T): T => {
    lose(failing.before, false);
    const result = act();
    lose(failing.after, true);
    return result;
  };
  const at = ({ id }: TicketRef) => tickets.get(id);
  const operations: DeskOperations = {
    check: async () => [],
    find: async ({ key }) =>
      doing(() => [...tickets].filter(([, ticket]) => ticket.key === key).map(([id]) => ({ id }))),
    create: async ({ key }) =>
      doing(() => {
        const id = `T${tickets.size + 1}`;
        tickets.set(id, { key, state: "open", notes: [] });
        return { ref: { id } };
      }),
    read: async (ref) => doing(() => ({ state: at(ref)?.state ?? "gone" })),
    addNote: async (ref, _content, note) => doing(() => void at(ref)?.notes.push(note.id)),
    hasNote: async (ref, note) => doing(() => at(ref)?.notes.includes(note.id) ?? false),
    setState: async (ref, _content, _note, state) =>
      doing(() => {
        const ticket = at(ref);
        if (ticket) ticket.state = state;
      }),
  };
  return { desk: createDesk("memory", operations), tickets };
};
