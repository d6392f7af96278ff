import { z } from "zod";
import { agentIdSchema, assetIdSchema } from "../ids.ts";
import { deviceTypeSchema } from "../protocol/device-types.ts";
import { sightVerdictSchema } from "../protocol/sweep.ts";
import { count, optional, shortText, timestamp } from "../protocol/text.ts";
import { presenceStateSchema } from "./asset.ts";

/** An asset as a place names it. */
const placedAssetSchema = z.object({ assetId: assetIdSchema, name: shortText, type: deviceTypeSchema });

/** One end of a link. Without `assetId` it is a device that only its neighbour tells of; `name` is what that calls it. */
export const linkEndSchema = z.object({
  assetId: optional(assetIdSchema),
  name: shortText,
  type: optional(deviceTypeSchema),
  port: shortText,
});

/** A cable between two ports, as the devices at its ends say by LLDP or CDP. */
export const linkSchema = z.object({
  ends: z.tuple([linkEndSchema, linkEndSchema]),
  /** "lldp", "cdp". */
  protocols: z.array(shortText),
  /** Both ends say so; otherwise one does. */
  both: z.boolean(),
  from: timestamp,
  /** Absent: as of the latest tables. */
  until: optional(timestamp),
});
export type LinkRow = z.infer<typeof linkSchema>;

/** Where a MAC of an asset is or was: the port of a switch, or the radio of an access point. */
export const placeSchema = z.object({
  mac: shortText,
  kind: z.enum(["port", "radio"]),
  device: placedAssetSchema,
  port: shortText,
  vlan: optional(count),
  ssid: optional(shortText),
  /** Where `device` is a controller, or its access point is an asset of its own. */
  accessPoint: optional(z.object({ assetId: optional(assetIdSchema), name: shortText })),
  from: timestamp,
  until: optional(timestamp),
});
export type Place = z.infer<typeof placeSchema>;
export const placesSchema = z.object({ items: z.array(placeSchema) });

/** A MAC that network devices have in their tables and that no asset is known by. */
export const unclaimedMacSchema = z.object({
  mac: shortText,
  /** "lasting": burnt in, so a device that nothing else tells of · "random": set by software, a visitor · "shared": of no one device. */
  kind: z.enum(["lasting", "random", "shared"]),
  places: z.array(placeSchema.omit({ mac: true, until: true, accessPoint: true })),
});
export type UnclaimedMac = z.infer<typeof unclaimedMacSchema>;

/** A look at a network: by whom, when, what it was worth. */
export const subnetLookSchema = z.object({
  sweepId: shortText,
  agentId: agentIdSchema,
  agentName: shortText,
  scope: shortText,
  verdict: sightVerdictSchema,
  endedAt: timestamp,
  /** Share of the network's addresses of which its silence counts, 0 to 1. */
  share: z.number().min(0).max(1),
});
export type SubnetLook = z.infer<typeof subnetLookSchema>;

export const subnetSchema = z.object({
  realm: shortText,
  cidr: shortText,
  /** Addresses that hosts can have; for IPv6 a very large number. */
  size: z.number().min(1),
  /** Addresses that assets have now. */
  used: count,
  /** How we know of it: an agent's scope, a device's own address in it, or only addresses that were seen (then a /24 or /64). */
  knownBy: z.array(z.enum(["scope", "device", "addresses"])),
  scopes: z.array(z.object({ agentId: agentIdSchema, agentName: shortText, scope: shortText })),
  /** Routers, switches and hosts that have an address in it, by SNMP. */
  devices: count,
  /** The last sweep that could see. Absent: none did. */
  seen: optional(subnetLookSchema),
  /** The last sweep of all, where that is another. */
  last: optional(subnetLookSchema),
});
export type SubnetRow = z.infer<typeof subnetSchema>;

/** Who had an address, from when to when; `last` is renewed six times in the address's lease. */
export const addressUseSchema = z.object({
  address: shortText,
  asset: placedAssetSchema.extend({ presence: presenceStateSchema, mac: optional(shortText) }),
  from: timestamp,
  last: timestamp,
  /** Somebody else has it by now, or nobody. */
  ended: z.boolean(),
});
export type AddressUse = z.infer<typeof addressUseSchema>;

export const subnetDetailSchema = subnetSchema.extend({
  items: z.array(addressUseSchema),
  next: optional(z.string()),
});
export type SubnetDetail = z.infer<typeof subnetDetailSchema>;
