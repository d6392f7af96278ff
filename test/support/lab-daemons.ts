import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.ts";

/** Real programs on the hosts of a lab. Each lives in its host's namespace and dies with the lab. */
export type Daemon = "snmpd" | "snmpd-v3" | "nginx" | "dropbear" | "dnsmasq" | "avahi" | "nmbd" | "lldpd";

/** What a scan must be able to learn from each, as packages a test needs. */
export const daemonPrograms: Readonly<Record<Daemon, { readonly program: string; readonly package: string }>> = {
  snmpd: { program: "snmpd", package: "snmpd" },
  "snmpd-v3": { program: "snmpd", package: "snmpd" },
  nginx: { program: "nginx", package: "nginx-light" },
  dropbear: { program: "dropbear", package: "dropbear-bin" },
  dnsmasq: { program: "dnsmasq", package: "dnsmasq-base" },
  avahi: { program: "avahi-daemon", package: "avahi-daemon" },
  nmbd: { program: "nmbd", package: "samba" },
  lldpd: { program: "lldpd", package: "lldpd" },
};

type Start = { readonly argv: readonly string[]; readonly files: Readonly<Record<string, string>> };

const starts: Readonly<Record<Daemon, (home: string, host: string, options: DaemonOptions) => Start>> = {
  snmpd: (home, host, { port = 161 }) => ({
    files: {
      "snmpd.conf": `agentAddress udp:${port}\nrocommunity public\nsysName ${host}\nsysDescr Lab switch of ${host}\n`,
    },
    argv: ["env", `SNMP_PERSISTENT_DIR=${home}`, "snmpd", "-f", "-C", "-c", `${home}/snmpd.conf`, "-Lf", `${home}/log`],
  }),
  "snmpd-v3": (home, _host, { port = 161 }) => ({
    files: {
      "snmpd.conf": `agentAddress udp:${port}\ncreateUser lab SHA labpassword AES labpassword\nrouser lab priv\n`,
    },
    argv: ["env", `SNMP_PERSISTENT_DIR=${home}`, "snmpd", "-f", "-C", "-c", `${home}/snmpd.conf`, "-Lf", `${home}/log`],
  }),
  nginx: (home) => ({
    files: {
      "nginx.conf": `daemon off; user nobody nogroup; pid ${home}/pid; error_log ${home}/error.log;\nevents {}\nhttp { access_log off; client_body_temp_path ${home}/a; proxy_temp_path ${home}/b; fastcgi_temp_path ${home}/c; uwsgi_temp_path ${home}/d; scgi_temp_path ${home}/e; server { listen 80; return 200 "lab"; } }\n`,
    },
    argv: ["nginx", "-c", `${home}/nginx.conf`, "-e", `${home}/error.log`],
  }),
  dropbear: (home) => ({
    files: {},
    argv: [
      ...["sh", "-c"],
      `dropbearkey -t ed25519 -f ${home}/key >/dev/null 2>&1; exec dropbear -F -r ${home}/key -p 22 -P ${home}/pid`,
    ],
  }),
  dnsmasq: (home, _host, { names = {} }) => ({
    files: {
      hosts: Object.entries(names)
        .map(([name, address]) => `${address} ${name}\n`)
        .join(""),
    },
    argv: [
      ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=nobody"],
      ...[
        `--addn-hosts=${home}/hosts`,
        `--pid-file=${home}/pid`,
        "--local=/lab.test/",
        "--bogus-priv",
        "--log-facility=-",
      ],
    ],
  }),
  avahi: (home, host, { ipv6 = false }) => ({
    files: {
      "avahi.conf": `[server]\nhost-name=${host}\nuse-ipv4=yes\nuse-ipv6=${ipv6 ? "yes" : "no"}\nenable-dbus=no\n[publish]\npublish-workstation=yes\npublish-hinfo=no\n`,
    },
    // It keeps its socket and PID in /run/avahi-daemon, which would be one for all hosts.
    argv: [
      ...["unshare", "-m", "sh", "-c"],
      `mkdir -p /run/avahi-daemon && mount -t tmpfs none /run/avahi-daemon && exec avahi-daemon -f ${home}/avahi.conf --no-drop-root --no-chroot --no-rlimits 2>${home}/log`,
    ],
  }),
  nmbd: (home, host) => ({
    files: {
      "smb.conf": `[global]\nnetbios name = ${host}\nworkgroup = LABGROUP\n${["lock", "state", "cache", "pid", "private"].map((d) => `${d === "pid" || d === "lock" ? `${d} directory` : d === "private" ? "private dir" : `${d} directory`} = ${home}`).join("\n")}\nlog file = ${home}/log\nnmbd bind explicit broadcast = no\n`,
    },
    argv: ["nmbd", "--foreground", "--no-process-group", "-s", `${home}/smb.conf`],
  }),
  lldpd: (home) => ({
    files: {},
    argv: ["unshare", "-m", "sh", "-c", `mkdir -p /run/lldpd && exec lldpd -d -u ${home}/socket -L /bin/false`],
  }),
};

export type DaemonOptions = {
  readonly names?: Readonly<Record<string, string>>;
  readonly ipv6?: boolean;
  /** Where an SNMP agent listens. */
  readonly port?: number;
};

/** Starts one; `lab.stop()` ends it. Say with `waitFor` when it must be ready. */
export const startDaemon = (lab: Lab, host: string, daemon: Daemon, options: DaemonOptions = {}): ChildProcess => {
  const home = join(lab.folder, `${host}-${daemon}`);
  mkdirSync(home, { recursive: true });
  chmodSync(lab.folder, 0o755);
  chmodSync(home, 0o777);
  const { argv, files } = starts[daemon](home, host, options);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o644 });
  const child = lab.spawn(host, argv);
  child.stdout?.resume();
  child.stderr?.resume();
  child.unref();
  return child;
};

/** Waits until a command in a host's namespace succeeds. */
export const waitFor = async (lab: Lab, host: string, argv: readonly string[], deadlineMs = 60_000): Promise<void> => {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const { code, stderr } = await lab.exec(host, argv, { timeoutMs: 20_000 });
    if (code === 0) return;
    if (Date.now() > until)
      throw new Error(`${host}: ${argv.join(" ")} did not succeed in time: ${stderr.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const ports: Readonly<Record<Daemon, string | undefined>> = {
  snmpd: "udp sport = :161",
  "snmpd-v3": "udp sport = :161",
  nginx: "tcp sport = :80",
  dropbear: "tcp sport = :22",
  dnsmasq: "udp sport = :53",
  avahi: "udp sport = :5353",
  nmbd: "udp sport = :137",
  lldpd: undefined,
};

/** Waits until the daemon has its port open. */
export const waitForDaemon = async (
  lab: Lab,
  host: string,
  daemon: Daemon,
  options: DaemonOptions = {},
): Promise<void> => {
  const port = options.port === undefined ? ports[daemon] : `udp sport = :${options.port}`;
  if (port === undefined) return waitFor(lab, host, ["test", "-S", `${lab.folder}/${host}-${daemon}/socket`]);
  // It answers nothing before it has claimed its name, a second or more after it opened its port.
  if (daemon === "avahi")
    return waitFor(lab, host, ["grep", "-q", "startup complete", `${lab.folder}/${host}-avahi/log`]);
  const [protocol, ...filter] = port.split(" ");
  await waitFor(lab, host, ["sh", "-c", `ss -Hln${protocol === "udp" ? "u" : "t"} '${filter.join(" ")}' | grep -q .`]);
};
