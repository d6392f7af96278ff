/**
 * Who is this device: vendor, model, system and version, serial number, type, features. Reads little: the system group, what
 * the chosen profile needs in one GET and a few small walks, then only for what is still missing the standard MIBs,
 * and last a bounded look into the device's own enterprise subtree. Deciding is pure and in the modules beside this one.
 */
import type { MacAddress } from "../../../shared/mac.ts";
import { decodeMac, decodeText } from "../decode.ts";
import { type DeviceReader, isBelow, type Varbind } from "../reader.ts";
import { enterpriseName } from "./enterprise-names.ts";
import { chooseChassis, type EntityRow, readEntities } from "./entity.ts";
import { createFacts, type Facts, systemOids } from "./facts.ts";
import { cleanValue, isModel } from "./hygiene.ts";
import { inferFromSubtree } from "./infer.ts";
import { type Found, type Profile, type Rule, type RuleField, ruleFields } from "./profile.ts";
import { firstFound, neededInstances } from "./rules.ts";
import { listEnterprises, readSubtrees } from "./search.ts";
import { candidateProfiles, chooseProfile, isGenericSysObjectID, subtreesToAsk } from "./select.ts";
import { standardRules, structureRoots } from "./standard.ts";
import { cleanModel, isBareModel, parseSysDescr } from "./sys-descr.ts";
import { enterpriseOf, hostEnterprises, makerOf, makerWords } from "./vendors.ts";
import { inferType, inferVendor, machineName, tidyIdentity } from "./whole.ts";

/** How one device is known, field by field, each with where it was found and how sure that is. */
export type Identity = {
  /** Name of the profile that was used, if one fits. */
  readonly profile?: string;
} & { readonly [F in RuleField]?: Found };

export type IdentifyOptions = {
  readonly profiles: readonly Profile[];
  /** ENTITY-MIB rows if they were read already; otherwise only those needed are read. */
  readonly entities?: readonly EntityRow[];
  /** Maker by MAC address; asked for only where nothing else names one, since it may be the maker of the network chip. */
  readonly vendorOfMac?: ((mac: MacAddress) => string | undefined | Promise<string | undefined>) | undefined;
};

/** Rows read of a column that a rule names: the device's own row is among the first. */
export const MAX_COLUMN_ROWS = 24;

const searched: readonly RuleField[] = ["model", "osVersion", "serialNumber"];

/** Roots by the number of rows to read; a root that several rules walk is read as far as the furthest wants. */
const rootsByLength = (rules: readonly Rule[]): ReadonlyMap<number, readonly string[]> => {
  const length = new Map<string, number>();
  for (const rule of rules)
    for (const root of rule.walk ?? []) length.set(root, Math.max(length.get(root) ?? 0, rule.rows ?? MAX_COLUMN_ROWS));
  return Map.groupBy(length.keys(), (root) => length.get(root) ?? MAX_COLUMN_ROWS);
};

/** What was read of one device so far, and the reads that rules ask for; nothing is read twice. */
const createReading = (reader: DeviceReader, given: readonly EntityRow[] | undefined) => {
  const known = new Map<string, Varbind>();
  let entities = given;
  const facts = () => createFacts(known, entities);
  const learn = (varbinds: Iterable<Varbind>) => {
    for (const varbind of varbinds) known.set(varbind.oid, varbind);
  };
  const readFor = async (rules: readonly Rule[]) => {
    const instances = neededInstances(rules, facts()).filter((oid) => !known.has(oid));
    if (instances.length > 0) learn((await reader.get(instances)).values());
    for (const [maxRows, roots] of rootsByLength(rules)) learn((await reader.walk(roots, { maxRows })).varbinds);
    if (entities === undefined && rules.some((rule) => rule.entities === true)) entities = await readEntities(reader);
  };
  /** Which of the standard structures there are: one object of each is enough. */
  const readStructure = async () => {
    const roots = Object.values(structureRoots);
    const first = await reader.next(roots);
    learn([...first.values()].filter((varbind) => roots.some((root) => isBelow(varbind.oid, root))));
  };
  return { facts, learn, readFor, readStructure };
};

