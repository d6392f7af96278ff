import { isLocallyAdministered, isUsableMac, type MacAddress, parseMac } from "../../../shared/mac.ts";
import type { Subject, SubjectKey } from "../../../shared/protocol/observation.ts";
import type { SectionContents } from "../../../shared/protocol/sections.ts";

const MAX_KEYS = 256;

/**
 * By which addresses others hear the host: the burnt-in ones of its interfaces, or, where it has none, those it was given.
 * Containers and network namespaces have nothing but one end of a pair; on a host with an interface of its own, pairs are
 * its containers' and no address of its own.
 */
const macsOf = ({ interfaces = [], addresses = [] }: SectionContents, contained: boolean): ReadonlySet<MacAddress> => {
  const usableOf = (kinds: readonly string[]): MacAddress[] =>
    interfaces.flatMap(({ kind, name, id, permanentMac, mac }) => {
      const own = parseMac(permanentMac ?? mac ?? "");
      if (own === undefined || !isUsableMac(own) || kind === undefined || !kinds.includes(kind)) return [];
      const isSpoken = addresses.some((one) => one.scope === "global" && one.interface === (name ?? id));
      return kind !== "virtual" || contained || isSpoken ? [own] : [];
    });
  const real = usableOf(contained ? ["physical", "wireless", "virtual"] : ["physical", "wireless"]);
  const usable = real.length > 0 ? real : usableOf(["virtual"]);
  // A virtual machine's address is set by its hypervisor and may be marked as local; it is still all it has.
  const burntIn = usable.filter((mac) => !isLocallyAdministered(mac));
  return new Set(burntIn.length > 0 ? burntIn : usable);
};

/**
 * The host itself as a subject: everything it can be recognised by, strongest first. Only burnt-in addresses of real
 * interfaces are keys; weak keys (names, addresses) come last. What is junk among them is the collector's to know.
 */
export const subjectOf = (contents: SectionContents, realm: string): Subject => {
  const { system, os, addresses = [] } = contents;
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
  for (const mac of macsOf(contents, contained)) add("mac", mac);
  add("machineId", os?.machineId);
  add("fqdn", os?.fqdn?.toLowerCase().replace(/\.$/, ""));
  add("hostname", os?.hostname?.toLowerCase().replace(/\.$/, ""));
  for (const { address, scope } of addresses) if (scope === "global") add("ip", address);
  return { id: "self", realm, keys: keys.slice(0, MAX_KEYS) };
};
