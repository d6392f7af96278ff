import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence } from "../../shared/model/incident.ts";
import { type SectionName, sections } from "../../shared/protocol/sections.ts";
import type { Track } from "../presence/track.ts";
import type { ChangeRow } from "../store/store.ts";
import type { Finding } from "./incidents.ts";
import { impactOf } from "./priority.ts";

/** Parts that somebody pays for: removed or swapped, they become a case. */
const parts: Partial<Record<SectionName, string>> = {
  memoryModules: "memory module",
  disks: "disk",
  graphics: "graphics card",
  cpu: "processor",
  modules: "module",
  power: "power supply",
};

/** Fields that are the part's own identity: another value means another part. */
const identityFields: ReadonlySet<string> = new Set([
  "serialNumber",
  "entPhysicalSerialNum",
  "permanentMac",
  "partNumber",
]);
/** Parts that carry no serial number: another model in the same place is another part. */
const anonymous: ReadonlySet<SectionName> = new Set(["graphics", "cpu"]);
const isOtherPart = (change: ChangeRow): boolean =>
  isOther(change) &&
  (identityFields.has(change.field ?? "") ||
    (anonymous.has(change.section) && change.field === "model" && !isRespelt(change)));

/** Names come from databases that are corrected: "GP107" and "GP107 [GeForce GTX 1050]" are one card. */
const isRespelt = ({ before, after }: ChangeRow): boolean => {
  const [a, b] = [String(before).toLowerCase(), String(after).toLowerCase()];
  return a.includes(b) || b.includes(a);
};

/** The kernel keeps a little more or less for itself from one version to the next; a module is more than that. */
const MEMORY_LOST = 0.9;
const GIB = 2 ** 30;

/** Where modules can't be read (that needs rights), their sum still tells that one is gone. Guests are given more and less. */
const lostMemory = (track: Track, change: ChangeRow): string | undefined => {
  if (change.section !== "memory" || change.field !== "totalBytes" || change.kind !== "changed") return undefined;
  if (track.deviceType === "virtual-machine" || track.deviceType === "container") return undefined;
  const [before, after] = [Number(change.before), Number(change.after)];
  if (!(after > 0) || !(after < MEMORY_LOST * before)) return undefined;
  return `memory shrank from ${(before / GIB).toFixed(1)} to ${(after / GIB).toFixed(1)} GiB`;
};
/** Network cards that come and go with containers, tunnels and docks are no parts. */
const isPhysicalNic = (item: unknown): boolean => {
  const nic = item as { kind?: unknown; permanentMac?: unknown } | null;
  return nic?.kind === "physical" && nic.permanentMac !== undefined;
};
const isRemovable = (item: unknown): boolean => {
  const disk = item as { kind?: unknown; transport?: unknown } | null;
  return disk?.kind === "removable" || disk?.kind === "optical" || disk?.transport === "usb";
};

const nameOf = (item: unknown, key: string): string => {
  const fields = (item ?? {}) as Record<string, unknown>;
  const words = [
    "manufacturer",
    "model",
    "partNumber",
    "entPhysicalModelName",
    "serialNumber",
    "entPhysicalSerialNum",
  ].flatMap((field) => (typeof fields[field] === "string" && fields[field] !== "" ? [fields[field] as string] : []));
  return words.length > 0 ? `${words.join(" ")} (${key})` : key;
};

const partOf = (change: ChangeRow): string | undefined => {
  if (change.section === "interfaces")
    return isPhysicalNic(change.before) || change.field === "permanentMac" ? "network card" : undefined;
  if (change.section === "disks" && isRemovable(change.before)) return undefined;
  return parts[change.section];
};

const evidenceOf = (change: ChangeRow, statement: string): Evidence => ({
  at: toTimestamp(change.observedAtMs),
  observer:
    change.actor.kind === "agent"
      ? { kind: "agent", agentId: change.actor.agentId, name: change.actor.agentId }
      : { kind: "collector" },
  method: "inventory",
  couldSee: "could-see",
  bearing: "for",
  statement,
});

const conditionOf = (kind: Finding["kind"], { assetId }: Track, { section, itemKey }: ChangeRow): string =>
  `${kind}/${assetId}/${section}/${itemKey}`.slice(0, 256);

