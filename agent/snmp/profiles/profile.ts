/**
 * The contract of a profile: what one family of devices says about itself, and where. A profile is a table: which
 * devices it is about, and for each field the rules that may give it, best first. `registry.ts` lists the profiles,
 * `select.ts` chooses one, `identify.ts` reads what its rules need and merges it with the standard MIBs and inference.
 */
import type { Facts } from "./facts.ts";

/** What a device is. One word per kind of thing that an operator would name differently. */
export type DeviceType =
  | "network"
  | "switch"
  | "router"
  | "firewall"
  | "access-point"
  | "wireless-controller"
  | "radio"
  | "wireless"
  | "olt"
  | "onu"
  | "modem"
  | "cmts"
  | "optical"
  | "media-converter"
  | "load-balancer"
  | "wan-optimizer"
  | "printer"
  | "scanner"
  | "server"
  | "workstation"
  | "hypervisor"
  | "bmc"
  | "chassis"
  | "storage"
  | "tape-library"
  | "fc-switch"
  | "ups"
  | "pdu"
  | "ats"
  | "power"
  | "cooling"
  | "environment"
  | "sensor"
  | "camera"
  | "nvr"
  | "video"
  | "encoder"
  | "broadcast"
  | "audio"
  | "phone"
  | "pbx"
  | "voip-gateway"
  | "sbc"
  | "collaboration"
  | "console-server"
  | "kvm"
  | "time-server"
  | "proxy"
  | "security"
  | "hsm"
  | "mail"
  | "dns"
  | "management"
  | "appliance"
  | "iot";

/**
 * How sure a value is. stated: an object that is defined to hold it holds it. derived: read out of a descriptive text, a
 * table of names or a neighbouring object. guess: judged by shape and place only.
 */
export type Confidence = "stated" | "derived" | "guess";

export type Found = {
  readonly value: string;
  /** Where it was found: "sysDescr", "sysObjectID", "profile", or the OID of the object. */
  readonly source: string;
  readonly confidence: Confidence;
};

/** One way to a value: the objects that it needs, and what it makes of them. Pure; undefined is "not here". */
export type Rule = {
  /** Instances to GET; a function where they stand below the device's own sysObjectID. */
  readonly get?: readonly string[] | ((facts: Facts) => readonly string[]);
  /** Roots of small walks; only the first rows are read (`MAX_COLUMN_ROWS` in identify.ts). */
  readonly walk?: readonly string[];
  /** Rows of each walk where the default is too few: a process list, say. */
  readonly rows?: number;
  /** True if it looks at `facts.entities` (ENTITY-MIB). */
  readonly entities?: boolean;
  readonly find: (facts: Facts) => Found | undefined;
};

type Rules = Rule | readonly Rule[];

export const ruleFields = [
  "vendor",
  "model",
  "osName",
  "osVersion",
  "serialNumber",
  "hardwareRevision",
  "type",
  "features",
] as const;
export type RuleField = (typeof ruleFields)[number];

type ProfileSpec = {
  /** Kebab-case of its export name in the registry. */
  readonly name: string;
  /** Prefixes, whole arcs, enterprises written as "E.9.1". Of several matching profiles the longest prefix wins. */
  readonly sysObjectID?: string | readonly string[];
  /** Must match too; alone it serves devices whose sysObjectID says nothing (net-snmp's own, none, a standard MIB's). */
  readonly sysDescr?: RegExp;
  /** At least one of these subtrees must exist; asked for only where everything else already fits. */
  readonly present?: readonly string[];
  /**
   * True for a system that others build on (Linux with net-snmp): every other profile that fits goes first, and a
   * device that holds objects of some maker is taken for that maker's, not for a bare host.
   */
  readonly fallback?: boolean;
  readonly vendor?: string | Rules;
  readonly type?: DeviceType | Rules;
  readonly osName?: string | Rules;
  readonly model?: Rules;
  readonly osVersion?: Rules;
  readonly serialNumber?: Rules;
  readonly hardwareRevision?: Rules;
  readonly features?: Rules;
  /**
   * Fields that must not be filled from the standard MIBs or by inference when the rules give nothing: where a family's
   * ENTITY-MIB or its own subtree is known to hold something else under that name.
   */
  readonly only?: readonly RuleField[];
};

export type Profile = {
  readonly name: string;
  /** Absolute OIDs, longest first. */
  readonly prefixes: readonly string[];
  readonly sysDescr: RegExp | undefined;
  readonly present: readonly string[];
  readonly fallback: boolean;
  readonly rules: Readonly<Partial<Record<RuleField, readonly Rule[]>>>;
  readonly only: ReadonlySet<RuleField>;
};

/** "E.9.1" -> "1.3.6.1.4.1.9.1"; absolute OIDs pass. */
export const toOid = (short: string): string => (short.startsWith("E.") ? `1.3.6.1.4.1.${short.slice(2)}` : short);

/** A value that the family itself implies. */
export const fixed = (value: string): Rule => ({ find: () => ({ value, source: "profile", confidence: "derived" }) });

const toRules = (given: string | Rules | undefined): readonly Rule[] | undefined => {
  if (given === undefined) return undefined;
  if (typeof given === "string") return [fixed(given)];
  return Array.isArray(given) ? given : [given as Rule];
};

export const defineProfile = (spec: ProfileSpec): Profile => {
  const prefixes = typeof spec.sysObjectID === "string" ? [spec.sysObjectID] : (spec.sysObjectID ?? []);
  const rules: Partial<Record<RuleField, readonly Rule[]>> = {};
  for (const field of ruleFields) {
    const list = toRules(spec[field]);
    if (list !== undefined) rules[field] = list;
  }
  return {
    name: spec.name,
    prefixes: prefixes.map(toOid).sort((a, b) => b.length - a.length),
    sysDescr: spec.sysDescr,
    present: (spec.present ?? []).map(toOid),
    fallback: spec.fallback ?? false,
    rules,
    only: new Set(spec.only),
  };
};
