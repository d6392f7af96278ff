import type { DeviceType } from "../../shared/protocol/device-types.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { AssetRow, Item, StoredItems } from "../store/store.ts";

/** What the list of assets shows of a device, read off its accepted sections. */
export type AssetFields = Pick<AssetRow, "name" | "type"> &
  Partial<
    Pick<AssetRow, "manufacturer" | "model" | "serialNumber" | "osName" | "osVersion" | "primaryAddress" | "primaryMac">
  >;

/** Sections that `assetFieldsOf` reads; a change in another one leaves the asset's row alone. */
export const fieldSections: ReadonlySet<SectionName> = new Set([
  "system",
  "os",
  "interfaces",
  "addresses",
  "routes",
] satisfies SectionName[]);

const textOf = (item: Item | undefined, field: string): string | undefined => {
  const value = item?.[field];
  // Items stay as they were hashed; what lists and searches show is printable.
  return typeof value === "string" && value !== "" ? value.replace(/\p{Cc}/gu, "\ufffd") : undefined;
};

type Content = ReadonlyMap<SectionName, StoredItems>;
const valueSection = (content: Content, section: SectionName): Item | undefined => content.get(section)?.get("")?.item;
const itemsOf = (content: Content, section: SectionName): Item[] =>
  Array.from(content.get(section)?.values() ?? [], ({ item }) => item);

/** The interface that the default route leaves by, IPv4 first. */
const defaultInterface = (content: Content): string | undefined => {
  const routes = itemsOf(content, "routes");
  const byMetric = (a: Item, b: Item) => Number(a["metric"] ?? 0) - Number(b["metric"] ?? 0);
  const to = (destination: string) =>
    routes
      .filter((route) => route["destination"] === destination || route["destination"] === "default")
      .sort(byMetric)[0];
  return textOf(to("0.0.0.0/0") ?? to("::/0"), "interface");
};

const isHostAddress = (address: string): boolean => !/^(127\.|169\.254\.|::1$|fe80:|0\.0\.0\.0$|::$)/.test(address);

/** The address a person would name: on the default route's interface, IPv4 before IPv6; else any that is not link-local. */
const primaryPlace = (content: Content): { primaryAddress?: string; primaryMac?: string } => {
  const addresses = itemsOf(content, "addresses")
    .map((item) => ({ interface: textOf(item, "interface") ?? "", address: textOf(item, "address") ?? "" }))
    .filter(({ address }) => isHostAddress(address));
  const outward = defaultInterface(content);
  const rank = (a: { interface: string; address: string }) =>
    (a.interface === outward ? 0 : 2) + (a.address.includes(":") ? 1 : 0);
  const best = addresses.sort((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1))[0];
  const interfaces = itemsOf(content, "interfaces");
  const own = interfaces.find(
    (item) => item["id"] === (best?.interface ?? outward) || item["name"] === best?.interface,
  );
  const mac = textOf(own, "mac") ?? interfaces.map((item) => textOf(item, "permanentMac")).find((m) => m !== undefined);
  return { ...(best ? { primaryAddress: best.address } : {}), ...(mac ? { primaryMac: mac } : {}) };
};

/**
 * @param fallback what the asset is called as long as no section names it.
 */
export const assetFieldsOf = (content: Content, fallback: { name: string; type: DeviceType }): AssetFields => {
  const system = valueSection(content, "system");
  const os = valueSection(content, "os");
  const fields = {
    manufacturer: textOf(system, "manufacturer"),
    model: textOf(system, "model"),
    serialNumber: textOf(system, "serialNumber"),
    osName: textOf(os, "name"),
    osVersion: textOf(os, "version"),
  };
  return {
    name: textOf(os, "hostname") ?? textOf(os, "fqdn") ?? textOf(system, "sysName") ?? fallback.name,
    type: (textOf(system, "type") as DeviceType | undefined) ?? fallback.type,
    ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<AssetFields>),
    ...primaryPlace(content),
  };
};
