/**
 * Versions of installed software in the order in which their package managers have them. `versionKey` gives octets that
 * compare (memcmp) as the versions do, so that a database answers "between A and B" from an index.
 *
 * - dpkg, and what says nothing else: deb-version(7), with epoch, revision and "~";
 * - rpm, pacman: rpmvercmp (rpm's doc/manual/dependencies), with epoch, release, "~" and "^";
 * - npm and browser extensions: Semantic Versioning 2.0.0, precedence of clause 11;
 * - pip: PEP 440's order, as far as a version keeps to its forms; else as dpkg.
 */
export const versionKey = (manager: string, version: string): Buffer => {
  const text = version.slice(0, MAX_CHARS);
  switch (manager) {
    case "rpm":
    case "pacman":
      return rpmKey(text);
    case "npm":
      return semverKey(text) ?? debianKey(text);
    case "pip":
      return pep440Key(text) ?? debianKey(text);
    default:
      return debianKey(text);
  }
};

export const compareVersions = (manager: string, a: string, b: string): number =>
  Buffer.compare(versionKey(manager, a), versionKey(manager, b));

/** As long as the protocol lets a version be. */
const MAX_CHARS = 256;

/** A whole number of any length: how many digits, then the digits. */
const number = (digits: string): number[] => {
  const significant = digits.replace(/^0+/, "");
  return [Math.min(significant.length, 255), ...Buffer.from(significant)];
};

// --- dpkg -----------------------------------------------------------------------------------------------------------

const TILDE = 0x01;
const END = 0x02;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** "~" before the end of a part, the end before letters, letters before everything else. */
const debianOrder = (c: string): number[] => {
  if (c === "~") return [TILDE];
  const letter = LETTERS.indexOf(c);
  if (letter >= 0) return [0x10 + letter];
  const code = c.charCodeAt(0);
  return code < 0x80 ? [0x50 + (code >> 1), code & 1] : [0xff, ...Buffer.from(c)];
};

/** Parts that are no digits and parts that are, in turns. What is missing at the end counts as an empty part and 0. */
const debianPart = (part: string): number[] => {
  const turns = Array.from(part.matchAll(/([^0-9]*)([0-9]*)/g), ([, text = "", digits = ""]) => [
    ...[...text].flatMap(debianOrder),
    END,
    ...number(digits),
  ]);
  while (turns.length > 0 && turns.at(-1)?.length === 2 && turns.at(-1)?.[0] === END && turns.at(-1)?.[1] === 0)
    turns.pop();
  return [...turns.flat(), END, 0];
};

const debianKey = (version: string): Buffer => {
  const [, epoch = "0", rest = version] = /^([0-9]+):(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  const [upstream, revision] = dash < 0 ? [rest, ""] : [rest.slice(0, dash), rest.slice(dash + 1)];
  return Buffer.from([...number(epoch), ...debianPart(upstream), ...debianPart(revision)]);
};

// --- rpm ------------------------------------------------------------------------------------------------------------

const CARET = 0x03;
const WORD = 0x04;
const NUMBER = 0x05;

const rpmPart = (part: string): number[] => [
  ...Array.from(part.matchAll(/[0-9]+|[A-Za-z]+|~|\^/g), ([token]) => {
    if (token === "~") return [TILDE];
    if (token === "^") return [CARET];
    return /^[0-9]/.test(token) ? [NUMBER, ...number(token)] : [WORD, ...Buffer.from(token), 0];
  }).flat(),
  END,
];

const rpmKey = (version: string): Buffer => {
  const [, epoch = "0", rest = version] = /^([0-9]+):(.*)$/s.exec(version) ?? [];
  const dash = rest.indexOf("-");
  const [upstream, release] = dash < 0 ? [rest, ""] : [rest.slice(0, dash), rest.slice(dash + 1)];
  return Buffer.from([...number(epoch), ...rpmPart(upstream), ...rpmPart(release)]);
};

// --- npm ------------------------------------------------------------------------------------------------------------

const SEMVER = /^v?([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

const semverKey = (version: string): Buffer | undefined => {
  const [, major, minor, patch, before] = SEMVER.exec(version) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const identifiers = before
    ?.split(".")
    .map((one) => (/^[0-9]+$/.test(one) ? [0x02, ...number(one)] : [0x03, ...Buffer.from(one), 0]));
  const release = identifiers === undefined ? [0x04] : [0x01, ...identifiers.flat(), 0x01];
  return Buffer.from([...number(major), ...number(minor), ...number(patch), ...release]);
};

// --- pip ------------------------------------------------------------------------------------------------------------

const PEP440 =
  /^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?(?:(?:-([0-9]+))|(?:[-_.]?(post|rev|r)[-_.]?([0-9]*)))?(?:[-_.]?(dev)[-_.]?([0-9]*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const PHASES: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };
const FIRST = 0x00;
const SOME = 0x01;
const LAST = 0xff;

const pep440Key = (version: string): Buffer | undefined => {
  const match = PEP440.exec(version.trim().toLowerCase());
  if (!match) return undefined;
  const [, epoch = "0", release = "", phase, phaseNo = "", dashed, post, postNo = "", dev, devNo = "", local] = match;
  const isPost = dashed !== undefined || post !== undefined;
  const numbers = release.split(".").map((digits) => [SOME, ...number(digits)]);
  while (numbers.length > 1 && numbers.at(-1)?.[1] === 0) numbers.pop();
  const noPhase = dev !== undefined && !isPost ? [FIRST] : [LAST];
  return Buffer.from([
    ...number(epoch),
    ...numbers.flat(),
    FIRST,
    ...(phase === undefined ? noPhase : [PHASES[phase] ?? 3, ...number(phaseNo)]),
    ...(isPost ? [SOME, ...number(dashed ?? postNo)] : [FIRST]),
    ...(dev === undefined ? [LAST] : [SOME, ...number(devNo)]),
    ...(local ?? "")
      .split(/[-_.]/)
      .filter((one) => one !== "")
      .flatMap((one) => (/^[0-9]+$/.test(one) ? [0x03, ...number(one)] : [0x02, ...Buffer.from(one), 0])),
    FIRST,
  ]);
};
