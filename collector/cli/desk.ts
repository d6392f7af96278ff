import { RollcallError } from "../../shared/errors.ts";
import type { TicketContent } from "../tickets/connector.ts";
import type { Case, ContentOptions } from "../tickets/content.ts";
import type { ConfiguredDesk } from "../tickets/desks.ts";
import { type ConfigOptions, readConfig, readNamedFile, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";

const CALL_MS = 60_000;

/** `rollcall-collector desk check|test|preview|routes`: the configured ticket systems, before and without an incident. */
export const desk: DefineVerb = (program, io) => {
  const group = program.command("desk").description("the configured ticket systems: check, test, preview, routes");
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
};

const openDesks = async (options: ConfigOptions, io: CliIo): Promise<readonly ConfiguredDesk[]> => {
  const config = await readConfig(options, io);
  if (config.desks.length === 0) throw new RollcallError("usage.desk", "no desk is configured: add one under `desks`");
  const [{ connectDesks }, { createHttpClient }, { readSecret }] = await Promise.all([
    import("../tickets/desks.ts"),
    import("../tickets/http.ts"),
    import("../../shared/secret.ts"),
  ]);
  const deps = { clock: io.clock, log: io.createLog("warn"), http: createHttpClient() };
  return connectDesks(config.desks, deps, (reference) => readSecret(reference, io.env, readNamedFile));
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
const contentOptions = (
  { config: { locale, timeZone } }: ConfiguredDesk,
  consoleUrl: string | undefined,
): ContentOptions => ({
  ...{ locale, timeZone },
  ...(consoleUrl === undefined ? {} : { consoleUrl }),
});

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
  const { createIncidentId } = await import("../../shared/ids.ts");
  const { toTimestamp } = await import("../../shared/clock.ts");
  const { toTicketNote } = await import("../tickets/content.ts");
  const now = io.clock.now();
  const incidentId = createIncidentId(now, io.random);
  const text = "A test of Rollcall's connection to this desk. It is resolved by itself within a minute.";
  const content: TicketContent = {
    ...{
      key: `rollcall:${incidentId}`,
      condition: "test",
      kind: "test",
      subject: "Rollcall: test, please ignore",
      text,
      html: `<p>${text}</p>`,
    },
    priority: 5,
    impact: "low",
    urgency: "low",
    openedAt: toTimestamp(now),
  };
  const signal = signalOf(io);
  const call = { search: false, signal };
  const opened = await one.open(content, call);
  if (opened.status !== "delivered") throw new RollcallError("desk.test", opened.reason);
  const ref = opened.ticketRef;
  io.out(`opened     ${ref.number ?? ref.id} ${ref.url ?? ""}\n`);
  const steps = {
    commented: () =>
      one.comment(ref, content, toTicketNote(`${incidentId}-1`, "A comment, as further evidence makes one."), call),
    resolved: () => one.resolve(ref, content, toTicketNote(`${incidentId}-2`, "The test is over."), call),
  };
  for (const [what, step] of Object.entries(steps)) {
    const delivery = await step();
    if (delivery.status !== "delivered") throw new RollcallError("desk.test", delivery.reason);
    io.out(`${what.padEnd(10)} ${delivery.remark ?? "yes"}\n`);
  }
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
  const { reads, close } = openSqliteReads(openDataFolder(dataDirectory, io).databasePath, io);
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
    const { subject, text } = toTicketContent(the, contentOptions(configured, publicUrl));
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
