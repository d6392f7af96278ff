import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import type { ConnectorDeps, Desk } from "./connector.ts";
import type { ContentOptions } from "./content.ts";
import * as registry from "./registry.ts";
import { type Route, routeSchema } from "./routes.ts";
import { templateFields, unknownFields } from "./template.ts";
import { locales } from "./wording.ts";

const connectors = new Map(Object.values(registry).map((connector) => [connector.name, connector]));
export const connectorNames = [...connectors.keys()].sort();

const template = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .superRefine((text, context) => {
      const unknown = unknownFields(text);
      if (unknown.length > 0)
        context.addIssue({
          code: "custom",
          message: `there is no field {{${unknown[0]}}}; there are ${templateFields.join(", ")}`,
        });
    });

/** One desk in the collector's file. `settings` are the connector's own; a secret among them is "@FILE", "env:NAME" or "store:NAME". */
export const deskConfigSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "a name of lower-case letters, digits and dashes"),
  connector: z.enum(connectorNames),
  settings: z.record(z.string(), z.unknown()),
  when: routeSchema,
  locale: z.enum(locales).default("en"),
  timeZone: z.string().default("UTC"),
  /** Subject and text in words of your own, with {{fields}} (template.ts); `desk preview` shows what becomes of them. */
  subject: template(1_000).optional(),
  text: template(16_000).optional(),
  /** Ids of assets' counterparts in this desk's own records (CI ids), by our asset id or by serial number. */
  ciRefs: z.record(z.string().min(1).max(256), z.string().min(1).max(256)).optional(),
});
export type DeskConfig = z.infer<typeof deskConfigSchema>;

/** How a desk wants to be written to; `publicUrl`: where people reach the console. */
export const contentOptionsOf = (
  { locale, timeZone, subject, text, ciRefs }: DeskConfig,
  publicUrl: string | undefined,
): ContentOptions => ({
  ...{ locale, timeZone },
  ...(publicUrl === undefined ? {} : { consoleUrl: publicUrl }),
  ...(subject === undefined ? {} : { subject }),
  ...(text === undefined ? {} : { text }),
  ...(ciRefs === undefined ? {} : { ciRefs }),
});

export type ConfiguredDesk = {
  readonly name: string;
  readonly desk: Desk;
  readonly route: Route;
  readonly config: DeskConfig;
};

/** Settings that hold secrets, in any connector. */
const SECRETS = new Set([
  "token",
  "apiKey",
  "apiToken",
  "password",
  "userToken",
  "appToken",
  "clientSecret",
  "applicationPassword",
  "authToken",
  "routingKey",
  "bearerToken",
  "ca",
]);

/** @throws RollcallError `desk.unknown`: the configuration's schema lets no other name through */
export const connectorOf = (name: string) => {
  const connector = connectors.get(name);
  if (!connector) throw new RollcallError("desk.unknown", `there is no connector "${name}"`);
  const { title, tried, abilities } = connector;
  return { title, tried, abilities };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The settings with each secret in them replaced, also in a group of settings (an e-mail desk's mailbox). */
const mapSecrets = (
  settings: DeskConfig["settings"],
  replace: (reference: string) => string,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (name === "secrets" && Array.isArray(value)) return [name, value.map((one) => replace(String(one)))];
      if (isRecord(value) && !SECRETS.has(name)) return [name, mapSecrets(value, replace)];
      return [name, SECRETS.has(name) && typeof value === "string" ? replace(value) : value];
    }),
  );

/** All references to secrets in a desk's settings. */
export const secretsOf = ({ settings }: Pick<DeskConfig, "settings">): string[] => {
  const found: string[] = [];
  mapSecrets(settings, (reference) => {
    found.push(reference);
    return reference;
  });
  return found;
};

/**
 * The desks of the configuration, ready to be spoken to.
 * @throws RollcallError `config.desks` with every fault of every desk
 */
export const connectDesks = (
  configs: readonly DeskConfig[],
  deps: ConnectorDeps,
  readSecret: (reference: string) => string,
): readonly ConfiguredDesk[] => {
  const faults: string[] = [];
  const desks = configs.flatMap((config, index): ConfiguredDesk[] => {
    const connector = connectors.get(config.connector);
    if (configs.findIndex(({ name }) => name === config.name) !== index)
      faults.push(`desks.${config.name}: two desks have this name`);
    if (!connector) return [];
    const settings = connector.configSchema.safeParse(mapSecrets(config.settings, readSecret));
    if (!settings.success) {
      faults.push(
        ...settings.error.issues.map(
          (issue) => `desks.${config.name}.settings.${issue.path.join(".")}: ${issue.message}`,
        ),
      );
      return [];
    }
    // Each connector's own schema has just checked these settings.
    const connect = connector.connect as (settings: unknown, deps: ConnectorDeps) => Desk;
    return [{ name: config.name, desk: connect(settings.data, deps), route: config.when, config }];
  });
  if (faults.length > 0)
    throw new RollcallError("config.desks", `the configuration of the desks is faulty: ${faults.join("; ")}`);
  return desks;
};
