import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { createServerProcess, greets, runStep, type Server } from "./server.ts";

export type Exim = Server & {
  readonly ports: { readonly plain: number; readonly submission: number; readonly smtps: number };
  readonly user: string;
  readonly password: string;
  readonly ca: string;
  /** Every message that was delivered, raw, oldest first. */
  readonly messages: () => string[];
  /** How many were taken and are not in the mailbox yet: one that a kill cut short waits for the next run of the queue. */
  readonly queued: () => number;
  /** Where they lie, and whose they are. */
  readonly maildir: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly certificateFiles: { readonly cert: string; readonly key: string };
};

/**
 * A real Exim 4 (Debian package exim4-daemon-light) on loopback, as root: a plain port, one that wants STARTTLS and a login,
 * one with TLS from the first byte. Mail for @desk.test lands in a maildir; later@ answers 451, never@ 550.
 */
export const createExim = async (folder: string): Promise<Exim> => {
  const [plain, submission, smtps] = [await freePort(), await freePort(), await freePort()];
  const id = (flag: string) => Number(execFileSync("id", [flag, "Debian-exim"], { encoding: "utf8" }));
  const [uid, gid] = [id("-u"), id("-g")];
  chmodSync(folder, 0o755);
  for (const name of ["maildir", "spool", "log"]) {
    mkdirSync(join(folder, name));
    chownSync(join(folder, name), uid, gid);
  }
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  runStep("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=mail.desk.test",
    "-addext",
    "subjectAltName=DNS:mail.desk.test,IP:127.0.0.1",
    "-keyout",
    key,
    "-out",
    certificate,
  ]); // biome format: one command
  chownSync(key, uid, gid);
  const password = crypto.randomUUID();
  const config = join(folder, "exim.conf");
  writeFileSync(
    config,
    `primary_hostname = mail.desk.test
domainlist local_domains = desk.test
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/exim.pid
local_interfaces = <; [127.0.0.1]:${plain} ; [127.0.0.1]:${submission} ; [127.0.0.1]:${smtps}
tls_on_connect_ports = ${smtps}
tls_advertise_hosts = *
tls_certificate = ${certificate}
tls_privatekey = ${key}
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
acl_smtp_mail = sender
acl_smtp_rcpt = recipient
begin acl
sender:
  deny condition = \${if and{{!={$received_port}{${plain}}}{!def:authenticated_id}}}
       message = 5.7.0 login first
  accept
recipient:
  deny local_parts = never
       message = 5.1.1 nobody here
  defer local_parts = later
       message = 4.3.2 try again
  accept domains = +local_domains
  deny message = 5.7.1 no relaying
begin routers
all:
  driver = accept
  domains = +local_domains
  transport = box
begin transports
box:
  driver = appendfile
  directory = ${folder}/maildir
  maildir_format
  user = Debian-exim
begin authenticators
PLAIN:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{rollcall}}{eq{$auth3}{${password}}}}}
  server_set_id = $auth2
`,
  );
  chownSync(config, 0, gid);
  chmodSync(config, 0o640);
  const server = createServerProcess({
    name: "Exim",
    command: "/usr/sbin/exim4",
    args: ["-C", config, "-bdf", "-q10s"],
    env: process.env,
    cwd: folder,
    logFile: join(folder, "server.log"),
    isReady: () => greets(plain, "220"),
    deadlineMs: 20_000,
  });
  // Exim makes these with the first message.
  const inFolder = (name: string) =>
    existsSync(join(folder, "maildir", name)) ? readdirSync(join(folder, "maildir", name)) : [];
  const messages = () =>
    ["new", "cur"]
      .flatMap((part) => inFolder(part).map((name) => join(part, name)))
      .sort((a, b) => (a.slice(4) < b.slice(4) ? -1 : 1))
      .map((name) => readFileSync(join(folder, "maildir", name), "utf8"));
  return {
    ...server,
    ports: { plain, submission, smtps },
    user: "rollcall",
    password,
    ca: readFileSync(certificate, "utf8"),
    messages,
    queued: () => Number(execFileSync("/usr/sbin/exim4", ["-C", config, "-bpc"], { encoding: "utf8" })),
    maildir: join(folder, "maildir"),
    owner: { uid, gid },
    certificateFiles: { cert: certificate, key },
  };
};
