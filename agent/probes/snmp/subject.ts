/** Pure: what a device read by SNMP can be recognised by, strongest first. What is junk among it is the collector's to know. */
import { isLocallyAdministered, isUsableMac, type MacAddress } from "../../../shared/mac.ts";
import type { Subject, SubjectKey } from "../../../shared/protocol/observation.ts";
import type { DeviceInventory } from "../../snmp/inventory.ts";

const MAX_KEYS = 256;
const PHYSICAL = new Set(["ethernetCsmacd", "gigabitEthernet", "fastEther", "ieee80211", "ieee8023adLag"]);

export const subjectOf = (device: DeviceInventory, realm: string, address: string): Subject => {
  const keys: SubjectKey[] = [];
  const add = (kind: SubjectKey["kind"], value: string | undefined, vendor?: string) => {
    if (value !== undefined && value !== "" && value.length <= 256)
      keys.push(vendor === undefined ? { kind, value } : { kind, value, vendor: vendor.toLowerCase().slice(0, 256) });
  };
  const { identity, system } = device;
  // A guessed serial describes, it does not identify.
  if (identity.serialNumber?.confidence !== "guess")
    add("serial", identity.serialNumber?.value, identity.vendor?.value);
  add("engineId", system.snmpEngineID);
  const bridge =
    device.bridgeAddress !== undefined && isUsableMac(device.bridgeAddress) ? device.bridgeAddress : undefined;
  add("chassisMac", bridge);
  const macs = interfaceMacs(device);
  for (const mac of macs) add("mac", mac);
  const name = system.sysName?.toLowerCase().replace(/\.$/, "");
  add(name?.includes(".") ? "fqdn" : "hostname", name);
  add("ip", address);
  for (const own of device.addresses)
    if (own.kind !== "broadcast" && own.address !== address && isGlobal(own.address)) add("ip", own.address);
  const lasting = bridge ?? macs[0];
  const id = lasting ? `mac:${lasting}` : system.snmpEngineID ? `engine:${system.snmpEngineID}` : `ip:${address}`;
  return { id, realm, keys: keys.slice(0, MAX_KEYS) };
};

/** Burnt-in addresses of interfaces that are things, each once, lowest first; VLANs and loopbacks repeat or invent them. */
const interfaceMacs = ({ interfaces }: DeviceInventory): readonly MacAddress[] => {
  const physical = interfaces.filter(({ ifType }) => ifType === undefined || PHYSICAL.has(ifType));
  const usable = physical.flatMap(({ mac }) => (mac !== undefined && isUsableMac(mac) ? [mac] : []));
  const burntIn = usable.filter((mac) => !isLocallyAdministered(mac));
  return [...new Set(burntIn.length > 0 ? burntIn : usable)].sort();
};

const isGlobal = (address: string): boolean => !/^(127\.|169\.254\.|0\.0\.0\.0$|::1?$|fe[89ab])/i.test(address);
