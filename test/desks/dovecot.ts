import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import type { Exim } from "./exim.ts";
import { createServerProcess, greets, type Server } from "./server.ts";

export type Dovecot = Server & {
  readonly ports: { readonly plain: number; readonly tls: number };
  readonly user: string;
  readonly password: string;
};

/** A real IMAP server (Debian package dovecot-imapd) on loopback, as root, over the mailbox that an Exim fills. */
export const createDovecot = async (folder: string, { maildir, owner, certificateFiles }: Exim): Promise<Dovecot> => {
  const [plain, tls] = [await freePort(), await freePort()];
  const password = crypto.randomUUID();
  mkdirSync(join(folder, "home"));
  chownSync(join(folder, "home"), owner.uid, owner.gid);
  const config = join(folder, "dovecot.conf");
  writeFileSync(
    config,
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certificateFiles.cert}
ssl_key = <${certificateFiles.key}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:${maildir}:CONTROL=${folder}/home/control:INDEX=${folder}/home/index
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/home
}
service imap-login {
  inet_listener imap {
    port = ${plain}
  }
  inet_listener imaps {
    port = ${tls}
    ssl = yes
  }
}
`,
    { mode: 0o600 },
  );
  const server = createServerProcess({
    name: "Dovecot",
    command: "/usr/sbin/dovecot",
    args: ["-F", "-c", config],
    env: process.env,
    cwd: folder,
    logFile: join(folder, "server.log"),
    isReady: () => greets(plain, "* OK"),
    deadlineMs: 20_000,
  });
  return { ...server, ports: { plain, tls }, user: "devices", password };
};
