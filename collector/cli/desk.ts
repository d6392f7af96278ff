import { existsSync } from "node:fs";
import { RollcallError } from "../../shared/errors.ts";
import type { Case } from "../tickets/content.ts";
import type { ConfiguredDesk } from "../tickets/desks.ts";
import { type ConfigOptions, readConfig, readNamedFile, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";
import { expectOk } from "./outcome.ts";

const CALL_MS = 60_000;
/** Parity looks at tickets of open incidents, and of those that opened in so many days and are over. */
const PARITY_DAYS = 7;
const requester = { name: "command line", role: "system" } as const;

/** `rollcall-collector desk check|test|preview|routes|parity|secret`: the configured ticket systems, before and without an incident. */
export const desk: DefineVerb = (program, io) => {
  const group = program
    .command("desk")
    .description("the configured ticket systems: check, test, preview, routes, parity, secret");
  withConfigOptions(group.command("check").description("say what each desk lacks, in words to act on")).action(
    (options: ConfigOptions) => check(options, io),
  );
  withConfigOptions(group.command("test").description("open a test ticket at a desk, comment on it, and resolve it"))
    .argument("<name>", "the desk's name in the configuration")
    .action((name: string, options: ConfigOptions) => test(name, options, io));
  withConfigOptions(
    group.command("preview").description("show what a desk would be told of an incident; sends nothing"),
  )
    .argument("<name>", "the desk's name in the configuration")
    .argument("<incident>", "inc_…")
    .action((name: string, incidentId: string, options: ConfigOptions) => preview(name, incidentId, options, io));
  withConfigOptions(
    group.command("routes").description("which past incidents would go where, and why not; sends nothing"),
  )
    .option("--limit <n>", "how many of the newest incidents", "50")
    .action((options: ConfigOptions & { readonly limit: string }) => routes(options, io));
  withConfigOptions(group.command("parity").description("where the desks' tickets and our incidents differ"))
    .option("--json", "one JSON object a line")
    .action((options: ConfigOptions & { readonly json?: boolean }) => parity(options, io));
  withConfigOptions(group.command("secret").description("set a stored secret, which settings refer to as store:NAME"))
    .argument("<name>", "lower-case letters, digits and dashes")
    .argument("[reference]", "@FILE or env:NAME")
    .option("--remove", "remove it")
    .action((name: string, reference: string | undefined, options: ConfigOptions & { readonly remove?: boolean }) =>
      secret(name, reference, options, io),
    );
};

const openDesks = async (options: ConfigOptions, io: CliIo): Promise<readonly ConfiguredDesk[]> => {
  const config = await readConfig(options, io);
  if (config.desks.length === 0) throw new RollcallError("usage.desk", "no desk is configured: add one under `desks`");
  const [{ connectDesks, secretsOf }, { createHttpClient }, { readSecret }, { createSecretReader }, { openSecretBox }] =
    await Promise.all([
      import("../tickets/desks.ts"),
      import("../tickets/http.ts"),
      import("../../shared/secret.ts"),
      import("../tickets/secret-reader.ts"),
      import("../tickets/secrets.ts"),
    ]);
  const places = { dataDirectory: config.dataDirectory, credentials: io.env["CREDENTIALS_DIRECTORY"] };
  const isStored = config.desks.some((one) => secretsOf(one).some((reference) => reference.startsWith("store:")));
  const stored = isStored ? await withReads(options, io, (reads) => reads.secrets()) : [];
  const reader = createSecretReader(
    stored,
    () => openSecretBox(places, io.random, { create: false }),
    (reference) => readSecret(reference, io.env, readNamedFile),
  );
  const deps = { clock: io.clock, log: io.createLog("warn"), http: createHttpClient() };
  return connectDesks(config.desks, deps, reader);
};

const byName = (desks: readonly ConfiguredDesk[], name: string): ConfiguredDesk => {
  const found = desks.find((one) => one.name === name);
  if (!found)
    throw new RollcallError(
      "usage.desk",
      `no desk is named "${name}": there is ${desks.map((one) => one.name).join(", ")}`,
    );
  return found;
};

const signalOf = (io: CliIo): AbortSignal => AbortSignal.any([io.stopSignal, AbortSignal.timeout(CALL_MS)]);
const check = async (options: ConfigOptions, io: CliIo): Promise<void> => {
  for (const { name, desk: one } of await openDesks(options, io)) {
    for (const { ok, what, remedy } of await one.check(signalOf(io))) {
      io.out(ok ? `${name}: ok: ${what}\n` : `${name}: NOT: ${what}\n${" ".repeat(name.length)}  do: ${remedy}\n`);
      if (!ok) io.setExitCode(1);
    }
  }
};

const test = async (name: string, options: ConfigOptions, io: CliIo): Promise<void> => {
  const { desk: one } = byName(await openDesks(options, io), name);
  const { tryDesk } = await import("../tickets/trial.ts");
  const { ok, steps, url } = await tryDesk(one, io, signalOf(io));
  for (const step of steps) io.out(`${step.what.padEnd(8)} ${step.ok ? "yes" : "NO "}  ${step.detail}\n`);
  if (url !== undefined) io.out(`see      ${url}\n`);
  if (!ok) io.setExitCode(1);
};

const parity = (options: ConfigOptions & { readonly json?: boolean }, io: CliIo): Promise<void> =>
  withReads(options, io, async (reads) => {
    const desks = new Map((await openDesks(options, io)).map(({ name, desk: one }) => [name, one]));
    const [{ compareDesks }, { days, toTimestamp }] = await Promise.all([
      import("../tickets/parity.ts"),
      import("../../shared/clock.ts"),
    ]);
    const links = await reads.deskLinks(toTimestamp(Math.max(0, io.clock.now() - days(PARITY_DAYS))));
    const { compared, differences } = await compareDesks(desks, links, io.clock, io.stopSignal);
    for (const one of differences)
      io.out(
        options.json
          ? `${JSON.stringify(one)}\n`
          : `${one.desk} ${one.ticket}  ${one.what}: ours ${one.ours}, theirs ${one.theirs}  (${one.title})\n`,
      );
    if (!options.json) io.out(`${compared} tickets compared, ${differences.length} differences\n`);
    if (differences.length > 0) io.setExitCode(1);
  });

const secret = async (
  name: string,
  reference: string | undefined,
  options: ConfigOptions & { readonly remove?: boolean },
  io: CliIo,
): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const [{ withEngine }, { secretName }] = await Promise.all([
    import("./offline.ts"),
    import("../engine/operations.ts"),
  ]);
  if (!secretName.safeParse(name).success)
    throw new RollcallError("usage.secret", "a secret's name is lower-case letters, digits and dashes, at most 64");
  if (options.remove) {
    await withEngine(dataDirectory, io, async (engine) =>
      expectOk(await engine.apply({ kind: "secret.remove", name }, requester)),
    );
    return io.out(`removed ${name}\n`);
  }
  if (reference === undefined || !/^(@|env:)/.test(reference))
    throw new RollcallError(
      "usage.secret",
      "other users of this host can read an argument list: give the secret as @FILE or env:NAME",
    );
  const [{ readSecret }, { openSecretBox }] = await Promise.all([
    import("../../shared/secret.ts"),
    import("../tickets/secrets.ts"),
  ]);
  const value = readSecret(reference, io.env, readNamedFile);
  const places = { dataDirectory, credentials: io.env["CREDENTIALS_DIRECTORY"] };
  const sealed = openSecretBox(places, io.random, { create: true }).seal(name, value);
  await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "secret.put", name, sealed }, requester)),
  );
  io.out(`set ${name}: refer to it as store:${name}; a running collector takes it up when its desks connect anew\n`);
};

