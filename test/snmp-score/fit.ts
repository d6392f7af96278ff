/**
 * `npm run score -- [DIR] --fit`: fits the weights of `agent/snmp/profiles/infer-weights.ts` on the records of DIR and writes
 * them. A conditional logit: of the texts in a device's own subtree and "none of them", the one that the corpus says. Says
 * first how it does on makers that it was not fitted on, since that is what inference is for: five folds, split by enterprise.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFacts, systemOids } from "../../agent/snmp/profiles/facts.ts";
import {
  type Candidate,
  featuresOf,
  type GuessField,
  type Surroundings,
  surround,
  toCandidates,
} from "../../agent/snmp/profiles/infer-features.ts";
import { listEnterprises, readSubtrees } from "../../agent/snmp/profiles/search.ts";
import { isGenericSysObjectID } from "../../agent/snmp/profiles/select.ts";
import { enterpriseOf, hostEnterprises, makerOf } from "../../agent/snmp/profiles/vendors.ts";
import { readRecordFile } from "../support/snmp-record-reader.ts";

type Expected = {
  readonly record: string;
  readonly level: string;
  readonly hardware?: string;
  readonly version?: string;
  readonly serial?: string;
};
const fields = { model: "hardware", version: "version", serial: "serial" } as const;

/** One device in one field: its candidates' features by number, which of them are right (none may be). */
type Case = {
  readonly enterprise: number;
  readonly values: readonly string[];
  readonly features: readonly (readonly string[])[];
  readonly right: readonly boolean[];
};

const FOLDS = 5;
const RIDGE = 1;
const STEPS = 400;
const RATE = 0.5;
const LIKELY = 0.45;

const fold = (text: string): string => text.toLowerCase().replace(/[^0-9a-z]+/g, "");
const isHidden = (text: string): boolean => /^(<?private>?|n\/?a|none|unknown|[0\-.]+)$/i.test(text.trim());

type Device = { readonly expected: Expected; readonly enterprise: number; readonly around: Surroundings };

const readOne = async (dir: string, expected: Expected): Promise<Device | undefined> => {
  const reader = readRecordFile(join(dir, "records", `${expected.record}.snmprec.gz`));
  const facts = createFacts(await reader.get(Object.values(systemOids)));
  const generic = isGenericSysObjectID(facts.sysObjectID);
  const listed = await listEnterprises(reader, facts.sysObjectID);
  const enterprises = listed.filter((e) => !generic || !hostEnterprises.has(e));
  const [enterprise] = enterprises;
  if (enterprise === undefined) return undefined;
  const people = [systemOids.sysName, systemOids.sysLocation, systemOids.sysContact].flatMap(
    (o) => facts.text(o) ?? [],
  );
  const candidates = toCandidates(await readSubtrees(reader, enterprises.slice(0, 3)), people);
  const maker = makerOf(enterpriseOf(facts.sysObjectID))?.name;
  const known = maker === undefined ? [] : [maker];
  return { expected, enterprise, around: surround(candidates, { sysDescr: facts.sysDescr, known }) };
};

const toCase = (field: GuessField, { expected, enterprise, around }: Device): Case | undefined => {
  const wanted = expected[fields[field]];
  if (wanted === undefined || isHidden(wanted)) return undefined;
  const rows = around.candidates.flatMap((candidate: Candidate) => {
    const features = featuresOf(field, candidate, around);
    const value = field === "version" ? (candidate.version ?? candidate.text) : candidate.text;
    return features === undefined ? [] : [{ features, value }];
  });
  if (rows.length === 0) return undefined;
  const same = rows.map(({ value }) => fold(value) === fold(wanted));
  // "v7.4-build0771" of "FP231G-v7.4-build0771": where none is the whole, what it holds or is held by.
  const close = ({ value }: { value: string }) => {
    const [a, b] = [fold(value), fold(wanted)];
    return Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a)) && a.length <= 2 * b.length + 8;
  };
  return {
    enterprise,
    values: rows.map(({ value }) => value),
    features: rows.map(({ features }) => features),
    right: same.includes(true) ? same : rows.map(close),
  };
};

type Model = { readonly bias: number; readonly weights: ReadonlyMap<string, number> };

/** Likelihoods of the candidates; what is missing to 1 is that of none. */
const likelihoods = (features: Case["features"], { bias, weights }: Model): readonly number[] => {
  const scores = features.map((names) => names.reduce((sum, name) => sum + (weights.get(name) ?? 0), bias));
  const top = Math.max(0, ...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - top), Math.exp(-top));
  return scores.map((score) => Math.exp(score - top) / total);
};

