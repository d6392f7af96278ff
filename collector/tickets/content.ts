import { parseTimestamp } from "../../shared/clock.ts";
import type { Asset } from "../../shared/model/asset.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";
import type { TicketContent, TicketNote } from "./connector.ts";
import { type Locale, type Wording, wordings } from "./wording.ts";

export type ContentOptions = {
  readonly locale: Locale;
  /** IANA name; times are shown in it, with its abbreviation. */
  readonly timeZone: string;
  /** Address of the console as people reach it, without a slash at the end; absent: no link. */
  readonly consoleUrl?: string;
};

/** What is said of the device. */
export type CaseAsset = Pick<
  Asset,
  "assetId" | "name" | "manufacturer" | "model" | "serialNumber" | "primaryAddress" | "primaryMac"
>;

export const defaultContent: ContentOptions = { locale: "en", timeZone: "UTC" };

export type Case = { readonly incident: Incident; readonly evidence: readonly Evidence[]; readonly asset?: CaseAsset };

const MAX_EVIDENCE = 30;
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
/** One line of printable text: names come from devices. */
const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();

const formatTime = (timestamp: string, { locale, timeZone }: ContentOptions): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long", timeZone }).format(
    parseTimestamp(timestamp) ?? 0,
  );

const deviceLine = ({ incident, asset }: Case): string =>
  asset
    ? oneLine([asset.name, asset.manufacturer, asset.model].filter((part) => part !== undefined).join(", "))
    : oneLine(incident.title);

/** What, which device, where, since when: what a person scanning a queue needs. */
const subjectOf = (the: Case, words: Wording, options: ContentOptions): string => {
  const { incident, asset } = the;
  const place = incident.lastKnownPlace === undefined ? "" : ` (${oneLine(incident.lastKnownPlace).slice(0, 60)})`;
  const since = formatTime(incident.lastSeenAt ?? incident.openedAt, options);
  const name = asset ? oneLine(asset.name).slice(0, 80) : oneLine(incident.title).slice(0, 120);
  return `${words.kinds[incident.kind]}: ${name}${place}, ${words.since} ${since}`;
};

type Row = readonly [label: string, value: string];

const rowsOf = (the: Case, words: Wording, options: ContentOptions): Row[] => {
  const { incident, asset } = the;
  const row = (label: string, value: string | undefined): Row[] =>
    value === undefined || value === "" ? [] : [[label, oneLine(value)]];
  return [
    ...row(words.device, deviceLine(the)),
    ...row(words.address, [asset?.primaryAddress, asset?.primaryMac].filter((part) => part !== undefined).join(" · ")),
    ...row(words.serialNumber, asset?.serialNumber),
    ...row(words.lastSeen, incident.lastSeenAt && formatTime(incident.lastSeenAt, options)),
    ...row(words.lastPlace, incident.lastKnownPlace),
    ...row(words.confidence, `${Math.round(incident.confidence * 100)} %`),
    ...row(
      words.priority,
      `${incident.priority} (${words.impact}: ${words.levels[incident.impact]}, ${words.urgency}: ${words.levels[incident.urgency]})`,
    ),
    ...row(words.nextStep, incident.nextStep),
  ];
};

const evidenceLine = (line: Evidence, words: Wording, options: ContentOptions): string => {
  const { observer } = line;
  const who =
    observer.kind === "collector"
      ? words.collector
      : observer.kind === "agent"
        ? `${words.agent} ${observer.name}`
        : observer.name;
  const sight = line.couldSee === "could-see" ? "" : `, ${words.sight[line.couldSee]}`;
  return oneLine(
    `${formatTime(line.at, options)}, ${who} (${line.method}${sight}): ${line.statement} [${words.bearings[line.bearing]}]`,
  );
};

/** All that a desk is told of an incident, as text and as HTML in which nothing of a device's own can be markup. */
export const toTicketContent = (the: Case, options: ContentOptions): TicketContent => {
  const { incident, asset } = the;
  const words = wordings[options.locale];
  const rows = rowsOf(the, words, options);
  const lines = the.evidence.slice(-MAX_EVIDENCE).map((line) => evidenceLine(line, words, options));
  const affected = incident.children > 0 ? words.alsoAffected(incident.children) : undefined;
  const link = options.consoleUrl === undefined ? undefined : `${options.consoleUrl}/incidents/${incident.incidentId}`;
  const summary = incident.summary.split("\n").map(oneLine);

  const text = [
    ...summary,
    ...(affected ? [affected] : []),
    "",
    ...rows.map(([label, value]) => `${label}: ${value}`),
    "",
    `${words.evidence}:`,
    ...lines.map((line) => `- ${line}`),
    ...(link ? ["", `${words.details}: ${link}`] : []),
  ].join("\n");
  const html = [
    ...summary.filter((line) => line !== "").map((line) => `<p>${escapeHtml(line)}</p>`),
    ...(affected ? [`<p><strong>${escapeHtml(affected)}</strong></p>`] : []),
    `<table>${rows.map(([label, value]) => `<tr><th align="left">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`).join("")}</table>`,
    `<h4>${escapeHtml(words.evidence)}</h4><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`,
    ...(link ? [`<p><a href="${escapeHtml(link)}">${escapeHtml(words.details)}</a></p>`] : []),
  ].join("\n");

  return {
    key: `rollcall:${incident.incidentId}`,
    condition: incident.condition,
    kind: incident.kind,
    subject: subjectOf(the, words, options),
    text,
    html,
    priority: incident.priority as TicketContent["priority"],
    impact: incident.impact,
    urgency: incident.urgency,
    openedAt: incident.openedAt,
    ...(asset === undefined
      ? {}
      : {
          asset: {
            assetId: asset.assetId,
            name: oneLine(asset.name),
            ...(asset.serialNumber === undefined ? {} : { serialNumber: asset.serialNumber }),
            ...(asset.primaryAddress === undefined ? {} : { address: asset.primaryAddress }),
          },
        }),
    ...(link === undefined ? {} : { link }),
  };
};

/** A later word: the same id for the same step, however often it is told. */
export const toTicketNote = (id: string, text: string): TicketNote => ({
  id,
  text,
  html: text
    .split("\n")
    .map((line) => `<p>${escapeHtml(line)}</p>`)
    .join("\n"),
});
