/** CISCO-CDP-MIB: neighbours by CDP, which other vendors speak and publish under the same OIDs too. */
import type { IpAddress } from "../../../shared/ip.ts";
import { decodeBytes, decodeIp, decodeNumber, decodeText, toHex } from "../decode.ts";
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
    const deviceId = idText(cells.cdpCacheDeviceId);
    const devicePort = decodeText(cells.cdpCacheDevicePort);
    if (localIfIndex === undefined || (deviceId === undefined && devicePort === undefined)) return [];
    return [
      {
        localIfIndex,
        deviceIndex: deviceIndex ?? 0,
        deviceId: deviceId ?? "",
        devicePort: devicePort ?? "",
        ...compact({
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

/** Some devices name themselves by six octets. */
const idText = (id: Varbind | undefined): string | undefined => {
  const bytes = decodeBytes(id);
  return decodeText(id) ?? (bytes && bytes.length > 0 ? toHex(bytes) : undefined);
};

/** Capabilities are the last of four octets, lowest bit first. */
const capabilityNames = (value: Varbind | undefined): readonly string[] | undefined => {
  const bytes = decodeBytes(value);
  if (bytes === undefined || bytes.length === 0 || bytes.length > 8) return undefined;
  const word = bytes.reduce((n, b) => n * 256 + b, 0);
  const names = capabilities.filter((_, bit) => Math.floor(word / 2 ** bit) % 2 === 1);
  return names.length > 0 ? names : undefined;
};
