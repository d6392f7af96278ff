/** The rules of which profiles are made. Each names the objects it needs; none reads anything. */

import { lookup } from "../../../shared/lookup.ts";
import { chooseChassis, type EntityField } from "./entity.ts";
import type { Facts } from "./facts.ts";
import { MAX_VALUE } from "./hygiene.ts";
import { type Confidence, type Found, type Rule, toOid } from "./profile.ts";

/**
 * A pattern's match put into a template ("$1", "$<name>", "$1 ($2)"); without a pattern the text itself. Groups that did
 * not take part are empty, and white space and empty brackets that they leave behind go.
 */
const apply = (text: string, pattern: RegExp | undefined, template: string): string | undefined => {
  if (pattern === undefined) return text.length <= MAX_VALUE ? text : undefined;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const value = template
    .replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "")
    .replace(/\(\)|\[\]/g, "")
    .replace(/\s+/g, " ")
    .replace(/[\s,;]+$/, "")
    .trim();
  return value === "" || value.length > MAX_VALUE ? undefined : value;
};

const found = (value: string | undefined, source: string, confidence: Confidence): Found | undefined =>
  value === undefined ? undefined : { value, source, confidence };

/** Out of sysDescr (white space folded to single spaces). */
export const descr = (pattern: RegExp, template = "$1"): Rule => ({
  find: (facts) => found(apply(facts.sysDescr, pattern, template), "sysDescr", "derived"),
});

/** The whole sysDescr, for families that put nothing else there. */
export const wholeDescr: Rule = {
  find: (facts) =>
    found(facts.sysDescr.length <= 80 && facts.sysDescr !== "" ? facts.sysDescr : undefined, "sysDescr", "derived"),
};

export const sysName = (pattern: RegExp, template = "$1"): Rule => ({
  find: (facts) => found(apply(facts.sysName ?? "", pattern, template), "sysName", "derived"),
});

/** An instance: `scalar("E.318.1.1.1.1.1.1.0")`; OIDs of columns are fine if their index is known. */
export const scalar = (short: string, pattern?: RegExp, template = "$1"): Rule => {
  const oid = toOid(short);
  return {
    get: [oid],
    find: (facts) => {
      const text = facts.text(oid);
      return text === undefined
        ? undefined
        : found(apply(text, pattern, template), oid, pattern ? "derived" : "stated");
    },
  };
};

/**
 * An instance below the device's own sysObjectID, for makers who repeat one group below each product's arc: the first
 * `arcs` arcs after the enterprises node, then the suffix. `ownScalar(3, "1.2.0")` on E.8691.7.84 is E.8691.7.84.1.2.0.
 */
export const ownScalar = (arcs: number, suffix: string, pattern?: RegExp, template = "$1"): Rule => {
  const oidOf = ({ sysObjectID }: Facts) =>
    sysObjectID?.startsWith("1.3.6.1.4.1.")
      ? `${sysObjectID
          .split(".")
          .slice(0, 6 + arcs)
          .join(".")}.${suffix}`
      : undefined;
  return {
    get: (facts) => {
      const oid = oidOf(facts);
      return oid === undefined ? [] : [oid];
    },
    find: (facts) => {
      const oid = oidOf(facts);
      const text = oid === undefined ? undefined : facts.text(oid);
      return oid === undefined || text === undefined
        ? undefined
        : found(apply(text, pattern, template), oid, pattern ? "derived" : "stated");
    },
  };
};

/** Six octets at an instance as a MAC address: some families have no other serial number. */
export const macScalar = (short: string): Rule => {
  const oid = toOid(short);
  return { get: [oid], find: (facts) => found(facts.address(oid), oid, "stated") };
};

/** The first row of a column (or of any small subtree) whose text fits. */
export const column = (short: string, pattern?: RegExp, template = "$1"): Rule => {
  const root = toOid(short);
  return {
    walk: [root],
    find: (facts) => {
      for (const row of facts.rows(root)) {
        const value = apply(row.text, pattern, template);
        if (value !== undefined) return found(value, row.oid, pattern ? "derived" : "stated");
      }
      return undefined;
    },
  };
};

