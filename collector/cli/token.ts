import { Option } from "commander";
import { days } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { type Role, roles } from "../store/store.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";
import { expectOk } from "./outcome.ts";

type CreateOptions = ConfigOptions & {
  readonly role?: Role;
  readonly enrol?: boolean;
  readonly uses?: string;
  readonly approve?: boolean;
  readonly days?: string;
  readonly name?: string;
};

const requester = { name: "command line", role: "system" } as const;

/** `rollcall-collector token create|list|revoke`: for the API (`--role`), or for enrolling agents (`--enrol`). */
export const token: DefineVerb = (program, io) => {
  const group = program.command("token").description("tokens for the API and for enrolling agents");
  withConfigOptions(group.command("create").description("make a token and print it, and nothing else, on stdout"))
    .addOption(new Option("--role <role>", "a token for the API with this role").choices([...roles]))
    .option("--enrol", "a token with which agents enrol")
    .option("--uses <n>", 'how many agents it admits, or "many"', "1")
    .option("--no-approve", "agents of a many-use token need no approval by a person")
    .option("--days <n>", "expires after so many days (default: never for --role, 7 for --enrol)")
    .option("--name <text>", "what it is for, as lists show it")
    .action((options: CreateOptions) => create(options, io));
  withConfigOptions(group.command("list").description("list tokens, without their secrets"))
    .option("--json", "one JSON object a line")
    .action((options: ConfigOptions & { readonly json?: boolean }) => list(options, io));
  withConfigOptions(group.command("revoke").description("revoke a token, at once"))
    .argument("<id>", "tok_…, as `token list` shows it")
    .action((tokenId: string, options: ConfigOptions) => revoke(tokenId, options, io));
};

const toCount = (text: string, option: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 1_000_000)
    throw new RollcallError("usage.number", `--${option} must be a whole number from 1 on`);
  return n;
};

const toToken = ({ role, enrol, uses = "1", approve, name }: CreateOptions) => {
  if (enrol === true && role === undefined) {
    const maxUses = uses === "many" ? null : toCount(uses, "uses");
    return { kind: "enrol", name: name ?? "enrolment", maxUses, approval: approve !== false && maxUses !== 1 } as const;
  }
  if (role !== undefined && enrol !== true) return { kind: "api", name: name ?? role, role } as const;
  throw new RollcallError("usage.token", `say what the token is for: --enrol, or --role ${roles.join("|")}`);
};

const create = async (options: CreateOptions, io: CliIo): Promise<void> => {
  const wanted = toToken(options);
  const { dataDirectory } = await readConfig(options, io);
  const { withEngine } = await import("./offline.ts");
  const expiry = options.days === undefined ? {} : { expiresInMs: days(toCount(options.days, "days")) };
  const { result } = await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "token.create", token: wanted, ...expiry }, requester)),
  );
  io.out(`${result.secret}\n`);
};

const revoke = async (tokenId: string, options: ConfigOptions, io: CliIo): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const { withEngine } = await import("./offline.ts");
  await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "token.revoke", tokenId }, requester)),
  );
};

const list = async (options: ConfigOptions & { readonly json?: boolean }, io: CliIo): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const [{ openDataFolder }, { openSqliteReads }, { toTimestamp }] = await Promise.all([
    import("../data-folder.ts"),
    import("../store/sqlite-reads.ts"),
    import("../../shared/clock.ts"),
  ]);
  const { reads, close } = openSqliteReads(openDataFolder(dataDirectory, io).databasePath, io);
  try {
    for (const {
      tokenId,
      kind,
      name,
      role,
      uses,
      maxUses,
      createdAtMs,
      expiresAtMs,
      revokedAtMs,
    } of await reads.tokens()) {
      const at = (ms: number | undefined) => (ms === undefined ? undefined : toTimestamp(ms));
      const row = { tokenId, kind, name, role, uses, maxUses, createdAt: toTimestamp(createdAtMs) };
      const ends = { expiresAt: at(expiresAtMs), revokedAt: at(revokedAtMs) };
      if (options.json) io.out(`${JSON.stringify({ ...row, ...ends })}\n`);
      else {
        const what = kind === "api" ? (role ?? "") : `enrol ${uses}/${maxUses ?? "many"}`;
        const state = revokedAtMs === undefined ? `until ${ends.expiresAt ?? "revoked"}` : `revoked ${ends.revokedAt}`;
        io.out(`${tokenId}  ${what.padEnd(16)} ${name.padEnd(20)} ${state}\n`);
      }
    }
  } finally {
    close();
  }
};
