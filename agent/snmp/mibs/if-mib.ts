/** IF-MIB (RFC 2863): ifTable, ifXTable, ifStackTable. */
import type { MacAddress } from "../../../shared/mac.ts";
import { decodeMac, decodeNumber, decodeText } from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Row, type Tables } from "../table.ts";
import { ifTypeName } from "./iana-if-type.ts";

export const ifTable = defineTable("ifTable", "1.3.6.1.2.1.2.2.1", {
  ifIndex: 1,
  ifDescr: 2,
  ifType: 3,
  ifMtu: 4,
  ifSpeed: 5,
  ifPhysAddress: 6,
  ifAdminStatus: 7,
  ifOperStatus: 8,
});
export const ifXTable = defineTable("ifXTable", "1.3.6.1.2.1.31.1.1.1", {
  ifName: 1,
  ifHighSpeed: 15,
  ifConnectorPresent: 17,
  ifAlias: 18,
});
/** Index: higher layer, lower layer. */
export const ifStackTable = defineTable("ifStackTable", "1.3.6.1.2.1.31.1.2.1", { ifStackStatus: 3 });

export const ifTableLastChange = "1.3.6.1.2.1.31.1.5.0";

export type Interface = {
  readonly ifIndex: number;
  readonly ifDescr?: string;
  readonly ifName?: string;
  readonly ifAlias?: string;
  readonly ifType?: string;
  readonly mtu?: number;
  readonly speedBps?: number;
  readonly mac?: MacAddress;
  readonly adminStatus?: string;
  readonly operStatus?: string;
  readonly connectorPresent?: boolean;
};

/** A number outside the enumeration (some agents send 0) stays a number. */
const statusOf = (status: Varbind | undefined): string | undefined => {
  const n = decodeNumber(status);
  return n === undefined ? undefined : statuses[n] || String(n);
};
const statuses = ["", "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"];

export const decodeInterfaces = (tables: Tables): readonly Interface[] => {
  const extended = new Map(tables.rows(ifXTable).map((row) => [row.index, row]));
  const seen = new Set<string>();
  const out: Interface[] = [];
  for (const row of tables.rows(ifTable)) {
    seen.add(row.index);
    push(out, toInterface(row, extended.get(row.index)));
  }
  // Fragments of walks, and agents that fill ifXTable only.
  for (const row of extended.values())
    if (!seen.has(row.index)) push(out, toInterface({ index: row.index, parts: row.parts, cells: {} }, row));
  return out;
};

const push = (list: Interface[], item: Interface | undefined): void => {
  if (item) list.push(item);
};

type IfRow = Row<keyof typeof ifTable.columns & string>;
type IfXRow = Row<keyof typeof ifXTable.columns & string>;

const toInterface = ({ parts, cells }: IfRow, extended: IfXRow | undefined): Interface | undefined => {
  const [ifIndex] = parts;
  if (parts.length !== 1 || ifIndex === undefined || !Number.isInteger(ifIndex)) return undefined;
  const connector = decodeNumber(extended?.cells.ifConnectorPresent);
  const type = decodeNumber(cells.ifType);
  return {
    ifIndex,
    ...compact({
      ifDescr: decodeText(cells.ifDescr),
      ifName: decodeText(extended?.cells.ifName),
      ifAlias: decodeText(extended?.cells.ifAlias),
      ifType: type === undefined ? undefined : ifTypeName(type),
      mtu: nonNegative(decodeNumber(cells.ifMtu)),
      speedBps: speedOf(decodeNumber(cells.ifSpeed), decodeNumber(extended?.cells.ifHighSpeed)),
      mac: decodeMac(cells.ifPhysAddress),
      adminStatus: statusOf(cells.ifAdminStatus),
      operStatus: statusOf(cells.ifOperStatus),
      connectorPresent: connector === undefined ? undefined : connector === 1,
    }),
  };
};

/**
 * Bits per second: ifSpeed where it is exact, ifHighSpeed (Mbit/s) where ifSpeed is at its stop of 4,294,967,295, says
 * nothing, or is what a 32-bit overflow leaves of the true speed.
 */
const speedOf = (ifSpeed: number | undefined, ifHighSpeed: number | undefined): number | undefined => {
  const high = ifHighSpeed !== undefined && ifHighSpeed > 0 ? ifHighSpeed * 1_000_000 : undefined;
  if (
    high === undefined ||
    (ifSpeed !== undefined && ifSpeed > 0 && ifSpeed < 2 ** 32 - 1 && high % 2 ** 32 !== ifSpeed)
  )
    return nonNegative(ifSpeed);
  return high;
};

const nonNegative = (n: number | undefined): number | undefined => (n !== undefined && n >= 0 ? n : undefined);

/** Pairs (higher, lower) of interfaces that run on each other; 0 stands for none and is left out. */
export const decodeStack = (tables: Tables): readonly (readonly [higher: number, lower: number])[] =>
  tables
    .rows(ifStackTable)
    .flatMap(({ parts: [higher = 0, lower = 0] }) => (higher > 0 && lower > 0 ? [[higher, lower] as const] : []));
