import { createLab, type Lab } from "./lab.ts";
import { startDaemon, waitForDaemon } from "./lab-daemons.ts";

/**
 * "The farm": a routed range of any size with a few living addresses. One namespace holds the whole range as local
 * addresses; its firewall swallows everything but what the living ones answer, each by one method only.
 */
export type FarmKind = "snmp-v2c" | "snmp-v3" | "tcp" | "icmp" | "udp";
export type Farm = { readonly lab: Lab; readonly alive: ReadonlyMap<string, FarmKind>; readonly cidr: string };

const kinds: readonly FarmKind[] = ["snmp-v2c", "snmp-v3", "tcp", "icmp", "udp"];

const toAddress = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");

/** Living addresses spread over 10.200.0.0/length, the same for the same share and length. */
const chooseAlive = (length: number, share: number): Map<string, FarmKind> => {
  const size = 2 ** (32 - length);
  const count = Math.max(kinds.length, Math.round(size * share));
  const step = Math.floor(size / count);
  const first = (10 << 24) | (200 << 16);
  const alive = new Map<string, FarmKind>();
  for (let i = 0; i < count; i++) {
    const offset = Math.max(1, i * step + ((i * 7_919) % step));
    alive.set(toAddress(first + offset), kinds[i % kinds.length] as FarmKind);
  }
  return alive;
};

const setOf = (name: string, addresses: readonly string[]): string =>
  `set ${name} { type ipv4_addr;\nelements = { ${addresses.join(", ")} }\n}`;

const firewallOf = (alive: ReadonlyMap<string, FarmKind>): string => {
  const of = (kind: FarmKind) => [...alive].flatMap(([address, k]) => (k === kind ? [address] : []));
  // The two agents of SNMP listen on ports of their own, since both would need 161 on every address.
  return `table ip farm {
${setOf("v2", of("snmp-v2c"))}
${setOf("v3", of("snmp-v3"))}
${setOf("tcps", of("tcp"))}
${setOf("icmps", of("icmp"))}
${setOf("udps", of("udp"))}
chain pre { type nat hook prerouting priority -100;
ip daddr @v2 udp dport 161 redirect to :1161
ip daddr @v3 udp dport 161 redirect to :2161
}
chain input { type filter hook input priority 0; policy drop;
iif "lo" accept
ip daddr 10.201.0.0/24 accept
ct state established,related accept
ip daddr @v2 udp dport 1161 accept
ip daddr @v3 udp dport 2161 accept
ip daddr @tcps tcp dport 22 accept
ip daddr @icmps icmp type echo-request accept
ip daddr @udps meta l4proto udp udp dport != 161 accept
}
}
`;
};

/** @param share of the addresses that live. @param length of the prefix: 16 to 24. */
export const createFarm = async (prefix: string, length: number, share: number): Promise<Farm> => {
  const lab = await createLab({
    prefix,
    segments: [
      {
        name: "home",
        prefixLength: 24,
        hosts: [
          { name: "scanner", address: "10.201.0.2", gateway: "10.201.0.1" },
          { name: "farm", address: "10.201.0.1" },
        ],
      },
    ],
  });
  try {
    const alive = chooseAlive(length, share);
    const cidr = `10.200.0.0/${length}`;
    // Refusals of UDP are rationed per receiver; here one kernel stands for hundreds of hosts.
    const setUp = `ip route add local ${cidr} dev lo; echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 1000000 > /proc/sys/net/ipv4/icmp_msgs_per_sec 2>/dev/null || true; echo 100000 > /proc/sys/net/ipv4/icmp_msgs_burst 2>/dev/null || true`;
    const { code, stderr } = await lab.exec("farm", ["sh", "-c", setUp]);
    if (code !== 0) throw new Error(`making the farm: ${stderr}`);
    await lab.nft("farm", firewallOf(alive));
    startDaemon(lab, "farm", "snmpd", { port: 1161 });
    startDaemon(lab, "farm", "snmpd-v3", { port: 2161 });
    await waitForDaemon(lab, "farm", "snmpd", { port: 1161 });
    await waitForDaemon(lab, "farm", "snmpd-v3", { port: 2161 });
    return { lab, alive, cidr };
  } catch (error) {
    await lab.stop();
    throw error;
  }
};