/** The slope of the log-likelihood over all cases. */
const slopeOf = (cases: readonly Case[], model: Model) => {
  const slope = new Map<string, number>();
  let bias = 0;
  for (const { features, right } of cases) {
    const share = likelihoods(features, model);
    const good = share.reduce((sum, p, i) => sum + (right[i] ? p : 0), 0);
    features.forEach((names, i) => {
      const pull = (right[i] ? share[i]! / good : 0) - share[i]!;
      bias += pull;
      for (const name of names) slope.set(name, (slope.get(name) ?? 0) + pull);
    });
  }
  return { slope, bias };
};

/** AdaGrad from zero: deterministic, and steps that suit frequent and rare features alike. */
const fitModel = (cases: readonly Case[]): Model => {
  const weights = new Map<string, number>();
  const spent = new Map<string, number>();
  let [bias, biasSpent] = [0, 1e-6];
  for (let step = 0; step < STEPS; step++) {
    const { slope, bias: pull } = slopeOf(cases, { bias, weights });
    for (const [name, rise] of slope) {
      const weight = weights.get(name) ?? 0;
      const net = rise - RIDGE * weight;
      const sum = (spent.get(name) ?? 1e-6) + net * net;
      spent.set(name, sum);
      weights.set(name, weight + (RATE * net) / Math.sqrt(sum));
    }
    biasSpent += pull * pull;
    bias += (RATE * pull) / Math.sqrt(biasSpent);
  }
  return { bias, weights };
};

const judge = (cases: readonly Case[], model: Model) => {
  const out = { right: 0, wrong: 0, none: 0 };
  for (const { features, values, right } of cases) {
    const byValue = new Map<string, number>();
    for (const [i, p] of likelihoods(features, model).entries())
      byValue.set(values[i]!, (byValue.get(values[i]!) ?? 0) + p);
    const [value, p] = [...byValue].sort(([, a], [, b]) => b - a)[0]!;
    if (p < LIKELY) out.none++;
    else if (values.some((v, i) => v === value && right[i])) out.right++;
    else out.wrong++;
  }
  return out;
};

const heldOut = (cases: readonly Case[]) => {
  const enterprises = [...new Set(cases.map(({ enterprise }) => enterprise))];
  const foldOf = ({ enterprise }: Case) => enterprises.indexOf(enterprise) % FOLDS;
  const sum = { right: 0, wrong: 0, none: 0 };
  for (let k = 0; k < FOLDS; k++) {
    const model = fitModel(cases.filter((c) => foldOf(c) !== k));
    const { right, wrong, none } = judge(
      cases.filter((c) => foldOf(c) === k),
      model,
    );
    sum.right += right;
    sum.wrong += wrong;
    sum.none += none;
  }
  return sum;
};

const toSource = (field: GuessField, { bias, weights }: Model): string => {
  const lines = [...weights]
    .filter(([, weight]) => Math.abs(weight) >= 0.05)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, weight]) => `      ${/^[a-z]+$/.test(name) ? name : JSON.stringify(name)}: ${Number(weight.toFixed(2))},`,
    );
  return [`  ${field}: {`, `    bias: ${Number(bias.toFixed(2))},`, "    weights: {", ...lines, "    },", "  },"].join(
    "\n",
  );
};

const table = new URL("../../agent/snmp/profiles/infer-weights.ts", import.meta.url);

export const fitWeights = async (dir: string): Promise<void> => {
  const expected = readFileSync(join(dir, "expected.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Expected)
    .filter(({ level }) => level === "full");
  const devices: Device[] = [];
  for (const one of expected) {
    const device = await readOne(dir, one);
    if (device !== undefined) devices.push(device);
  }
  const parts = (["model", "version", "serial"] as const).map((field) => {
    const cases = devices.flatMap((device) => toCase(field, device) ?? []);
    const { right, wrong, none } = heldOut(cases);
    process.stdout.write(
      `${field}: ${cases.length} devices, ${cases.filter((c) => c.right.includes(true)).length} of which hold it; on makers held out ${right} right, ${wrong} wrong, ${none} none\n`,
    );
    return toSource(field, fitModel(cases));
  });
  const before = readFileSync(table, "utf8");
  const head = before.slice(0, before.indexOf("> = {\n") + "> = {\n".length);
  writeFileSync(table, `${head}${parts.join("\n")}\n};\n`);
  process.stdout.write("agent/snmp/profiles/infer-weights.ts is written\n");
};