/** As `column`, but for long lists: looks at up to `rows` rows. */
export const longColumn = (short: string, rows: number, pattern: RegExp, template = "$1"): Rule => ({
  ...column(short, pattern, template),
  rows,
});

/** A field of the row that stands for the whole device in ENTITY-MIB. */
export const entity = (field: EntityField, pattern?: RegExp, template = "$1"): Rule => ({
  entities: true,
  find: (facts) => {
    const chosen = chooseChassis(facts.entities)[field];
    return chosen === undefined
      ? undefined
      : found(apply(chosen.value, pattern, template), chosen.source, pattern ? "derived" : "stated");
  },
});

/** Names by sysObjectID below `base`: `bySysObjectID("E.9.1", { "516": "catalyst37xxStack" })`. The longest key that fits. */
export const bySysObjectID = (base: string, names: Readonly<Record<string, string>>): Rule => {
  const root = `${toOid(base)}.`;
  return {
    find: ({ sysObjectID }) => {
      if (!sysObjectID?.startsWith(root)) return undefined;
      const arcs = sysObjectID.slice(root.length).split(".");
      for (let n = arcs.length; n > 0; n--) {
        const name = names[arcs.slice(0, n).join(".")];
        if (name !== undefined) return found(name, "sysObjectID", "derived");
      }
      return undefined;
    },
  };
};

const instancesOf = (rule: Rule, facts: Facts): readonly string[] =>
  typeof rule.get === "function" ? rule.get(facts) : (rule.get ?? []);

const mergeNeeds = (rules: readonly Rule[]): Pick<Rule, "get" | "walk" | "rows" | "entities"> => ({
  get: (facts) => rules.flatMap((rule) => instancesOf(rule, facts)),
  walk: rules.flatMap((rule) => rule.walk ?? []),
  ...(rules.some((rule) => rule.rows !== undefined) && { rows: Math.max(...rules.map((rule) => rule.rows ?? 0)) }),
  entities: rules.some((rule) => rule.entities === true),
});

/** All instances that the rules need on this device, each once. */
export const neededInstances = (rules: readonly Rule[], facts: Facts): readonly string[] => [
  ...new Set(rules.flatMap((rule) => instancesOf(rule, facts))),
];

const weakest = (parts: readonly Found[]): Confidence =>
  parts.some((p) => p.confidence === "guess")
    ? "guess"
    : parts.some((p) => p.confidence === "derived")
      ? "derived"
      : "stated";

/** Several values in one text, "AOS {} / App {}"; nothing unless all are there. A part may be a list: its first hit. */
export const compose = (template: string, ...parts: readonly (Rule | readonly Rule[])[]): Rule => ({
  ...mergeNeeds(parts.flat()),
  find: (facts) => {
    const values = parts.map((part) => firstFound(Array.isArray(part) ? part : [part as Rule], facts));
    if (values.some((v) => v === undefined)) return undefined;
    const all = values as readonly Found[];
    let i = 0;
    const value = template.replace(/\{\}/g, () => all[i++]?.value ?? "");
    return found(value, all.map((v) => v.source).join(" + "), weakest(all));
  },
});

/** A rule whose answer is replaced by a name, or refused if the table has none. */
export const mapped = (rule: Rule, names: Readonly<Record<string, string>>): Rule => ({
  ...rule,
  find: (facts) => {
    const hit = rule.find(facts);
    const name = hit && lookup(names, hit.value);
    return hit && name !== undefined ? { ...hit, value: name, confidence: "derived" } : undefined;
  },
});

/** A fixed answer where sysDescr (or sysObjectID) fits: how one profile tells switches from routers. */
export const when = (pattern: RegExp, value: string): Rule => ({
  find: (facts) => (pattern.test(facts.sysDescr) ? found(value, "sysDescr", "derived") : undefined),
});

export const firstFound = (rules: readonly Rule[], facts: Facts): Found | undefined => {
  for (const rule of rules) {
    const hit = rule.find(facts);
    if (hit !== undefined) return hit;
  }
  return undefined;
};
