import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RollcallError } from "../shared/errors.ts";
import { agentIdSchema, collectorIdSchema } from "../shared/ids.ts";
import { shortText } from "../shared/protocol/text.ts";
import { codeOf, type IdentityFile, writePrivate } from "./identity.ts";

const identityFileSchema: z.ZodType<IdentityFile> = z.strictObject({
  agentId: agentIdSchema,
  collectorId: collectorIdSchema,
  collectorPublicKey: z.string().length(43),
  collectorUrl: shortText,
  websocketPath: shortText,
  name: shortText,
  enrolledAt: shortText,
});

const identityPath = (stateDirectory: string): string => join(stateDirectory, "identity.json");

export const writeIdentity = (stateDirectory: string, identity: IdentityFile): void =>
  writePrivate(identityPath(stateDirectory), `${JSON.stringify(identity, undefined, 2)}\n`);

export const isEnrolled = (stateDirectory: string): boolean => existsSync(identityPath(stateDirectory));

/** @throws RollcallError `config.not-enrolled`, `config.identity`, `state.permission` */
export const readIdentityFile = (stateDirectory: string): IdentityFile => {
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
  return parsed.data;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
