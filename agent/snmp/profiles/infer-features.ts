/**
 * What can be said of a text in a maker's own subtree without knowing the MIB: where it stands, what stands beside it, what
 * it looks like. Each is a name; `infer-weights.ts` says how much it speaks for a model, a version, a serial number. Pure.
 */
import { decodeText } from "../decode.ts";
import { tags, type Varbind } from "../reader.ts";
import { cleanValue, isDateOrTime, isMac, isModel, isSerial, isVersion } from "./hygiene.ts";

export type GuessField = "model" | "version" | "serial";

export type Candidate = {
  readonly oid: string;
  readonly text: string;
  /** The OID without its last arc: a column's rows share it. */
  readonly column: string;
  readonly parent: string;
  readonly scalar: boolean;
  readonly order: number;
  /** The version that the text is or holds. */
  readonly version: string | undefined;
  readonly serial: boolean;
  readonly model: boolean;
};

/** All candidates of a device, as far as one is judged by the others. */
export type Surroundings = {
  readonly sysDescr: string;
  /** Names of the maker and the model so far. */
  readonly known: readonly string[];
  readonly candidates: readonly Candidate[];
  readonly groups: ReadonlyMap<string, readonly Candidate[]>;
  readonly rows: ReadonlyMap<string, number>;
  readonly count: ReadonlyMap<string, number>;
  readonly kinds: Readonly<Record<GuessField, number>>;
};

/** Texts looked at: identity stands early. */
const MAX_CANDIDATES = 2000;
/** Neighbours looked at of one group; a larger one is a table. */
const MAX_NEAR = 40;

/** Makers' discovery tables (CDP, EDP, FDP, NDP): other devices' models and versions. */
const NEIGHBOURS =
  /^1\.3\.6\.1\.4\.1\.(9\.9\.23|1916\.1\.13|1991\.1\.1\.3\.20|25506\.8\.7|2011\.6\.7|14988\.1\.1\.11|45\.1\.6\.13)\./;

const parentOf = (oid: string, up: number): string => oid.split(".").slice(0, -up).join(".");

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

/** A modem's IMEI and ICCID, a time stamp, memory used of memory had. */
const OTHER_NUMBER = /^\d{15}$|^89\d{17,18}$|^\d{10,14}Z$|^\d+\/\d+$|^\d+ [KMG]B$/;

/** Wider than `isModel`: some models are capitals without a number, "NFXS-E". */
const isModelText = (text: string): boolean =>
  /[A-Za-z]/.test(text) &&
  (/\d/.test(text) || /\b[A-Z]{2,}[A-Z-]+\b/.test(text)) &&
  text.length >= 3 &&
  text.length <= 48 &&
  !isVersion(text) &&
  !isMac(text) &&
  !isDateOrTime(text) &&
  !/[=;{}<>|@\\%]|:.*:|:\/\/|\.(bin|img|cgi|html?|net|com|local|lan)\b/i.test(text) &&
  text.split(" ").length <= 6;

/** @param exclude texts that are people's, not the device's: sysName, sysLocation, sysContact. */
export const toCandidates = (varbinds: readonly Varbind[], exclude: readonly string[]): readonly Candidate[] => {
  const out: Candidate[] = [];
  for (const [order, varbind] of varbinds.entries()) {
    if (varbind.type !== tags.octetString || NEIGHBOURS.test(varbind.oid)) continue;
    const text = cleanValue(decodeText(varbind));
    if (text === undefined || text.length < 2 || text.length > 64 || exclude.includes(text)) continue;
    const version = versionIn(text);
    out.push({
      oid: varbind.oid,
      text,
      column: parentOf(varbind.oid, 1),
      parent: parentOf(varbind.oid, 2),
      scalar: varbind.oid.endsWith(".0"),
      order,
      version,
      serial: isSerial(text) && !isVersion(text) && !OTHER_NUMBER.test(text),
      model: isModelText(text),
    });
    if (out.length === MAX_CANDIDATES) break;
  }
  return out;
};

const countBy = <T>(items: readonly T[], key: (item: T) => string): Map<string, number> => {
  const out = new Map<string, number>();
  for (const item of items) out.set(key(item), (out.get(key(item)) ?? 0) + 1);
  return out;
};