export const identify = async (reader: DeviceReader, options: IdentifyOptions): Promise<Identity> => {
  const { facts, learn, readFor, readStructure } = createReading(reader, options.entities);
  learn((await reader.get(Object.values(systemOids))).values());
  const profile = await choose(reader, options.profiles, facts());
  const own = ruleFields.flatMap((field) => profile?.rules[field] ?? []);
  await readFor(own);
  let identity = evaluate(profile, facts());

  const missing = (field: RuleField) => identity[field] === undefined && !profile?.only.has(field);
  const described = describe(facts(), identity, profile, missing);
  // A version in prose is the system's; a revision in a table may be a module's.
  if (described.osVersion !== undefined) identity = { osVersion: described.osVersion, ...identity };
  const wanted = (["vendor", "type", ...searched] as const).filter(missing);
  if (wanted.some((field) => field !== "vendor")) {
    await readStructure();
    await readFor(wanted.flatMap((field) => standardRules[field]));
    identity = { ...standard(facts(), missing), ...identity };
  }
  identity = { ...lastResort(facts(), missing), ...described, ...identity };
  const settled = (field: RuleField) => profile?.rules[field]?.length === 0;
  const guessable = searched.filter((field) => missing(field) && !settled(field));
  const enterprises =
    guessable.length > 0 || (missing("vendor") && isGenericSysObjectID(facts().sysObjectID))
      ? await listEnterprises(reader, facts().sysObjectID)
      : [];
  // A host's management agents speak of themselves and of its parts, not of its system.
  const generic = isGenericSysObjectID(facts().sysObjectID);
  const searchable = enterprises.filter((enterprise) => !generic || !hostEnterprises.has(enterprise));
  if (guessable.length > 0 && searchable.length > 0) {
    const varbinds = await readSubtrees(reader, searchable.slice(0, 3));
    identity = { ...guess(varbinds, facts(), identity, guessable), ...identity };
  }
  const vendor =
    identity.vendor ?? inferVendor(facts(), enterprises) ?? (await vendorByMac(reader, options.vendorOfMac));
  const withVendor: Identity = vendor === undefined ? identity : { ...identity, vendor };
  const bare = generic && searchable.length === 0;
  const system = kernel(facts(), withVendor, bare && (profile === undefined || profile.fallback));
  return tidyIdentity({
    ...revisionOf(facts()),
    ...system,
    ...withVendor,
    ...typeOf(facts(), withVendor, enterprises),
  });
};

const choose = async (
  reader: DeviceReader,
  profiles: readonly Profile[],
  facts: Facts,
): Promise<Profile | undefined> => {
  const candidates = candidateProfiles(profiles, facts);
  const ask = subtreesToAsk(candidates);
  const existing = new Set<string>();
  if (ask.length > 0) {
    const [next, exact] = [await reader.next(ask), await reader.get(ask)];
    for (const oid of ask) if (exact.has(oid) || isBelow(next.get(oid)?.oid, oid)) existing.add(oid);
  }
  return chooseProfile(candidates, existing);
};

const evaluate = (profile: Profile | undefined, facts: Facts): Identity => {
  if (profile === undefined) return {};
  const out: { -readonly [K in keyof Identity]: Identity[K] } = { profile: profile.name };
  for (const field of ruleFields) {
    const hit = firstFound(profile.rules[field] ?? [], facts);
    if (hit !== undefined) out[field] = hit;
  }
  return out;
};

const standard = (facts: Facts, missing: (field: RuleField) => boolean): Identity => {
  const out: { -readonly [K in RuleField]?: Found } = {};
  for (const field of ruleFields) {
    const hit = missing(field) && field !== "vendor" ? firstFound(standardRules[field], facts) : undefined;
    if (hit !== undefined) out[field] = field === "model" ? { ...hit, value: fullModel(hit.value, facts) } : hit;
  }
  return out;
};

/** ENTITY-MIB's model without the maker in front; where it is only the tail of a word of sysDescr ("8404C", "VSP-8404C"), that word. */
const fullModel = (model: string, facts: Facts): string => {
  const words = facts.sysDescr.split(/[\s,;()]+/);
  const longer =
    model.length >= 3 && model.length <= 8
      ? words.find((w) => w !== model && w.endsWith(model) && /^[A-Z]{2,6}-?$/.test(w.slice(0, -model.length)))
      : undefined;
  return longer ?? cleanModel(model, vendorWords(facts, {}));
};

/** The chassis' description, where it is a name and nothing else is known: "MINI-LINK 6691", "Carrier 5U". */
const lastResort = (facts: Facts, missing: (field: RuleField) => boolean): Identity => {
  if (!missing("model")) return {};
  const first = facts.entities[0];
  const chosen = facts.entities.some((row) => row.class === 3)
    ? chooseChassis(facts.entities)
    : first !== undefined && first.class === undefined
      ? chooseChassis([{ ...first, class: 3 }])
      : {};
  const name = [chosen.descr, chosen.name].find(
    (text) => text !== undefined && isModel(text.value) && text.value.length <= 40,
  );
  return name === undefined
    ? {}
    : { model: { value: cleanModel(name.value, vendorWords(facts, {})), source: name.source, confidence: "derived" } };
};

const ifPhysAddress = "1.3.6.1.2.1.2.2.1.6";

