/**
 * Devices without a profile: what a bounded read of their own enterprise subtree holds, judged by three things. Shape:
 * does the text look like a serial number, a version, a model. Neighbourhood: makers put these side by side, in one group
 * of scalars, with a name of themselves nearby. Repetition: what occurs in sysDescr too, or stands in several places, is
 * the device's own; what runs down a column is one of many. Pure; every answer is a guess and says so.
 */
import { decodeText } from "../decode.ts";
import { tags, type Varbind } from "../reader.ts";
import { cleanValue, isModel, isSerial, isVersion } from "./hygiene.ts";
import type { Found } from "./profile.ts";

export type Guessed = { readonly model?: Found; readonly version?: Found; readonly serial?: Found };

type Candidate = {
  readonly oid: string;
  /** The OID without its last arc: a column's rows share it. */
  readonly column: string;
  readonly parent: string;
  readonly text: string;
  readonly scalar: boolean;
  readonly order: number;
};

const parentOf = (oid: string, up: number): string => oid.split(".").slice(0, -up).join(".");

/** Below these a candidate is not worth being wrong for. */
const minimum = { model: 3, version: 2, serial: 3 };
export type Minimum = typeof minimum;

/** Texts looked at: identity stands early. */
const MAX_CANDIDATES = 2000;
/** Neighbours looked at of one group; a larger one is a table. */
const MAX_NEAR = 40;

/** Makers' discovery tables (CDP, EDP, FDP, NDP): other devices' models and versions. */
const NEIGHBOURS =
  /^1\.3\.6\.1\.4\.1\.(9\.9\.23|1916\.1\.13|1991\.1\.1\.3\.20|25506\.8\.7|2011\.6\.7|14988\.1\.1\.11|45\.1\.6\.13)\./;

const toCandidates = (varbinds: readonly Varbind[]): readonly Candidate[] => {
  const out: Candidate[] = [];
  for (const [order, varbind] of varbinds.entries()) {
    if (varbind.type !== tags.octetString) continue;
    const text = NEIGHBOURS.test(varbind.oid) ? undefined : cleanValue(decodeText(varbind));
    if (text === undefined || text.length < 2 || text.length > 64 || !/[\x20-\x7e]/.test(text)) continue;
    out.push({
      oid: varbind.oid,
      column: parentOf(varbind.oid, 1),
      parent: parentOf(varbind.oid, 2),
      text,
      scalar: varbind.oid.endsWith(".0"),
      order,
    });
    if (out.length === MAX_CANDIDATES) break;
  }
  return out;
};

type Surroundings = {
  readonly sysDescr: string;
  readonly known: readonly string[];
  /** By parent: the members of a group that stand alone or in pairs in their column. */
  readonly groups: ReadonlyMap<string, readonly Candidate[]>;
  /** Rows by column: a column of many is a table of parts, not the device. */
  readonly rows: ReadonlyMap<string, number>;
  readonly count: ReadonlyMap<string, number>;
  readonly exclude: ReadonlySet<string>;
};

const columnLength = (candidate: Candidate, around: Pick<Surroundings, "rows">): number =>
  candidate.scalar ? 1 : (around.rows.get(candidate.column) ?? 1);

const nearOf = (candidate: Candidate, around: Surroundings): readonly Candidate[] =>
  (around.groups.get(candidate.parent) ?? []).filter((other) => other !== candidate);

const inText = (needle: string, hay: string): boolean =>
  needle.length >= 3 && hay.toLowerCase().includes(needle.toLowerCase());

const scorePlace = (candidate: Candidate, around: Surroundings): number => {
  const length = columnLength(candidate, around);
  let score = candidate.scalar ? 2 : length === 1 ? 1 : length === 2 ? -1 : -4;
  if (candidate.order < 12) score += 2;
  else if (candidate.order < 40) score += 1;
  else if (candidate.order > 200) score -= 1;
  const near = nearOf(candidate, around);
  if (near.some((other) => isVersion(other.text))) score += 1;
  if (
    near.some((other) => around.known.some((word) => inText(word, other.text)) || inText(other.text, around.sysDescr))
  )
    score += 2;
  if (near.length > 24) score -= 1;
  return score;
};

