import { z } from "zod";
import type { TicketContent, TicketNote } from "./connector.ts";

/** What a template may name; nothing else is reachable, and nothing is executed. */
export const templateFields = [
  "event",
  "key",
  "condition",
  "kind",
  "subject",
  "text",
  "html",
  "priority",
  "impact",
  "urgency",
  "openedAt",
  "assetId",
  "assetName",
  "serialNumber",
  "address",
  "owner",
  "location",
  "inventoryNumber",
  "warrantyUntil",
  "link",
  "noteId",
] as const; // biome format: keep as a table
export type TemplateField = (typeof templateFields)[number];
export type TemplateValues = Readonly<Record<TemplateField, string>>;

export const templateValues = (event: string, content: TicketContent, note?: TicketNote): TemplateValues => ({
  event,
  key: content.key,
  condition: content.condition,
  kind: content.kind,
  subject: content.subject,
  text: note?.text ?? content.text,
  html: note?.html ?? content.html,
  priority: String(content.priority),
  impact: content.impact,
  urgency: content.urgency,
  openedAt: content.openedAt,
  assetId: content.asset?.assetId ?? "",
  assetName: content.asset?.name ?? "",
  serialNumber: content.asset?.serialNumber ?? "",
  address: content.asset?.address ?? "",
  owner: content.asset?.owner ?? "",
  location: content.asset?.location ?? "",
  inventoryNumber: content.asset?.inventoryNumber ?? "",
  warrantyUntil: content.asset?.warrantyUntil ?? "",
  link: content.link ?? "",
  noteId: note?.id ?? "",
});

const FIELD = /\{\{\s*([A-Za-z]+)\s*\}\}/g;

/** Names in the template that we don't know; empty if it is sound. */
export const unknownFields = (template: string): string[] =>
  [...template.matchAll(FIELD)].flatMap(([, name]) =>
    name && !(templateFields as readonly string[]).includes(name) ? [name] : [],
  );

export const templateSchema = z
  .string()
  .refine((text) => unknownFields(text).length === 0, { error: "names a field that does not exist" });

/** The template with each `{{field}}` replaced once; what a value holds is never read as a template again. */
export const fillTemplate = (
  template: string,
  values: TemplateValues,
  escapeText: (text: string) => string = (text) => text,
): string =>
  template.replace(FIELD, (whole, name: string) =>
    Object.hasOwn(values, name) ? escapeText(values[name as TemplateField]) : whole,
  );

/** For templates that are JSON with fields inside its strings. */
export const escapeJsonText = (text: string): string => JSON.stringify(text).slice(1, -1);
