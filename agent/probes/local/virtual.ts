import { readMounts } from "./storage/read-mounts.ts";
import { parseAssignments } from "./text.ts";
import type { Tree } from "./tree.ts";

export type Virtualization = {
  readonly virtualization: "none" | "vm" | "container";
  /** "kvm", "vmware", "lxc", "docker" ...; absent on bare metal and where only the fact is known. */
  readonly hypervisor?: string;
};

/** First match wins. Vendors of virtual firmware, as they name themselves in SMBIOS. */
const firmwareVendors: readonly (readonly [RegExp, string])[] = [
  [/\bAmazon EC2\b/i, "amazon"],
  [/Google Compute Engine/i, "google"],
  [/DigitalOcean|Hetzner|OpenStack|KubeVirt|oVirt|RHEV/i, "kvm"],
  [/VMware/i, "vmware"],
  [/VirtualBox|innotek/i, "virtualbox"],
  [/\bXen\b/i, "xen"],
  [/Parallels/i, "parallels"],
  [/BHYVE/i, "bhyve"],
  [/Apple Virtualization/i, "apple"],
  [/\bQEMU\b|\bKVM\b|\bBochs\b|SeaBIOS/i, "kvm"],
]; // biome format: keep as a table

/** Paravirtual clocks and the hypervisor that offers them: readable by everybody, and there without any SMBIOS (Firecracker). */
const clockVendors: readonly (readonly [RegExp, string])[] = [
  [/kvm-clock/, "kvm"],
  [/hyperv/, "microsoft"],
  [/\bxen\b/, "xen"],
];

export type VirtualizationSigns = {
  /** What marks a container: the value of `container=` in init's environment, or of systemd's own file. */
  readonly container: string | undefined;
  readonly dockerEnv: boolean;
  readonly podmanEnv: boolean;
  /** The root file system is a whole disk's: no engine of container images makes such a root. */
  readonly rootOnDisk: boolean;
  readonly openvz: boolean;
  readonly initCgroup: string;
  readonly kernelRelease: string;
  /** Vendor, product, board and BIOS of SMBIOS, joined. */
  readonly firmware: string;
  readonly hypervisorType: string | undefined;
  readonly clockSources: string;
  readonly deviceTreeHypervisor: boolean;
  /** The processor says that it runs under a hypervisor (CPUID 1, ECX bit 31). */
  readonly hypervisorFlag: boolean;
  readonly hasFirmware: boolean;
};

/** A container is named before the machine below it: what the host's owner can manage is the container. */
export const judgeVirtualization = (signs: VirtualizationSigns): Virtualization => {
  const container = containerOf(signs);
  if (container !== undefined) return { virtualization: "container", hypervisor: container };
  if (/Microsoft Corporation/.test(signs.firmware) && /Virtual Machine/.test(signs.firmware))
    return { virtualization: "vm", hypervisor: "microsoft" };
  const vendor = firmwareVendors.find(([pattern]) => pattern.test(signs.firmware))?.[1];
  // EC2's bare-metal instances carry Amazon's name too, but their processors know of no hypervisor.
  if (vendor !== undefined && !(vendor === "amazon" && !signs.hypervisorFlag))
    return { virtualization: "vm", hypervisor: vendor };
  if (signs.hypervisorType !== undefined) return { virtualization: "vm", hypervisor: signs.hypervisorType };
  if (signs.deviceTreeHypervisor) return { virtualization: "vm", hypervisor: "kvm" };
  if (!signs.hypervisorFlag) return { virtualization: "none" };
  const clock = clockVendors.find(([pattern]) => pattern.test(signs.clockSources))?.[1];
  // Hyper-V sets the flag on its own root partition as well, which is a physical host with a name of its own.
  if (clock === "microsoft" && signs.hasFirmware) return { virtualization: "none" };
  return clock === undefined ? { virtualization: "vm" } : { virtualization: "vm", hypervisor: clock };
};

const containerOf = (signs: VirtualizationSigns): string | undefined => {
  if (signs.container) return signs.container;
  // Both files also lie in the images of virtual machines that were made from container images.
  if (signs.podmanEnv && !signs.rootOnDisk) return "podman";
  if (signs.dockerEnv && !signs.rootOnDisk) return "docker";
  if (signs.openvz) return "openvz";
  if (/\bmicrosoft\b.*\bwsl|-microsoft-/i.test(signs.kernelRelease)) return "wsl";
  const inCgroup = /(?:^|[/:-])(docker|lxc|kubepods|libpod|machine\.slice\/systemd-nspawn)/.exec(signs.initCgroup)?.[1];
  if (inCgroup === undefined) return undefined;
  return (
    { kubepods: "kubernetes", libpod: "podman", "machine.slice/systemd-nspawn": "systemd-nspawn" }[inCgroup] ?? inCgroup
  );
};

/** systemd keeps the name for everybody in a file; init's environment is root's to read. */
const readContainer = (tree: Tree): string | undefined =>
  tree.value("/run/systemd/container") ??
  parseAssignments((tree.readText("/proc/1/environ") ?? "").replaceAll("\0", "\n")).get("container");

export const readVirtualization = (tree: Tree): Virtualization => {
  const dmi = (name: string) => tree.value(`/sys/class/dmi/id/${name}`) ?? "";
  const firmware = ["sys_vendor", "product_name", "board_vendor", "bios_vendor", "product_version"].map(dmi).join(" ");
  return judgeVirtualization({
    container: readContainer(tree),
    dockerEnv: tree.exists("/.dockerenv"),
    podmanEnv: tree.exists("/run/.containerenv"),
    rootOnDisk: readMounts(tree).some(
      ({ mountPoint, root, dev }) => mountPoint === "/" && root === "/" && !dev.startsWith("0:"),
    ),
    openvz: tree.exists("/proc/vz") && !tree.exists("/proc/bc"),
    initCgroup: tree.readText("/proc/1/cgroup") ?? "",
    kernelRelease: tree.value("/proc/sys/kernel/osrelease") ?? "",
    firmware,
    hypervisorType: tree.value("/sys/hypervisor/type"),
    clockSources: tree.value("/sys/devices/system/clocksource/clocksource0/available_clocksource") ?? "",
    deviceTreeHypervisor: tree.exists("/proc/device-tree/hypervisor"),
    hypervisorFlag: /^flags\s*:.*\bhypervisor\b/m.test(tree.readText("/proc/cpuinfo", { maxBytes: 16_777_216 }) ?? ""),
    hasFirmware: firmware.trim() !== "",
  });
};

/** In a container the hardware that /sys shows is the host's, which has an inventory of its own. */
export const isContainer = (tree: Tree): boolean => readVirtualization(tree).virtualization === "container";
