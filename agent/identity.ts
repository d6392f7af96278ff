import type { KeyObject } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RollcallError } from "../shared/errors.ts";
import { type AgentId, agentIdSchema, type CollectorId, collectorIdSchema } from "../shared/ids.ts";
import { createSigningKey, exportSigningKey, importSigningKey, parsePublicKey } from "../shared/protocol/frame.ts";
import { shortText } from "../shared/protocol/text.ts";

/**
 * Who this agent is: `agent.key` (Ed25519, PKCS #8 PEM) and `identity.json`, both 0600 in the state folder. The key is made
 * here and never leaves; the identity is what enrolment answered, with the collector's key pinned.
 */
const identityFileSchema = z.strictObject({
  agentId: agentIdSchema,
  collectorId: collectorIdSchema,
  collectorPublicKey: z.string().length(43),
  /** Where enrolment took place; the WebSocket uplink's default. */
  collectorUrl: shortText,
  websocketPath: shortText,
  name: shortText,
  enrolledAt: shortText,
});
export type IdentityFile = z.infer<typeof identityFileSchema>;

export type Identity = {
  readonly agentId: AgentId;
  readonly collectorId: CollectorId;
  readonly collectorKey: KeyObject;
  readonly key: KeyObject;
  readonly file: IdentityFile;
};

const keyPath = (stateDirectory: string): string => join(stateDirectory, "agent.key");
const identityPath = (stateDirectory: string): string => join(stateDirectory, "identity.json");

/** Written beside and renamed, so that a kill leaves the old file or the new one. */
const writePrivate = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** Makes the folder for its owner only. @throws RollcallError `state.permission` */
export const prepareStateDirectory = (stateDirectory: string): void => {
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new RollcallError(
      codeOf(cause) === "EACCES" ? "state.permission" : "config.state",
      `state folder ${stateDirectory} can't be made: name another with --set stateDirectory=DIR`,
      { cause },
    );
  }
};

/** The key of this state folder, made when there is none yet. An interrupted enrolment goes on with the same key. */
export const ensureKey = (stateDirectory: string): KeyObject => {
  prepareStateDirectory(stateDirectory);
  if (!existsSync(keyPath(stateDirectory))) {
    try {
      writePrivate(keyPath(stateDirectory), exportSigningKey(createSigningKey()));
    } catch (cause) {
      throw new RollcallError("state.permission", `state folder ${stateDirectory} is not writable`, { cause });
    }
  }
  return readKey(stateDirectory);
};

const readKey = (stateDirectory: string): KeyObject => {
  const path = keyPath(stateDirectory);
  try {
    return importSigningKey(readFileSync(path, "utf8"));
  } catch (cause) {
    if (codeOf(cause) === "EACCES")
      throw new RollcallError("state.permission", `key ${path} is not readable by this user`);
    throw new RollcallError("config.key", `key ${path} is missing or damaged: restore it, or enrol again`, {
      ...(codeOf(cause) !== undefined && { cause }),
    });
  }
};

export const writeIdentity = (stateDirectory: string, identity: IdentityFile): void =>
  writePrivate(identityPath(stateDirectory), `${JSON.stringify(identity, undefined, 2)}\n`);

export const isEnrolled = (stateDirectory: string): boolean => existsSync(identityPath(stateDirectory));

/** @throws RollcallError `config.not-enrolled`, `config.identity`, `config.key`, `state.permission` */
export const readIdentity = (stateDirectory: string): Identity => {
  const path = identityPath(stateDirectory);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "EACCES") throw new RollcallError("state.permission", `${path} is not readable by this user`);
    throw new RollcallError(
      "config.not-enrolled",
      `no identity in ${stateDirectory}: run "rollcall-agent enrol --url URL --token @FILE" first`,
    );
  }
  const parsed = identityFileSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new RollcallError("config.identity", `identity ${path} is damaged: restore it, or enrol again`);
  const { agentId, collectorId, collectorPublicKey } = parsed.data;
  return {
    ...{ agentId, collectorId, collectorKey: parsePublicKey(collectorPublicKey) },
    ...{ key: readKey(stateDirectory), file: parsed.data },
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
