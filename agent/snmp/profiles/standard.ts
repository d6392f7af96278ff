/** What the standard MIBs say about any device's identity: the same rules as a profile's, for devices with and without one. */
import type { Facts } from "./facts.ts";
import type { Rule, RuleField } from "./profile.ts";
import { column, entity, scalar } from "./rules.ts";

/** Whether a bridge, a router or a host is what answers, from the objects that only such have (and sysServices, RFC 3418). */
export const structureRoots = {
  bridge: "1.3.6.1.2.1.17.1",
  ups: "1.3.6.1.2.1.33.1",
  printer: "1.3.6.1.2.1.43.5",
  host: "1.3.6.1.2.1.25.1",
} as const;

const hrDeviceType = "1.3.6.1.2.1.25.3.2.1.2";
const hrDeviceDescr = "1.3.6.1.2.1.25.3.2.1.3";
const hrDevicePrinter = "1.3.6.1.2.1.25.3.1.5";

/** A host lists its print queues as devices of type printer too: only a printer has prtGeneral besides. */
const isPrinter = (facts: Facts): boolean => facts.has(structureRoots.printer);

/** hrDeviceDescr of the first device of type printer (RFC 2790; RFC 3805 has each printer there). */
const printerDescr: Rule = {
  walk: [hrDeviceType, hrDeviceDescr],
  find: (facts) => {
    if (!isPrinter(facts)) return undefined;
    const printer = facts.rows(hrDeviceType).find((row) => row.text === hrDevicePrinter);
    const oid = printer && `${hrDeviceDescr}.${printer.index}`;
    const text = oid && facts.text(oid);
    // Some append engine and serial numbers: "SHARP MX-M266NV", "Brother MFC-L2710DW series", "HP LaserJet 400;MPN...".
    const value = text?.split(/[;,]/)[0]?.trim();
    return oid && value && value.length <= 64 ? { value, source: oid, confidence: "stated" } : undefined;
  },
};

/** Printer-MIB: prtGeneralSerialNumber and hrDevice rows of type printer. */
const printer: Partial<Record<RuleField, readonly Rule[]>> = {
  model: [printerDescr],
  serialNumber: [column("1.3.6.1.2.1.43.5.1.1.17")],
  type: [
    {
      walk: [hrDeviceType],
      find: (facts) => {
        if (!isPrinter(facts)) return undefined;
        const row = facts.rows(hrDeviceType).find((r) => r.text === hrDevicePrinter);
        return row && { value: "printer", source: row.oid, confidence: "stated" };
      },
    },
  ],
};

/** UPS-MIB (RFC 1628), upsIdent. */
const ups: Partial<Record<RuleField, readonly Rule[]>> = {
  vendor: [scalar("1.3.6.1.2.1.33.1.1.1.0")],
  model: [scalar("1.3.6.1.2.1.33.1.1.2.0")],
  osVersion: [scalar("1.3.6.1.2.1.33.1.1.3.0"), scalar("1.3.6.1.2.1.33.1.1.4.0", /(\d+\.[\w.-]+)/)],
  type: [
    {
      get: ["1.3.6.1.2.1.33.1.1.2.0", "1.3.6.1.2.1.33.1.2.1.0"],
      find: (facts) =>
        facts.text("1.3.6.1.2.1.33.1.1.2.0") !== undefined || facts.text("1.3.6.1.2.1.33.1.2.1.0") !== undefined
          ? { value: "ups", source: "1.3.6.1.2.1.33.1", confidence: "derived" }
          : undefined,
    },
  ],
};

/** DOCS-CABLE-DEVICE-MIB (RFC 4639): docsDevSwCurrentVers, docsDevSerialNumber. */
const docsis: Partial<Record<RuleField, readonly Rule[]>> = {
  osVersion: [scalar("1.3.6.1.2.1.69.1.3.5.0")],
  serialNumber: [scalar("1.3.6.1.2.1.69.1.1.4.0")],
};

/** LLDP-EXT-MED-MIB (ANSI/TIA-1057), local inventory. */
const lldpMed: Partial<Record<RuleField, readonly Rule[]>> = {
  hardwareRevision: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.2.0")],
  osVersion: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.4.0")],
  serialNumber: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.5.0")],
  vendor: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.6.0")],
  model: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.7.0")],
};

