import { days, parseTimestamp } from "../../shared/clock.ts";
import type { Asset } from "../../shared/model/asset.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";
import type { AssetRow } from "../store/store.ts";
import type { TicketContent, TicketNote } from "./connector.ts";
import { fillTemplate, templateValues } from "./template.ts";
import { type Locale, type Wording, wordings } from "./wording.ts";

export type ContentOptions = {
  readonly locale: Locale;
  /** IANA name; times are shown in it, with its abbreviation. */
  readonly timeZone: string;
  /** Address of the console as people reach it, without a slash at the end; absent: no link. */
  readonly consoleUrl?: string;
  /** Subject and text in the desk's own words, with {{fields}}; without them, ours. */
  readonly subject?: string;
  readonly text?: string;
  /** Ids of assets' counterparts in the desk's own records, by asset id or serial number. */
  readonly ciRefs?: Readonly<Record<string, string>>;
};

/** What is said of the device. */
export type CaseAsset = Pick<
  Asset,
  | "assetId"
  | "name"
  | "type"
  | "site"
  | "criticality"
  | "osName"
  | "manufacturer"
  | "model"
  | "serialNumber"
  | "primaryAddress"
  | "primaryMac"
  | "owner"
  | "location"
  | "inventoryNumber"
  | "warrantyUntil"
  | "supplier"
  | "contract"
>;
/** Of the asset as the store has it. */
export const toCaseAsset = ({ book, ...asset }: AssetRow): CaseAsset => ({ ...asset, ...book });

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

/** Whether its warranty still ran when the incident was opened: a later word on it says the same. */
const warrantyOf = ({ incident, asset }: Case, words: Wording, { locale }: ContentOptions): string | undefined => {
  if (asset?.warrantyUntil === undefined) return undefined;
  const untilMs = Date.parse(asset.warrantyUntil);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(untilMs);
  const isOver = untilMs + days(1) <= (parseTimestamp(incident.openedAt) ?? 0);
  return isOver ? words.warrantyOver(day) : words.warrantyUntil(day);
};

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
    ...row(words.inventoryNumber, asset?.inventoryNumber),
    ...row(words.owner, asset?.owner),
    ...row(words.site, asset?.site),
    ...row(words.criticality, asset && words.criticalities[asset.criticality]),
    ...row(words.system, asset?.osName),
    ...row(words.lastSeen, incident.lastSeenAt && formatTime(incident.lastSeenAt, options)),
    ...row(words.lastPlace, incident.lastKnownPlace),
    ...row(words.location, asset?.location),
    ...row(words.warranty, warrantyOf(the, words, options)),
    ...row(words.supplier, asset?.supplier),
    ...row(words.contract, asset?.contract),
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

type Link = readonly [label: string, address: string];

const linksOf = ({ incident, asset }: Case, words: Wording, { consoleUrl }: ContentOptions): Link[] =>
  consoleUrl === undefined
    ? []
    : [
        [words.details, `${consoleUrl}/incidents/${incident.incidentId}`],
        ...(asset === undefined ? [] : ([[words.asset, `${consoleUrl}/assets/${asset.assetId}`]] as const)),
      ];

/** What is said, by its parts: plain text and HTML are made of the same. */
const bodyOf = (the: Case, words: Wording, options: ContentOptions): Pick<TicketContent, "text" | "html"> => {
  const { incident } = the;
  const rows = rowsOf(the, words, options);
  const lines = the.evidence.slice(-MAX_EVIDENCE).map((line) => evidenceLine(line, words, options));
  const affected = incident.children > 0 ? words.alsoAffected(incident.children) : undefined;
  const links = linksOf(the, words, options);
  const summary = incident.summary.split("\n").map(oneLine);
  const text = [
    ...summary,
    ...(affected ? [affected] : []),
    "",
    ...rows.map(([label, value]) => `${label}: ${value}`),
    "",
    `${words.evidence}:`,
    ...lines.map((line) => `- ${line}`),
    ...(links.length > 0 ? ["", ...links.map(([label, address]) => `${label}: ${address}`)] : []),
  ].join("\n");
  const html = [
    ...summary.filter((line) => line !== "").map((line) => `<p>${escapeHtml(line)}</p>`),
    ...(affected ? [`<p><strong>${escapeHtml(affected)}</strong></p>`] : []),
    `<table>${rows.map(([label, value]) => `<tr><th align="left">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`).join("")}</table>`,
    `<h4>${escapeHtml(words.evidence)}</h4><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`,
    ...links.map(([label, address]) => `<p><a href="${escapeHtml(address)}">${escapeHtml(label)}</a></p>`),
  ].join("\n");
  return { text, html };
};

const assetOf = (asset: CaseAsset, { ciRefs = {} }: ContentOptions): NonNullable<TicketContent["asset"]> => {
  const { assetId, serialNumber, primaryAddress, owner, location, inventoryNumber, warrantyUntil } = asset;
  const known = [assetId, ...(serialNumber === undefined ? [] : [serialNumber])].find((id) =>
    Object.hasOwn(ciRefs, id),
  );
  const ciRef = known === undefined ? undefined : ciRefs[known];
  return {
    ...{ assetId, name: oneLine(asset.name) },
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(primaryAddress === undefined ? {} : { address: primaryAddress }),
    ...(ciRef === undefined ? {} : { ciRef }),
    ...(owner === undefined ? {} : { owner: oneLine(owner) }),
    ...(location === undefined ? {} : { location: oneLine(location) }),
    ...(inventoryNumber === undefined ? {} : { inventoryNumber: oneLine(inventoryNumber) }),
    ...(warrantyUntil === undefined ? {} : { warrantyUntil }),
  };
};

/** A desk's own words in place of ours. What a value holds is never read as a template or as markup. */
const inOwnWords = (content: TicketContent, { subject, text }: ContentOptions): TicketContent => {
  const values = templateValues("opened", content);
  const own = text === undefined ? undefined : fillTemplate(text, values);
  return {
    ...content,
    ...(subject === undefined ? {} : { subject: oneLine(fillTemplate(subject, values)).slice(0, 250) }),
    ...(own === undefined
      ? {}
      : {
          text: own,
          html: own
            .split("\n")
            .map((line) => `<p>${escapeHtml(line)}</p>`)
            .join("\n"),
        }),
  };
};

/** All that a desk is told of an incident, as text and as HTML in which nothing of a device's own can be markup. */
export const toTicketContent = (the: Case, options: ContentOptions): TicketContent => {
  const { incident, asset } = the;
  const words = wordings[options.locale];
  const link = options.consoleUrl === undefined ? undefined : `${options.consoleUrl}/incidents/${incident.incidentId}`;
  const { impact, urgency, openedAt, condition, kind } = incident;
  const content: TicketContent = {
    ...{ key: `rollcall:${incident.incidentId}`, condition, kind, impact, urgency, openedAt },
    ...{ subject: subjectOf(the, words, options), ...bodyOf(the, words, options) },
    priority: incident.priority as TicketContent["priority"],
    ...(asset === undefined ? {} : { asset: assetOf(asset, options) }),
    ...(link === undefined ? {} : { link }),
  };
  return inOwnWords(content, options);
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
