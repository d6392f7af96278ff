import { z } from "zod";
import { optional, shortText, text } from "../protocol/text.ts";
import { bookSchema } from "./book.ts";
import { evidenceSchema, incidentSchema, ticketEventSchema, ticketSchema } from "./incident.ts";

/** Incidents and tickets with what belongs to them. */

export const incidentRowSchema = incidentSchema.extend({
  assetName: optional(shortText),
  ticketNumber: optional(z.int()),
});
export type IncidentRow = z.infer<typeof incidentRowSchema>;

/** A ticket as its desk knows it; `number` in the built-in queue. */
export const ticketRefSchema = z.object({
  connector: shortText,
  ticketRef: shortText,
  url: optional(text),
  number: optional(z.int()),
});

export const incidentDetailSchema = incidentRowSchema.extend({
  /** What people had written of the asset when it was opened: owner, place, warranty ... */
  book: optional(bookSchema),
  evidence: z.array(evidenceSchema),
  childIncidents: z.array(incidentSchema),
  tickets: z.array(ticketRefSchema),
  /** Of the built-in queue's ticket, where there is one: comments and changes of state, oldest first. */
  timeline: z.array(ticketEventSchema),
});
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

export const ticketRowSchema = ticketSchema.extend({ assetName: optional(shortText) });
export type TicketRow = z.infer<typeof ticketRowSchema>;

export const ticketDetailSchema = ticketRowSchema.extend({ timeline: z.array(ticketEventSchema) });
export type TicketDetail = z.infer<typeof ticketDetailSchema>;
