export type MacAddress = string & { readonly __brand: "MacAddress" };

/**
 * Canonical lower-case colon form of any usual spelling ("00-1A-..", "001a.2b3c.4d5e", "0:1a:2b:3c:4d:5e"), or undefined.
 * All-zero, broadcast and multicast addresses parse too; ask `isUsableMac`.
 */
export const parseMac = (text: string): MacAddress | undefined => {
  const t = text.trim().toLowerCase();
  let hex: string | undefined;
  if (/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/.test(t)) {
    hex = t
      .split(/[:-]/)
      .map((part) => part.padStart(2, "0"))
      .join("");
  } else if (/^[0-9a-f]{4}([.\-:][0-9a-f]{4}){2}$/.test(t)) hex = t.replace(/[.\-:]/g, "");
  else if (/^[0-9a-f]{12}$/.test(t)) hex = t;
  else if (/^[0-9a-f]{6}-[0-9a-f]{6}$/.test(t)) hex = t.replace("-", "");
  return hex === undefined ? undefined : (hex.replace(/(..)(?=.)/g, "$1:") as MacAddress);
};

/** From six octets; undefined for any other length. */
export const macFromBytes = (bytes: Uint8Array): MacAddress | undefined =>
  bytes.length === 6 ? (Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(":") as MacAddress) : undefined;

const firstOctet = (mac: MacAddress): number => Number.parseInt(mac.slice(0, 2), 16);

/** Set by software, not burnt in (IEEE 802, bit 1 of the first octet): random phones, docks of VMs, bonds, VRRP is not among them. */
export const isLocallyAdministered = (mac: MacAddress): boolean => (firstOctet(mac) & 2) !== 0;
export const isGroupMac = (mac: MacAddress): boolean => (firstOctet(mac) & 1) !== 0;

/** Unicast and not all zero: may name an interface. */
export const isUsableMac = (mac: MacAddress): boolean => !isGroupMac(mac) && mac !== "00:00:00:00:00:00";
