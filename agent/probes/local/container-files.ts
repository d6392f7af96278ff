import { lookup } from "../../../shared/lookup.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { clip, compact } from "./text.ts";

type Container = SectionItem<"containers">;
type VirtualMachine = SectionItem<"virtualMachines">;

/** Pure readers of what container engines and hypervisors keep in files. Environments of containers hold secrets: never read. */

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? clip(value, 256) : undefined;

/** Docker's config.v2.json of one container. */
export const parseDockerConfig = (json: string): Container | undefined => {
  const config = parseJson(json);
  const id = isRecord(config) ? textOf(config["ID"]) : undefined;
  if (!isRecord(config) || id === undefined) return undefined;
  const state = isRecord(config["State"]) ? config["State"] : {};
  const inner = isRecord(config["Config"]) ? config["Config"] : {};
  return compact({
    engine: "docker",
    id,
    name: textOf(config["Name"])?.replace(/^\//, ""),
    image: textOf(inner["Image"]),
    state: state["Running"] === true ? (state["Paused"] === true ? "paused" : "running") : "stopped",
    createdAt: textOf(config["Created"]),
  });
};

/** Podman's (containers/storage) containers.json: all containers; metadata of each is JSON in a text. */
export const parsePodmanContainers = (json: string): readonly Container[] => {
  const list = parseJson(json);
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const id = isRecord(entry) ? textOf(entry["id"]) : undefined;
    if (!isRecord(entry) || id === undefined) return [];
    const metadata = parseJson(typeof entry["metadata"] === "string" ? entry["metadata"] : "null");
    const names = Array.isArray(entry["names"]) ? entry["names"] : [];
    return [
      compact({
        engine: "podman",
        id,
        name: textOf(names[0]),
        image: isRecord(metadata) ? textOf(metadata["image-name"]) : undefined,
        createdAt: textOf(entry["created"]),
      }),
    ];
  });
};

/** "docker-<64 hex>.scope", "libpod-<64 hex>.scope", "cri-containerd-<64 hex>.scope", "crio-<64 hex>.scope", and cgroup v1's bare ids. */
export const containerOfCgroup = (
  name: string,
  parent: string,
): { readonly engine: string; readonly id: string } | undefined => {
  const scope = /^(docker|libpod|cri-containerd|crio|containerd)-([0-9a-f]{64})\.scope$/.exec(name);
  const engines: Record<string, string> = {
    docker: "docker",
    libpod: "podman",
    "cri-containerd": "containerd",
    crio: "cri-o",
    containerd: "containerd",
  };
  if (scope) return { engine: engines[scope[1] ?? ""] ?? "unknown", id: scope[2] ?? "" };
  return /^[0-9a-f]{64}$/.test(name) && parent === "docker" ? { engine: "docker", id: name } : undefined;
};

/** An LXC container's config: "lxc.uts.name = web", "lxc.start.auto = 1". */
export const parseLxcConfig = (text: string): string | undefined =>
  /^\s*lxc\.(?:uts\.name|utsname)\s*=\s*(\S+)/m.exec(text)?.[1];

const xmlText = (xml: string, element: string): string | undefined =>
  new RegExp(`<${element}\\b[^>]*>([^<]{1,256})</${element}>`).exec(xml)?.[1]?.trim();

const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  k: 1_024,
  kib: 1_024,
  m: 1_048_576,
  mib: 1_048_576,
  g: 1_073_741_824,
  gib: 1_073_741_824,
  t: 1_099_511_627_776,
  tib: 1_099_511_627_776,
};

/** libvirt's domain XML, in which memory is KiB unless it says otherwise. */
export const parseLibvirtDomain = (xml: string): VirtualMachine | undefined => {
  const name = xmlText(xml, "name");
  if (name === undefined) return undefined;
  const uuid = xmlText(xml, "uuid")?.toLowerCase();
  const unit = /<memory\b[^>]*\bunit=['"](\w+)['"]/.exec(xml)?.[1]?.toLowerCase() ?? "kib";
  const memory = Number(xmlText(xml, "memory"));
  const vcpus = Number(xmlText(xml, "vcpu"));
  return compact({
    hypervisor: /<domain\b[^>]*\btype=['"](\w{1,32})['"]/.exec(xml)?.[1] ?? "libvirt",
    id: uuid ?? name,
    name,
    uuid,
    vcpus: Number.isSafeInteger(vcpus) && vcpus > 0 ? vcpus : undefined,
    memoryBytes: memory > 0 ? memory * (lookup(units, unit) ?? 1_024) : undefined,
  });
};

/** Proxmox' "100.conf": "name: web" (VM) or "hostname: web" (container), memory in MiB; snapshots follow in [brackets]. */
export const parseProxmoxConfig = (id: string, text: string): VirtualMachine => {
  const head = text.split(/^\[/m, 1)[0] ?? "";
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S.*)$`, "m").exec(head)?.[1]?.trim();
  const uuid = /\buuid=([0-9a-f-]{36})/i.exec(field("smbios1") ?? "")?.[1]?.toLowerCase();
  const cores = Number(field("cores") ?? 1) * Number(field("sockets") ?? 1);
  const memory = Number(field("memory"));
  return compact({
    hypervisor: "proxmox",
    id,
    name: textOf(field("name") ?? field("hostname")),
    uuid,
    vcpus: Number.isSafeInteger(cores) && cores > 0 ? cores : undefined,
    memoryBytes: memory > 0 ? memory * 1_048_576 : undefined,
  });
};
