/** Text of a stranger, fit for a terminal and a log: UTF-8 or Latin-1, control characters as blanks, at most `max` characters. */
export const printable = (bytes: Uint8Array, max = 200): string => {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = Buffer.from(bytes).toString("latin1");
  }
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, max);
};

/** A host name as such: lower case, no trailing dot; undefined for what can't be one. */
export const toHostName = (text: string): string | undefined => {
  const name = text.toLowerCase().replace(/\.$/, "");
  return name.length > 0 && name.length <= 253 && /^[\p{L}\p{N}_-]+( [\p{L}\p{N}_-]+)*(\.[\p{L}\p{N}_-]+)*$/u.test(name)
    ? name
    : undefined;
};
