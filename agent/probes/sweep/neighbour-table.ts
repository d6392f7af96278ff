import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { type IpAddress, parseIp } from "../../../shared/ip.ts";
import { isUsableMac, type MacAddress, parseMac } from "../../../shared/mac.ts";

/** A row of the kernel's neighbour table: an address it asked for or heard of, on one interface. */
export type NeighbourRow = {
  readonly address: IpAddress;
  readonly device: string;
  /** Absent while the question is open and after it failed. */
  readonly mac?: MacAddress;
  /** Seconds since a neighbour last proved that it is there; only `ip -s neigh` tells. */
  readonly confirmedS?: number;
  /** "REACHABLE", "STALE", "DELAY", "PROBE", "INCOMPLETE", "FAILED", "PERMANENT"; only `ip neigh` tells. */
  readonly state?: string;
};

/** A kernel holds 1,024 rows by default and many more where it was tuned; a file beyond this is not read. */
const MAX_ROWS = 200_000;

/**
 * Decodes /proc/net/arp: "address type flags mac mask device", one heading line. Flag 0x2 (ATF_COM) marks a row whose MAC
 * is valid; 0x0 one that is asked for or failed. The table of the reader's own network namespace only.
 */
export const decodeProcArp = (text: string): NeighbourRow[] => {
  const rows: NeighbourRow[] = [];
  for (const line of text.split("\n", MAX_ROWS).slice(1)) {
    const [ip = "", type = "", flags = "", hardware = "", , device = ""] = line.split(/ +/);
    // 0x1 is Ethernet; tunnels and loopback have other types and no neighbours.
    if (type !== "0x1" || device === "") continue;
    const address = parseIp(ip);
    if (address === undefined) continue;
    const mac = (Number.parseInt(flags, 16) & 2) !== 0 ? parseMac(hardware) : undefined;
    rows.push(mac !== undefined && isUsableMac(mac) ? { address, device, mac } : { address, device });
  }
  return rows;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Decodes `ip -j -s neigh show`, of IPv4 or IPv6. Rows that are not as expected are left out. */
export const decodeIpNeigh = (json: string): NeighbourRow[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json || "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return parsed.slice(0, MAX_ROWS).flatMap((row): NeighbourRow[] => {
    if (!isRecord(row) || typeof row["dst"] !== "string") return [];
    const address = parseIp(row["dst"]);
    if (address === undefined) return [];
    const states = Array.isArray(row["state"]) ? row["state"] : [];
    const state = typeof states[0] === "string" ? states[0] : undefined;
    const mac = typeof row["lladdr"] === "string" ? parseMac(row["lladdr"]) : undefined;
    const valid = mac !== undefined && isUsableMac(mac) && state !== "FAILED" && state !== "INCOMPLETE";
    return [
      {
        address,
        device: typeof row["dev"] === "string" ? row["dev"] : "",
        ...(valid && { mac }),
        ...(typeof row["confirmed"] === "number" && { confirmedS: row["confirmed"] }),
        ...(state !== undefined && { state }),
      },
    ];
  });
};

/** The kernel's IPv4 neighbours. @throws the file system's error where there is no such table. */
export const readProcArp = (path = "/proc/net/arp"): NeighbourRow[] => decodeProcArp(readFileSync(path, "utf8"));

export const isReadable = (path: string): boolean => {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
};

/** Rows with their age, by iproute2; undefined where it isn't installed or doesn't answer. */
export const readIpNeigh = (family: 4 | 6, device?: string): Promise<NeighbourRow[] | undefined> =>
  new Promise((resolve) => {
    const argv = [`-${family}`, "-j", "-s", "neigh", "show", ...(device === undefined ? [] : ["dev", device])];
    execFile("ip", argv, { timeout: 2_000, maxBuffer: 64 * 1_048_576 }, (error, stdout) => {
      // With "dev" given, iproute2 leaves the device out of each row.
      resolve(
        error
          ? undefined
          : decodeIpNeigh(stdout).map((row) => (row.device === "" ? { ...row, device: device ?? "" } : row)),
      );
    });
  });

const readNumber = (path: string): number | undefined => {
  try {
    const value = Number(readFileSync(path, "utf8").trim());
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

export type KernelArp = {
  /** Milliseconds between the kernel's questions, and how many it asks. */
  readonly retransMs: number;
  readonly solicits: number;
  /** Rows that the table can hold; undefined inside a network namespace, where it can't be read. */
  readonly tableLimit: number | undefined;
};

export const readKernelArp = (device: string): KernelArp => {
  const own = `/proc/sys/net/ipv4/neigh/${device}`;
  return {
    retransMs: Math.min(60_000, Math.max(100, readNumber(`${own}/retrans_time_ms`) ?? 1_000)),
    solicits: Math.min(10, Math.max(1, readNumber(`${own}/mcast_solicit`) ?? 3)),
    tableLimit: readNumber("/proc/sys/net/ipv4/neigh/default/gc_thresh3"),
  };
};

export type TableStatistics = { readonly entries: number; readonly tableFulls: number };

/** Decodes /proc/net/stat/arp_cache: one line a CPU, hexadecimal; `entries` is the same on each, `table_fulls` adds up. */
export const decodeTableStatistics = (text: string): TableStatistics | undefined => {
  const [heading = "", ...lines] = text.trim().split("\n");
  const names = heading.trim().split(/ +/);
  const column = (line: string, name: string) =>
    Number.parseInt(line.trim().split(/ +/)[names.indexOf(name)] ?? "0", 16);
  if (!names.includes("entries") || !names.includes("table_fulls") || lines.length === 0) return undefined;
  return {
    entries: column(lines[0] ?? "", "entries"),
    tableFulls: lines.reduce((sum, line) => sum + column(line, "table_fulls"), 0),
  };
};

/** How full the table is; undefined inside a network namespace. */
export const readTableStatistics = (): TableStatistics | undefined => {
  try {
    return decodeTableStatistics(readFileSync("/proc/net/stat/arp_cache", "utf8"));
  } catch {
    return undefined;
  }
};
