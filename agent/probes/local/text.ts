/** Small pure readers of the text forms that files under /proc, /etc and /sys come in. */

/** "KEY=value" lines, shell quoting undone: os-release, uevent, ufw.conf, udev's database lines. Later lines win. */
export const parseAssignments = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at <= 0 || line.startsWith("#")) continue;
    const raw = line.slice(at + 1).trim();
    const quoted = /^"(.*)"$/s.exec(raw) ?? /^'(.*)'$/s.exec(raw);
    found.set(line.slice(0, at).trim(), quoted?.[1] === undefined ? raw : quoted[1].replace(/\\(["\\$`])/g, "$1"));
  }
  return found;
};

/** Lines without comments ("#" at the start) and without blank ones. */
export const significantLines = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

/** Words of a vendor who left the field as it was: no value at all, in any spelling. */
const placeholders =
  /^(to be filled( by o\.?e\.?m\.?)?|default string|not (specified|available|applicable|provided|present)|none|unknown|undefined|n\/?a|o\.?e\.?m\.?|invalid|empty|system (serial number|product name|manufacturer|version)|chassis (serial number|version|manufacture)|base ?board (serial number|version)|no asset (tag|information)|asset-?\d{6,}|sku=notprovided.*|[0.\-x ]+|f{8,}|_+)\.?$/i;

/** A trimmed text, inner white space single; undefined where it is empty or a vendor's placeholder. */
export const meaningful = (text: string | undefined): string | undefined => {
  const clean = text
    ?.replace(/\p{Cc}+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return clean === undefined || clean === "" || placeholders.test(clean) ? undefined : clean;
};

/** Cut to what a schema lets through, by whole code points. */
export const clip = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** An object without its undefined fields: what `exactOptionalPropertyTypes` and the wire want. */
export const compact = <T extends object>(object: T): Compact<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Compact<T>;

/**
 * A command line with what looks like a secret replaced by "***": passwords in URLs, and values of options and variables
 * whose names say password, secret, token, key or community.
 */
export const maskSecrets = (command: string): string =>
  command
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, "$1:***@")
    .replace(
      /(^|[\s"';&])(-{0,2}[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|credential|community|auth)[\w.-]*)(=|\s*:\s*|\s+)("[^"]*"|'[^']*'|[^\s"';&|]+)/gi,
      (whole, before: string, name: string, sign: string) =>
        // "auth file" in running text is no option: a bare word needs "=" or dashes to count.
        sign.trim() === "" && !name.startsWith("-") ? whole : `${before}${name}${sign}***`,
    );
