/** NUL ends a text for half of the programs that read it, SQLite's functions among them: what follows would not be found. */
export const withoutNul = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text);

/** The same of every text in plain data. */
export const withoutNulAnywhere = <T>(value: T): T => clean(value) as T;

const clean = (value: unknown): unknown => {
  if (typeof value === "string") return withoutNul(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [withoutNul(name), clean(part)]));
  return value;
};

/** How JSON writes it: what has none of this has none anywhere. */
export const NUL_IN_JSON = "\\u0000";
