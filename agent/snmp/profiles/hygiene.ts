/**
 * Which texts are values at all, and what they look like. Devices fill unset fields with "N/A", zeros, "Default string"
 * or their own field's name; a wrong value is worse than a missing one, so all of these are none. Pure.
 */

/** Longer than any model, version or serial number seen in the field; longer values are prose. */
export const MAX_VALUE = 160;

const JUNK = new RegExp(
  `^(${[
    "n[/.]?a\\.?",
    "none",
    "null",
    "nil",
    "(<|\\()?(unknown|private|unset|undefined|empty|removed|hidden|redacted)(>|\\))?",
    "not? ?(available|specified|applicable|set|configured|present|supported|defined|provided|implemented|initialized|programmed|asset tag)",
    "unavailable",
    "unspecified",
    "uninitialized",
    "unconfigured",
    "no ?such ?(object|instance).*",
    "to be filled( by o\\.?e\\.?m\\.?)?",
    "default( string)?",
    "system (serial number|product name|manufacturer|version|model)",
    "(chassis|board|base board|product|your) serial( number)?",
    "serial ?(no|num|number)?\\.?:?",
    "(model|version|revision|firmware|hardware|software|o\\.?e\\.?m\\.?|description)",
    "invalid( .*)?",
    "(no )?such (file|object|instance|device).*",
    "error",
    "tbd|todo|test|xxx+",
    "[0 .:\\-]+",
    "f{4,}",
    "[?#*_.\\-/\\\\ ]+",
    "(%s|\\(null\\)|nan)",
  ].join("|")})$`,
  "i",
);

export const isJunk = (text: string): boolean => JUNK.test(text);

/** The text on one line without wrapping quotes, or undefined if it is junk or too long to be a value. */
export const cleanValue = (text: string | undefined): string | undefined => {
  if (text === undefined || text.length > 4096) return undefined;
  const line = text
    .replace(/\s+/g, " ")
    .replace(/^"(.*)"$/, "$1")
    .trim();
  return line === "" || line.length > 1024 || isJunk(line) ? undefined : line;
};

export const isMac = (text: string): boolean =>
  /^[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(\1[0-9a-f]{1,2}){4}$/i.test(text) ||
  /^[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4}$/i.test(text);

export const isIpAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}(\/\d+)?$/.test(text) || /^[0-9a-f:]*::[0-9a-f:]*$/i.test(text);

const MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";
export const isDateOrTime = (text: string): boolean =>
  /^\d{1,4}[-/]\d{1,2}[-/]\d{2,4}([ T,-].*)?$/.test(text) ||
  /^(\d{1,2}\.\d{1,2}\.(19|20)\d\d|(19|20)\d\d\.\d{1,2}\.\d{1,2})$/.test(text) ||
  /\b\d{1,2}:\d{2}(:\d{2})?\b/.test(text) ||
  new RegExp(`\\b(${MONTHS})[a-z]*[ .-]+\\d|\\d[ .-](${MONTHS})[a-z]*[ .-]\\d`, "i").test(text);

/** A version on its own: "v1.2.3", "9.2(5)", "R6.5.02r", "V200R010C00SPC600", "2.5.26_2". */
export const isVersion = (text: string): boolean =>
  text.length <= 40 &&
  !isIpAddressLike(text) &&
  !isDateOrTime(text) &&
  !/^\d+\.0{4,}$/.test(text) &&
  !/^[\d.]+ ?(k?va?|k?wh?|m?a|hz|[kmg]i?b|[kmg]?bps|[kmg]hz|%|c|f|u|db[mi]?|ohm|sec|min|days?|hours?)$/i.test(text) &&
  (/^(v(er(sion)?)?|r(el|ev)?|fw|sw)?[ ._:]{0,2}\d{1,5}([._]\d{1,9}){1,6}([-_ .(+:]?[a-z0-9()+_.-]{0,24})?( {1,2}\(?build [\w.]+\)?( rel[\w.() ]+)?)?$/i.test(
    text,
  ) ||
    /^V\d{1,3}R\d{1,3}(C\d{1,3})?[A-Z0-9]*$/.test(text));

/** Four small numbers may be either; a version seldom starts with a private network's first octet. */
const isIpAddressLike = (text: string): boolean => /^(10|127|1[0-9]{2}|2[0-5][0-9])(\.\d{1,3}){3}$/.test(text);

/** A serial number on its own: 6 to 30 letters and digits in at most four groups, at least three digits, no version, MAC, date or OID. */
export const isSerial = (text: string): boolean =>
  /^[A-Z0-9]{2,30}([-/ ][A-Z0-9]{2,20}){0,3}$/i.test(text) &&
  text.length >= 6 &&
  text.length <= 32 &&
  (text.match(/\d/g)?.length ?? 0) >= 3 &&
  !/^\d+\.\d+/.test(text) &&
  !/[a-z]{4,}/.test(text) &&
  !isMac(text) &&
  !isDateOrTime(text) &&
  !isIpAddress(text) &&
  !/V\d{1,3}R\d{1,3}/i.test(text) &&
  !/^(19|20)\d{6}(\d{6})?$/.test(text);

/** A model name on its own: a word with a letter and a digit, perhaps with words around it; no sentence, version, MAC or date. */
export const isModel = (text: string): boolean =>
  text.length >= 3 &&
  text.length <= 48 &&
  /[A-Za-z]/.test(text) &&
  /\d/.test(text) &&
  !/^v?\d+(\.\d+)+/i.test(text) &&
  !/[=;{}<>|@\\]|:\/\//.test(text) &&
  !isMac(text) &&
  !isIpAddress(text) &&
  !isDateOrTime(text) &&
  text.split(" ").length <= 5;
