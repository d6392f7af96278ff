import { isLocallyAdministered, type MacAddress } from "../../../shared/mac.ts";

export type VendorOf = (mac: MacAddress) => string | undefined;

/** The name alone: the registry's entries go on with the maker's postal address. */
const nameOf = (entry: string | undefined): string | undefined => entry?.split("\n")[0]?.trim() || undefined;

/**
 * A look-up in the IEEE's registry of 24-bit blocks and of the smaller ones inside them. It reads 5.6 MB, so it is
 * loaded by whoever shows vendors, not by the resting agent. Locally administered MACs belong to no maker.
 */
export const loadVendors = async (): Promise<VendorOf> => {
  const { default: registry } = (await import("oui-data", { with: { type: "json" } })) as {
    default: Readonly<Record<string, string>>;
  };
  return (mac) => {
    if (isLocallyAdministered(mac)) return undefined;
    const hex = mac.replaceAll(":", "").toUpperCase();
    return nameOf(registry[hex.slice(0, 9)] ?? registry[hex.slice(0, 7)] ?? registry[hex.slice(0, 6)]);
  };
};
