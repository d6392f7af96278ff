/** ENTITY-MIB (RFC 6933): what a device is made of, and which interface sits on which port. */
import { decodeNumber, decodeOid, decodeText } from "../decode.ts";
import { compact, defineTable, type Tables } from "../table.ts";

export const entPhysicalTable = defineTable("entPhysicalTable", "1.3.6.1.2.1.47.1.1.1.1", {
  entPhysicalDescr: 2,
  entPhysicalVendorType: 3,
  entPhysicalContainedIn: 4,
  entPhysicalClass: 5,
  entPhysicalParentRelPos: 6,
  entPhysicalName: 7,
  entPhysicalHardwareRev: 8,
  entPhysicalFirmwareRev: 9,
  entPhysicalSoftwareRev: 10,
  entPhysicalSerialNum: 11,
  entPhysicalMfgName: 12,
  entPhysicalModelName: 13,
  entPhysicalAlias: 14,
  entPhysicalAssetID: 15,
  entPhysicalIsFRU: 16,
});
/** Index: entPhysicalIndex, entLogicalIndex. */
export const entAliasMappingTable = defineTable("entAliasMappingTable", "1.3.6.1.2.1.47.1.3.2.1", {
  entAliasMappingIdentifier: 2,
});
export const entLastChangeTime = "1.3.6.1.2.1.47.1.4.1.0";

export type PhysicalEntity = {
  readonly entPhysicalIndex: number;
  readonly entPhysicalDescr?: string;
  readonly entPhysicalVendorType?: string;
  readonly entPhysicalContainedIn?: number;
  readonly entPhysicalClass?: string;
  readonly entPhysicalParentRelPos?: number;
  readonly entPhysicalName?: string;
  readonly entPhysicalHardwareRev?: string;
  readonly entPhysicalFirmwareRev?: string;
  readonly entPhysicalSoftwareRev?: string;
  readonly entPhysicalSerialNum?: string;
  readonly entPhysicalMfgName?: string;
  readonly entPhysicalModelName?: string;
  readonly entPhysicalAlias?: string;
  readonly entPhysicalAssetID?: string;
  readonly entPhysicalIsFRU?: boolean;
  readonly ifIndex?: number;
};

const classes = [
  "",
  "other",
  "unknown",
  "chassis",
  "backplane",
  "container",
  "powerSupply",
  "fan",
  "sensor",
  "module",
  "port",
  "stack",
  "cpu",
  "energyObject",
  "battery",
  "storageDrive",
];

export const decodeEntities = (tables: Tables): readonly PhysicalEntity[] => {
  const interfaceOf = decodeAliases(tables);
  return tables.rows(entPhysicalTable).flatMap(({ parts, cells }) => {
    const [index] = parts;
    if (parts.length !== 1 || index === undefined) return [];
    const isFru = decodeNumber(cells.entPhysicalIsFRU);
    return [
      {
        entPhysicalIndex: index,
        ...compact({
          entPhysicalDescr: decodeText(cells.entPhysicalDescr),
          entPhysicalVendorType: decodeOid(cells.entPhysicalVendorType),
          entPhysicalContainedIn: decodeNumber(cells.entPhysicalContainedIn),
          entPhysicalClass: classes[decodeNumber(cells.entPhysicalClass) ?? 0] || undefined,
          entPhysicalParentRelPos: decodeNumber(cells.entPhysicalParentRelPos),
          entPhysicalName: decodeText(cells.entPhysicalName),
          entPhysicalHardwareRev: decodeText(cells.entPhysicalHardwareRev),
          entPhysicalFirmwareRev: decodeText(cells.entPhysicalFirmwareRev),
          entPhysicalSoftwareRev: decodeText(cells.entPhysicalSoftwareRev),
          entPhysicalSerialNum: decodeText(cells.entPhysicalSerialNum),
          entPhysicalMfgName: decodeText(cells.entPhysicalMfgName),
          entPhysicalModelName: decodeText(cells.entPhysicalModelName),
          entPhysicalAlias: decodeText(cells.entPhysicalAlias),
          entPhysicalAssetID: decodeText(cells.entPhysicalAssetID),
          entPhysicalIsFRU: isFru === undefined ? undefined : isFru === 1,
          ifIndex: interfaceOf.get(index),
        }),
      },
    ];
  });
};

/** entAliasMappingIdentifier points to ifIndex.N of the interface on that port. */
const decodeAliases = (tables: Tables): ReadonlyMap<number, number> => {
  const out = new Map<number, number>();
  for (const { parts, cells } of tables.rows(entAliasMappingTable)) {
    const match = /^1\.3\.6\.1\.2\.1\.2\.2\.1\.1\.(\d+)$/.exec(decodeOid(cells.entAliasMappingIdentifier) ?? "");
    if (match && parts[0] !== undefined && !out.has(parts[0])) out.set(parts[0], Number(match[1]));
  }
  return out;
};

/**
 * The chassis that stands for the device: of a stack the first member, else the chassis nearest to the root. Undefined where
 * nothing is called a chassis; then no serial of this table is *the* serial.
 */
export const findChassis = (entities: readonly PhysicalEntity[]): PhysicalEntity | undefined => {
  const byIndex = new Map(entities.map((e) => [e.entPhysicalIndex, e]));
  const depth = (e: PhysicalEntity): number => {
    let d = 0;
    for (let at: PhysicalEntity | undefined = e; at && d < 32; d++) at = byIndex.get(at.entPhysicalContainedIn ?? 0);
    return d;
  };
  const rank = (e: PhysicalEntity) => depth(e) * 1_000 + Math.max(0, e.entPhysicalParentRelPos ?? 999);
  return entities
    .filter((e) => e.entPhysicalClass === "chassis")
    .map((e, i) => ({ e, key: rank(e), i }))
    .sort((a, b) => a.key - b.key || a.i - b.i)[0]?.e;
};

/** Chassis of a stack, in the order of their places: each is a member with a serial of its own. */
export const findStackMembers = (entities: readonly PhysicalEntity[]): readonly PhysicalEntity[] => {
  const stacks = new Set(entities.filter((e) => e.entPhysicalClass === "stack").map((e) => e.entPhysicalIndex));
  return entities
    .filter((e) => e.entPhysicalClass === "chassis" && stacks.has(e.entPhysicalContainedIn ?? -1))
    .sort((a, b) => (a.entPhysicalParentRelPos ?? 0) - (b.entPhysicalParentRelPos ?? 0));
};