export const surround = (
  candidates: readonly Candidate[],
  { sysDescr, known }: Pick<Surroundings, "sysDescr" | "known">,
): Surroundings => {
  const rows = countBy(candidates, (c) => c.column);
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    if (!candidate.scalar && (rows.get(candidate.column) ?? 1) > 2) continue;
    const group = groups.get(candidate.parent);
    if (group === undefined) groups.set(candidate.parent, [candidate]);
    else if (group.length < MAX_NEAR) group.push(candidate);
  }
  const distinct = (is: (c: Candidate) => boolean) => new Set(candidates.filter(is).map((c) => c.text)).size;
  return {
    ...{ sysDescr, known, candidates, groups, rows },
    count: countBy(candidates, (c) => c.text),
    kinds: {
      model: distinct((c) => c.model && isModel(c.text)),
      version: distinct((c) => c.version !== undefined),
      serial: distinct((c) => c.serial),
    },
  };
};

const inText = (needle: string, hay: string): boolean =>
  needle.length >= 3 && hay.toLowerCase().includes(needle.toLowerCase());

/** Digits of a text as a share of its length. */
const digitShare = (text: string): number => (text.match(/\d/g)?.length ?? 0) / text.length;

const bucket = (name: string, n: number, limits: readonly number[]): string =>
  `${name}<${limits.find((limit) => n < limit) ?? "more"}`;

const placeFeatures = (c: Candidate, around: Surroundings): readonly string[] => {
  const arcs = c.oid.split(".").length - 7;
  const near = (around.groups.get(c.parent) ?? []).filter((other) => other !== c);
  const at = around.candidates.indexOf(c);
  const beside = [around.candidates[at - 1], around.candidates[at + 1]].filter((o) => o?.parent === c.parent);
  const arc = Number(c.oid.split(".").at(-2));
  const named = (other: Candidate) =>
    around.known.some((word) => inText(word, other.text)) || inText(other.text, around.sysDescr);
  const features = [
    c.scalar ? "scalar" : bucket("rows", around.rows.get(c.column) ?? 1, [2, 3, 9]),
    bucket("order", c.order, [4, 12, 40, 200]),
    bucket("depth", arcs, [5, 7, 9, 12]),
    bucket("arc", arc, [3, 6, 12, 30]),
    bucket("near", near.length, [1, 4, 12, 25]),
    bucket("same", around.count.get(c.text) ?? 1, [2, 3]),
  ];
  if (near.some((o) => o.version === o.text)) features.push("near version");
  if (near.some((o) => o.serial)) features.push("near serial");
  if (near.some((o) => o.model && isModel(o.text) && !o.serial)) features.push("near model");
  if (near.some(named)) features.push("near own name");
  if (beside.some((o) => o?.version !== undefined)) features.push("beside version");
  if (beside.some((o) => o?.serial)) features.push("beside serial");
  if (beside.some((o) => o?.model && isModel(o.text))) features.push("beside model");
  return features;
};

/** "Disk 1", "Power 1", "Humidity1", "Switch Sen 1": names of parts, numbered. */
const NUMBERED_PART = /^[A-Za-z][A-Za-z /]*[ _-]?\d{1,2}$/;
const PART_WORDS =
  /version|rev|build|copyright|port|eth|slot|link|vlan|sensor|temp|humid|fan|psu|outlet|input|phase|cpu|usb|disk|module|channel|relay|contact|firmware|processor|memory|battery|admin|public|default|enabled?|disabled?|alarm|group|user|zone|status|normal|agent/i;

const shape = (text: string): readonly string[] => [
  bucket("length", text.length, [4, 8, 13, 20, 33]),
  bucket("digits", digitShare(text), [0.01, 0.2, 0.4, 0.7, 1]),
  ...(/[a-z]/.test(text) && /[A-Z]/.test(text) ? ["mixed case"] : []),
  ...(/^[a-z]/.test(text) ? ["small first"] : []),
  ...(/ /.test(text) ? ["words"] : []),
  ...(/-/.test(text) ? ["hyphen"] : []),
  ...(/[/_]/.test(text) ? ["slash"] : []),
];

