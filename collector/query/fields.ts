import type { z } from "zod";
import { criticalitySchema, editableFields, lifecycleSchema, presenceStateSchema } from "../../shared/model/asset.ts";
import { incidentKindSchema } from "../../shared/model/incident.ts";
import { deviceTypes } from "../../shared/protocol/device-types.ts";
import { keyKinds, methods } from "../../shared/protocol/observation.ts";
import { sectionNames, sections } from "../../shared/protocol/sections.ts";
import { ipText, macText } from "../../shared/protocol/text.ts";

/** What a field holds, and so how its values are written and compared. */
export type FieldKind =
  | "text"
  | "choice"
  | "number"
  | "size"
  | "time"
  /** A day to come: a duration is the time that is left. */
  | "until"
  | "address"
  | "mac"
  | "version"
  | "yes-no"
  | "software";

export type Field = {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: FieldKind;
  /** For "choice". */
  readonly choices: readonly string[];
  readonly help: string;
  readonly example: string;
};

type Rest = { readonly aliases?: readonly string[]; readonly choices?: readonly string[] };
const field = (
  name: string,
  kind: FieldKind,
  help: string,
  example: string,
  { aliases = [], choices = [] }: Rest = {},
): Field => ({ name, kind, help, example, aliases, choices });

/** What people wrote of it (`shared/model/book.ts`). */
const bookFields: readonly Field[] = [
  field("owner", "text", "who answers for it", "owner:*smith* type:laptop"),
  field("location", "text", "room, rack or desk, as somebody wrote it", 'location~"rack 7"', {
    aliases: ["place", "room", "rack"],
  }),
  field("inventory", "text", "inventory number", "inventory:IT-0*", { aliases: ["inventoryNumber"] }),
  field("costcentre", "text", "cost centre", "costcentre:4711", { aliases: ["costcenter"] }),
  field("supplier", "text", "who sold it", "supplier~acme"),
  field("order", "text", "number of the order", "order:PO-2026-*", { aliases: ["orderNumber"] }),
  field("contract", "text", "number of a maintenance contract or lease", "contract:*"),
  field("purchased", "time", "day of purchase", "purchased>5y", { aliases: ["purchasedOn", "bought"] }),
  field("price", "number", "what it cost, in whatever currency", "price>=1000"),
  field("warranty", "until", "last day of its warranty; with a duration, what is left of it", "warranty<30d", {
    aliases: ["warrantyUntil"],
  }),
  field("note", "text", "what somebody noted", "note~leased"),
];

/** Fields of the asset itself and of what is kept about it. Those of its inventory are named SECTION.FIELD. */
const ownFields: readonly Field[] = [
  field("name", "text", "best known name", "name:srv-*"),
  field("type", "choice", "kind of device", "type:printer,switch", { choices: deviceTypes }),
  field("manufacturer", "text", "who made it", "manufacturer~dell", { aliases: ["vendor", "maker"] }),
  field("model", "text", "its model", 'model~"ThinkPad T14"'),
  field("serial", "text", "any serial number", "serial:PF3*", { aliases: ["serialNumber"] }),
  field("os", "text", "operating system", 'os~"Windows 10"', { aliases: ["osName"] }),
  field("osversion", "version", "its version, compared as versions are", "osversion<24.04", {}),
  field("ip", "address", "any of its addresses", "ip in 10.1.0.0/16", { aliases: ["address"] }),
  field("mac", "mac", "any of its MAC addresses", "mac:54:ee:75:*"),
  field("hostname", "text", "any host name or FQDN", "hostname:*.example.org", { aliases: ["host", "fqdn"] }),
  field("realm", "text", "routing domain", "realm:office"),
  field("site", "text", "site", 'site:hq not site:""'),
  field("lifecycle", "choice", "where in its life", "lifecycle:in-use", { choices: lifecycleSchema.options }),
  field("criticality", "choice", "how much depends on it", "criticality:high,critical", {
    choices: criticalitySchema.options,
  }),
  field("presence", "choice", "whether it is there", "presence:missing,blind", {
    aliases: ["state"],
    choices: presenceStateSchema.options,
  }),
  field("since", "time", "since when it is so", "presence:missing since>7d", { aliases: ["presenceSince"] }),
  field("first", "time", "first seen", "first<24h", { aliases: ["firstSeen", "firstSeenAt"] }),
  field("seen", "time", "last seen by anybody", "seen>30d", { aliases: ["lastSeen", "lastSeenAt", "silent"] }),
  field("source", "choice", "every way in which it was seen", "source:arp not source:snmp", {
    aliases: ["method"],
    choices: methods,
  }),
  field("observer", "text", "agent that saw it, by name or id", "observer:srv-070"),
  field("agent", "text", "agent that lives on it, by name or id", 'agent:* agent=""'),
  field("section", "choice", "part of its inventory that is known", "type:switch not section:fdb", {
    choices: sectionNames,
  }),
  field(
    "software",
    "software",
    "installed package, with versions as its manager compares them",
    "software:openssl<3.0.13",
    {
      aliases: ["package"],
    },
  ),
  field(
    "sourcepackage",
    "software",
    "the same by the source package that it was built from",
    "sourcepackage:openssl<3.0.13",
    {
      aliases: ["src"],
    },
  ),
  field("packages", "number", "how many packages are installed", "packages>2000", { aliases: ["softwareCount"] }),
  field("switch", "text", "switch, access point or controller that it hangs on", "switch:sw-003"),
  field("port", "text", "port there", "port:Gi1/0/17"),
  field("vlan", "number", "VLAN there", "vlan:20"),
  field("ssid", "text", "radio network there", "ssid:guest"),
  field("infdb", "yes-no", "a switch has its MAC in its table now", "infdb:yes not source:arp"),
  field("incident", "choice", "kind of an open incident", "incident:*", { choices: incidentKindSchema.options }),
  field("changed", "time", "last change of what it is", "changed<24h"),
  field("conflict", "yes-no", "its identity waits for a person", "conflict:yes"),
  field("provisional", "yes-no", "kept apart until somebody decides", "provisional:yes"),
  field("locked", "choice", "field that a person has set", "locked:site", {
    choices: editableFields,
  }),
  field("booked", "yes-no", "a person has written something of it; no: seen, but in no book", "booked:no seen<7d"),
  ...bookFields,
  field("id", "text", "its id", "id:ast_0*"),
];

