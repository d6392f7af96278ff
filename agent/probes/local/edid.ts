import { lookup } from "../../../shared/lookup.ts";
import { meaningful } from "./text.ts";

/** What a screen says of itself: VESA E-EDID 1.3 and 1.4, the base block of 128 bytes. */
export type Edid = {
  /** Three letters registered with UEFI (formerly Microsoft's PnP list), e.g. "DEL". */
  readonly vendor: string;
  readonly product: number;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  /** "2023-W14", or "2023" where only the year is given. */
  readonly madeIn: string | undefined;
  readonly diagonalInches: number | undefined;
  /** Of the first detailed timing, which is the panel's own. */
  readonly resolution: string | undefined;
};

const BLOCK = 128;
const HEADER = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];

const vendors: Readonly<Record<string, string>> = {
  ACI: "Asus",
  ACR: "Acer",
  AOC: "AOC",
  APP: "Apple",
  AUO: "AU Optronics",
  AUS: "Asus",
  BNQ: "BenQ",
  BOE: "BOE",
  CMN: "Chimei Innolux",
  DEL: "Dell",
  EIZ: "Eizo",
  ENC: "Eizo",
  FUS: "Fujitsu",
  GSM: "LG",
  HPN: "HP",
  HWP: "HP",
  IVM: "Iiyama",
  LEN: "Lenovo",
  LGD: "LG Display",
  MSI: "MSI",
  NEC: "NEC",
  PHL: "Philips",
  RHT: "Red Hat (virtual)",
  SAM: "Samsung",
  SDC: "Samsung Display",
  SEC: "Seiko Epson",
  SHP: "Sharp",
  SNY: "Sony",
  VSC: "ViewSonic",
  IBM: "IBM",
  MEI: "Panasonic",
  QEM: "QEMU",
}; // biome format: keep as a table

export const displayMaker = (vendor: string): string => lookup(vendors, vendor) ?? vendor;

/** Texts of the four descriptors of 18 bytes: 0xfc is the name, 0xff the serial, 0xfe free text. */
const descriptorText = (edid: Uint8Array, tag: number): string | undefined => {
  for (let at = 54; at < 126; at += 18) {
    if (edid[at] !== 0 || edid[at + 1] !== 0 || edid[at + 3] !== tag) continue;
    const text = Buffer.from(edid.subarray(at + 5, at + 18)).toString("latin1");
    return meaningful(text.split("\n")[0]);
  }
  return undefined;
};

const firstTiming = (edid: Uint8Array): Pick<Edid, "resolution" | "diagonalInches"> => {
  const at = (offset: number): number => edid[54 + offset] ?? 0;
  if (at(0) === 0 && at(1) === 0) return { resolution: undefined, diagonalInches: undefined };
  const width = at(2) | ((at(4) & 0xf0) << 4);
  const height = at(5) | ((at(7) & 0xf0) << 4);
  const widthMm = at(12) | ((at(14) & 0xf0) << 4);
  const heightMm = at(13) | ((at(14) & 0x0f) << 8);
  const diagonal = Math.hypot(widthMm, heightMm) / 25.4;
  return {
    resolution: width > 0 && height > 0 ? `${width}x${height}` : undefined,
    // A projector and a virtual screen have no size.
    diagonalInches: diagonal >= 3 ? Math.round(diagonal * 10) / 10 : undefined,
  };
};

/** Undefined where the block is short, has no header, or a wrong checksum: then it says nothing that can be trusted. */
export const decodeEdid = (edid: Uint8Array): Edid | undefined => {
  if (edid.length < BLOCK || HEADER.some((b, i) => edid[i] !== b)) return undefined;
  if (edid.subarray(0, BLOCK).reduce((sum, b) => (sum + b) & 0xff, 0) !== 0) return undefined;
  const id = ((edid[8] ?? 0) << 8) | (edid[9] ?? 0);
  const vendor = [10, 5, 0].map((shift) => String.fromCharCode(64 + ((id >> shift) & 31))).join("");
  const number = Buffer.from(edid.subarray(12, 16)).readUInt32LE();
  const week = edid[16] ?? 0;
  const year = (edid[17] ?? 0) + 1_990;
  return {
    vendor,
    product: Buffer.from(edid.subarray(10, 12)).readUInt16LE(),
    model: descriptorText(edid, 0xfc) ?? descriptorText(edid, 0xfe),
    serialNumber: descriptorText(edid, 0xff) ?? (number > 0 && number !== 0x0101_0101 ? String(number) : undefined),
    // Week 255 says that the year is the model's, not the making's.
    madeIn:
      edid[17] === 0 ? undefined : week >= 1 && week <= 54 ? `${year}-W${String(week).padStart(2, "0")}` : String(year),
    ...firstTiming(edid),
  };
};
