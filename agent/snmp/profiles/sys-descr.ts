/**
 * The grammar that sysDescr texts share across makers: labelled fields ("Model: X", "SN: Y"), DOCSIS brackets, comma
 * lists ("GS724Tv4, 6.3.1.11, B1.0.0.4"), "Maker MODEL version", uname. Pure; every answer is derived, never stated.
 */
import { isDateOrTime, isJunk, isMac, isModel, isSerial, isVersion } from "./hygiene.ts";

export type Described = {
  readonly model?: string;
  readonly version?: string;
  readonly serial?: string;
  readonly hardwareRevision?: string;
  /** From uname-like texts: "Linux", "FreeBSD", ... */
  readonly kernel?: { readonly name: string; readonly release: string; readonly machine: string | undefined };
};

const VALUE = "([A-Za-z0-9][A-Za-z0-9_.()+/:#-]*)";
const label = (names: string, value = VALUE) =>
  new RegExp(`(?:^|[^A-Za-z0-9])(?:${names})\\s*[:=#]?\\s*"?${value}`, "i");
const WORD_VERSION = "(?:ver(?:s(?:ion)?)?|rev(?:ision)?|release|image|build)\\.?";

/** Best first. A hardware, boot or kernel version is none of these. */
const versionPatterns: readonly RegExp[] = [
  label("application software version"),
  label("sw_rev"),
  label(`(?:system )?(?:software|soft|sw|s\\/w|application|app|os|runtime code)[ -]?${WORD_VERSION}`),
  label("(?:sw|soft(?:ware)?)\\s*[:=]\\s*v?", VALUE),
  label(`(?:firmware|fw|f\\/w)[ -]?(?:${WORD_VERSION})?`),
  label(
    `(?<!h[w\\/]\\s|hardware\\s|hard\\s|boot\\s|bootrom\\s|kernel\\s|protocol\\s|snmp\\s|rom\\s|bios\\s|chip\\s|pcb\\s|board\\s|cpu\\s|linux\\s|loader\\s|bootloader\\s)${WORD_VERSION}`,
  ),
];
const bareVersion =
  /(?:^|[\s,;([/_-])((?:v|r|ver\.?|rev\.?|[a-z]{1,2}\.)?\d{1,4}(?:\.\d{1,9}){1,6}(?:[-_.a-z(][a-z0-9()+_.-]*)?)/gi;
/** "6.4.0 (Build 102)", "2.1.0C Build 15419": the build belongs to the version. */
const withBuild = (value: string, text: string): string => {
  const at = text.indexOf(value);
  const build = at < 0 ? null : /^ (\(Build [\w.]+\)|Build \d+)/i.exec(text.slice(at + value.length));
  return build === null ? value : `${value} ${build[1]}`;
};
/** In prose, four numbers are a version unless they are of a private, loopback or multicast network or called an address. */
const isAddressInText = (value: string, before: string): boolean =>
  /^(192\.168|172\.(1[6-9]|2\d|3[01])|169\.254|127\.0|2[2-5]\d\.\d+)\.\d+\.\d+$/.test(value) ||
  /\b(ip|addr\w*|host|for)\W*$/i.test(before);
const modelPatterns: readonly RegExp[] = [
  label(
    "(?:hardware |router |switch |device |system )?model(?: ?(?:name|number|no\\.?|id))?\\s*[:=]",
    "\\s*([^;,|()<>]{2,48}?)\\s*(?:$|[;,|()<>]|\\s[A-Z][A-Za-z/ ]{0,14}[:=])",
  ),
  label(
    "(?:product(?: ?(?:name|id|code))?|prod|platform|hwsku|device type|machine type|type)\\s*[:=]",
    "\\s*([^;,|()<>]{2,48}?)\\s*(?:$|[;,|()<>]|\\s[A-Z][A-Za-z/ ]{0,14}[:=])",
  ),
  label("router model|model", "([A-Z][A-Za-z0-9/+.-]*\\d[A-Za-z0-9/+.-]*)"),
  label("(?:mn|md|mod)\\s*:"),
];
const serialPattern = label(
  "(?:s\\/n|sn|serial(?:[ -]?(?:no\\.?|num(?:ber)?))?|ser(?:ial)?#)\\s*[:.=#]?",
  "([A-Za-z0-9][A-Za-z0-9/-]{4,31})",
);
const hardwarePattern = label(
  "(?:hw_rev|hr|(?:hardware|hw|h\\/w|hard)[ -]?(?:ver(?:sion)?|rev(?:ision)?)?)\\.?\\s*[:=]?",
);

const MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";

/** A rating, not a model: "230V", "3.7kVA", "16A". */
const UNIT = /^\d+([.,]\d+)?\s?(k?va?|k?w|m?a|hz|[kmg]b|[kmg]?bps|ghz|mhz|%|c|f|u)$/i;

const tidy = (text: string): string => {
  let value = text.trim().replace(/[.,;:_-]+$/, "");
  // A bracket that the pattern cut off from its partner.
  if (value.endsWith(")") && !value.includes("(")) value = value.slice(0, -1);
  if (value.includes("(") && !value.includes(")")) value = value.slice(0, value.indexOf("(")).trim();
  return value;
};

const NOT_THE_SYSTEMS =
  /(h\/?w|hardware|boot\w*|rom|bios|kernel|linux|u-boot|vxworks|bsd|c\)|usb|v?cpu|ghz|snmp|ieee|rs|cat)[\s:.,/-]*(v|ver\w*|rev\w*)?[\s:.]*$/i;

/** "Agent v2.2 compatible": what it gets on with, not what it is. */
const compatible = (value: string, text: string): boolean =>
  /^[ )]*compatible/i.test(text.slice(text.indexOf(value) + value.length));

const findVersion = (text: string): string | undefined => {
  for (const pattern of versionPatterns) {
    const value = tidy(pattern.exec(text)?.[1] ?? "");
    const fits = isVersion(value) || /^[A-Z]{1,4}[.-]?\d+[.\d]/i.test(value) || /^\d+(\.\d+){3}$/.test(value);
    // A version that is a year and its releases, "2024.12.2", looks like a date; behind its label it is none.
    const dated = isDateOrTime(value) && !/^20\d\d\.\d{1,2}\.\d{1,2}$/.test(value);
    if (/\d/.test(value) && fits && !UNIT.test(value) && !dated && !compatible(value, text))
      return withBuild(value.replace(/^v(?=\d)/i, ""), text);
  }
  for (const match of text.matchAll(bareVersion)) {
    const before = text.slice(0, match.index + 1);
    if (NOT_THE_SYSTEMS.test(before)) continue;
    const value = tidy(match[1] ?? "");
    const fits = isVersion(value) || /^\d+(\.\d+){3}$/.test(value) || /^[A-Z]{1,2}(\.\d+){2,4}$/i.test(value);
    if (
      !fits ||
      /^802\.\d/.test(value) ||
      UNIT.test(value) ||
      isDateOrTime(value) ||
      isAddressInText(value, before) ||
      compatible(value, text) ||
      /\.(bin|img|tar|gz|swi|pkg)$/i.test(value) ||
      /^\d{1,2}\.\d{1,2}[GMK]?$/i.test(value)
    )
      continue;
    return withBuild(value.replace(/^v(?:er)?\.?(?=\d)/i, ""), text);
  }
  const short =
    /(?:^|\s)v(\d{1,3}\.\d{1,4}[a-z0-9.]*)/i.exec(text)?.[1] ??
    // A short number that ends the text, or stands before the build's date.
    /^\S.{2,40}\s(\d{1,3}\.\d{2,4}[A-Za-z]?|\d{1,3}\.\d[a-z])$/.exec(text)?.[1] ??
    new RegExp(`^\\S.{2,60}\\s(\\d{1,3}\\.\\d{1,4})[ ,(]+(?:${MONTH})[a-z]* \\d{1,2}\\b`).exec(text)?.[1] ??
    // Huawei's and IBM's forms: V100R011C00SPC200, V7R1M0.
    /(?:^|[\s(_-])(V\d{1,3}R\d{1,3}(?:[CM]\d+)[A-Z0-9]*)\b/.exec(text)?.[1];
  return short === undefined || compatible(short, text) ? undefined : tidy(short);
};

/** Words with letters and digits that are no models: port counts, speeds, standards, sizes. */
const NO_MODEL =
  /^(\d+([.-]|x)?(ports?|port|gb?e?|gbps|mbps|m|mb|u|w|kva|va|kw|v|a|hz|x\d+\w*|bit|way|ch|outlets?|slots?|in|inch)([/+-].*)?|\d+(base|g?base)[-a-z0-9]*|10\/100.*|802\.\d+\w*|l[23]\+?|ipv[46]|rs-?\d+|x86(_64)?|i[3-6]86|amd64|arm\w*|mips\w*|ppc\w*|sparc\w*|r?v?\d+(\.\d+)+\w*|#\d+|\d{1,2}(st|nd|rd|th)|utf-?8|802|usb\d?|sha\d+|\d{4}-\d{4}|us\d+|0x[0-9a-f]+|[\d/]+hz|.*\d+base-?t.*|\d+-\d+v|vdsl2?.*|cat\d\w?|[\w-]*-v?\d+(\.\d+)+\S*|v\d{5,})$/i;

const isModelWord = (word: string): boolean =>
  /^[A-Za-z0-9][\w/+.-]*$/.test(word) &&
  /\d/.test(word) &&
  /[A-Za-z]/.test(word) &&
  word.length >= 3 &&
  word.length <= 32 &&
  !NO_MODEL.test(word) &&
  !isMac(word) &&
  !isVersion(word);

const FILLER =
  /^(series|systems|communications|electronics|solutions|ethernet|switch(es)?|router|system|device|networks?|managed|smart|web|gigabit|fast|access|point|unit|snmp|agent|card|the|and|with|for|of|by|software|firmware|version|operating|inc\.?,?|corp(oration|\.)?,?|co\.?,?|ltd\.?,?|llc,?|gmbh|technologies|technology|controller|industrial)$/i;

/** Without the maker's name in front: "Netonix WS-12-250-AC" -> "WS-12-250-AC". */
export const withoutVendor = (text: string, vendorWords: readonly string[]): string => {
  let rest = text.trim();
  for (let again = true; again; ) {
    again = false;
    for (const word of vendorWords) {
      if (
        word.length >= 2 &&
        rest.length > word.length &&
        (rest.toLowerCase().startsWith(`${word.toLowerCase()} `) ||
          rest.toLowerCase().startsWith(`${word.toLowerCase()}, `))
      ) {
        rest = rest.slice(word.length + 1).replace(/^[\s,]+/, "");
        again = true;
      }
    }
  }
  return rest;
};

/** Names of systems that stand beside the model: "RouterOS RB750Gr3", "CSS326-24G-2S+ SwOS". */
const SYSTEM_NAME =
  /^(routeros|swos|nos|ios|ios-?xe|nx-?os|junos|linux|timos|saos|eos|vrp|dnos|ftos|extremexos|exos|fabricengine|sonic|cumulus|openwrt|smartos|snmp)$/i;
const TRAILING =
  /^(device|switch|switches|router|system|series|ver\.?|version|software|firmware|rev\.?|revision|nos|swos|ethernet|fast|gigabit|managed|smart|web|poe\+?|l[23]\+?|wireless|access|point|ap|node|unit|agent|server|print|camera|network|controller|gateway|module|card|receiver|transmitter|platform|family|with|stackable|industrial|base|station|fast-ethernet|gigabitethernet|enabled|standalone|layer|prosafe|cloud|catv|optical|dwdm|cwdm|compact|desktop|rackmount|multifunction)$/i;

/** A model without the maker in front and without what kind of thing it is behind. */
export const cleanModel = (text: string, vendorWords: readonly string[]): string => {
  const words = withoutVendor(text.replace(/\((tm|r|c)\)/gi, ""), vendorWords)
    .split(" ")
    .filter((word) => word !== "");
  while (
    words.length > 1 &&
    (SYSTEM_NAME.test(words[0] ?? "") || FILLER.test(words[0] ?? "")) &&
    words.slice(1).some(isModelWord)
  )
    words.shift();
  // What follows the model in numbers of ports, speeds and standards tells of its kind.
  const rest = words.findIndex((word, i) => i > 0 && NO_MODEL.test(word) && words.slice(0, i).some(isModelWord));
  if (rest > 0) words.length = rest;
  const isFilling = (word: string) =>
    TRAILING.test(word) || /^v(er)?\.?\d[\d.]*$/i.test(word) || /^\d+\.\w+\.\w+$/.test(word) || isVersion(word);
  while (words.length > 1 && isFilling(words.at(-1) ?? "")) words.pop();
  return tidy(words.join(" "));
};

const findModel = (text: string, version: string | undefined, vendorWords: readonly string[]): string | undefined => {
  for (const pattern of modelPatterns) {
    const value = tidy(pattern.exec(text)?.[1] ?? "");
    if (
      value.length >= 2 &&
      value.length <= 48 &&
      /[A-Za-z0-9]/.test(value) &&
      !isJunk(value) &&
      !isVersion(value) &&
      !isDateOrTime(value) &&
      !UNIT.test(value)
    )
      return cleanModel(value, vendorWords);
  }
  const versionAt = version === undefined ? -1 : text.indexOf(version);
  const head = text.slice(0, versionAt > 0 ? versionAt : undefined).replace(/^[\s;,:=-]+/, "");
  const segment = (
    head.split(
      /[;,|[]|\s-\s|\s:\s| \(|, |\bversion\b|\brevision\b|\bfirmware\b|\bsoftware\b|\brev\b|\bwith\b|\bversions?\b/i,
    )[0] ?? ""
  )
    .replace(/[\s_-]+v?$/i, "")
    .trim();
  const own = cleanModel(segment, vendorWords);
  const words = own.split(" ");
  // "Room Alert 4E v4.2.4", "SiteBoss 360 2.12.540": a name that ends in a number, and then only the version.
  if (
    versionAt > 0 &&
    words.length >= 2 &&
    words.length <= 3 &&
    /^[A-Z]/.test(own) &&
    /^\d{1,5}[A-Z]{0,2}$/i.test(words.at(-1) ?? "")
  )
    return own;
  if (
    words.length <= 4 &&
    own.length >= 3 &&
    own.length <= 40 &&
    words.some(isModelWord) &&
    !vendorWords.some((v) => v.toLowerCase() === own.toLowerCase())
  )
    return own;
  return head
    .split(/[\s,;()[\]]+/)
    .find(
      (word) =>
        isModelWord(word) &&
        !isSerialLike(word, text) &&
        !vendorWords.some((v) => v.toLowerCase() === word.toLowerCase()),
    );
};
const isSerialLike = (word: string, text: string): boolean =>
  /(s\/?n|serial\w*)[\s:.#=]*$/i.test(text.slice(0, text.indexOf(word)));

const unamePattern = /^(Linux|FreeBSD|OpenBSD|NetBSD|DragonFly|Darwin|SunOS|AIX|HP-UX|VMkernel) (\S+) (\S+)(?: (.*))?$/;

export const parseUname = (text: string): Described["kernel"] => {
  const match = unamePattern.exec(text);
  if (match === null) return undefined;
  const [, name = "", , release = "", rest = ""] = match;
  if (!/\d/.test(release)) return undefined;
  const machine =
    /\b(x86_64|amd64|i[3-6]86|aarch64\w*|arm\w*|mips\w*|ppc\w*|sparc\w*|powerpc\w*|riscv\w*|m68k|sun4\w|i86pc|alpha|ia64|s390x?)\b(?!.*\b(x86_64|amd64|aarch64)\b)/.exec(
      rest,
    )?.[1];
  return { name, release, machine };
};

const docsis = /<<(.*?)(>>|$)/;

/** @param vendorWords names of the maker (and its brands) that may stand in front of the model. */
export const parseSysDescr = (text: string, vendorWords: readonly string[] = []): Described => {
  const kernel = parseUname(text);
  if (kernel !== undefined) return { kernel };
  const out: { -readonly [K in keyof Described]: Described[K] } = {};
  const fields = docsis.exec(text)?.[1];
  if (fields !== undefined) {
    const pair = (name: string) => tidy(new RegExp(`${name}:\\s*([^;>]+)`).exec(fields)?.[1] ?? "");
    const [model, version, revision] = [pair("MODEL"), pair("SW_REV"), pair("HW_REV")];
    if (model !== "") out.model = model;
    // Some state the version before the brackets only: "CMTS_V08.02.00.97, <<HW_REV: 3.1; VENDOR: ...".
    const stated = version !== "" ? version : findVersion(text.slice(0, text.indexOf("<<")));
    if (stated !== undefined) out.version = stated;
    if (revision !== "") out.hardwareRevision = revision;
    return out;
  }
  const version = findVersion(text);
  if (version !== undefined) out.version = version;
  const model = findModel(text, version, vendorWords);
  if (model !== undefined && !FILLER.test(model)) out.model = model;
  const serial = tidy(serialPattern.exec(text)?.[1] ?? "");
  if (/\d/.test(serial) && (isSerial(serial) || /^\d{5,}$/.test(serial)) && !isJunk(serial)) out.serial = serial;
  const revision = tidy(hardwarePattern.exec(text)?.[1] ?? "");
  if (/\d/.test(revision) && revision.length <= 16) out.hardwareRevision = revision;
  return out;
};

/** True for a text that is nothing but a model: what many devices have as their whole sysDescr. */
export const isBareModel = (text: string): boolean =>
  text.length <= 40 &&
  isModel(text) &&
  (text.split(" ").some(isModelWord) || /^[A-Z][\w-]*( [A-Z][\w-]*)* \d{2,5}[A-Z]{0,3}( [A-Z]\w*)?$/.test(text));