/** The store's read side, for one look. */
const withReads = async <T>(
  options: ConfigOptions,
  io: CliIo,
  look: (reads: import("../store/reads.ts").Reads, publicUrl: string | undefined) => Promise<T>,
): Promise<T> => {
  const { dataDirectory, publicUrl } = await readConfig(options, io);
  const [{ openDataFolder }, { openSqliteReads }] = await Promise.all([
    import("../data-folder.ts"),
    import("../store/sqlite-reads.ts"),
  ]);
  const { databasePath } = openDataFolder(dataDirectory, io);
  if (!existsSync(databasePath))
    throw new RollcallError("usage.data", `there is no database in ${dataDirectory} yet: start the collector once`);
  const { reads, close } = openSqliteReads(databasePath, io);
  try {
    return await look(reads, publicUrl);
  } finally {
    close();
  }
};

const preview = (name: string, incidentId: string, options: ConfigOptions, io: CliIo): Promise<void> =>
  withReads(options, io, async (reads, publicUrl) => {
    const configured = byName(await openDesks(options, io), name);
    const { incidentIdSchema } = await import("../../shared/ids.ts");
    const { toTicketContent } = await import("../tickets/content.ts");
    const id = incidentIdSchema.safeParse(incidentId);
    const found = id.success ? await reads.incident(id.data) : undefined;
    if (!found) throw new RollcallError("usage.incident", `there is no incident ${incidentId}`);
    const asset = found.incident.assetId === undefined ? undefined : await reads.asset(found.incident.assetId);
    const the: Case = { incident: found.incident, evidence: found.evidence, ...(asset === undefined ? {} : { asset }) };
    const { contentOptionsOf } = await import("../tickets/desks.ts");
    const { subject, text } = toTicketContent(the, contentOptionsOf(configured.config, publicUrl));
    io.out(`${subject}\n\n${text}\n`);
  });

const routes = (options: ConfigOptions & { readonly limit: string }, io: CliIo): Promise<void> =>
  withReads(options, io, async (reads) => {
    const { whyNot } = await import("../tickets/routes.ts");
    const { parseTimestamp } = await import("../../shared/clock.ts");
    const { desks } = await readConfig(options, io);
    const limit = Math.min(200, Math.max(1, Number.parseInt(options.limit, 10) || 50));
    for (const incident of (await reads.incidents({ limit })).items) {
      const asset = incident.assetId === undefined ? undefined : await reads.asset(incident.assetId);
      io.out(`${incident.openedAt}  ${incident.kind.padEnd(20)} ${incident.title}\n`);
      for (const { name, when } of desks) {
        const reason = whyNot(when, incident, asset, parseTimestamp(incident.openedAt) ?? 0);
        io.out(`    ${name}: ${reason === undefined ? "goes there" : `no, ${reason}`}\n`);
      }
    }
  });
