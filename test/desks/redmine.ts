import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { freePort } from "../support/free-port.ts";
import { answersHttp, createServerProcess, runStep, type Server } from "./server.ts";

const seedSchema = z.object({
  apiKey: z.string(),
  personKey: z.string(),
  personId: z.int(),
  keyFieldId: z.int(),
  statuses: z.record(z.string(), z.int()),
  priorities: z.record(z.string(), z.int()),
  trackerId: z.int(),
});

export type Redmine = Server & z.infer<typeof seedSchema> & { readonly baseUrl: string; readonly project: string };

/** The one that finds Debian's gems: a newer Ruby brings another, which misses the folder of each. */
const debianBundler = (): string => {
  const told = execFileSync("dpkg-query", ["-W", "ruby-bundler"], { encoding: "utf8" });
  return /\t([^\s-]+)/.exec(told)?.[1] ?? "";
};

/** A real Redmine 5 (Debian packages redmine, redmine-sqlite, puma) on loopback: a private copy of its tree, database and files in `folder`. */
export const createRedmine = async (folder: string): Promise<Redmine> => {
  const port = await freePort();
  const app = join(folder, "app");
  const instance = join(app, "instances/default");
  cpSync("/usr/share/redmine", app, { recursive: true, verbatimSymlinks: true });
  for (const leftover of ["instances", "config/database.yml", "Gemfile.lock"])
    rmSync(join(app, leftover), { recursive: true, force: true });
  for (const name of ["config", "log", "tmp/cache", "tmp/pids", "files", "public/plugin_assets"])
    mkdirSync(join(instance, name), { recursive: true });
  const gemfile = join(app, "Gemfile");
  writeFileSync(gemfile, `${readFileSync(gemfile, "utf8").replaceAll("/usr/share/redmine", app)}\ngem "puma"\n`);
  const database = `production:\n  adapter: sqlite3\n  database: ${folder}/redmine.sqlite3\n  timeout: 10000\n`;
  writeFileSync(join(instance, "config/database.yml"), database);
  writeFileSync(join(app, "config/database.yml"), database);
  writeFileSync(join(instance, "config/secret_key.txt"), crypto.randomUUID().repeat(2));
  const mail = "default:\n  email_delivery:\n    delivery_method: :test\n";
  writeFileSync(join(app, "config/configuration.yml"), mail);

  const env = {
    ...process.env,
    RAILS_ENV: "production",
    REDMINE_INSTANCE: "default",
    REDMINE_LANG: "en",
    BUNDLER_VERSION: debianBundler(),
    BUNDLE_GEMFILE: gemfile,
    BUNDLE_APP_CONFIG: join(folder, "bundle"),
    HOME: folder,
    SCHEMA: "/dev/null",
    RUBYOPT: "-W0",
    SEED_FILE: join(folder, "seed.json"),
  };
  const bundle = (...args: string[]) => runStep("bundle", args, { env, cwd: app });
  bundle("install", "--local", "--quiet");
  bundle("exec", "rake", "db:migrate");
  bundle("exec", "rails", "runner", fileURLToPath(new URL("seed/redmine.rb", import.meta.url)));
  const baseUrl = `http://127.0.0.1:${port}`;
  const server = createServerProcess({
    name: "Redmine",
    command: "bundle",
    args: [
      "exec",
      "puma",
      "--environment",
      "production",
      "--bind",
      `tcp://127.0.0.1:${port}`,
      "--threads",
      "1:5",
      "--workers",
      "0",
      "config.ru",
    ],
    env,
    cwd: app,
    logFile: join(folder, "server.log"),
    isReady: () => answersHttp(`${baseUrl}/issues.json`),
    deadlineMs: 120_000,
  });
  return {
    ...server,
    ...seedSchema.parse(JSON.parse(readFileSync(env.SEED_FILE, "utf8"))),
    baseUrl,
    project: "devices",
  };
};
