import { meaningful } from "./text.ts";

/**
 * SMBIOS structures (DMTF DSP0134) as the kernel hands them out in /sys/firmware/dmi/tables/DMI.
 *
 * Offsets below count from the start of a structure, as the specification's tables do. Strings are numbered from 1.
 */
export type SmbiosStructure = {
  readonly type: number;
  readonly handle: number;
  readonly data: Uint8Array;
  readonly strings: readonly string[];
};

const MAX_STRUCTURES = 4_096;
const END_OF_TABLE = 127;

/** Cuts the table into structures; stops at the end marker, at the first malformed structure, or after 4,096 of them. */
export const decodeSmbiosTable = (table: Uint8Array): readonly SmbiosStructure[] => {
  const found: SmbiosStructure[] = [];
  for (let at = 0; at + 4 <= table.length && found.length < MAX_STRUCTURES; ) {
    const length = table[at + 1] ?? 0;
    if (length < 4 || at + length > table.length) break;
    let end = at + length;
    const strings: string[] = [];
    while (end < table.length && table[end] !== 0) {
      const stop = table.indexOf(0, end);
      if (stop < 0) return found;
      strings.push(Buffer.from(table.subarray(end, stop)).toString("utf8"));
      end = stop + 1;
    }
    const type = table[at] ?? END_OF_TABLE;
    found.push({
      type,
      handle: (table[at + 2] ?? 0) | ((table[at + 3] ?? 0) << 8),
      data: table.subarray(at, at + length),
      strings,
    });
    if (type === END_OF_TABLE) break;
    // A structure ends with an empty string; one without any strings has two zero bytes.
    at = strings.length === 0 ? end + 2 : end + 1;
  }
  return found;
};

const byteAt = ({ data }: SmbiosStructure, offset: number): number | undefined => data[offset];
const wordAt = ({ data }: SmbiosStructure, offset: number): number | undefined =>
  offset + 2 <= data.length ? (data[offset] ?? 0) | ((data[offset + 1] ?? 0) << 8) : undefined;
