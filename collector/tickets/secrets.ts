import { createCipheriv, createDecipheriv } from "node:crypto";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { RollcallError } from "../../shared/errors.ts";
import type { Random } from "../../shared/random.ts";

/**
 * Secrets in the store: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce for each, the secret's name authenticated
 * with it, so that a row can't be put under another name. The key lies outside the data folder: whoever has a backup of
 * the folder, or a copy of the database, has no secret.
 */
const ALGORITHM = "aes-256-gcm";
const VERSION = "v1";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type SecretBox = {
  readonly seal: (name: string, value: string) => string;
  /** @throws RollcallError `secret.unreadable` */
  readonly open: (name: string, sealed: string) => string;
};

export const createSecretBox = (key: Uint8Array, random: Random): SecretBox => ({
  seal: (name, value) => {
    const nonce = Buffer.from(random.bytes(NONCE_BYTES));
    const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(`rollcall secret\0${name}`));
    const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
    return [VERSION, nonce, body, cipher.getAuthTag()]
      .map((part) => (typeof part === "string" ? part : part.toString("base64url")))
      .join(".");
  },
  open: (name, sealed) => {
    const [version, nonce = "", body = "", tag = ""] = sealed.split(".");
    try {
      if (version !== VERSION) throw new Error(`sealed as ${version}`);
      const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, "base64url"), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(`rollcall secret\0${name}`));
      decipher.setAuthTag(Buffer.from(tag, "base64url"));
      return decipher.update(Buffer.from(body, "base64url"), undefined, "utf8") + decipher.final("utf8");
    } catch (cause) {
      throw new RollcallError(
        "secret.unreadable",
        `the secret "${name}" can't be opened with this key: set it again, or bring back the key file it was set with`,
        { cause },
      );
    }
  },
});

export type KeyPlaces = {
  readonly dataDirectory: string;
  /** systemd's folder of credentials ($CREDENTIALS_DIRECTORY), where there is one. */
  readonly credentials?: string | undefined;
};

const CREDENTIAL = "rollcall-secrets-key";

/** A credential named "rollcall-secrets-key" wins; else a file beside the data folder, not in it. */
export const keyPathOf = ({ dataDirectory, credentials }: KeyPlaces): string => {
  const credential = credentials === undefined ? undefined : join(credentials, CREDENTIAL);
  return credential !== undefined && existsSync(credential) ? credential : `${resolve(dataDirectory)}.secrets-key`;
};

const parseKey = (text: string, path: string): Uint8Array => {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== KEY_BYTES)
    throw new RollcallError("secret.key", `${path} must hold ${KEY_BYTES} bytes in base64: openssl rand -base64 32`);
  return key;
};

/**
 * The key, made with the first secret (0600). A key that others may read is refused: it opens everything.
 * @throws RollcallError `secret.key`
 */
export const openSecretBox = (
  places: KeyPlaces,
  random: Random,
  { create }: { readonly create: boolean },
): SecretBox => {
  const path = keyPathOf(places);
  if (!existsSync(path)) {
    if (!create)
      throw new RollcallError("secret.key", `there is no key file ${path}: bring it back, or set the secrets anew`);
    makeKey(path, random);
  }
  try {
    // Credentials are systemd's matter: it hands them out read-only to this service alone.
    if (path.endsWith(".secrets-key") && (statSync(path).mode & 0o077) !== 0)
      throw new RollcallError("secret.key", `${path} can be read by others: chmod 600 ${path}`);
    return createSecretBox(parseKey(readFileSync(path, "utf8"), path), random);
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError("secret.key", `reading the key file ${path}`, { cause: error });
  }
};

const makeKey = (path: string, random: Random): void => {
  try {
    writeFileSync(path, `${Buffer.from(random.bytes(KEY_BYTES)).toString("base64")}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new RollcallError(
      "secret.key",
      `making the key file ${path}: let this user write there, or give a key as the credential ${CREDENTIAL}`,
      { cause },
    );
  }
};
