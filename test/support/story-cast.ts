import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostSpec, Lab, SegmentSpec } from "./lab.ts";

/**
 * Who plays in the stories of presence: one segment behind the switch "core", thirty desks behind the switch "floor", thirty
 * hosts behind the router "gate", and a DHCP server. All of it is a hundred times quicker than an office: sweeps every six
 * seconds instead of ten minutes, a heartbeat every second, an hour in 36 seconds. Every rule of presence counts in looks and
 * beats, or in times that the policy below divides alike, so that the same rules decide at this pace.
 */
export const NET = "10.83.7";
export const LOOK_MS = 6_000;
export const HOUR_MS = 36_000;
export const presence = {
  silentMinMs: 10_000,
  leavingMs: 9_000,
  closedPatienceMs: 4_000,
  patienceMinMs: 8_000,
  lookIntervalMs: LOOK_MS,
  confirmMs: 5_000,
  ownLatenessMs: 8_000,
};

export const macOf = (n: number): string => `00:16:3e:07:00:${n.toString(16).padStart(2, "0")}`;
export const numbers = {
  ...{ one: 2, two: 3, three: 4, server: 5, till: 6, victim: 7, old: 8, leased: 9, rebooter: 10, planned: 11 },
  ...{ camera: 12, printer: 13, phone: 14, badge: 15, panel: 16, meter: 17, clerk: 18, kiosk: 19, press: 20 },
  ...{ laptop: 21, leaver: 22, guest: 23, lonely: 24, dhcp: 25, gate: 26, floor: 29, core: 30 },
} as const;
export type Name = keyof typeof numbers;
/** Nobody's story: they must stay present all the time. */
export const steady: readonly Name[] = ["camera", "printer", "phone", "badge", "panel", "meter"];
/** Each with the address that its own story needs; others watch its host. */
export const sleepers: readonly Name[] = ["clerk", "kiosk", "press", "laptop", "rebooter", "leaver"];

/** Who has a story of his own lives in a /24 of his own, on the one segment: losses of one subnet at one time are one case. */
const hasStory = (n: number): boolean => (n > 2 && n < 12) || (n > 17 && n < 25);
export const addressOf = (n: number): string => (hasStory(n) ? `10.83.${100 + n}.${n}` : `${NET}.${n}`);
/** What the DHCP server gives at first, and later. */
export const NEW_ADDRESS = "10.83.109.20";
/** Another device with the address of "old", and one that answers for the missing "victim", with a MAC set by software. */
export const NEWCOMER = 200;
const STRANGER_MAC = "02:16:3e:07:00:c9";
/** Its interface was given its address by software, and is all it has. */
const LAPTOP_MAC = "02:16:3e:07:00:15";

export const macOfName = (name: Name): string => (name === "laptop" ? LAPTOP_MAC : macOf(numbers[name]));

const host = (name: string, n: number): HostSpec => ({ name, address: addressOf(n), mac: macOf(n) });
export const lanHosts: readonly HostSpec[] = [
  ...Object.entries(numbers).flatMap(([name, n]) => (name === "core" ? [] : [host(name, n)])),
  { name: "newcomer", address: addressOf(numbers.old), mac: macOf(NEWCOMER) },
  { name: "stranger", address: addressOf(numbers.victim), mac: STRANGER_MAC },
].map((one) => ({
  ...one,
  ...(one.name === "one" && { gateway: addressOf(numbers.gate) }),
  ...(one.name === "laptop" && { mac: LAPTOP_MAC }),
}));
/** At the floor's switch. */
export const desks: readonly HostSpec[] = Array.from({ length: 30 }, (_, i) => host(`desk${64 + i}`, 64 + i));
/** Behind the router. */
export const branchAddresses: readonly string[] = Array.from({ length: 30 }, (_, i) => `10.84.1.${10 + i}`);
export const branch: SegmentSpec = {
  name: "branch",
  prefixLength: 24,
  hosts: branchAddresses.map((address, i) => ({ name: `far${10 + i}`, address, gateway: "10.84.1.1" })),
};

const watched = Object.values(numbers).filter((n) => hasStory(n) && n !== numbers.lonely);
const lan = {
  name: "lan",
  targets: [`${NET}.0/27`, `${NET}.64/27`, ...watched.map(addressOf), NEW_ADDRESS],
  methods: ["arp"],
  intervalMinutes: LOOK_MS / 60_000,
};
/** Who answers SNMP at all: rounds over those who don't would take half a minute. */
const switches = (folder: string) => ({
  ...{ ...lan, name: "switches", intervalMinutes: 60, targets: [numbers.floor, numbers.core].map(addressOf) },
  snmp: { intervalMinutes: 1, credentialsFile: join(folder, "snmp.yaml") },
});
export const agents = [
  {
    name: "one",
    scopes: (folder: string) => [
      lan,
      switches(folder),
      { ...lan, name: "branch", targets: branchAddresses, methods: ["udp", "tcp"] },
    ],
  },
  { name: "two", scopes: () => [lan] },
  { name: "three", scopes: () => [lan] },
  // Nobody else looks at the lonely host.
  { name: "guest", scopes: () => [{ ...lan, targets: [addressOf(numbers.lonely)] }] },
  ...sleepers.map((name) => ({ name, scopes: () => [] })),
];

