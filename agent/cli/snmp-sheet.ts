/** A device read by SNMP as a sheet for a person: who it is and how that is known, then its tables, long ones cut. */
import type { SectionContents } from "../../shared/protocol/sections.ts";
import type { DeviceOutcome, DeviceRound } from "../probes/snmp/round.ts";

export type SheetOptions = { readonly colour: boolean; readonly full: boolean };

const ROWS = 16;
const WIDTH = 36;

/** Control characters are a stranger's way to write on a terminal where they like: none gets through. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
const bold = (text: string, { colour }: SheetOptions): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string, { colour }: SheetOptions): string => (colour ? `\u001b[2m${text}\u001b[0m` : text);

type Cell = string | number | boolean | undefined;

const table = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: SheetOptions,
): string => {
  if (rows.length === 0) return "";
  const shown = options.full ? rows : rows.slice(0, ROWS);
  const text = shown.map((row) => row.map((cell) => printable(cell === undefined ? "" : String(cell)).slice(0, WIDTH)));
  const used = head.map((_, i) => i).filter((i) => text.some((row) => row[i] !== ""));
  const widths = used.map((i) => Math.max(head[i]!.length, ...text.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `  ${used.map((i, k) => (cells[i] ?? "").padEnd(widths[k]!)).join("  ")}`.trimEnd();
  const rest = rows.length - shown.length;
  return [
    bold(`${title} (${rows.length})`, options),
    dim(line(head), options),
    ...text.map(line),
    ...(rest > 0 ? [`  … ${rest} more: --full`] : []),
    "",
  ].join("\n");
};

const speed = (bps: number | undefined): string | undefined =>
  bps === undefined || bps === 0 ? undefined : bps >= 1e9 ? `${bps / 1e9} Gb/s` : `${bps / 1e6} Mb/s`;

const identity = ({ everything: contents, target, credential }: DeviceRound, options: SheetOptions): string => {
  const { system, os, memory } = contents;
  const how = (field: string, from = system?.provenance) => {
    const found = from?.[field];
    return found === undefined ? "" : dim(`  (${found.method}${found.confidence < 0.5 ? ", a guess" : ""})`, options);
  };
  const lines: readonly (readonly [string, string | undefined, string])[] = [
    ["vendor", system?.manufacturer, how("manufacturer")],
    ["model", system?.model, how("model")],
    ["serial number", system?.serialNumber, how("serialNumber")],
    ["hardware revision", system?.hardwareRevision, how("hardwareRevision")],
    ["type", system?.type, how("type")],
    [
      "system",
      [os?.name, os?.version].filter((t) => t !== undefined).join(" ") || undefined,
      how("version", os?.provenance),
    ],
    ["features", system?.features?.join(", "), ""],
    ["name", system?.sysName, ""],
    ["location", system?.sysLocation, ""],
    ["contact", system?.sysContact, ""],
    ["description", system?.sysDescr, ""],
    ["sysObjectID", system?.sysObjectID, ""],
    ["engine", system?.engineId, ""],
    ["bridge address", system?.chassisMac, ""],
    ["memory", memory?.totalBytes === undefined ? undefined : `${Math.round(memory.totalBytes / 2 ** 20)} MiB`, ""],
    [
      "credential",
      `${credential.name} (v${credential.version}${credential.version === "3" ? ` ${credential.level}` : ""})`,
      "",
    ],
  ];
  const body = lines.flatMap(([label, value, note]) =>
    value === undefined ? [] : [`  ${label.padEnd(18)}${printable(value)}${note}`],
  );
  return [
    bold(`${target.address}${system?.sysName ? ` ${printable(system.sysName)}` : ""}`, options),
    ...body,
    "",
  ].join("\n");
};

const tables = (c: SectionContents, options: SheetOptions): readonly string[] => {
  const names = new Map((c.interfaces ?? []).map((i) => [i.id, i.name ?? i.id]));
  const port = (id: string | undefined) => (id === undefined ? undefined : (names.get(id) ?? id));
  const add = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]) =>
    table(title, head, rows, options);
  const parts = (c.modules ?? []).filter(
    (m) => m.entPhysicalSerialNum !== undefined || m.entPhysicalModelName !== undefined,
  );
  return [
    add(
      "interfaces",
      ["name", "alias", "type", "mac", "admin", "oper", "speed", "uplink"],
      (c.interfaces ?? []).map((i) => [
        i.name,
        i.ifAlias,
        i.kind ?? i.ifType,
        i.mac,
        i.adminStatus,
        i.operStatus,
        speed(i.speedBps),
        i.uplink ? "uplink" : undefined,
      ]),
    ),
    add(
      "addresses",
      ["interface", "address", "prefix"],
      (c.addresses ?? []).map((a) => [port(a.interface), a.address, a.prefixLength]),
    ),
    add(
      "neighbours",
      ["port", "by", "system", "its port", "platform", "address"],
      (c.neighbours ?? []).map((n) => [
        n.localPort,
        n.protocol,
        n.remoteSystemName ?? n.remoteChassisId,
        n.remotePortId,
        n.remotePlatform,
        n.remoteAddress,
      ]),
    ),
    add(
      "components",
      ["class", "name", "model", "serial number", "revision"],
      parts.map((m) => [
        m.entPhysicalClass,
        m.entPhysicalName ?? m.entPhysicalDescr,
        m.entPhysicalModelName,
        m.entPhysicalSerialNum,
        m.entPhysicalSoftwareRev ?? m.entPhysicalHardwareRev,
      ]),
    ),
    add(
      "supplies",
      ["description", "color", "level %", "state"],
      (c.supplies ?? []).map((s) => [s.description, s.color, s.levelPercent, s.state]),
    ),
    add(
      "power",
      ["id", "kind", "model", "serial number", "state"],
      (c.power ?? []).map((p) => [p.id, p.kind, p.model, p.serialNumber, p.state]),
    ),
    add(
      "VLANs",
      ["id", "name", "tagged", "untagged"],
      (c.vlans ?? []).map((v) => [v.id, v.name, v.taggedPorts?.length, v.untaggedPorts?.length]),
    ),
    add(
      "bundles",
      ["name", "members"],
      (c.lags ?? []).map((l) => [l.name ?? l.id, l.members.map(port).join(" ")]),
    ),
    add(
      "forwarding",
      ["VLAN", "mac", "port"],
      (c.fdb ?? []).map((f) => [f.vlan, f.mac, f.port]),
    ),
    add(
      "ARP and neighbour discovery",
      ["interface", "address", "mac"],
      (c.arp ?? []).map((a) => [port(a.interface), a.address, a.mac]),
    ),
    add(
      "access points",
      ["name", "model", "serial number", "mac", "address", "state"],
      (c.accessPoints ?? []).map((a) => [a.name, a.model, a.serialNumber, a.mac, a.address, a.state]),
    ),
    add(
      "file systems",
      ["mount point", "type", "MiB"],
      (c.filesystems ?? []).map((f) => [f.mountPoint, f.type, f.sizeBytes && Math.round(f.sizeBytes / 2 ** 20)]),
    ),
    add(
      "software",
      ["name", "installed"],
      (c.software ?? []).map((s) => [s.name, s.installedAt?.slice(0, 10)]),
    ),
  ].filter((text) => text !== "");
};

export const renderDevice = (round: DeviceRound, options: SheetOptions): string => {
  const missing = round.failures.map(({ section, reason }) => `  ${section}: ${printable(reason)}`);
  const notes = [
    ...round.notes,
    `${round.requests} requests, ${round.varbinds} values, ${(round.durationMs / 1_000).toFixed(1)} s`,
  ];
  return [
    identity(round, options),
    ...tables(round.everything, options),
    ...(missing.length > 0 ? [[bold("not read to the end", options), ...missing, ""].join("\n")] : []),
    dim(notes.map(printable).join("; "), options),
    "",
  ].join("\n");
};

/** Why a device was not read, in one line for each credential that it refused with a reason. */
export const renderRefusal = (outcome: Exclude<DeviceOutcome, DeviceRound>): string => {
  const { address } = outcome.target;
  if (outcome.status === "failed") return `${address}: ${outcome.reason}\n`;
  const lines = outcome.refusals.map(
    ({ credential, denial, detail }) => `${address}: ${credential}: ${denial}: ${detail}\n`,
  );
  if (outcome.status === "silent")
    lines.push(`${address}: no answer: nobody there, no SNMP, or communities that it does not know\n`);
  return lines.join("");
};
