import { z } from "zod";
import { lookup } from "../../../shared/lookup.ts";
import { isUsableMac, parseMac } from "../../../shared/mac.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { compact, parseAssignments } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

/** ARPHRD numbers (include/uapi/linux/if_arp.h) under their IANAifType names; others stay numbers. */
const types: Readonly<Record<string, string>> = {
  "1": "ethernetCsmacd",
  "24": "ieee1394",
  "32": "infiniband",
  "512": "ppp",
  "768": "tunnel",
  "769": "tunnel",
  "772": "softwareLoopback",
  "776": "tunnel",
  "778": "tunnel",
  "801": "ieee80211",
  "802": "ieee80211",
  "803": "ieee80211",
  "823": "tunnel",
  "65534": "other",
}; // biome format: keep as a table

/** What udev calls DEVTYPE, which the kernel sets for devices that are made, not found. */
const madeKinds: Readonly<Record<string, string>> = {
  bridge: "bridge",
  bond: "bond",
  vlan: "vlan",
  wlan: "wireless",
  wwan: "wwan",
  vxlan: "tunnel",
  geneve: "tunnel",
  wireguard: "tunnel",
  macvlan: "virtual",
  ipvlan: "virtual",
  team: "bond",
  veth: "virtual",
  dummy: "virtual",
}; // biome format: keep as a table

export type InterfaceSigns = {
  readonly type: string | undefined;
  readonly devtype: string | undefined;
  readonly isBridge: boolean;
  readonly isBond: boolean;
  readonly isWireless: boolean;
  readonly isTun: boolean;
  readonly hasDevice: boolean;
};

export const interfaceKind = (signs: InterfaceSigns): string => {
  if (signs.type === "772") return "loopback";
  if (signs.isBridge) return "bridge";
  if (signs.isBond) return "bond";
  if (signs.isWireless) return "wireless";
  const made = lookup(madeKinds, signs.devtype);
  if (made !== undefined) return made;
  if (signs.isTun || lookup(types, signs.type) === "tunnel") return "tunnel";
  return signs.hasDevice ? "physical" : "virtual";
};

/** "eth0.100" and "vlan100": the kernel tells the number of a VLAN in /proc to root only; names by custom carry it. */
export const vlanOfName = (name: string): number | undefined => {
  const id = Number(/^(?:vlan|.*\.)(\d{1,4})$/.exec(name)?.[1]);
  return Number.isInteger(id) && id >= 1 && id <= 4_094 ? id : undefined;
};

/** Megabits of /sys/class/net/NAME/speed; -1 and 4294967295 mean unknown, as does a virtual device's guess of 10. */
export const speedOf = (megabits: number | undefined): number | undefined =>
  megabits === undefined || megabits <= 0 || megabits >= 4_294_967_295 ? undefined : megabits * 1_000_000;

const duplexOf = (text: string | undefined): "full" | "half" | undefined =>
  text === "full" || text === "half" ? text : undefined;

const IFF_UP = 1;
/** addr_assign_type 0: the address is the device's own, neither random nor stolen nor set. */
const PERMANENT = 0;

const readInterface = (tree: Tree, name: string): SectionItem<"interfaces"> | undefined => {
  const sys = `/sys/class/net/${name}`;
  const ifIndex = tree.number(`${sys}/ifindex`);
  if (ifIndex === undefined) return undefined;
  const type = tree.value(`${sys}/type`);
  const kind = interfaceKind({
    type,
    devtype: parseAssignments(tree.readText(`${sys}/uevent`) ?? "").get("DEVTYPE"),
    isBridge: tree.isDirectory(`${sys}/bridge`),
    isBond: tree.isDirectory(`${sys}/bonding`),
    isWireless: tree.exists(`${sys}/phy80211`) || tree.isDirectory(`${sys}/wireless`),
    isTun: tree.exists(`${sys}/tun_flags`),
    hasDevice: tree.exists(`${sys}/device`),
  });
  const mac = parseMac(tree.value(`${sys}/address`) ?? "");
  const own = mac !== undefined && isUsableMac(mac) ? mac : undefined;
  // A bond gives all its ports one address; each port's own is kept here.
  const slaveMac = parseMac(tree.value(`${sys}/bonding_slave/perm_hwaddr`) ?? "");
  const permanent =
    tree.number(`${sys}/addr_assign_type`) === PERMANENT && (kind === "physical" || kind === "wireless");
  const flags = Number(tree.value(`${sys}/flags`));
  return compact({
    id: name,
    name,
    ifIndex,
    ifAlias: tree.value(`${sys}/ifalias`),
    ifType: type === undefined ? undefined : (lookup(types, type) ?? type),
    mac: own,
    permanentMac: slaveMac ?? (permanent ? own : undefined),
    mtu: tree.number(`${sys}/mtu`),
    // What pairs, taps and bridges state as their speed is a constant of their driver.
    speedBps: kind === "physical" || kind === "bond" ? speedOf(tree.number(`${sys}/speed`)) : undefined,
    duplex: duplexOf(tree.value(`${sys}/duplex`)),
    adminStatus: Number.isFinite(flags) ? ((flags & IFF_UP) !== 0 ? "up" : "down") : undefined,
    operStatus: tree.value(`${sys}/operstate`),
    kind,
    driver: tree.linkName(`${sys}/device/driver`),
    parent:
      tree.linkName(`${sys}/master`) ??
      tree
        .list(sys)
        .find((entry) => entry.startsWith("lower_") && kind === "vlan")
        ?.slice(6),
    vlan: kind === "vlan" ? vlanOfName(name) : undefined,
  });
};

const TIMEOUT_MS = 5_000;

/** Network interfaces of this network namespace. Source: /sys/class/net. */
export const interfaces = defineProbe({
  name: "interfaces",
  sections: ["interfaces"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const found = tree.list("/sys/class/net").flatMap((name) => readInterface(tree, name) ?? []);
    return found.length === 0 ? { status: "no-data" } : { status: "ok", sections: { interfaces: found } };
  },
});