const vendorByMac = async (
  reader: DeviceReader,
  vendorOf: IdentifyOptions["vendorOfMac"],
): Promise<Found | undefined> => {
  if (vendorOf === undefined) return undefined;
  for (const varbind of (await reader.walk(ifPhysAddress, { maxRows: MAX_COLUMN_ROWS })).varbinds) {
    const mac = decodeMac(varbind);
    const value = mac === undefined ? undefined : await vendorOf(mac);
    if (value !== undefined) return { value, source: varbind.oid, confidence: "guess" };
  }
  return undefined;
};

/** Names that may stand in front of the model: the maker's, by profile or enterprise number, and any other we know. */
const vendorWords = (facts: Facts, identity: Identity): readonly string[] => {
  const enterprise = enterpriseOf(facts.sysObjectID);
  const maker = makerOf(enterprise)?.name ?? (enterprise === undefined ? undefined : enterpriseName(enterprise));
  return [identity.vendor?.value ?? "", maker ?? "", ...makerWords].filter((name) => name !== "");
};

const describe = (
  facts: Facts,
  identity: Identity,
  profile: Profile | undefined,
  missing: (field: RuleField) => boolean,
): Identity => {
  // Some have people fill in the description, who put the host's name there.
  if (facts.sysDescr === facts.sysName) return {};
  const words = vendorWords(facts, identity);
  const described = parseSysDescr(facts.sysDescr, words);
  const out: { -readonly [K in RuleField]?: Found } = {};
  // Where a profile has rules of its own for a field and they gave nothing, prose will not know better.
  const open = (field: RuleField) => missing(field) && profile?.rules[field]?.length !== 0;
  const put = (field: RuleField, value: string | undefined) => {
    if (value !== undefined && open(field)) out[field] = { value, source: "sysDescr", confidence: "derived" };
  };
  const bare = [facts.firstLine, described.model === undefined ? facts.sysDescr : undefined].find(
    (text) => text !== undefined && isBareModel(text) && !/\b(os\d*|software|system|version|agent)\b/i.test(text),
  );
  put("model", bare === undefined ? described.model : cleanModel(bare, words));
  put("osVersion", described.version);
  put("serialNumber", described.serial);
  put("hardwareRevision", described.hardwareRevision);
  return out;
};

const guess = (
  varbinds: readonly Varbind[],
  facts: Facts,
  identity: Identity,
  fields: readonly RuleField[],
): Identity => {
  const maker = makerOf(enterpriseOf(facts.sysObjectID))?.name;
  const model = identity.model?.value;
  const exclude = [systemOids.sysName, systemOids.sysLocation, systemOids.sysContact].flatMap((oid) => {
    const text = facts.text(oid) ?? cleanValue(decodeText(facts.varbinds().find((v) => v.oid === oid)));
    return text === undefined ? [] : [text];
  });
  const guessed = inferFromSubtree(varbinds, {
    sysDescr: facts.sysDescr,
    known: [maker, model, identity.vendor?.value].filter((word): word is string => word !== undefined),
    exclude,
    taken: [identity.model, identity.osVersion, identity.serialNumber].flatMap((found) => found?.value ?? []),
  });
  const out: { -readonly [K in RuleField]?: Found } = {};
  if (guessed.model && fields.includes("model")) out.model = guessed.model;
  if (guessed.version && fields.includes("osVersion")) out.osVersion = guessed.version;
  if (guessed.serial && fields.includes("serialNumber")) out.serialNumber = guessed.serial;
  return out;
};

/** A host that says nothing of itself but its kernel: that is the system, and the processor's family all there is of hardware. */
const kernel = (facts: Facts, identity: Identity, bare: boolean): Identity => {
  const uname = parseSysDescr(facts.sysDescr).kernel;
  if (uname === undefined) return {};
  const derived = (value: string): Found => ({ value, source: "sysDescr", confidence: "derived" });
  const out: { -readonly [K in RuleField]?: Found } = { osName: derived(uname.name) };
  const machine = machineName(uname.machine);
  if (bare && identity.osVersion === undefined) out.osVersion = derived(uname.release);
  if (bare && machine !== undefined) out.model = { ...derived(machine), confidence: "guess" };
  return out;
};

/** The hardware revision of the chassis, where ENTITY-MIB was read anyway. */
const revisionOf = (facts: Facts): Pick<Identity, "hardwareRevision"> => {
  const revision = chooseChassis(facts.entities).hardwareRev;
  return revision === undefined ? {} : { hardwareRevision: { ...revision, confidence: "stated" } };
};

const typeOf = (facts: Facts, identity: Identity, enterprises: readonly number[]): Pick<Identity, "type"> => {
  const type = identity.type ?? inferType(facts, identity.vendor?.value, enterprises);
  return type === undefined ? {} : { type };
};
