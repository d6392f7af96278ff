import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";

/**
 * What the system's own programs say of this host, as facts by name; and the same facts as an inventory tells them.
 * A fact may have several right values, where programs that people trust differ (lsmem and /proc/meminfo on memory).
 */
export type Reference = ReadonlyMap<string, readonly string[]>;
export type Answers = ReadonlyMap<string, string>;

const ask = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, maxBuffer: 64 << 20 });
const file = (path: string): string => readFileSync(path, "utf8").trim();
const json = <T>(text: string): T => JSON.parse(text) as T;

type Facts = Map<string, readonly string[]>;

const readOs = (facts: Facts): void => {
  const release = new Map(
    file("/etc/os-release")
      .split("\n")
      .map((line) => [line.split("=")[0], line.replace(/^[^=]*=/, "").replaceAll('"', "")] as const),
  );
  facts.set("os.name", [release.get("NAME") ?? ""]);
  facts.set("os.version", [
    release.get("VERSION_ID") ?? "",
    ...(release.get("ID") === "debian" ? [file("/etc/debian_version")] : []),
  ]);
  facts.set("os.kernel", [ask("uname", "-r").trim()]);
  facts.set("os.architecture", [ask("uname", "-m").trim()]);
  facts.set("os.hostname", [ask("uname", "-n").trim()]);
  if (existsSync("/etc/machine-id")) facts.set("os.machineId", [file("/etc/machine-id")]);
  const isLink = existsSync("/etc/localtime") && lstatSync("/etc/localtime").isSymbolicLink();
  const zone = isLink ? /zoneinfo\/(.+)$/.exec(readlinkSync("/etc/localtime"))?.[1] : undefined;
  if (zone !== undefined) facts.set("os.timeZone", [zone, ask("date", "+%Z").trim()]);
  facts.set("os.bootedAtSeconds", [/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? ""]);
};

const readCpu = (facts: Facts): void => {
  const { lscpu } = json<{ lscpu: { field: string; data: string }[] }>(ask("lscpu", "-J"));
  const field = (name: string): string => lscpu.find((one) => one.field === `${name}:`)?.data ?? "";
  const cores = Number(field("Core(s) per socket"));
  facts.set("cpu.sockets", [field("Socket(s)")]);
  facts.set("cpu.model", [field("Model name")]);
  facts.set("cpu.manufacturer", [field("Vendor ID"), field("Vendor ID") === "GenuineIntel" ? "Intel" : "AMD"]);
  facts.set("cpu.coresPerSocket", [String(cores)]);
  facts.set("cpu.threadsPerSocket", [String(cores * Number(field("Thread(s) per core")))]);
  facts.set("cpu.stepping", [field("Stepping")]);
  if (field("Hypervisor vendor") !== "") facts.set("system.hypervisor", [field("Hypervisor vendor").toLowerCase()]);
};

const readMemory = (facts: Facts): void => {
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  const kib = (name: string): string =>
    String(Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1]) * 1_024);
  const online = /online memory:\s+(\d+)/.exec(ask("lsmem", "-b", "--summary=only"))?.[1] ?? "";
  facts.set("memory.totalBytes", [online, kib("MemTotal")]);
  facts.set("memory.swapBytes", [kib("SwapTotal")]);
};

type Block = {
  name: string;
  size: number;
  type: string;
  serial: string | null;
  model: string | null;
  rev: string | null;
  tran: string | null;
  ro: boolean;
  fstype: string | null;
  mountpoints: (string | null)[];
  children?: Block[];
};

const readStorage = (facts: Facts): void => {
  const { blockdevices } = json<{ blockdevices: Block[] }>(
    ask("lsblk", "-J", "-b", "-o", "NAME,SIZE,TYPE,SERIAL,MODEL,REV,TRAN,RO,FSTYPE,MOUNTPOINTS"),
  );
  for (const disk of blockdevices.filter(({ type, name }) => type === "disk" && !name.startsWith("zram"))) {
    facts.set(`disk.${disk.name}.sizeBytes`, [String(disk.size)]);
    // lsblk asks udev for serials; where none runs, the kernel's file has it.
    let serial = disk.serial ?? "";
    if (serial === "") {
      try {
        serial = file(`/sys/block/${disk.name}/serial`);
      } catch {
        serial = "";
      }
    }
    if (serial !== "") facts.set(`disk.${disk.name}.serialNumber`, [serial]);
    if (disk.model) facts.set(`disk.${disk.name}.model`, [disk.model]);
    for (const part of disk.children ?? [])
      if (part.type === "part") facts.set(`partition.${part.name}.sizeBytes`, [String(part.size)]);
  }
  type Found = { target: string; source: string; fstype: string; size: number; children?: Found[] };
  const walk = (found: Found): void => {
    if (!found.source.includes("[")) {
      facts.set(`filesystem.${found.target}.type`, [found.fstype]);
      facts.set(`filesystem.${found.target}.sizeBytes`, [String(found.size)]);
      facts.set(`filesystem.${found.target}.device`, [found.source]);
    }
    for (const child of found.children ?? []) walk(child);
  };
  for (const found of json<{ filesystems: Found[] }>(
    ask("findmnt", "-J", "-b", "-o", "TARGET,SOURCE,FSTYPE,SIZE", "--real"),
  ).filesystems)
    walk(found);
};