const seenFields = methods.map((method) =>
  field(`seen.${method}`, "time", `last seen by ${method}`, `seen.${method}>7d`),
);
const keyFields = keyKinds.map((kind) => field(`key.${kind}`, "text", `identity key of kind ${kind}`, `key.${kind}:*`));

type Shape = { readonly def: { readonly type: string; readonly innerType?: unknown; readonly element?: unknown } };

/** Names of our schemas end in their unit. */
const sized = /(Bytes|Bps)$/;

const kindOf = (name: string, schema: unknown): Pick<Field, "kind" | "choices"> | undefined => {
  const { def } = schema as Shape;
  if (schema === ipText) return { kind: "address", choices: [] };
  if (schema === macText) return { kind: "mac", choices: [] };
  switch (def.type) {
    case "optional":
      return kindOf(name, def.innerType);
    case "array":
      return kindOf(name, def.element);
    case "string":
      return { kind: /version$/i.test(name) ? "version" : "text", choices: [] };
    case "number":
      return { kind: sized.test(name) ? "size" : "number", choices: [] };
    case "boolean":
      return { kind: "yes-no", choices: [] };
    case "enum":
      return { kind: "choice", choices: (schema as z.ZodEnum<Record<string, string>>).options };
    default:
      return undefined;
  }
};

const examples: Readonly<Record<FieldKind, string>> = {
  ...{ text: ":*", choice: ":*", number: ">8", size: ">=16GiB", time: "<7d", until: "<30d", address: " in 10.0.0.0/8" },
  ...{ mac: ":54:ee:75:*", version: "<2.1", "yes-no": ":no", software: ":*" },
};

const kindWords: Readonly<Record<FieldKind, string>> = {
  ...{
    text: "text",
    choice: "one of a few",
    number: "number",
    size: "size",
    time: "time",
    until: "day",
    address: "address",
  },
  ...{ mac: "MAC", version: "version", "yes-no": "yes or no", software: "package" },
};

const sectionFields = sectionNames.flatMap((section) =>
  Object.entries(sections[section].schema.shape).flatMap(([name, schema]) => {
    const kind = kindOf(name, schema);
    const full = `${section}.${name}`;
    const help =
      kind && `${kindWords[kind.kind]} in ${sections[section].kind === "value" ? "" : "one of its "}${section}`;
    return kind === undefined || help === undefined
      ? []
      : [
          {
            name: full,
            aliases: [],
            ...kind,
            help,
            example: `${full}${kind.choices[0] === undefined ? examples[kind.kind] : `:${kind.choices[0]}`}`,
          } satisfies Field,
        ];
  }),
);

/** All that can be asked for; the first name of each is the one that is printed. */
export const fields: readonly Field[] = [...ownFields, ...seenFields, ...keyFields, ...sectionFields];

const byName = new Map(
  fields.flatMap((one) => [one.name, ...one.aliases].map((name) => [name.toLowerCase(), one] as const)),
);

/** Case does not matter. */
export const findField = (name: string): Field | undefined => byName.get(name.toLowerCase());
export const fieldNames: readonly string[] = fields.flatMap(({ name, aliases }) => [name, ...aliases]);
