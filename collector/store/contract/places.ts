import type { AssetId } from "../../../shared/ids.ts";

/** A device's word on who stands at the other end of one of its ports (LLDP, CDP). */
export type PortNeighbourRow = {
  readonly assetId: AssetId;
  readonly port: string;
  /** Other names of the port: description, alias, MAC, number. */
  readonly aliases: readonly string[];
  readonly protocol: string;
  readonly chassisId: string;
  readonly portId: string;
  readonly portDescription?: string;
  readonly systemName?: string;
  readonly address?: string;
  readonly fromMs: number;
  /** Absent: as of its latest tables. */
  readonly untilMs?: number;
};

/** A device's word on a MAC behind one of its ports that are no uplinks, or on its radio. */
export type PortMacRow = {
  readonly assetId: AssetId;
  readonly kind: "port" | "radio";
  readonly port: string;
  /** 0: none told. */
  readonly vlan: number;
  readonly mac: string;
  /** MAC or name of the access point, where a controller speaks. */
  readonly accessPoint?: string;
  readonly ssid?: string;
  readonly fromMs: number;
  readonly untilMs?: number;
};

export type PlaceRepository = {
  /** What the device is known by to its neighbours, and the networks that it has addresses in. */
  readonly putDevice: (device: {
    readonly assetId: AssetId;
    readonly realm: string;
    readonly names: readonly string[];
    readonly macs: readonly string[];
    readonly subnets: readonly string[];
    readonly atMs: number;
  }) => Promise<void>;
  /** Replaces what the device says now; what it said before ends, and stays as history. */
  readonly putNeighbours: (
    assetId: AssetId,
    rows: readonly Omit<PortNeighbourRow, "assetId" | "fromMs" | "untilMs">[],
    atMs: number,
  ) => Promise<void>;
  readonly putMacs: (
    assetId: AssetId,
    rows: readonly Omit<PortMacRow, "assetId" | "fromMs" | "untilMs">[],
    atMs: number,
  ) => Promise<void>;
};