type Link = {
  ifname: string;
  mtu: number;
  operstate: string;
  address?: string;
  flags: string[];
  addr_info: { family: string; local: string; prefixlen: number; deprecated?: boolean }[];
};
type Route = { dst: string; gateway?: string; dev: string };

const readLinks = (facts: Facts, run: typeof ask): void => {
  for (const link of json<Link[]>(run("ip", "-j", "addr"))) {
    facts.set(`interface.${link.ifname}.mtu`, [String(link.mtu)]);
    facts.set(`interface.${link.ifname}.status`, [
      link.operstate.toLowerCase(),
      link.flags.includes("UP") ? "up" : "down",
    ]);
    if (link.address && link.address !== "00:00:00:00:00:00") facts.set(`interface.${link.ifname}.mac`, [link.address]);
    for (const { local, prefixlen, deprecated } of link.addr_info)
      if (!deprecated) facts.set(`address.${link.ifname}.${local}`, [String(prefixlen)]);
  }
  const routes = (family: string): Route[] => json<Route[]>(run("ip", "-j", family, "route") || "[]");
  for (const [family, all, none] of [
    ["-4", "0.0.0.0/0", "0.0.0.0"],
    ["-6", "::/0", "::"],
  ] as const) // biome format: keep as a table
    for (const { dst, gateway, dev } of routes(family)) {
      const destination = dst === "default" ? all : dst.includes("/") ? dst : `${dst}/${family === "-4" ? 32 : 128}`;
      facts.set(`route.${destination}.${dev}`, [gateway ?? none]);
    }
};

/** Links, addresses and routes as `ip` tells them, asked by `run`: in another network namespace, for one. */
export const readNetworkReference = (run: typeof ask): Reference => {
  const facts: Facts = new Map();
  readLinks(facts, run);
  return facts;
};

const readNetwork = (facts: Facts): void => {
  readLinks(facts, ask);
  const servers = [...file("/etc/resolv.conf").matchAll(/^nameserver\s+(\S+)/gm)].map((match) => match[1] ?? "");
  facts.set("dns.servers", [servers.join(" ")]);
};

