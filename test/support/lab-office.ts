import { createLab, type HostKind, type HostSpec, type Lab } from "./lab.ts";
import { type Daemon, startDaemon, waitForDaemon } from "./lab-daemons.ts";

/**
 * "The office": a /24 with 100 living hosts of every kind, 10.77.0.10 to .109, a resolver among them, and the scanner at
 * .2. MACs are of real makers (Raspberry Pi) or locally administered, so that a test knows what must be shown.
 */
export type OfficeHost = HostSpec & {
  readonly address: string;
  readonly mac: string;
  readonly kind: HostKind;
  readonly daemon?: Daemon;
};

export const officeNetwork = "10.77.0.0/24";
export const scannerAddress = "10.77.0.2";

type Group = {
  readonly count: number;
  readonly kind: HostKind;
  readonly daemon?: Daemon;
  readonly open?: readonly string[];
};

const groups: readonly Group[] = [
  { count: 1, kind: "plain", daemon: "dnsmasq" },
  { count: 2, kind: "plain", daemon: "snmpd" },
  { count: 1, kind: "daemons-only", daemon: "snmpd", open: ["udp/161"] },
  { count: 2, kind: "plain", daemon: "snmpd-v3" },
  { count: 2, kind: "plain", daemon: "nginx" },
  { count: 2, kind: "daemons-only", daemon: "dropbear", open: ["tcp/22"] },
  { count: 2, kind: "plain", daemon: "avahi" },
  { count: 1, kind: "udp-swallow", daemon: "nmbd", open: ["udp/137"] },
  { count: 1, kind: "plain", daemon: "lldpd" },
  { count: 30, kind: "arp-only" },
  { count: 12, kind: "no-icmp" },
  { count: 12, kind: "tcp-swallow" },
  { count: 12, kind: "udp-swallow" },
  { count: 20, kind: "plain" },
];

const macOf = (n: number): string => {
  const tail = n.toString(16).padStart(2, "0");
  return n % 2 === 0 ? `b8:27:eb:00:00:${tail}` : `02:00:5e:77:00:${tail}`;
};

export const officeHosts: readonly OfficeHost[] = groups
  .flatMap(({ count, kind, daemon, open }) =>
    Array.from({ length: count }, () => ({ kind, ...(daemon && { daemon }), ...(open && { open }) })),
  )
  .map((host, i) => ({ ...host, name: `h${i + 10}`, address: `10.77.0.${i + 10}`, mac: macOf(i + 10) }));

export const resolverAddress = officeHosts[0]?.address ?? "";

/** Names in the office's DNS. */
export const officeNames: Readonly<Record<string, string>> = {
  "printer.lab.test": "10.77.0.50",
  "ap7.lab.test": "10.77.0.51",
};

export const scanner: HostSpec = {
  name: "scanner",
  address: scannerAddress,
  mac: "02:00:5e:77:00:02",
  nameserver: resolverAddress,
};

/** @param bare without the daemons: quicker, for what is about ARP only. */
export const createOffice = async (prefix: string, { bare = false } = {}): Promise<Lab> => {
  const lab = await createLab({
    prefix,
    segments: [{ name: "office", prefixLength: 24, hosts: [scanner, ...officeHosts] }],
  });
  if (bare) return lab;
  const running = officeHosts.flatMap(({ name, daemon }) => (daemon === undefined ? [] : [{ name, daemon }]));
  for (const { name, daemon } of running) startDaemon(lab, name, daemon, { names: officeNames });
  for (const { name, daemon } of running) await waitForDaemon(lab, name, daemon);
  return lab;
};

export type Method = "arp" | "icmp" | "tcp" | "udp" | "snmp" | "mdns" | "netbios" | "rdns";

/** By which methods a host of this kind must be seen, and by no others. */
export const expectedMethods = ({ kind, daemon, address }: OfficeHost): readonly Method[] => {
  const own: Partial<Record<Daemon, readonly Method[]>> = {
    ...{ snmpd: ["snmp"], "snmpd-v3": ["snmp"], avahi: ["mdns"], nmbd: ["netbios"] },
    dropbear: ["tcp"],
  };
  const byKind: Readonly<Record<HostKind, readonly Method[]>> = {
    plain: ["icmp", "tcp", "udp"],
    "arp-only": [],
    "no-icmp": ["tcp", "udp"],
    "tcp-swallow": ["icmp", "udp"],
    "udp-swallow": ["icmp", "tcp"],
    "daemons-only": [],
  };
  const named: readonly Method[] = Object.values(officeNames).includes(address) ? ["rdns"] : [];
  const byDaemon = daemon === undefined ? [] : (own[daemon] ?? []);
  return [...new Set<Method>(["arp", ...byKind[kind], ...byDaemon, ...named])].sort();
};
