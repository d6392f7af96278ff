import type { KeyObject } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RollcallError } from "../shared/errors.ts";
import type { AgentId, CollectorId } from "../shared/ids.ts";
import { createSigningKey, exportSigningKey, importSigningKey, parsePublicKey } from "../shared/protocol/frame.ts";

/**
 * Who this agent is: `agent.key` (Ed25519, PKCS #8 PEM) and `identity.json`, both 0600 in the state folder. The key is made
 * here and never leaves; the identity is what enrolment answered, with the collector's key pinned (`identity-file.ts`).
 */
export type IdentityFile = {
  readonly agentId: AgentId;
  readonly collectorId: CollectorId;
  readonly collectorPublicKey: string;
  /** Where enrolment took place; the WebSocket uplink's default. */
  readonly collectorUrl: string;
  readonly websocketPath: string;
  readonly name: string;
  readonly enrolledAt: string;
};

export type Identity = {
  readonly agentId: AgentId;
  readonly collectorId: CollectorId;
  readonly collectorKey: KeyObject;
  readonly key: KeyObject;
  readonly file: IdentityFile;
};

const keyPath = (stateDirectory: string): string => join(stateDirectory, "agent.key");

/** Written beside and renamed, so that a kill leaves the old file or the new one. */
export const writePrivate = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
};

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

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

/** @throws RollcallError `config.key`, `state.permission` */
export const toIdentity = (file: IdentityFile, stateDirectory: string): Identity => ({
  ...{ agentId: file.agentId, collectorId: file.collectorId, collectorKey: parsePublicKey(file.collectorPublicKey) },
  ...{ key: readKey(stateDirectory), file },
});