const readSockets = (facts: Facts): void => {
  const [low, high] = file("/proc/sys/net/ipv4/ip_local_port_range").split(/\s+/).map(Number) as [number, number];
  for (const line of ask("ss", "-ltnupH").split("\n").filter(Boolean)) {
    const [protocol = "", , , , local = "", , users = ""] = line.trim().split(/\s+/);
    const port = Number(/:(\d+)$/.exec(local)?.[1]);
    // What the kernel dealt out to a client is a conversation, not a door (agent/probes/local/listening.ts).
    if (protocol === "udp" && port >= low && port <= high) continue;
    const address = local.replace(/:\d+$/, "").replace(/[[\]]/g, "").replace(/%.*$/, "").replace("*", "::");
    const names = [...new Set([...users.matchAll(/\("([^"]+)"/g)].map((match) => match[1]))].sort().join(", ");
    facts.set(`socket.${protocol}.${address}.${port}`, [names]);
  }
};

const readPackages = (facts: Facts): void => {
  const format = ["db:Status-Status", "Package", "Architecture", "Version"].map((field) => `\${${field}}`).join("\\t");
  const list = ask("dpkg-query", "-W", "-f", `${format}\\n`);
  for (const line of list.split("\n")) {
    const [status, name, architecture, version = ""] = line.split("\t");
    if (status === "installed") facts.set(`package.${name}.${architecture}`, [version]);
  }
};

/** Each fact by the program that is asked first for it: lsblk, findmnt, ip, lscpu, lsmem, ss, dpkg-query, uname, /proc. */
export const readReference = (): Reference => {
  const facts: Facts = new Map();
  for (const read of [readOs, readCpu, readMemory, readStorage, readNetwork, readSockets, readPackages]) read(facts);
  return facts;
};

type Item = Readonly<Record<string, unknown>>;
type Output = {
  readonly sections: Readonly<Record<string, unknown>>;
  readonly gauges: Readonly<Record<string, number>>;
};

/** The facts in what `rollcall-agent inventory --json` printed. */
export const answersOf = ({ sections, gauges }: Output): Answers => {
  const found = new Map<string, string>();
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) found.set(name, String(value));
  };
  const value = (name: string): Item => (sections[name] ?? {}) as Item;
  const list = (name: string): readonly Item[] => (sections[name] ?? []) as readonly Item[];
  for (const field of ["name", "version", "kernel", "architecture", "hostname", "machineId", "timeZone"])
    put(`os.${field}`, value("os")[field]);
  put("os.bootedAtSeconds", gauges["os.bootedAtSeconds"]);
  put("system.hypervisor", value("system")["hypervisor"]);
  const [cpu] = list("cpu");
  put("cpu.sockets", list("cpu").length);
  for (const [fact, field] of [
    ["model", "model"],
    ["manufacturer", "manufacturer"],
    ["coresPerSocket", "cores"],
    ["threadsPerSocket", "threads"],
    ["stepping", "stepping"],
  ] as const) // biome format: keep as a table
    put(`cpu.${fact}`, cpu?.[field]);
  put("memory.totalBytes", value("memory")["totalBytes"]);
  put("memory.swapBytes", value("memory")["swapBytes"]);
  for (const disk of list("disks"))
    for (const field of ["sizeBytes", "serialNumber", "model"]) put(`disk.${disk["name"]}.${field}`, disk[field]);
  for (const part of list("partitions")) put(`partition.${part["name"]}.sizeBytes`, part["sizeBytes"]);
  for (const fs of list("filesystems"))
    for (const field of ["type", "sizeBytes", "device"]) put(`filesystem.${fs["mountPoint"]}.${field}`, fs[field]);
  for (const link of list("interfaces")) {
    put(`interface.${link["name"]}.mtu`, link["mtu"]);
    put(`interface.${link["name"]}.status`, link["operStatus"]);
    put(`interface.${link["name"]}.mac`, link["mac"]);
  }
  for (const address of list("addresses"))
    put(`address.${address["interface"]}.${address["address"]}`, address["prefixLength"]);
  for (const route of list("routes")) put(`route.${route["destination"]}.${route["interface"]}`, route["gateway"]);
  put("dns.servers", (value("dns")["servers"] as string[] | undefined)?.join(" "));
  for (const socket of list("listening"))
    put(`socket.${socket["protocol"]}.${socket["address"]}.${socket["port"]}`, socket["process"] ?? "");
  for (const pkg of list("software"))
    if (pkg["manager"] === "dpkg") put(`package.${pkg["name"]}.${pkg["architecture"]}`, pkg["version"]);
  return found;
};

export type Score = {
  readonly right: number;
  readonly wrong: readonly string[];
  readonly missing: readonly string[];
  /** Told, though the reference has no such item: judged where the reference is a whole list. */
  readonly extra: readonly string[];
};

const MEBIBYTE = 1_048_576;
const lists = /^(package|address|interface|socket|route|disk|partition|filesystem)\./;

const isSame = (name: string, wanted: string, got: string): boolean =>
  wanted === got ||
  // The kernel derives its start from two clocks and may say one second more or less.
  (/AtSeconds$/.test(name) && Math.abs(Number(wanted) - Number(got)) <= 1) ||
  (/Bytes$/.test(name) && got !== "" && Math.abs(Number(wanted) - Number(got)) <= MEBIBYTE);

/** Sizes count as right within a mebibyte, since some inventories round to one. */
export const scoreAnswers = (reference: Reference, answers: Answers): Score => {
  const wrong: string[] = [];
  const missing: string[] = [];
  let right = 0;
  for (const [name, wanted] of reference) {
    const got = answers.get(name);
    if (got === undefined) missing.push(name);
    else if (wanted.some((one) => isSame(name, one, got))) right++;
    else wrong.push(`${name}: ${got}, should be ${wanted.join(" or ")}`);
  }
  const extra = [...answers.keys()].filter(
    (name) => lists.test(name) && !reference.has(name) && !/\.(model|serialNumber)$/.test(name),
  );
  return { right, wrong, missing, extra };
};

/** Facts that two readings agree on: what changed while an inventory ran can't be held against it. */
export const steadyFacts = (before: Reference, after: Reference): Reference =>
  new Map([...before].filter(([name, values]) => after.get(name)?.join("\0") === values.join("\0")));
