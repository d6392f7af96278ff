/**
 * ENTITY-MIB (RFC 6933), only as far as needed to know which row stands for the whole device: reading it cheaply and
 * choosing. The full table is `mibs/`' business.
 */
import { decodeNumber, decodeText } from "../decode.ts";
import { type DeviceReader, isBelow, type Varbind } from "../reader.ts";
import { cleanValue, isMac, isSerial } from "./hygiene.ts";

export type EntityRow = {
  readonly index: number;
  readonly containedIn: number | undefined;
  /** PhysicalClass: 3 chassis, 9 module, 11 stack, ... */
  readonly class: number | undefined;
  readonly descr: string | undefined;
  readonly name: string | undefined;
  readonly hardwareRev: string | undefined;
  readonly firmwareRev: string | undefined;
  readonly softwareRev: string | undefined;
  readonly serialNum: string | undefined;
  readonly mfgName: string | undefined;
  readonly modelName: string | undefined;
};

const table = "1.3.6.1.2.1.47.1.1.1.1";
const columns = {
  descr: 2,
  containedIn: 4,
  class: 5,
  name: 7,
  hardwareRev: 8,
  firmwareRev: 9,
  softwareRev: 10,
  serialNum: 11,
  mfgName: 12,
  modelName: 13,
} as const;
type Column = keyof typeof columns;

/** Rows read whole at first: on most devices the chassis is among them. */
const FIRST_ROWS = 40;
/** How far the class column is searched for a chassis further down (Cisco numbers them in the millions). */
const CLASS_ROWS = 3000;
const MAX_CHASSIS = 12;

export const toEntityRows = (varbinds: Iterable<Varbind>): readonly EntityRow[] => {
  const rows = new Map<number, Partial<Record<Column, Varbind>>>();
  for (const varbind of varbinds) {
    if (!isBelow(varbind.oid, table)) continue;
    const [columnId, index, more] = varbind.oid
      .slice(table.length + 1)
      .split(".")
      .map(Number);
    const column = (Object.keys(columns) as Column[]).find((key) => columns[key] === columnId);
    if (column === undefined || index === undefined || more !== undefined) continue;
    const row = rows.get(index) ?? {};
    row[column] = varbind;
    rows.set(index, row);
  }
  const text = (varbind: Varbind | undefined) => cleanValue(decodeText(varbind));
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([index, row]) => ({
      index,
      containedIn: decodeNumber(row.containedIn),
      class: decodeNumber(row.class),
      descr: text(row.descr),
      name: text(row.name),
      hardwareRev: text(row.hardwareRev),
      firmwareRev: text(row.firmwareRev),
      softwareRev: text(row.softwareRev),
      serialNum: text(row.serialNum),
      mfgName: text(row.mfgName),
      modelName: text(row.modelName),
    }));
};

/** The first rows, and the chassis and stack rows wherever they are: a few requests even on a device with thousands of rows. */
export const readEntities = async (reader: DeviceReader): Promise<readonly EntityRow[]> => {
  const roots = Object.values(columns).map((column) => `${table}.${column}`);
  const head = await reader.walk(roots, { maxRows: FIRST_ROWS });
  const rows = toEntityRows(head.varbinds);
  if (head.truncated.length === 0 || rows.some((row) => row.class === 3)) return rows;
  const classes = await reader.walk(`${table}.${columns.class}`, { maxRows: CLASS_ROWS });
  const indexes = classes.varbinds
    .filter((varbind) => decodeNumber(varbind) === 3 || decodeNumber(varbind) === 11)
    .slice(0, MAX_CHASSIS)
    .map((varbind) => varbind.oid.slice(table.length + 3));
  const more = await reader.get(indexes.flatMap((index) => roots.map((root) => `${root}.${index}`)));
  return toEntityRows([...head.varbinds, ...more.values()]);
};

export type EntityField =
  | "model"
  | "serial"
  | "softwareRev"
  | "firmwareRev"
  | "hardwareRev"
  | "name"
  | "descr"
  | "vendor";
export type ChosenEntity = Partial<Record<EntityField, { readonly value: string; readonly source: string }>>;

/**
 * What ENTITY-MIB says of the device as a whole. The chassis is the row of class chassis nearest to the top; a stack takes
 * model and serial number of its first member; without a chassis, the first top row (or the first at all) that has a
 * serial or a model. A field that the chassis lacks is not taken from a module, but for the software revision, which many
 * put on the supervisor or management module only.
 */
export const chooseChassis = (rows: readonly EntityRow[]): ChosenEntity => {
  const chassis = rows.filter((row) => row.class === 3);
  const tops = rows.filter((row) => row.containedIn === 0);
  const lead =
    chassis.find((row) => row.modelName !== undefined && row.serialNum !== undefined) ??
    chassis.find((row) => row.serialNum !== undefined || row.modelName !== undefined) ??
    chassis[0] ??
    tops.find((row) => row.class !== 11 && (row.serialNum !== undefined || row.modelName !== undefined)) ??
    rows.slice(0, FIRST_ROWS).find((row) => row.serialNum !== undefined || row.modelName !== undefined);
  if (lead === undefined) return {};
  const out: ChosenEntity = {};
  const set = (field: EntityField, row: EntityRow | undefined, column: Column) => {
    const value = row?.[column];
    if (typeof value === "string" && row !== undefined)
      out[field] = { value, source: `${table}.${columns[column]}.${row.index}` };
  };
  set("model", lead, "modelName");
  const serialRow = lead.serialNum !== undefined ? lead : chassis.find((row) => row.serialNum !== undefined);
  if (serialRow?.serialNum !== undefined && !isMacOf(rows, serialRow.serialNum)) set("serial", serialRow, "serialNum");
  set("softwareRev", lead.softwareRev ? lead : rows.find((row) => row.softwareRev !== undefined), "softwareRev");
  set("firmwareRev", lead, "firmwareRev");
  set("hardwareRev", lead, "hardwareRev");
  set("name", lead, "name");
  set("descr", lead, "descr");
  set("vendor", lead, "mfgName");
  return out;
};

/** A MAC in the serial's place counts only on devices that have no real serial anywhere. */
const isMacOf = (rows: readonly EntityRow[], serial: string): boolean =>
  isMac(serial) && rows.some((row) => row.serialNum !== undefined && isSerial(row.serialNum));
