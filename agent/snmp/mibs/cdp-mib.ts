/** CISCO-CDP-MIB: neighbours by CDP, which other vendors speak and publish under the same OIDs too. */
import type { IpAddress } from "../../../shared/ip.ts";
import { decodeBytes, decodeIp, decodeNumber, decodeText, toColonHex } from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Tables } from "../table.ts";

/** Index: local ifIndex, device index. */
export const cdpCacheTable = defineTable("cdpCacheTable", "1.3.6.1.4.1.9.9.23.1.2.1.1", {
  cdpCacheAddressType: 3,
  cdpCacheAddress: 4,
  cdpCacheVersion: 5,
  cdpCacheDeviceId: 6,
  cdpCacheDevicePort: 7,
  cdpCachePlatform: 8,
  cdpCacheCapabilities: 9,
  cdpCacheNativeVLAN: 11,
  cdpCacheSysName: 17,
});

export type CdpNeighbour = {
  readonly localIfIndex: number;
  readonly deviceIndex: number;
  readonly deviceId: string;
  readonly devicePort: string;
  /** True where the port names itself by octets, not by text: `devicePort` is then colon-separated hex, a MAC if they are six. */
  readonly portIsOctets?: true;
  readonly platform?: string;
  readonly version?: string;
  readonly sysName?: string;
  readonly address?: IpAddress;
  readonly capabilities?: readonly string[];
  readonly nativeVlan?: number;
};

const capabilities = [
  "router",
  "transparentBridge",
  "sourceRouteBridge",
  "switch",
  "host",
  "igmp",
  "repeater",
  "phone",
  "remotelyManaged",
];

export const decodeCdp = (tables: Tables): readonly CdpNeighbour[] =>
  tables.rows(cdpCacheTable).flatMap(({ parts: [localIfIndex, deviceIndex], cells }) => {
    const deviceId = readId(cells.cdpCacheDeviceId);
    const port = readId(cells.cdpCacheDevicePort);
    if (localIfIndex === undefined || (deviceId === undefined && port === undefined)) return [];
    return [
      {
        localIfIndex,
        deviceIndex: deviceIndex ?? 0,
        deviceId: deviceId?.text ?? "",
        devicePort: port?.text ?? "",
        ...compact({
          portIsOctets: port?.isOctets || undefined,
          platform: decodeText(cells.cdpCachePlatform),
          version: decodeText(cells.cdpCacheVersion),
          sysName: decodeText(cells.cdpCacheSysName),
          address: decodeIp(cells.cdpCacheAddress),
          capabilities: capabilityNames(cells.cdpCacheCapabilities),
          nativeVlan: decodeNumber(cells.cdpCacheNativeVLAN),
        }),
      },
    ];
  });

const utf8 = new TextDecoder("utf-8", { fatal: true });
const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    return utf8.decode(bytes) !== "";
  } catch {
    return false;
  }
};

/**
 * CDP has no subtypes: ids are text, but adapters and phones name themselves and their ports by a MAC address. Six octets
 * that are not UTF-8 are one, even where some charset has letters for all of them.
 */
const readId = (id: Varbind | undefined): { readonly text: string; readonly isOctets: boolean } | undefined => {
  const bytes = decodeBytes(id);
  const text = bytes?.length === 6 && !isUtf8(bytes) ? undefined : decodeText(id);
  if (text !== undefined) return { text, isOctets: false };
  return bytes === undefined || bytes.length === 0 ? undefined : { text: toColonHex(bytes), isOctets: true };
};

/** Capabilities are the last of four octets, lowest bit first. */
const capabilityNames = (value: Varbind | undefined): readonly string[] | undefined => {
  const bytes = decodeBytes(value);
  if (bytes === undefined || bytes.length === 0 || bytes.length > 8) return undefined;
  const word = bytes.reduce((n, b) => n * 256 + b, 0);
  const names = capabilities.filter((_, bit) => Math.floor(word / 2 ** bit) % 2 === 1);
  return names.length > 0 ? names : undefined;
};