const modelFeatures = (c: Candidate, around: Surroundings): readonly string[] => {
  const { text } = c;
  const own = inText(text, around.sysDescr);
  return [
    ...shape(text),
    bucket("models", around.kinds.model, [2, 4, 10]),
    own ? "in sysDescr" : "not in sysDescr",
    ...(around.known.some((word) => text.toLowerCase().startsWith(`${word.toLowerCase()} `)) ? ["maker first"] : []),
    ...(/^[A-Z][A-Za-z]{0,9}[- ]?\d{1,5}[A-Z0-9+-]{0,12}( .*)?$/.test(text) ? ["name and number"] : []),
    ...(/^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(text) ? ["hyphened capitals"] : []),
    ...(!own && NUMBERED_PART.test(text) && !/^[A-Z]{2,}-?\d+$/.test(text) ? ["numbered part"] : []),
    ...(!own && /\d(\.\d+)? ?(V|A|Hz|kVA|W|KB|MB|GB)\b/.test(text) ? ["unit"] : []),
    ...(/^\d/.test(text) ? ["digit first"] : []),
    ...(c.serial ? ["serial shape"] : []),
    ...(c.serial && /^[A-Z0-9]{7,}$/.test(text) && (text.match(/\d/g)?.length ?? 0) >= 4 ? ["compact"] : []),
    ...(c.version !== undefined || /\d+\.\d+/.test(text) ? ["holds version"] : []),
    ...(text.split(" ").length > 3 ? ["many words"] : []),
    ...(PART_WORDS.test(text) ? ["part word"] : []),
    ...(/^[A-Z][a-z]+$/.test(text) ? ["plain word"] : []),
    ...(/^V?\d+R\d+/i.test(text) ? ["release"] : []),
  ];
};

const versionFeatures = (c: Candidate, around: Surroundings): readonly string[] => {
  const { text, version = "" } = c;
  const bare = version.replace(/^v/i, "");
  return [
    bucket("length", text.length, [4, 6, 9, 16, 25]),
    bucket("versions", around.kinds.version, [2, 4, 10]),
    bucket("dots", bare.split(/[._]/).length, [3, 4, 5]),
    ...(inText(bare, around.sysDescr) ? ["in sysDescr"] : []),
    ...(version === text ? ["exact"] : ["embedded"]),
    ...(/^v/i.test(version) ? ["v first"] : []),
    ...(/[A-Za-z]/.test(bare) ? ["letters"] : []),
    ...(/^\d+\.\d+$/.test(text) ? ["two numbers"] : []),
    ...(/^\d+\.\d$/.test(text) ? ["one decimal"] : []),
    ...(/hardware|boot|kernel|\bhw|linux|rom\b|bios/i.test(text) ? ["other's"] : []),
    ...(/firmware|software|\bfw|\bsw|application|release/i.test(text) ? ["software word"] : []),
    ...(/build/i.test(text) ? ["build"] : []),
  ];
};

const serialFeatures = (c: Candidate, around: Surroundings): readonly string[] => {
  const { text } = c;
  const labelled = /s\/?n|serial/i.test(around.sysDescr);
  return [
    ...shape(text),
    bucket("serials", around.kinds.serial, [2, 4, 10]),
    ...(inText(text, around.sysDescr) ? [labelled ? "in labelled sysDescr" : "in sysDescr"] : []),
    ...(/^\d+$/.test(text) ? ["only digits"] : []),
    ...(/^\d{1,6}$/.test(text) ? ["short number"] : []),
    ...(/^[0-9a-f]{12}$/.test(text) ? ["hex"] : []),
    ...(/^[0-9A-F]{12}$/.test(text) ? ["capital hex"] : []),
    ...(/^[A-Z]{1,4}\d/.test(text) ? ["letters first"] : []),
    ...(/^[A-Z0-9]+$/.test(text) ? ["compact"] : []),
    ...(/^[A-Z]{2,6}-?\d{1,4}[A-Z]*(-|$)/.test(text) ? ["model shape"] : []),
  ];
};

/** Kinds of devices whose numbers are readings. */
const MEASURES =
  /temp|humid|sensor|thermo|environ|monitor|meter|probe|power|\bups\b|pdu|volt|rectif|batter|radio|wave/i;

/** Undefined where the text cannot be one at all. */
export const featuresOf = (field: GuessField, c: Candidate, around: Surroundings): readonly string[] | undefined => {
  switch (field) {
    case "model":
      return c.model ? [...placeFeatures(c, around), ...modelFeatures(c, around)] : undefined;
    case "version": {
      if (c.version === undefined) return undefined;
      const place = placeFeatures(c, around);
      // "26.44" alone is as likely a temperature, on a device that has such.
      const lonely =
        MEASURES.test(around.sysDescr) &&
        !inText(c.text, around.sysDescr) &&
        !place.some((name) => /^near (serial|model|own)/.test(name));
      return lonely && /^\d+\.\d+$/.test(c.text) ? undefined : [...place, ...versionFeatures(c, around)];
    }
    case "serial":
      return c.serial ? [...placeFeatures(c, around), ...serialFeatures(c, around)] : undefined;
    default:
      return field satisfies never;
  }
};
