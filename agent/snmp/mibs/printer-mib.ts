/** Printer-MIB (RFC 3805): supplies, page counters, serial number, trays, what the panel says. */
import { decodeNumber, decodeText } from "../decode.ts";
import { compact, defineTable, type Tables } from "../table.ts";

/** Index of all tables: hrDeviceIndex, then the table's own. */
export const prtGeneralTable = defineTable("prtGeneralTable", "1.3.6.1.2.1.43.5.1.1", {
  prtGeneralPrinterName: 16,
  prtGeneralSerialNumber: 17,
});
export const prtMarkerTable = defineTable("prtMarkerTable", "1.3.6.1.2.1.43.10.2.1", {
  prtMarkerMarkTech: 2,
  prtMarkerCounterUnit: 3,
  prtMarkerLifeCount: 4,
});
export const prtMarkerSuppliesTable = defineTable("prtMarkerSuppliesTable", "1.3.6.1.2.1.43.11.1.1", {
  prtMarkerSuppliesColorantIndex: 3,
  prtMarkerSuppliesClass: 4,
  prtMarkerSuppliesType: 5,
  prtMarkerSuppliesDescription: 6,
  prtMarkerSuppliesSupplyUnit: 7,
  prtMarkerSuppliesMaxCapacity: 8,
  prtMarkerSuppliesLevel: 9,
});
export const prtMarkerColorantTable = defineTable("prtMarkerColorantTable", "1.3.6.1.2.1.43.12.1.1", {
  prtMarkerColorantValue: 4,
});
export const prtConsoleDisplayBufferTable = defineTable("prtConsoleDisplayBufferTable", "1.3.6.1.2.1.43.16.5.1", {
  prtConsoleDisplayBufferText: 2,
});
export const prtInputTable = defineTable("prtInputTable", "1.3.6.1.2.1.43.8.2.1", {
  prtInputMaxCapacity: 9,
  prtInputMediaName: 12,
  prtInputName: 13,
  prtInputModel: 15,
  prtInputSerialNumber: 17,
  prtInputDescription: 18,
});

export type PrinterSupply = {
  /** "hrDeviceIndex.supplyIndex". */
  readonly index: string;
  readonly description?: string;
  readonly type?: string;
  readonly unit?: string;
  readonly color?: string;
  /** Waste bins fill up instead of running out. */
  readonly receptacle: boolean;
  /** In `unit`; -1 no limit, -2 unknown. */
  readonly max?: number;
  /** In `unit`; -1 no limit, -2 unknown, -3 some left. */
  readonly level?: number;
};
export type Printer = {
  readonly name?: string;
  readonly serialNumber?: string;
  readonly pageCount?: number;
  readonly panel?: readonly string[];
  readonly inputs?: readonly {
    readonly index: string;
    readonly name?: string;
    readonly media?: string;
    readonly capacity?: number;
  }[];
};

const supplyTypes: Readonly<Record<number, string>> = {
  1: "other",
  2: "unknown",
  3: "toner",
  4: "wasteToner",
  5: "ink",
  6: "inkCartridge",
  7: "inkRibbon",
  8: "wasteInk",
  9: "opc",
  10: "developer",
  11: "fuserOil",
  12: "solidWax",
  13: "ribbonWax",
  14: "wasteWax",
  15: "fuser",
  16: "coronaWire",
  17: "fuserOilWick",
  18: "cleanerUnit",
  19: "fuserCleaningPad",
  20: "transferUnit",
  21: "tonerCartridge",
  22: "fuserOiler",
  23: "water",
  24: "wasteWater",
  25: "glueWaterAdditive",
  26: "wastePaper",
  27: "bindingSupply",
  28: "bandingSupply",
  29: "stitchingWire",
  30: "shrinkWrap",
  31: "paperWrap",
  32: "staples",
  33: "inserts",
  34: "covers",
};
const units: Readonly<Record<number, string>> = {
  1: "other",
  2: "unknown",
  3: "tenThousandthsOfInches",
  4: "micrometers",
  7: "impressions",
  8: "sheets",
  11: "hours",
  12: "thousandthsOfOunces",
  13: "tenthsOfGrams",
  14: "hundrethsOfFluidOunces",
  15: "tenthsOfMilliliters",
  16: "feet",
  17: "meters",
  18: "items",
  19: "percent",
};

export const decodeSupplies = (tables: Tables): readonly PrinterSupply[] => {
  const colorants = new Map(
    tables.rows(prtMarkerColorantTable).map(({ index, cells }) => [index, decodeText(cells.prtMarkerColorantValue)]),
  );
  return tables.rows(prtMarkerSuppliesTable).map(({ index, parts, cells }) => ({
    index,
    receptacle: decodeNumber(cells.prtMarkerSuppliesClass) === 4,
    ...compact({
      description: decodeText(cells.prtMarkerSuppliesDescription),
      type: supplyTypes[decodeNumber(cells.prtMarkerSuppliesType) ?? 0],
      unit: units[decodeNumber(cells.prtMarkerSuppliesSupplyUnit) ?? 0],
      color: colorants.get(`${parts[0]}.${decodeNumber(cells.prtMarkerSuppliesColorantIndex) ?? 0}`),
      max: decodeNumber(cells.prtMarkerSuppliesMaxCapacity),
      level: decodeNumber(cells.prtMarkerSuppliesLevel),
    }),
  }));
};

/** Percent left (full for receptacles), in steps of 5, or undefined where the printer does not know. */
export const supplyPercent = ({ level, max, unit }: PrinterSupply): number | undefined => {
  if (level === undefined || level < 0) return undefined;
  const whole = max !== undefined && max > 0 ? max : unit === "percent" ? 100 : undefined;
  return whole === undefined ? undefined : Math.min(100, Math.round((level / whole) * 20) * 5);
};

export const decodePrinter = (tables: Tables): Printer | undefined => {
  const general = tables.rows(prtGeneralTable)[0]?.cells;
  const counts = tables.rows(prtMarkerTable).flatMap(({ cells }) => decodeNumber(cells.prtMarkerLifeCount) ?? []);
  const panel = tables
    .rows(prtConsoleDisplayBufferTable)
    .flatMap(({ cells }) => decodeText(cells.prtConsoleDisplayBufferText) ?? []);
  const inputs = tables.rows(prtInputTable).map(({ index, cells }) => ({
    index,
    ...compact({
      name: decodeText(cells.prtInputName) ?? decodeText(cells.prtInputDescription),
      media: decodeText(cells.prtInputMediaName),
      capacity: decodeNumber(cells.prtInputMaxCapacity),
    }),
  }));
  const printer: Printer = compact({
    name: decodeText(general?.prtGeneralPrinterName),
    serialNumber: decodeText(general?.prtGeneralSerialNumber),
    pageCount: counts.find((n) => n >= 0),
    panel: panel.length > 0 ? panel.slice(0, 16) : undefined,
    inputs: inputs.length > 0 ? inputs : undefined,
  });
  return Object.keys(printer).length > 0 || tables.has(prtMarkerSuppliesTable) ? printer : undefined;
};