const scoreSerial = (c: Candidate, around: Surroundings): number => {
  if (!isSerial(c.text) || isVersion(c.text)) return 0;
  const digits = c.text.match(/\d/g)?.length ?? 0;
  let score = scorePlace(c, around);
  if (digits >= 5 && c.text.length >= 8) score += 2;
  if (digits / c.text.length < 0.4) score -= 2;
  if (/^\d{1,6}$/.test(c.text)) score -= 4;
  // IMEI and ICCID of a modem, a time stamp, a MAC in hex: numbers of something else.
  if (/^\d{15}$|^89\d{17,18}$|^\d{10,14}Z$/.test(c.text)) score -= 6;
  if (/^[0-9a-f]{12}$/.test(c.text)) score -= 2;
  if (/[a-z]/.test(c.text) && /[A-Z]/.test(c.text)) score -= 1;
  if (/[/ ]/.test(c.text)) score -= 2;
  // Hyphens and few digits are a model's look: "SWV-1623K-24N1", "MS4128-L3E".
  if (/-/.test(c.text) && digits / c.text.length < 0.7) score -= 2;
  if (digits < 5) score -= 2;
  if (inText(c.text, around.sysDescr)) score += /s\/?n|serial/i.test(around.sysDescr) ? 3 : -3;
  const near = nearOf(c, around);
  if (near.some((o) => isModel(o.text) && !isSerial(o.text)) && near.some((o) => isVersion(o.text))) score += 2;
  if ((around.count.get(c.text) ?? 1) === 2) score += 1;
  return score;
};

