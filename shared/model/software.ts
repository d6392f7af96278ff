import { z } from "zod";
import { assetIdSchema } from "../ids.ts";
import { count, optional, shortText, text } from "../protocol/text.ts";

/** One version of one package, as the dictionary has it. */
export const softwareSchema = z.object({
  manager: shortText,
  /** As its package manager writes it. */
  name: shortText,
  version: shortText,
  architecture: shortText,
  /** Which of several side by side, where there can be such. */
  instance: optional(shortText),
  publisher: optional(shortText),
  purl: optional(text),
  /** The source package that it was built from, where its manager tells; lower case. */
  source: optional(shortText),
  /** Hosts that have it. */
  hosts: count,
});
export type SoftwareRow = z.infer<typeof softwareSchema>;

/** A package on a host. */
export const installationSchema = z.object({
  assetId: assetIdSchema,
  assetName: shortText,
  ...softwareSchema.omit({ hosts: true }).shape,
});
export type InstallationRow = z.infer<typeof installationSchema>;
