import { ipv4ToNumber, isIpv4 } from "../../../shared/ip.ts";
import type { SubnetRow } from "../../../shared/model/place.ts";
import { parseSubnet, type Subnet } from "../../places/subnets.ts";
import { agentTable } from "../sqlite/agents.ts";
import type { Database } from "../sqlite/database.ts";

/** Which networks there are, and which of them an address belongs to. */

type KnownBy = SubnetRow["knownBy"][number];
export type Found = Subnet & {
  readonly realm: string;
  readonly knownBy: Set<KnownBy>;
  readonly scopes: Map<string, SubnetRow["scopes"][number]>;
  devices: number;
  used: number;
};
export type Networks = {
  readonly all: () => readonly Found[];
  /** The narrowest network of the realm that holds the address; where none is known, its /24 or /64 is one. */
  readonly holderOf: (realm: string, address: string) => Found | undefined;
};

const createFound = () => {
  const found = new Map<string, Found>();
  return {
    all: () => [...found.values()],
    at: (realm: string, text: string): Found | undefined => {
      const subnet = parseSubnet(text);
      if (subnet === undefined || subnet.size < 2) return undefined;
      const key = `${realm} ${subnet.cidr}`;
      const known = found.get(key) ?? { ...subnet, realm, knownBy: new Set(), scopes: new Map(), devices: 0, used: 0 };
      found.set(key, known);
      return known;
    },
  };
};

/** The networks that agents may look at, and those that devices have addresses in. */
const readKnown = (db: Database) => {
  const found = createFound();
  for (const { agentId, name, scopes } of agentTable.all(
    db,
    "WHERE revoked_at IS NULL AND approved_at IS NOT NULL ORDER BY agent_id, instance",
  ))
    for (const scope of scopes)
      for (const target of scope.targets) {
        const subnet = target.includes("/") ? found.at(scope.realm, target) : undefined;
        subnet?.knownBy.add("scope");
        subnet?.scopes.set(`${agentId} ${scope.name}`, { agentId, agentName: name, scope: scope.name });
      }
  for (const { realm, cidr } of db.all("SELECT realm, cidr FROM device_subnets")) {
    const subnet = found.at(String(realm), String(cidr));
    if (subnet === undefined) continue;
    subnet.knownBy.add("device");
    subnet.devices++;
  }
  return found;
};

/** Names the network of this length that holds an address: numbers for IPv4, of which there are tens of thousands. */
const networkOf = (address: string, length: number): string =>
  address.includes(":")
    ? `6 ${parseSubnet(`${address}/${length}`)?.cidr}`
    : `4 ${length} ${Math.floor(ipv4ToNumber(address) / 2 ** (32 - length))}`;

export const readNetworks = (db: Database): Networks => {
  const found = readKnown(db);
  const lengths = new Map<string, readonly number[]>();
  for (const [group, subnets] of Map.groupBy(found.all(), ({ realm, firstKey }) => `${realm} ${firstKey[0]}`))
    lengths.set(
      group,
      [...new Set(subnets.map(({ prefixLength }) => prefixLength))].sort((a, b) => b - a),
    );
  const known = new Map(
    found
      .all()
      .map((subnet) => [`${subnet.realm} ${networkOf(subnet.cidr.split("/")[0]!, subnet.prefixLength)}`, subnet]),
  );
  const unheld = new Map<string, Found | undefined>();
  const guessed = (realm: string, address: string): Found | undefined => {
    const length = address.includes(":") ? 64 : 24;
    const key = `${realm} ${networkOf(address, length)}`;
    if (!unheld.has(key)) unheld.set(key, found.at(realm, `${address}/${length}`));
    const holder = unheld.get(key);
    holder?.knownBy.add("addresses");
    return holder;
  };
  return {
    all: found.all,
    holderOf: (realm, address) => {
      const isV6 = address.includes(":");
      if (!isV6 && !isIpv4(address)) return undefined;
      for (const length of lengths.get(`${realm} ${isV6 ? 6 : 4}`) ?? []) {
        const holder = known.get(`${realm} ${networkOf(address, length)}`);
        if (holder !== undefined) return holder;
      }
      return guessed(realm, address);
    },
  };
};
