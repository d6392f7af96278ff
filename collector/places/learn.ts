import { isUsableMac, type MacAddress, parseMac } from "../../shared/mac.ts";
import type { SectionItem, SectionName } from "../../shared/protocol/sections.ts";
import type { PlaceRepository } from "../store/store.ts";
import { type Ports, readPorts } from "./ports.ts";
import { parseSubnet } from "./subnets.ts";

/** What one device's tables say of places, as rows of the store. Pure. */

type Items<N extends SectionName> = readonly SectionItem<N>[];
export type PlaceTables = {
  readonly fdb: Items<"fdb">;
  readonly interfaces: Items<"interfaces">;
  readonly neighbours: Items<"neighbours">;
  readonly wirelessClients: Items<"wirelessClients">;
  readonly accessPoints: Items<"accessPoints">;
  readonly addresses: Items<"addresses">;
};

type Rows<M extends "putNeighbours" | "putMacs"> = Parameters<PlaceRepository[M]>[1];
export type Learned = {
  readonly macs: readonly string[];
  readonly subnets: readonly string[];
  readonly neighbours: Rows<"putNeighbours">;
  readonly portMacs: Rows<"putMacs">;
};

/** Bounds on what one device is believed. */
const MAX_PORT_MACS = 20_000;
const MAX_NEIGHBOURS = 4_096;
const MAX_OWN_MACS = 1_024;
const MAX_SUBNETS = 1_024;

const withoutUndefined = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const neighbourRows = (ports: Ports): Learned["neighbours"] =>
  ports.neighbours.slice(0, MAX_NEIGHBOURS).map((row) =>
    withoutUndefined<Learned["neighbours"][number]>({
      port: row.port,
      aliases: ports.aliasesOf(row.port),
      protocol: row.protocol,
      chassisId: parseMac(row.remoteChassisId) ?? row.remoteChassisId,
      portId: parseMac(row.remotePortId) ?? row.remotePortId,
      portDescription: row.remotePortDescription,
      systemName: row.remoteSystemName,
      address: row.remoteAddress,
    }),
  );

const wiredRows = ({ macs, uplinks }: Ports): Learned["portMacs"] =>
  [...macs]
    .filter(([port]) => !uplinks.has(port))
    .flatMap(([port, rows]) => rows.map(({ mac, vlan }) => ({ kind: "port" as const, port, vlan, mac })));

const radioRows = ({ wirelessClients, accessPoints }: PlaceTables): Learned["portMacs"] =>
  wirelessClients.map(({ mac, accessPoint, ssid, vlan = 0 }) => {
    const point = accessPoints.find(({ id, name }) => id === accessPoint || name === accessPoint);
    return withoutUndefined<Learned["portMacs"][number]>({
      ...{ kind: "radio", vlan, mac, ssid },
      port: point?.name ?? accessPoint ?? "radio",
      accessPoint: point?.mac ?? point?.name ?? accessPoint,
    });
  });

const isRouted = (address: string): boolean => !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address);

const subnetsOf = ({ addresses }: PlaceTables): readonly string[] => {
  const found = addresses.flatMap(({ address, prefixLength }) => {
    // A host route is no network.
    if (prefixLength === undefined || prefixLength === 0 || !isRouted(address)) return [];
    const subnet = parseSubnet(`${address}/${prefixLength}`);
    return subnet === undefined || subnet.size < 2 ? [] : [subnet.cidr];
  });
  return [...new Set(found)].sort().slice(0, MAX_SUBNETS);
};

export const learnPlaces = (tables: PlaceTables): Learned => {
  const ports = readPorts(tables);
  const own = tables.interfaces.flatMap(({ mac }) =>
    mac !== undefined && isUsableMac(mac as MacAddress) ? [mac] : [],
  );
  return {
    macs: [...new Set(own)].slice(0, MAX_OWN_MACS),
    subnets: subnetsOf(tables),
    neighbours: neighbourRows(ports),
    portMacs: [...radioRows(tables), ...wiredRows(ports)].slice(0, MAX_PORT_MACS),
  };
};