/** IEEE802dot11-MIB: dot11ManufacturerProductName, dot11ManufacturerProductVersion. */
const dot11: Partial<Record<RuleField, readonly Rule[]>> = {
  model: [column("1.2.840.10036.3.1.2.1.3")],
  osVersion: [column("1.2.840.10036.3.1.2.1.4", /v?(\d+\.\d+[\w.()-]*)/)],
};

/** RMON2-MIB probeConfig (RFC 4502): probeSoftwareRev, probeHardwareRev; many switches fill them and nothing else. */
const probe: Partial<Record<RuleField, readonly Rule[]>> = {
  osVersion: [scalar("1.3.6.1.2.1.16.19.2.0", /^(?=.*\d\.\d)(?:Build |v(?=\d))?(.{3,40})$/i)],
  hardwareRevision: [scalar("1.3.6.1.2.1.16.19.3.0")],
};

/**
 * The inventories of the two software kits on which many makers' switches are built, whoever's name is on the front: Broadcom's
 * FASTPATH (agentInventoryGroup) and Marvell's ROS, once RADLAN's (rlPhdUnitGenParamTable, rndBrgVersion).
 */
const switchKits: Partial<Record<RuleField, readonly Rule[]>> = {
  model: [scalar("E.4413.1.1.1.1.1.3.0", /^((?=.*\d).{3,40})$/), column("E.89.53.14.1.7", /^((?=.*\d).{3,40})$/)],
  osVersion: [scalar("E.4413.1.1.1.1.1.13.0"), column("E.89.53.14.1.2"), scalar("E.89.2.4.0", /^(\d+\.\d+.{0,30})$/)],
  serialNumber: [scalar("E.4413.1.1.1.1.1.4.0"), column("E.89.53.14.1.5")],
};

/** SNIA-SML-MIB: what tape libraries of all makers say of themselves (product group, chassis group). */
const tapeLibrary: Partial<Record<RuleField, readonly Rule[]>> = {
  vendor: [scalar("E.14851.3.1.4.1.0"), scalar("E.14851.3.1.3.3.0")],
  model: [scalar("E.14851.3.1.4.2.0"), scalar("E.14851.3.1.3.1.0", /^((?=.*\d).{3,40})$/)],
  osVersion: [scalar("E.14851.3.1.3.4.0")],
  serialNumber: [scalar("E.14851.3.1.4.3.0"), scalar("E.14851.3.1.3.2.0")],
};

const entityMib: Partial<Record<RuleField, readonly Rule[]>> = {
  vendor: [entity("vendor")],
  // A part number of digits alone, a version or the class' name is no model: better one of the rules below.
  model: [
    entity("model", /^(?=.*[A-Za-z])(?!v?\d+(?:\.\d+)+$)(?!(?:chassis|stack|unit|module)$)(.+)$/i),
    entity("name", /^((?=.*\d)(?=.*[A-Z])[A-Z][\w/+-]{3,30})$/),
  ],
  // Some put the model or the system's name in front: "FortiGate-60F v6.4.9,build1966", "S3290 (standalone) 2.0.4".
  osVersion: [
    entity("softwareRev", /^[A-Za-z][\w./ -]*[\w)] (?:\([a-z]+\) )?(v?\d+\.\d+\.\d.*)$/),
    entity("softwareRev"),
    entity("firmwareRev", /^(?=.*\d\.\d)(.{3,60})$/),
  ],
  serialNumber: [entity("serial")],
  hardwareRevision: [entity("hardwareRev")],
};

const sources = [entityMib, printer, ups, lldpMed, docsis, dot11, switchKits, tapeLibrary, probe];

/** All of them, best first within each field. */
export const standardRules: Readonly<Record<RuleField, readonly Rule[]>> = {
  vendor: sources.flatMap((s) => s.vendor ?? []),
  model: sources.flatMap((s) => s.model ?? []),
  osName: [],
  osVersion: sources.flatMap((s) => s.osVersion ?? []),
  serialNumber: sources.flatMap((s) => s.serialNumber ?? []),
  hardwareRevision: sources.flatMap((s) => s.hardwareRevision ?? []),
  type: sources.flatMap((s) => s.type ?? []),
  features: [],
};

export const hasStructure = (facts: Facts, root: keyof typeof structureRoots): boolean =>
  facts.has(structureRoots[root]);