/** A version within a text that says so: "Switched unit Version 7.1f", "be plus V.10.2", "unit-v1.252". */
const EMBEDDED =
  /(?:^|[\s(,:_-])(?:(?:version|ver|release|rel|firmware|fw|software|sw|v)[\s.:=]+)?(v?(?<=v|[\s.:=])\d{1,4}\.\d{1,6}[\w.()-]*)/i;

/** The version that a text is or holds. */
const versionIn = (text: string): string | undefined => {
  if (isVersion(text)) return text;
  if (text.length > 64) return undefined;
  const labelled =
    /^v?\d+\.\d+(\.\d+|[ _(,-])/i.test(text) ||
    /\b(version|ver|release|rel|firmware|fw|software|sw|v)\b|\bv\.?\d|-v\d/i.test(text);
  const value = labelled ? EMBEDDED.exec(text)?.[1]?.replace(/[.,(-]+$/, "") : undefined;
  if (value === undefined || !isVersion(value)) return undefined;
  // Behind the number often build and date, "v5.6.0-build1557 170727 (GA)": how the maker writes the version, so all of it.
  const head = text.split("|")[0]?.trim() ?? "";
  return head.startsWith(value) && head.length <= 40 ? head : value;
};

const scoreVersion = (c: Candidate, around: Surroundings): number => {
  const version = versionIn(c.text);
  if (version === undefined) return 0;
  const bare = version.replace(/^v/i, "");
  const near = nearOf(c, around);
  let score = scorePlace(c, around);
  if (version !== c.text) score -= /hardware|boot|kernel|hw/i.test(c.text) ? 5 : 1;
  if (inText(bare, around.sysDescr)) score += 4;
  // "26.44" is as likely a temperature.
  else if (/^\d+\.\d+$/.test(c.text))
    score -= near.some((o) => isModel(o.text)) && columnLength(c, around) === 1 ? 2 : 5;
  if ((bare.match(/\./g)?.length ?? 0) >= 2) score += 1;
  if (near.some((o) => isSerial(o.text))) score += 2;
  if (near.some((o) => isModel(o.text) && (inText(o.text, around.sysDescr) || /-/.test(o.text)))) score += 1;
  return score;
};

/** "Disk 1", "Power 1", "Humidity1", "Switch Sen 1": names of parts, numbered. */
const NUMBERED_PART = /^[A-Za-z][A-Za-z /]*[ _-]?\d{1,2}$/;
const PART_WORDS =
  /version|rev|build|copyright|port|eth|slot|link|vlan|sensor|temp|humid|fan|psu|outlet|input|phase|cpu|usb|disk|module|channel|relay|contact|firmware|\.bin|\.img/i;

const scoreModel = (c: Candidate, around: Surroundings): number => {
  if (!isModel(c.text) || isVersion(c.text) || around.exclude.has(c.text)) return 0;
  const own = inText(c.text, around.sysDescr);
  let score = scorePlace(c, around) - 1;
  if (own) score += 4;
  if (/^[A-Z][A-Za-z]{0,9}[- ]?\d{1,5}[A-Z0-9+-]{0,12}( .*)?$/.test(c.text)) score += 1;
  if (!own && NUMBERED_PART.test(c.text) && !/^[A-Z]{2,}-?\d+$/.test(c.text)) score -= 5;
  if (!own && /\d+\.\d+|\d(V|A|Hz|kVA|W)\b/.test(c.text)) score -= 3;
  if (!own && c.text.length < 4) score -= 3;
  if (!own && /^\d/.test(c.text)) score -= 1;
  // Letters and digits without a break, long: rather a serial number.
  if (!own && /^[A-Z0-9]{7,}$/.test(c.text) && (c.text.match(/\d/g)?.length ?? 0) >= 4) score -= 1;
  if (isSerial(c.text) && (c.text.match(/\d/g)?.length ?? 0) > 6) score -= 4;
  if (c.text.split(" ").length > 3) score -= 1;
  if (PART_WORDS.test(c.text)) score -= 4;
  const near = nearOf(c, around);
  if (near.some((o) => isVersion(o.text)) && near.some((o) => isSerial(o.text))) score += 2;
  else if (/^[A-Z]{1,5}-?\d[A-Z0-9/-]+$/.test(c.text) && near.some((o) => isSerial(o.text))) score += 1;
  return score;
};

/** Of a text that may be either: groups with hyphens and as many letters as digits are how models are made. */
const isRatherModel = (text: string): boolean => {
  const digits = text.match(/\d/g)?.length ?? 0;
  const letters = text.match(/[A-Za-z]/g)?.length ?? 0;
  if (!isSerial(text)) return true;
  return /-/.test(text) && !/\d{6}/.test(text) && (letters * 3 >= digits * 2 || /^[A-Z]{2,5}-\d/.test(text));
};

const best = (candidates: readonly Candidate[], score: (c: Candidate) => number, min: number): Found | undefined => {
  let top: Candidate | undefined;
  let topScore = min - 1;
  for (const candidate of candidates) {
    const s = score(candidate);
    if (s > topScore) [top, topScore] = [candidate, s];
  }
  return top && { value: top.text, source: top.oid, confidence: "guess" };
};

/**
 * @param varbinds of the enterprise subtree, in OID order, already bounded.
 * @param known the maker's names and the model so far: a group that names them is the group of identity.
 * @param exclude texts that are people's, not the device's: sysName, sysLocation, sysContact.
 */
export const inferFromSubtree = (
  varbinds: readonly Varbind[],
  context: { readonly sysDescr: string; readonly known: readonly string[]; readonly exclude: readonly string[] },
  min: Minimum = minimum,
): Guessed => {
  const candidates = toCandidates(varbinds).filter((c) => !context.exclude.includes(c.text));
  const rows = new Map<string, number>();
  const count = new Map<string, number>();
  for (const candidate of candidates) {
    rows.set(candidate.column, (rows.get(candidate.column) ?? 0) + 1);
    count.set(candidate.text, (count.get(candidate.text) ?? 0) + 1);
  }
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    if (columnLength(candidate, { rows }) > 2) continue;
    const group = groups.get(candidate.parent);
    if (group === undefined) groups.set(candidate.parent, [candidate]);
    else if (group.length < MAX_NEAR) group.push(candidate);
  }
  const { sysDescr, known } = context;
  const around: Surroundings = { sysDescr, known, groups, rows, count, exclude: new Set(context.exclude) };
  const version = best(candidates, (c) => scoreVersion(c, around), min.version);
  const looksLikeModel = best(candidates, (c) => scoreModel(c, around), min.model);
  const kept = looksLikeModel !== undefined && isRatherModel(looksLikeModel.value) ? looksLikeModel : undefined;
  const serial = best(candidates, (c) => (c.text === kept?.value ? 0 : scoreSerial(c, around)), min.serial);
  const model = kept ?? best(candidates, (c) => (c.text === serial?.value ? 0 : scoreModel(c, around)), min.model);
  const embedded = version && versionIn(version.value);
  return {
    ...(model && { model }),
    ...(version && { version: { ...version, value: embedded ?? version.value } }),
    ...(serial && { serial }),
  };
};
