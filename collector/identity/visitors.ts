import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { isSoftMac, strengthOf } from "./keys.ts";
import type { Visitor } from "./stitch.ts";

/**
 * Where nobody has one of its MACs this is a visitor, whoever else was at its address or is called so: all it has are MACs set by
 * software, addresses and names.
 */
export const mayBeVisitor = (keys: readonly SubjectKey[]): boolean =>
  keys.some(isSoftMac) &&
  keys.every((key) => isSoftMac(key) || strengthOf(key) === "address" || strengthOf(key) === "name");

/** What was seen and became no asset: an interval of equal observations. */
export type Unplaced = {
  readonly realm: string;
  readonly keys: readonly SubjectKey[];
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

/** Names and addresses told of one visitor; more are more than a device has. */
const MAX_TEXTS = 16;

type Found = Visitor & { readonly names: string[]; readonly addresses: string[]; firstAtMs: number; lastAtMs: number };

const add = (texts: string[], text: string): void => {
  if (texts.length < MAX_TEXTS && !texts.includes(text)) texts.push(text);
};

/** The MACs set by software, each once in a realm, with the names and addresses that were seen beside them. */
export const collectVisitors = (unplaced: Iterable<Unplaced>): Visitor[] => {
  const visitors = new Map<string, Found>();
  for (const { realm, keys, firstAtMs, lastAtMs } of unplaced) {
    const mac = keys.find(isSoftMac)?.value;
    if (mac === undefined) continue;
    const label = `${realm}\0${mac}`;
    const visitor = visitors.get(label) ?? { realm, mac, names: [], addresses: [], firstAtMs, lastAtMs };
    visitors.set(label, visitor);
    for (const { kind, value } of keys) {
      if (kind === "hostname" || kind === "fqdn") add(visitor.names, value);
      if (kind === "ip") add(visitor.addresses, value);
    }
    visitor.firstAtMs = Math.min(visitor.firstAtMs, firstAtMs);
    visitor.lastAtMs = Math.max(visitor.lastAtMs, lastAtMs);
  }
  return [...visitors.values()];
};
