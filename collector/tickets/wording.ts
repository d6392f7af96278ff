import type { Asset } from "../../shared/model/asset.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";

/** Every word that a desk's reader sees of ours, by language. Evidence and summaries are kept in English, as they were recorded. */
export type Wording = {
  readonly kinds: Record<Incident["kind"], string>;
  readonly since: string;
  readonly device: string;
  readonly address: string;
  readonly serialNumber: string;
  readonly lastSeen: string;
  readonly lastPlace: string;
  readonly confidence: string;
  readonly priority: string;
  readonly impact: string;
  readonly urgency: string;
  readonly levels: Record<Incident["impact"], string>;
  readonly alsoAffected: (count: number) => string;
  readonly nextStep: string;
  readonly evidence: string;
  readonly bearings: Record<Evidence["bearing"], string>;
  readonly sight: Record<Evidence["couldSee"], string>;
  readonly collector: string;
  readonly agent: string;
  readonly details: string;
  readonly asset: string;
  readonly site: string;
  readonly system: string;
  readonly owner: string;
  /** Where somebody wrote that it stands, beside where it was seen last. */
  readonly location: string;
  readonly inventoryNumber: string;
  readonly warranty: string;
  readonly warrantyUntil: (day: string) => string;
  readonly warrantyOver: (day: string) => string;
  readonly supplier: string;
  readonly contract: string;
  readonly criticality: string;
  readonly criticalities: Record<Asset["criticality"], string>;
  readonly resolved: string;
  readonly reopened: string;
};

export const locales = ["en", "de"] as const;
export type Locale = (typeof locales)[number];

export const wordings: Record<Locale, Wording> = {
  en: {
    kinds: {
      "device-missing": "Device missing",
      "agent-silent": "Agent silent",
      "segment-unreachable": "Segment unreachable",
      "unknown-device": "Unknown device",
      "device-moved": "Device moved",
      "component-removed": "Component removed",
      "component-replaced": "Component replaced",
      "duplicate-address": "Duplicate address",
      "identity-conflict": "Identity conflict",
      "came-back-changed": "Came back changed",
      "clock-wrong": "Clock wrong",
      "evidence-refused": "Evidence refused",
    },
    since: "since",
    device: "Device",
    address: "Address",
    serialNumber: "Serial number",
    lastSeen: "Last seen",
    lastPlace: "Last known place",
    confidence: "How sure we are",
    priority: "Priority",
    impact: "impact",
    urgency: "urgency",
    levels: { high: "high", medium: "medium", low: "low" },
    alsoAffected: (count) => `Also affected: ${count} ${count === 1 ? "device" : "devices"}`,
    nextStep: "Next step",
    evidence: "Who looked, and what they saw",
    bearings: { for: "speaks for it", against: "speaks against it", neither: "could not tell" },
    sight: { "could-see": "could see", partly: "could see in part", blind: "could not see" },
    collector: "collector",
    agent: "agent",
    details: "Details",
    asset: "The device’s record",
    site: "Site",
    owner: "Owner",
    location: "Location on record",
    inventoryNumber: "Inventory number",
    warranty: "Warranty",
    warrantyUntil: (day) => `until ${day}`,
    warrantyOver: (day) => `over since ${day}`,
    supplier: "Supplier",
    contract: "Contract",
    system: "System",
    criticality: "How critical it is",
    criticalities: { low: "low", normal: "normal", high: "high", critical: "critical" },
    resolved: "Over",
    reopened: "Again",
  },
  de: {
    kinds: {
      "device-missing": "Gerät fehlt",
      "agent-silent": "Agent schweigt",
      "segment-unreachable": "Segment nicht erreichbar",
      "unknown-device": "Unbekanntes Gerät",
      "device-moved": "Gerät umgezogen",
      "component-removed": "Bauteil entfernt",
      "component-replaced": "Bauteil getauscht",
      "duplicate-address": "Adresse doppelt vergeben",
      "identity-conflict": "Identitätskonflikt",
      "came-back-changed": "Verändert zurückgekehrt",
      "clock-wrong": "Uhr geht falsch",
      "evidence-refused": "Beobachtung abgelehnt",
    },
    since: "seit",
    device: "Gerät",
    address: "Adresse",
    serialNumber: "Seriennummer",
    lastSeen: "Zuletzt gesehen",
    lastPlace: "Letzter bekannter Ort",
    confidence: "Wie sicher wir sind",
    priority: "Priorität",
    impact: "Auswirkung",
    urgency: "Dringlichkeit",
    levels: { high: "hoch", medium: "mittel", low: "niedrig" },
    alsoAffected: (count) => `Auch betroffen: ${count} ${count === 1 ? "Gerät" : "Geräte"}`,
    nextStep: "Nächster Schritt",
    evidence: "Wer hingesehen hat, und was zu sehen war",
    bearings: { for: "spricht dafür", against: "spricht dagegen", neither: "nicht zu entscheiden" },
    sight: { "could-see": "konnte sehen", partly: "konnte teilweise sehen", blind: "konnte nicht sehen" },
    collector: "Kollektor",
    agent: "Agent",
    details: "Einzelheiten",
    asset: "Das Gerät in Rollcall",
    site: "Standort",
    owner: "Besitzer",
    location: "Eingetragener Ort",
    inventoryNumber: "Inventarnummer",
    warranty: "Garantie",
    warrantyUntil: (day) => `bis ${day}`,
    warrantyOver: (day) => `abgelaufen seit ${day}`,
    supplier: "Lieferant",
    contract: "Vertrag",
    system: "System",
    criticality: "Wie kritisch es ist",
    criticalities: { low: "niedrig", normal: "normal", high: "hoch", critical: "kritisch" },
    resolved: "Vorbei",
    reopened: "Wieder",
  },
};
