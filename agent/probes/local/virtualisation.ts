import { z } from "zod";
import type { SectionItem, SectionName } from "../../../shared/protocol/sections.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import {
  containerOfCgroup,
  parseDockerConfig,
  parseLibvirtDomain,
  parseLxcConfig,
  parsePodmanContainers,
  parseProxmoxConfig,
} from "./container-files.ts";
import { createTree, type Tree } from "./tree.ts";

type Container = SectionItem<"containers">;
type VirtualMachine = SectionItem<"virtualMachines">;

const DOCKER = "/var/lib/docker/containers";
const PODMAN = "/var/lib/containers/storage/overlay-containers";
const LIBVIRT = ["/etc/libvirt/qemu", "/etc/libvirt/lxc", "/run/libvirt/qemu"];
const MAX_DEPTH = 8;

/** Containers with processes now, as the control groups name them: seen by everybody, but without names and images. */
const readRunning = (tree: Tree): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const visit = (folder: string, parent: string, depth: number): void => {
    for (const name of tree.list(folder)) {
      const container = containerOfCgroup(name, parent);
      if (container !== undefined) found.set(container.id, container.engine);
      else if (depth < MAX_DEPTH && (/\.slice$/.test(name) || /^(docker|kubepods|unified|systemd)$/.test(name)))
        visit(`${folder}/${name}`, name, depth + 1);
    }
  };
  visit("/sys/fs/cgroup", "", 0);
  return found;
};

const readEngines = (tree: Tree): Container[] => {
  const docker = tree
    .list(DOCKER)
    .flatMap((id) => parseDockerConfig(tree.readText(`${DOCKER}/${id}/config.v2.json`) ?? "") ?? []);
  const podman = parsePodmanContainers(tree.readText(`${PODMAN}/containers.json`, { maxBytes: 16_777_216 }) ?? "");
  const lxc = tree.list("/var/lib/lxc").flatMap((id) => {
    const config = tree.readText(`/var/lib/lxc/${id}/config`);
    return config === undefined ? [] : [{ engine: "lxc", id, name: parseLxcConfig(config) ?? id }];
  });
  const nspawn = tree
    .list("/var/lib/machines")
    .filter((name) => !name.startsWith(".") && tree.isDirectory(`/var/lib/machines/${name}`))
    .map((name) => ({ engine: "systemd-nspawn", id: name, name }));
  return [...docker, ...podman, ...lxc, ...nspawn];
};

const readContainers = (tree: Tree): Container[] => {
  const running = readRunning(tree);
  const known = readEngines(tree).map((container) =>
    running.has(container.id) && container.state === undefined ? { ...container, state: "running" } : container,
  );
  const ids = new Set(known.map(({ id }) => id));
  const unnamed = [...running].filter(([id]) => !ids.has(id)).map(([id, engine]) => ({ engine, id, state: "running" }));
  return [...known, ...unnamed];
};

const readLibvirt = (tree: Tree): VirtualMachine[] => {
  const running = new Set(tree.list("/run/libvirt/qemu").map((name) => name.replace(/\.(xml|pid)$/, "")));
  const machines = LIBVIRT.flatMap((folder) =>
    tree
      .list(folder)
      .filter((name) => name.endsWith(".xml"))
      .flatMap((name) => parseLibvirtDomain(tree.readText(`${folder}/${name}`) ?? "") ?? []),
  );
  // A running machine has its definition in two places.
  const unique = new Map(machines.map((machine) => [machine.id, machine]));
  return [...unique.values()].map((machine) => ({
    ...machine,
    state: running.has(machine.name ?? "") ? "running" : "stopped",
  }));
};

const readProxmox = (tree: Tree): VirtualMachine[] =>
  tree.list("/etc/pve/qemu-server").flatMap((file) => {
    const id = /^(\d+)\.conf$/.exec(file)?.[1];
    const text = id === undefined ? undefined : tree.readText(`/etc/pve/qemu-server/${file}`);
    if (id === undefined || text === undefined) return [];
    return [
      { ...parseProxmoxConfig(id, text), state: tree.exists(`/run/qemu-server/${id}.pid`) ? "running" : "stopped" },
    ];
  });

const closed = (tree: Tree, section: SectionName, folders: readonly string[]): SectionFailure[] => {
  const denied = tree.denied.filter((path) =>
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`)),
  );
  return denied.length === 0
    ? []
    : [{ section, kind: "needs-privilege", reason: `root alone may read ${denied.slice(0, 3).join(", ")}` }];
};

const TIMEOUT_MS = 15_000;

/**
 * Containers and virtual machines that live on this host. A list that permissions keep from us is left out whole:
 * half of it would read as if the other half had been removed.
 */
export const virtualisation = defineProbe({
  name: "virtualisation",
  sections: ["containers", "virtualMachines"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const containers = readContainers(tree);
    const virtualMachines = [...readLibvirt(tree), ...readProxmox(tree)];
    const failures = [
      ...closed(tree, "containers", [DOCKER, PODMAN, "/var/lib/lxc", "/var/lib/machines"]),
      ...closed(tree, "virtualMachines", [...LIBVIRT, "/etc/pve"]),
    ];
    const failed = new Set(failures.map(({ section }) => section));
    return {
      status: "ok",
      sections: {
        ...(failed.has("containers") ? {} : { containers }),
        ...(failed.has("virtualMachines") ? {} : { virtualMachines }),
      },
      failures,
    };
  },
});