/** Cases that an asset's accepted changes make: parts gone or swapped, and a machine that is another one now. */
export const componentFindings = (track: Track, changes: readonly ChangeRow[]): readonly Finding[] => {
  const out: Finding[] = [];
  const impact = impactOf(track.deviceType, track.criticality);
  const add = (kind: Finding["kind"], change: ChangeRow, what: string, nextStep: string) =>
    out.push({
      kind,
      condition: conditionOf(kind, track, change),
      assetId: track.assetId,
      title: `${track.name}: ${what}`,
      summary: `${what} on ${track.name}.`,
      impact,
      urgency: "medium",
      confidence: 0.95,
      lastSeenMs: change.observedAtMs,
      nextStep,
      evidence: [evidenceOf(change, what)],
    });

  const areModulesKnown = changes.some(({ section }) => section === "memoryModules");
  for (const change of changes) {
    const part = partOf(change);
    const shrunk = areModulesKnown ? undefined : lostMemory(track, change);
    if (shrunk !== undefined)
      add(
        "component-removed",
        change,
        shrunk,
        "Look whether a module failed or was taken out; open the case if it was not planned.",
      );
    if (part !== undefined && change.kind === "removed" && change.field === undefined) {
      const swap = changes.find((c) => c.kind === "added" && c.section === change.section && isSwap(change, c));
      if (swap)
        add(
          "component-replaced",
          change,
          `${part} ${nameOf(change.before, change.itemKey)} was replaced by ${nameOf(swap.after, swap.itemKey)}`,
          "Compare with planned work; record the new part's serial and warranty.",
        );
      else
        add(
          "component-removed",
          change,
          `${part} ${nameOf(change.before, change.itemKey)} is gone`,
          "Look whether it failed or was taken out; open the case if it was not planned.",
        );
    } else if (part !== undefined && change.kind === "changed" && isOtherPart(change))
      add(
        "component-replaced",
        change,
        `${part} ${change.itemKey}: ${change.field} was ${String(change.before)}, is ${String(change.after)}`,
        "Compare with planned work; record the new part's serial and warranty.",
      );
    else if (
      change.section === "system" &&
      (change.field === "serialNumber" || change.field === "uuid") &&
      isOther(change)
    )
      add(
        "came-back-changed",
        change,
        `its ${change.field === "uuid" ? "hardware UUID" : "serial number"} was ${String(change.before)}, is ${String(change.after)}`,
        "Find out whether the machine or its main board was exchanged.",
      );
  }
  return out;
};

const isOther = (change: ChangeRow): boolean =>
  typeof change.before === "string" &&
  typeof change.after === "string" &&
  change.before.trim() !== "" &&
  change.after.trim() !== "" &&
  change.before.trim().toLowerCase() !== change.after.trim().toLowerCase();

/** The new item sits where the old one sat, or is of its kind and size while the old one went in the same round. */
const isSwap = (removed: ChangeRow, added: ChangeRow): boolean => {
  if (removed.itemKey === added.itemKey) return true;
  if (sections[removed.section].kind !== "collection") return false;
  const [a, b] = [removed.before, added.after] as [Record<string, unknown>?, Record<string, unknown>?];
  const same = (field: string) => a?.[field] !== undefined && a[field] === b?.[field];
  const isCard = removed.section === "interfaces" && isPhysicalNic(added.after);
  return isCard || same("slot") || same("entPhysicalContainedIn") || same("sizeBytes") || same("name");
};

/** The case of a part that is back, and how it ended: by its return, or because another one is in its place. */
export type Return = { readonly condition: string; readonly part: string };

/** Parts that were added: if one is missing under the same label, it is back, or another has taken its place. */
export const returnsOf = (track: Track, changes: readonly ChangeRow[]): readonly Return[] =>
  changes.flatMap((change) => {
    const condition = conditionOf("component-removed", track, change);
    if (change.kind === "added" && change.field === undefined && parts[change.section] !== undefined)
      return [{ condition, part: nameOf(change.after, change.itemKey) }];
    if (change.kind === "added" && change.field === undefined && isPhysicalNic(change.after))
      return [{ condition, part: nameOf(change.after, change.itemKey) }];
    const isGrown = change.section === "memory" && change.field === "totalBytes" && change.kind === "changed";
    return isGrown && Number(change.after) > Number(change.before) ? [{ condition, part: "memory" }] : [];
  });
