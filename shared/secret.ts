import { RollcallError } from "./errors.ts";

export type ReadText = (path: string) => string;

/**
 * A secret by its reference: "@FILE" (one trailing newline is no part of it), "env:NAME", or literally.
 * @throws RollcallError `config.secret`, which names the reference and never what is behind it.
 */
export const readSecret = (
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): string => {
  if (reference.startsWith("@")) {
    try {
      return readText(reference.slice(1)).replace(/\r?\n$/, "");
    } catch (cause) {
      throw new RollcallError("config.secret", `reading the secret in ${reference.slice(1)}`, { cause });
    }
  }
  if (!reference.startsWith("env:")) return reference;
  const value = env[reference.slice(4)];
  if (value === undefined || value === "")
    throw new RollcallError("config.secret", `environment variable ${reference.slice(4)} is not set`);
  return value;
};