const bridgeMib = fileURLToPath(new URL("./bridge-mib.mjs", import.meta.url));
/** Net-SNMP's agent on a bridge, with the forwarding table that the kernel itself keeps. */
const serveSnmp = (lab: Lab, hostName: string, bridge: string, address: string) => {
  const file = join(lab.folder, `${hostName}-snmpd.conf`);
  const mib = `pass_persist .1.3.6.1.2.1.17 ${process.execPath} ${bridgeMib} ${bridge}`;
  writeFileSync(file, `rocommunity lab\nsysName ${hostName === "switch" ? "core" : hostName}\n${mib}\n`);
  const argv = ["snmpd", "-f", "-LE", "3", "-C", "-c", file, "-p", `${file}.pid`, `udp:${address}:161`];
  const env = { SNMP_PERSISTENT_DIR: join(lab.folder, `${hostName}-snmp`), MIBS: "" };
  lab.spawn(hostName, argv, { env }).stderr?.resume();
};

const sh = async (lab: Lab, at: string, script: string) => {
  const { code, stderr } = await lab.exec(at, ["sh", "-ec", script]);
  if (code !== 0) throw new Error(`${at}: ${stderr}`);
};

/** A real server that leases one address to one MAC; ended by its process. */
export const serveDhcp = (lab: Lab, address: string) => {
  const only = `--dhcp-host=${macOf(numbers.leased)},${address}`;
  const range = "--dhcp-range=10.83.109.2,10.83.109.200,255.255.0.0,10m";
  const quiet = ["--port=0", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--no-ping"];
  const leases = `--dhcp-leasefile=${join(lab.folder, `${address}.leases`)}`;
  const argv = ["dnsmasq", "--keep-in-foreground", "--bind-interfaces", "--interface=eth0", "--dhcp-authoritative"];
  const child = lab.spawn("dhcp", [...argv, ...quiet, range, only, leases]);
  child.stderr?.resume();
  return child;
};

/** What the client does with what it was given. */
const DHCP_SCRIPT = `#!/bin/sh
case "$1" in
  deconfig) ip addr flush dev eth0; ip link set eth0 up ;;
  bound|renew) ip addr replace "$ip/16" brd + dev eth0 ;;
esac
`;

const leaseByDhcp = async (lab: Lab) => {
  const script = join(lab.folder, "udhcpc.sh");
  writeFileSync(script, DHCP_SCRIPT, { mode: 0o755 });
  await sh(lab, "leased", "ip addr flush dev eth0");
  const client = lab.spawn("leased", ["udhcpc", "-f", "-i", "eth0", "-t", "10", "-T", "1", "-A", "1", "-s", script]);
  for (const stream of [client.stdout, client.stderr]) stream?.resume();
  return { server: serveDhcp(lab, addressOf(numbers.leased)), client };
};

/** The desks' cables go to a second switch, and the lab's own bridge gets an address, so that it is a switch which one can ask. */
const cableFloor = async (lab: Lab) => {
  await sh(
    lab,
    "switch",
    `ip link set br-lan address ${macOf(numbers.core)}; ip addr add ${NET}.${numbers.core}/16 brd + dev br-lan`,
  );
  await sh(
    lab,
    "floor",
    `ip addr flush dev eth0; ip link add br0 type bridge forward_delay 0 mcast_snooping 0; ip link set br0 address ${macOf(numbers.floor)} up
     ip link set eth0 address ${macOf(201)} master br0; ip addr add ${NET}.${numbers.floor}/16 brd + dev br0`,
  );
  // Ports of the desks: the last ones of the segment, whose first is the hub's.
  const ports = desks.map((_, i) => `p${1 + lanHosts.length + i}`);
  await sh(lab, "switch", ports.map((port) => `ip link set ${port} netns ${lab.prefix}-floor`).join("\n"));
  await sh(lab, "floor", ports.map((port) => `ip link set ${port} master br0 up`).join("\n"));
};

export const prepare = async (lab: Lab) => {
  await cableFloor(lab);
  await lab.join("gate", "branch", "eth1", "10.84.1.1/24");
  // Everything is quicker here: also the time for which a kernel believes what it knows of its neighbours.
  for (const at of ["one", "two", "three", "guest"])
    await sh(
      lab,
      at,
      "cd /proc/sys/net/ipv4/neigh/eth0; echo 2000 > base_reachable_time_ms; echo 1 > delay_first_probe_time",
    );
  for (const at of ["newcomer", "stranger"]) await lab.setAwake(at, false);
  serveSnmp(lab, "switch", "br-lan", `${NET}.${numbers.core}`);
  serveSnmp(lab, "floor", "br0", `${NET}.${numbers.floor}`);
  writeFileSync(join(lab.folder, "snmp.yaml"), '- { version: 2c, community: "lab" }\n');
  // Everybody says a word, so that the switches know their ports before anybody reads them.
  const all = [...lanHosts, ...desks].map(({ address = "" }) => address);
  await sh(lab, "hub", `for a in ${all.join(" ")}; do ping -c 1 -W 1 $a >/dev/null & done; wait`);
  return leaseByDhcp(lab);
};
