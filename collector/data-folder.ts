import type { KeyObject } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../shared/clock.ts";
import { RollcallError } from "../shared/errors.ts";
import { type CollectorId, collectorIdSchema, createCollectorId } from "../shared/ids.ts";
import { createSigningKey, exportSigningKey, formatPublicKey, importSigningKey } from "../shared/protocol/frame.ts";
import type { Random } from "../shared/random.ts";
import { lockDatabase } from "./store/sqlite/lock.ts";

/** Everything a collector keeps lies in one folder: the database, and the key that agents have pinned. */
export type DataFolder = {
  readonly path: string;
  readonly databasePath: string;
  readonly collectorId: CollectorId;
  readonly signingKey: KeyObject;
  readonly publicKey: string;
};

const identitySchema = z.strictObject({ collectorId: collectorIdSchema, signingKey: z.string() });

const failure = (path: string, cause: unknown): RollcallError => {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new RollcallError(
      "data.permission",
      `the data folder ${path} can't be written: change its owner, or choose another with --data`,
      { cause },
    );
  if (code === "ENOSPC" || code === "EDQUOT")
    return new RollcallError("store.full", `no space left on the disk of the data folder ${path}`, { cause });
  return new RollcallError("data.unusable", `the data folder ${path} can't be used`, {
    cause,
  });
};

/**
 * Opens the folder, made with its key at the first start (0700, 0600). Takes no lock: `token create` works beside a
 * running collector.
 * @throws RollcallError `data.permission`, `data.unusable`, `data.damaged`, `store.full`
 */
export const openDataFolder = (path: string, { clock, random }: { clock: Clock; random: Random }): DataFolder => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const identityPath = join(path, "collector.json");
    if (!existsSync(identityPath)) writeIdentity(path, identityPath, createCollectorId(clock.now(), random));
    const { collectorId, signingKey } = readIdentity(identityPath);
    return {
      path,
      databasePath: join(path, "rollcall.db"),
      collectorId,
      signingKey,
      publicKey: formatPublicKey(signingKey),
    };
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw failure(path, error);
  }
};

const writeIdentity = (folder: string, path: string, collectorId: CollectorId): void => {
  const text = JSON.stringify({ collectorId, signingKey: exportSigningKey(createSigningKey()) });
  // Under a name of its own first, so that a kill leaves no half-written key.
  const temporary = join(folder, ".collector.json.new");
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
};

const readIdentity = (path: string): { collectorId: CollectorId; signingKey: KeyObject } => {
  const text = readFileSync(path, "utf8");
  try {
    const { collectorId, signingKey } = identitySchema.parse(JSON.parse(text));
    return { collectorId, signingKey: importSigningKey(signingKey) };
  } catch {
    // Without its cause: a parser's message would quote the key.
    throw new RollcallError("data.damaged", `${path} is damaged: restore it from a backup, agents have pinned its key`);
  }
};

/**
 * Makes this process the folder's only collector, until it ends or calls the result.
 * @throws RollcallError `data.locked`
 */
export const lockDataFolder = (path: string, pid: number): (() => void) => {
  const holderPath = join(path, "collector.pid");
  try {
    const unlock = lockDatabase(join(path, "collector.lock"));
    if (unlock) {
      writeFileSync(holderPath, `${pid}\n`);
      return unlock;
    }
  } catch (error) {
    if (error instanceof RollcallError && error.code !== "data.permission") throw error;
    throw failure(path, error);
  }
  const holder = existsSync(holderPath) ? readFileSync(holderPath, "utf8").trim() : "";
  throw new RollcallError(
    "data.locked",
    `another collector${/^\d+$/.test(holder) ? ` (process ${holder})` : ""} uses the data folder ${path}: stop it, or choose another with --data`,
  );
};
