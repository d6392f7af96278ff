import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { answersHttp, createServerProcess, runStep, type Server } from "./server.ts";

export type RequestTracker = Server & {
  readonly baseUrl: string;
  readonly queue: string;
  readonly token: string;
  readonly personToken: string;
};

/** A real Request Tracker 5 (Debian packages request-tracker5, rt5-db-sqlite, rt5-standalone) on loopback, with all its files in `folder`. */
export const createRequestTracker = async (folder: string): Promise<RequestTracker> => {
  const port = await freePort();
  for (const name of ["var", "mason", "sessions", "site.d"]) mkdirSync(join(folder, name), { recursive: true });
  const config = join(folder, "RT_SiteConfig.pm");
  const set = (name: string, value: string | number) =>
    `Set($${name}, ${typeof value === "number" ? value : `'${value}'`});`;
  writeFileSync(
    config,
    [
      `$RT::VarPath = '${folder}/var';`,
      `$RT::MasonDataDir = '${folder}/mason';`,
      `$RT::MasonSessionDir = '${folder}/sessions';`,
      set("rtname", "desk.test"),
      set("Organization", "desk.test"),
      set("Timezone", "UTC"),
      set("WebDomain", "127.0.0.1"),
      set("WebPort", port),
      set("WebPath", ""),
      set("DatabaseType", "SQLite"),
      set("DatabaseName", `${folder}/var/rt.db`),
      set("WebSessionClass", "Apache::Session::File"),
      "Set($LogToSyslog, undef);",
      set("LogToSTDERR", "error"),
      set("MailCommand", "mbox"),
      // RT hashes the token again on each request: at its default cost of 12 that is 0.3 s of processor time a request.
      set("BcryptCost", 4),
      "1;",
    ].join("\n"),
  );
  const env = {
    ...process.env,
    RT_SITE_CONFIG: config,
    RT_SITE_CONFIG_DIR: join(folder, "site.d"),
    TMPDIR: join(folder, "var"),
    TOKEN_FOLDER: folder,
  };
  writeFileSync(join(folder, "root.pw"), "only-for-this-test\n", { mode: 0o600 });
  runStep(
    "/usr/sbin/rt-setup-database-5",
    ["--action", "init", "--skip-create", "--root-password-file", join(folder, "root.pw")],
    { env },
  );
  runStep("perl", [fileURLToPath(new URL("seed/request-tracker.pl", import.meta.url))], { env });
  const baseUrl = `http://127.0.0.1:${port}`;
  const server = createServerProcess({
    name: "Request Tracker",
    command: "/usr/share/request-tracker5/libexec/rt-server",
    args: ["--server", "Starlet", "--host", "127.0.0.1", "--port", String(port), "--max-workers", "3"],
    env,
    cwd: folder,
    logFile: join(folder, "server.log"),
    isReady: () => answersHttp(`${baseUrl}/REST/2.0/rt`),
    deadlineMs: 60_000,
  });
  const tokenOf = (name: string) => readFileSync(join(folder, `${name}.token`), "utf8");
  return { ...server, baseUrl, queue: "Devices", token: tokenOf("rollcall"), personToken: tokenOf("alice") };
};
