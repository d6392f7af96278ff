/** A device as the corpus' scorer reads it: one line, its field names. */
import type { DeviceInventory } from "../../agent/snmp/inventory.ts";
import type { CdpNeighbour } from "../../agent/snmp/mibs/cdp-mib.ts";
import { ipv4ToNumber, isIpv4 } from "../../shared/ip.ts";

/** The corpus spells network addresses as the octets that LLDP sends: address family, then the address. */
const toOctets = (address: string): string =>
  isIpv4(address) ? `01${ipv4ToNumber(address).toString(16).padStart(8, "0")}` : address;

/** The corpus spells a CDP port that names itself by octets (a MAC, rightly) as the Latin-1 text that they are not. */
const toLatin = ({ devicePort, portIsOctets }: CdpNeighbour): string =>
  portIsOctets ? Buffer.from(devicePort.replaceAll(":", ""), "hex").toString("latin1") : devicePort;

export const toResultLine = (record: string, device: DeviceInventory) => ({
  record,
  vendor: device.identity.vendor?.value,
  model: device.identity.model?.value,
  version: device.identity.osVersion?.value,
  serial: device.identity.serialNumber?.value,
  type: device.identity.type?.value,
  os: device.identity.osName?.value,
  features: device.identity.features?.value,
  sysName: device.system.sysName,
  sysObjectID: device.system.sysObjectID,
  interfaces: device.interfaces.map((i) => ({
    ifIndex: i.ifIndex,
    ifName: i.ifName,
    ifDescr: i.ifDescr,
    ifAlias: i.ifAlias,
    mac: i.mac,
    speed: i.speedBps,
    type: i.ifType,
    adminStatus: i.adminStatus,
    operStatus: i.operStatus,
  })),
  ipv4: device.addresses.filter(({ address }) => !address.includes(":")),
  ipv6: device.addresses.filter(({ address }) => address.includes(":")),
  arp: device.arp.map(({ address, mac, ifIndex }) => ({ ip: address, mac, ifIndex })),
  fdb: device.fdb.map(({ mac, ifIndex, vlan }) => ({ mac, ifIndex, vlan })),
  lldp: device.lldp.map(({ chassisId, chassisIdSubtype, portId, sysName }) => ({
    chassisId: chassisIdSubtype === "networkAddress" ? toOctets(chassisId) : chassisId,
    portId,
    sysName,
  })),
  cdp: device.cdp.map((neighbour) => ({
    deviceId: neighbour.deviceId,
    devicePort: toLatin(neighbour),
    platform: neighbour.platform,
    address: neighbour.address,
    localIfIndex: neighbour.localIfIndex,
  })),
  entities: device.entities.map((e) => ({
    index: e.entPhysicalIndex,
    descr: e.entPhysicalDescr,
    class: e.entPhysicalClass,
    name: e.entPhysicalName,
    model: e.entPhysicalModelName,
    serial: e.entPhysicalSerialNum,
    mfg: e.entPhysicalMfgName,
    hwRev: e.entPhysicalHardwareRev,
    fwRev: e.entPhysicalFirmwareRev,
    swRev: e.entPhysicalSoftwareRev,
  })),
  supplies: device.supplies.map(({ index, description, max, level }) => ({ index, descr: description, max, level })),
  software: device.software.map(({ name }) => ({ name })),
  vlans: device.vlans.map(({ id, name }) => ({ id, name })),
});
