import { readFileSync } from "node:fs";
import { Option } from "commander";
import { minutes } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { type Role, roles } from "../store/store.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";
import { expectOk } from "./outcome.ts";

type AddOptions = ConfigOptions & { readonly role: Role; readonly password?: string };

const requester = { name: "command line", role: "system" } as const;
const LINK_MS = minutes(10);
const MIN_PASSWORD_CHARS = 12;

/** `rollcall-collector user add|link|list|disable`: people who sign in, by password or by a link that works once. */
export const user: DefineVerb = (program, io) => {
  const group = program.command("user").description("people who sign in to the console");
  const roleOption = () => new Option("--role <role>", "what they may do").choices([...roles]);
  withConfigOptions(group.command("add").description("add a user"))
    .argument("<name>")
    .addOption(roleOption().makeOptionMandatory())
    .option("--password <from>", "password from @FILE or env:NAME; without it they sign in by link")
    .action((name: string, options: AddOptions) => add(name, options, io));
  withConfigOptions(group.command("link").description("print a link that signs a user in once, within 10 minutes"))
    .argument("<name>", "a user; made with --role if there is none of this name")
    .addOption(roleOption().default("viewer"))
    .action((name: string, options: ConfigOptions & { readonly role: Role }) => link(name, options, io));
  withConfigOptions(group.command("list").description("list users"))
    .option("--json", "one JSON object a line")
    .action((options: ConfigOptions & { readonly json?: boolean }) => list(options, io));
  withConfigOptions(group.command("disable").description("end a user's sessions and let them in no more"))
    .argument("<name>")
    .action((name: string, options: ConfigOptions) => disable(name, options, io));
};

const add = async (name: string, { password, ...options }: AddOptions, io: CliIo): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const passwordHash = password === undefined ? {} : { passwordHash: await hashOf(password, io) };
  const { withEngine } = await import("./offline.ts");
  await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "user.create", name, role: options.role, ...passwordHash }, requester)),
  );
  io.out(`added ${name} (${options.role})\n`);
};

/** @throws RollcallError `usage.password`, which never quotes it */
const hashOf = async (reference: string, io: CliIo): Promise<string> => {
  if (!/^(@|env:)/.test(reference))
    throw new RollcallError(
      "usage.password",
      "other users of this host can read an argument list: use @FILE or env:NAME",
    );
  const [{ readSecret }, { hashPassword }] = await Promise.all([
    import("../../shared/secret.ts"),
    import("../api/passwords.ts"),
  ]);
  const password = readSecret(reference, io.env, (path) => readFileSync(path, "utf8"));
  if (password.length < MIN_PASSWORD_CHARS)
    throw new RollcallError("usage.password", `a password needs at least ${MIN_PASSWORD_CHARS} characters`);
  return hashPassword(password, io.random);
};

const link = async (name: string, options: ConfigOptions & { readonly role: Role }, io: CliIo): Promise<void> => {
  // A link in a journal would be anybody's who reads it.
  if (!io.isTerminal)
    throw new RollcallError("usage.terminal", "a sign-in link is written to a terminal only: run this in one");
  const { dataDirectory, listen } = await readConfig(options, io);
  const { withEngine } = await import("./offline.ts");
  const { result } = await withEngine(dataDirectory, io, async (engine) =>
    expectOk(
      await engine.apply({ kind: "sign-in.create", user: name, role: options.role, withinMs: LINK_MS }, requester),
    ),
  );
  const host = listen.host === "0.0.0.0" || listen.host === "::" ? "localhost" : listen.host;
  const address = `${listen.certFile === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
  io.out(`${address}/sign-in#${result.code}\n`);
};

const readUsers = async (options: ConfigOptions, io: CliIo) => {
  const { dataDirectory } = await readConfig(options, io);
  const [{ openDataFolder }, { openSqliteReads }] = await Promise.all([
    import("../data-folder.ts"),
    import("../store/sqlite-reads.ts"),
  ]);
  const { reads, close } = openSqliteReads(openDataFolder(dataDirectory, io).databasePath, io);
  try {
    return { dataDirectory, users: await reads.users() };
  } finally {
    close();
  }
};

const list = async (options: ConfigOptions & { readonly json?: boolean }, io: CliIo): Promise<void> => {
  const { users } = await readUsers(options, io);
  for (const { userId, name, role, disabledAtMs } of users) {
    const isDisabled = disabledAtMs !== undefined;
    if (options.json) io.out(`${JSON.stringify({ userId, name, role, disabled: isDisabled })}\n`);
    else io.out(`${userId}  ${role.padEnd(16)} ${name}${isDisabled ? "  (disabled)" : ""}\n`);
  }
};

const disable = async (name: string, options: ConfigOptions, io: CliIo): Promise<void> => {
  const { dataDirectory, users } = await readUsers(options, io);
  const found = users.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!found) throw new RollcallError("operation.not-found", `there is no user named ${name}`);
  const { withEngine } = await import("./offline.ts");
  await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "user.change", userId: found.userId, disabled: true }, requester)),
  );
  io.out(`disabled ${found.name}\n`);
};
