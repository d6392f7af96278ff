import { isLocallyAdministered, isUsableMac, parseMac } from "../../../shared/mac.ts";
import type { Subject, SubjectKey } from "../../../shared/protocol/observation.ts";
import type { SectionContents } from "../../../shared/protocol/sections.ts";

const MAX_KEYS = 256;

/**
 * The host itself as a subject: everything it can be recognised by, strongest first. Only burnt-in addresses of real
 * interfaces are keys; weak keys (names, addresses) come last. What is junk among them is the collector's to know.
 */
export const subjectOf = (contents: SectionContents, realm: string): Subject => {
  const { system, os, interfaces = [], addresses = [] } = contents;
  const keys: SubjectKey[] = [];
  const add = (kind: SubjectKey["kind"], value: string | undefined, vendor?: string) => {
    if (value !== undefined && value !== "" && value.length <= 256)
      keys.push(vendor === undefined ? { kind, value } : { kind, value, vendor: vendor.toLowerCase().slice(0, 256) });
  };
  const contained = system?.virtualization === "container";
  // What a container reads of the board is its host's.
  if (!contained) {
    add("hardwareUuid", system?.uuid?.toLowerCase());
    add("serial", system?.serialNumber, system?.manufacturer);
  }
  // A container's one end of a pair is all the interface it has.
  const macs = interfaces
    .filter(({ kind }) => kind === "physical" || kind === "wireless" || (kind === "virtual" && contained))
    .map(({ permanentMac, mac }) => parseMac(permanentMac ?? mac ?? ""));
  // A virtual machine's address is set by its hypervisor and may be marked as local; it is still all it has.
  const usable = macs.filter((mac) => mac !== undefined && isUsableMac(mac));
  const burntIn = usable.filter((mac) => mac !== undefined && !isLocallyAdministered(mac));
  for (const mac of new Set(burntIn.length > 0 ? burntIn : usable)) add("mac", mac);
  add("machineId", os?.machineId);
  add("fqdn", os?.fqdn?.toLowerCase().replace(/\.$/, ""));
  add("hostname", os?.hostname?.toLowerCase().replace(/\.$/, ""));
  for (const { address, scope } of addresses) if (scope === "global") add("ip", address);
  return { id: "self", realm, keys: keys.slice(0, MAX_KEYS) };
};