const dwordAt = (s: SmbiosStructure, offset: number): number | undefined => {
  const low = wordAt(s, offset);
  const high = wordAt(s, offset + 2);
  return low === undefined || high === undefined ? undefined : low + high * 65_536;
};
const stringAt = (s: SmbiosStructure, offset: number): string | undefined => {
  const index = byteAt(s, offset) ?? 0;
  return index === 0 ? undefined : meaningful(s.strings[index - 1]);
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Since SMBIOS 2.6 the first three fields are little-endian; the kernel's product_uuid reads them the same way. */
const uuidAt = ({ data }: SmbiosStructure, offset: number): string | undefined => {
  if (offset + 16 > data.length) return undefined;
  const raw = data.subarray(offset, offset + 16);
  if (raw.every((b) => b === 0) || raw.every((b) => b === 0xff)) return undefined;
  const swap = (from: number, to: number) => hex(Uint8Array.from(raw.subarray(from, to)).reverse());
  return [swap(0, 4), swap(4, 6), swap(6, 8), hex(raw.subarray(8, 10)), hex(raw.subarray(10, 16))].join("-");
};

/** DSP0134 7.4.1; the lock bit is taken off before. */
export const chassisTypes: Readonly<Record<number, string>> = {
  3: "desktop",
  4: "low-profile desktop",
  5: "pizza box",
  6: "mini tower",
  7: "tower",
  8: "portable",
  9: "laptop",
  10: "notebook",
  11: "hand held",
  12: "docking station",
  13: "all in one",
  14: "sub notebook",
  15: "space-saving",
  16: "lunch box",
  17: "main server chassis",
  18: "expansion chassis",
  19: "sub chassis",
  20: "bus expansion chassis",
  21: "peripheral chassis",
  22: "RAID chassis",
  23: "rack mount chassis",
  24: "sealed-case PC",
  25: "multi-system chassis",
  26: "compact PCI",
  27: "advanced TCA",
  28: "blade",
  29: "blade enclosure",
  30: "tablet",
  31: "convertible",
  32: "detachable",
  33: "IoT gateway",
  34: "embedded PC",
  35: "mini PC",
  36: "stick PC",
}; // biome format: keep as a table

/** DSP0134 7.18.2. */
const memoryTypes: Readonly<Record<number, string>> = {
  3: "DRAM",
  7: "RAM",
  15: "SDRAM",
  18: "DDR",
  19: "DDR2",
  20: "DDR2 FB-DIMM",
  24: "DDR3",
  25: "FBD2",
  26: "DDR4",
  27: "LPDDR",
  28: "LPDDR2",
  29: "LPDDR3",
  30: "LPDDR4",
  31: "logical non-volatile",
  32: "HBM",
  33: "HBM2",
  34: "DDR5",
  35: "LPDDR5",
  36: "HBM3",
}; // biome format: keep as a table

/** DSP0134 7.18.1. */
const formFactors: Readonly<Record<number, string>> = {
  3: "SIMM",
  4: "SIP",
  5: "chip",
  6: "DIP",
  7: "ZIP",
  8: "proprietary card",
  9: "DIMM",
  10: "TSOP",
  11: "row of chips",
  12: "RIMM",
  13: "SODIMM",
  14: "SRIMM",
  15: "FB-DIMM",
  16: "die",
  17: "CAMM",
}; // biome format: keep as a table

/** DSP0134 7.17.3. */
const errorCorrections: Readonly<Record<number, string>> = {
  3: "none",
  4: "parity",
  5: "single-bit ECC",
  6: "multi-bit ECC",
  7: "CRC",
}; // biome format: keep as a table

export type SmbiosSystem = {
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly serialNumber: string | undefined;
  readonly uuid: string | undefined;
  readonly sku: string | undefined;
  readonly family: string | undefined;
};

export const systemOf = (structures: readonly SmbiosStructure[]): SmbiosSystem | undefined => {
  const s = structures.find(({ type }) => type === 1);
  return (
    s && {
      manufacturer: stringAt(s, 0x04),
      model: stringAt(s, 0x05),
      version: stringAt(s, 0x06),
      serialNumber: stringAt(s, 0x07),
      uuid: uuidAt(s, 0x08),
      sku: stringAt(s, 0x19),
      family: stringAt(s, 0x1a),
    }
  );
};

export type SmbiosFirmware = {
  readonly vendor: string | undefined;
  readonly product: string | undefined;
  readonly version: string | undefined;
  readonly releaseDate: string | undefined;
  readonly serialNumber: string | undefined;
};

export const biosOf = (structures: readonly SmbiosStructure[]): SmbiosFirmware | undefined => {
  const s = structures.find(({ type }) => type === 0);
  return (
    s && {
      vendor: stringAt(s, 0x04),
      product: undefined,
      version: stringAt(s, 0x05),
      releaseDate: toIsoDate(stringAt(s, 0x08)),
      serialNumber: undefined,
    }
  );
};

export const baseboardOf = (structures: readonly SmbiosStructure[]): SmbiosFirmware | undefined => {
  const s = structures.find(({ type }) => type === 2);
  return (
    s && {
      vendor: stringAt(s, 0x04),
      product: stringAt(s, 0x05),
      version: stringAt(s, 0x06),
      releaseDate: undefined,
      serialNumber: stringAt(s, 0x07),
    }
  );
};

export type SmbiosChassis = {
  readonly chassisType: number | undefined;
  readonly serialNumber: string | undefined;
  readonly assetTag: string | undefined;
};

export const chassisOf = (structures: readonly SmbiosStructure[]): SmbiosChassis | undefined => {
  const s = structures.find(({ type }) => type === 3);
  if (!s) return undefined;
  const type = byteAt(s, 0x05);
  return {
    chassisType: type === undefined ? undefined : type & 0x7f,
    serialNumber: stringAt(s, 0x07),
    assetTag: stringAt(s, 0x08),
  };
};

export type SmbiosProcessor = {
  readonly socket: string | undefined;
  readonly maxSpeedMhz: number | undefined;
  readonly serialNumber: string | undefined;
};

/** Populated sockets (bit 6 of the status), in the table's order, which is the order of the kernel's package ids. */
export const processorsOf = (structures: readonly SmbiosStructure[]): readonly SmbiosProcessor[] =>
  structures
    .filter((s) => s.type === 4 && ((byteAt(s, 0x18) ?? 0) & 0x40) !== 0)
    .map((s) => ({
      socket: stringAt(s, 0x04),
      maxSpeedMhz: wordAt(s, 0x14) || undefined,
      serialNumber: stringAt(s, 0x20),
    }));

export type SmbiosModule = {
  readonly slot: string;
  readonly sizeBytes: number;
  readonly type: string | undefined;
  readonly formFactor: string | undefined;
  readonly speedMtps: number | undefined;
  readonly manufacturer: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
};

/** Size of a memory device: MiB, or KiB with the top bit set; 0x7fff says that offset 0x1c has it in MiB. 0 is an empty slot. */
const moduleSize = (s: SmbiosStructure): number | undefined => {
  const size = wordAt(s, 0x0c);
  if (size === undefined || size === 0 || size === 0xffff) return undefined;
  if (size === 0x7fff) return ((dwordAt(s, 0x1c) ?? 0) & 0x7fff_ffff) * 1_048_576 || undefined;
  return (size & 0x8000) !== 0 ? (size & 0x7fff) * 1_024 : size * 1_048_576;
};

/** 0xffff in the speed word says that a wider field has it (SMBIOS 3.3). */
const speed = (s: SmbiosStructure, offset: number, wideOffset: number): number | undefined => {
  const value = wordAt(s, offset);
  return (value === 0xffff ? dwordAt(s, wideOffset) : value) || undefined;
};

/** Plugged memory modules. A slot is named by its locator, with the bank where two share one name. */
export const memoryModulesOf = (structures: readonly SmbiosStructure[]): readonly SmbiosModule[] => {
  const seen = new Map<string, number>();
  return structures.flatMap((s) => {
    const sizeBytes = s.type === 17 ? moduleSize(s) : undefined;
    if (sizeBytes === undefined) return [];
    const locator = stringAt(s, 0x10) ?? "slot";
    const bank = stringAt(s, 0x11);
    const name = seen.has(locator) && bank ? `${bank} ${locator}` : locator;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return [
      {
        slot: count === 1 ? name : `${name} #${count}`,
        sizeBytes,
        type: memoryTypes[byteAt(s, 0x12) ?? 0],
        formFactor: formFactors[byteAt(s, 0x0e) ?? 0],
        speedMtps: speed(s, 0x20, 0x58) ?? speed(s, 0x15, 0x54),
        manufacturer: stringAt(s, 0x17),
        partNumber: stringAt(s, 0x1a),
        serialNumber: stringAt(s, 0x18),
      },
    ];
  });
};

export type SmbiosArray = {
  readonly slots: number;
  readonly maximumBytes: number | undefined;
  readonly errorCorrection: string | undefined;
};

/** All arrays that are system memory (use 3), added up. 0x80000000 KiB says that offset 0x0f has the maximum in bytes. */
export const memoryArrayOf = (structures: readonly SmbiosStructure[]): SmbiosArray | undefined => {
  const arrays = structures.filter((s) => s.type === 16 && byteAt(s, 0x05) === 3);
  if (arrays.length === 0) return undefined;
  const maximum = (s: SmbiosStructure): number => {
    const kib = dwordAt(s, 0x07) ?? 0;
    if (kib !== 0x8000_0000) return kib * 1_024;
    return (dwordAt(s, 0x0f) ?? 0) + (dwordAt(s, 0x13) ?? 0) * 4_294_967_296;
  };
  return {
    slots: arrays.reduce((n, s) => n + (wordAt(s, 0x0d) ?? 0), 0),
    maximumBytes: arrays.reduce((n, s) => n + maximum(s), 0) || undefined,
    errorCorrection: errorCorrections[byteAt(arrays[0] as SmbiosStructure, 0x06) ?? 0],
  };
};

/** "09/14/2023" (or a two-digit year of the nineties) as "2023-09-14"; anything else as it is. */
export const toIsoDate = (text: string | undefined): string | undefined => {
  const date = /^(\d\d)\/(\d\d)\/(\d{4}|\d\d)$/.exec(text ?? "");
  if (!date) return text;
  const year = date[3]?.length === 2 ? `19${date[3]}` : date[3];
  return `${year}-${date[1]}-${date[2]}`;
};
