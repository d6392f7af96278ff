import { toCsvLine } from "../../shared/csv.ts";
import type { Device } from "../probes/sweep/devices.ts";
import type { SweepEvent, SweepResult } from "../probes/sweep/engine.ts";
import type { CliDeps, Output } from "./deps.ts";

/** Where a scan's events and result go. */
export type ScanView = {
  readonly event: (event: SweepEvent) => void;
  readonly finish: (result: SweepResult) => Promise<void>;
};

const toJsonDevice = ({
  address,
  mac,
  macIsLocal,
  vendor,
  hostnames,
  type,
  typeReasons,
  evidence,
  isSelf,
  sameMac,
}: Device) => ({
  event: "device",
  address,
  ...(mac && { mac, macIsLocal }),
  ...(vendor && { vendor }),
  hostnames,
  type,
  typeReasons,
  evidence,
  ...(isSelf && { isSelf }),
  ...(sameMac && { sameMac }),
});

const toJsonSummary = ({ sweep, summary }: SweepResult) => ({
  event: "summary",
  seen: summary.seen,
  covered: summary.covered,
  asks: summary.asks,
  verdict: sweep.proof.verdict,
  packets: summary.packets,
  ms: summary.ms,
  targets: summary.targets,
  reasons: sweep.proof.reasons,
  loss: sweep.proof.loss,
  latenessMs: sweep.proof.latenessMs,
  ...(sweep.proof.tablePressure !== undefined && { tablePressure: sweep.proof.tablePressure }),
  controls: sweep.proof.controls,
  coverage: sweep.coverage.slice(0, 256),
  packetsByMethod: summary.packetsByMethod,
  aside: summary.aside,
  notes: summary.notes,
});

/** For programs: a line as each host is first seen, one for each device at the end, the summary last. */
export const createJsonView = (stdout: Output): ScanView => {
  const line = (value: unknown) => void stdout.write(`${JSON.stringify(value)}\n`);
  return {
    event: (event) => {
      if (event.kind === "seen")
        line({ event: "seen", address: event.address, ...(event.mac && { mac: event.mac }), method: event.method });
    },
    finish: async (result) => {
      for (const device of sorted(result.devices)) line(toJsonDevice(device));
      line(toJsonSummary(result));
    },
  };
};

const key = (address: string): string =>
  address.includes(":")
    ? `~${address}`
    : address
        .split(".")
        .map((part) => part.padStart(3, "0"))
        .join(".");

const sorted = (devices: readonly Device[]): readonly Device[] =>
  [...devices].sort((a, b) => (key(a.address) < key(b.address) ? -1 : 1));

const headings = ["address", "mac", "vendor", "name", "type", "seen by", "ms"] as const;

const toCells = (device: Device): string[] => [
  device.address,
  device.mac ?? "",
  device.vendor ?? (device.macIsLocal ? "(locally administered)" : ""),
  device.hostnames.join(" "),
  device.isSelf ? "this host" : device.type === "unknown" ? "" : device.type,
  device.evidence.map((e) => e.method).join(" "),
  device.latencyMs === undefined ? "" : device.latencyMs.toFixed(1),
];

const printTable = async (devices: readonly Device[], stdout: Output): Promise<void> => {
  const { default: Table } = await import("cli-table3");
  const bare = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
  };
  const none = {
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  };
  const plain = !stdout.isTTY;
  const table = new Table({
    head: headings.map((heading) => heading.toUpperCase()),
    chars: { ...bare, ...none },
    style: { "padding-left": 0, "padding-right": 0, border: [], head: plain ? [] : ["bold"] },
  });
  for (const device of sorted(devices)) table.push(toCells(device).map((cell) => cell.slice(0, 48)));
  stdout.write(`${table.toString().replace(/[ \t]+$/gm, "")}\n`);
};

const words: Readonly<Record<string, string>> = {
  "could-see": "could see: what did not answer was not there",
  partly: "saw partly: a silent address proves nothing where this applies",
  blind: "was blind: silence means nothing",
};

const toSentences = ({ sweep, summary }: SweepResult): string[] => {
  const { proof } = sweep;
  const elsewhere = Object.entries(summary.aside).map(([to, packets]) => `${to} (${packets})`);
  return [
    [
      `${summary.seen} seen`,
      ...(summary.covered > 0 ? [`${summary.covered} silent addresses asked ${summary.asks} times or more`] : []),
      `${summary.packets} packets in ${(summary.ms / 1_000).toFixed(1)} s`,
    ].join("; "),
    `the sweep ${words[proof.verdict]}`,
    ...proof.reasons.map((reason) => `  - ${reason}`),
    ...(elsewhere.length > 0 ? [`asked besides the targets: ${elsewhere.join(", ")}`] : []),
    ...summary.notes.map((note) => `note: ${note}`),
  ];
};

type Bar = { readonly update: (value: number, payload: { seen: number }) => void; readonly stop: () => void };

const loadBar = async (stderr: Output): Promise<Bar> => {
  const { SingleBar } = await import("cli-progress");
  const format = " {bar} {percentage} % | {seen} seen";
  const bar = new SingleBar({
    format,
    stream: stderr as NodeJS.WritableStream,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(100, 0, { seen: 0 });
  return { update: (value, payload) => bar.update(value, payload), stop: () => bar.stop() };
};

/** For a person: a bar while it goes on, then the table (or CSV) on stdout and the summary on stderr. */
export const createPersonView = ({ stdout, stderr }: CliDeps, csv: boolean): ScanView => {
  let bar: Bar | undefined;
  if (stderr.isTTY)
    void loadBar(stderr).then((made) => {
      bar = made;
    });
  return {
    event: (event) => {
      if (event.kind !== "progress") return;
      // Repeats and further methods come on top of the plan, so that the bar waits at 99.
      bar?.update(Math.min(99, Math.round((100 * event.sent) / event.planned)), { seen: event.seen });
    },
    finish: async (result) => {
      bar?.stop();
      if (csv) {
        const rows = [headings, ...sorted(result.devices).map(toCells)];
        stdout.write(rows.map(toCsvLine).join(""));
      } else if (result.devices.length > 0) await printTable(result.devices, stdout);
      stderr.write(`${toSentences(result).join("\n")}\n`);
    },
  };
};
