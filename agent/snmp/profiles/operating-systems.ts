/** Hosts: Linux and BSD with net-snmp, Windows, Solaris, AIX, IBM i, z/OS, macOS. What an administrator added with `extend` is read by its usual names. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, compose, descr, entity, scalar, when } from "./rules.ts";

/** nsExtendOutput1Line and nsExtendOutputFull of an extend entry (NET-SNMP-EXTEND-MIB), and UCD's extTable form of the same. */
const extend = (name: string, pattern?: RegExp) => {
  const index = [name.length, ...[...name].map((c) => c.charCodeAt(0))].join(".");
  return [
    scalar(`E.8072.1.3.2.3.1.1.${index}`, pattern),
    scalar(`E.8072.1.3.2.3.1.2.${index}`, pattern),
    scalar(`E.2021.7890.1.3.1.1.${index}`, pattern),
    scalar(`E.2021.7890.2.3.1.1.${index}`, pattern),
    scalar(`E.2021.7890.3.3.1.1.${index}`, pattern),
  ];
};
/** By name wherever it stands; manufacturer and model together where both are there, also under the numbers that guides give them. */
const hardware = [
  ...[2, 3].map((n) =>
    compose(
      "{} {}",
      scalar(`E.2021.7890.${n}.3.1.1.12.109.97.110.117.102.97.99.116.117.114.101.114`),
      scalar(`E.2021.7890.${n - 1}.3.1.1.8.104.97.114.100.119.97.114.101`),
    ),
  ),
  compose("{} {}", extend("manufacturer"), extend("hardware")),
  ...extend("hardware"),
  scalar("E.674.10892.1.300.10.1.9.1"),
  scalar("E.232.2.2.4.2.0"),
];
const serial = [
  ...extend("serial"),
  scalar("E.674.10892.1.300.10.1.11.1"),
  scalar("E.232.2.2.2.1.0"),
  scalar("E.10876.100.1.6.1.16.1"),
];
export const linux = defineProfile({
  name: "linux",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /^Linux /,
  fallback: true,
  osName: "Linux",
  model: hardware,
  osVersion: [descr(/^Linux (\d\S+)/)],
  serialNumber: serial,
  features: extend("distro"),
});
export const bsd = defineProfile({
  name: "bsd",
  sysDescr: /^(FreeBSD|OpenBSD|NetBSD|DragonFly) /,
  fallback: true,
  osName: [descr(/^(\w+)/)],
  vendor: [descr(/^(\w+)/)],
  type: "server",
  model: hardware,
  osVersion: [descr(/^\w+ \S+ (\d\S+)/), descr(/^\w+ (\d\S+)/)],
  serialNumber: serial,
  features: extend("distro"),
});
/** Build numbers of Windows; servers and clients of one build are told apart by sysObjectID. */
const builds: readonly (readonly [build: number, server: string, client: string])[] = [
  [26100, "Server 2025", "11"],
  [22000, "Server 2022", "11"],
  [20348, "Server 2022", "11"],
  [17763, "Server 2019", "10"],
  [14393, "Server 2016", "10"],
  [10240, "Server 2016", "10"],
  [9600, "Server 2012 R2", "8.1"],
  [9200, "Server 2012", "8"],
  [7600, "Server 2008 R2", "7"],
  [6001, "Server 2008", "Vista"],
  [6000, "Server 2008", "Vista"],
  [3790, "Server 2003", "XP x64"],
  [2600, "XP", "XP"],
  [2195, "2000", "2000"],
];
export const windows = defineProfile({
  name: "windows",
  sysObjectID: "E.311.1.1.3.1",
  vendor: "Microsoft",
  osName: "Windows",
  type: [bySysObjectID("E.311.1.1.3.1", { "1": "workstation", "2": "server", "3": "server" })],
  model: [
    when(/AMD64/, "AMD x64"),
    when(/Intel64|EM64T/, "Intel x64"),
    when(/x86 Family|x86/, "Generic x86"),
    when(/ARM/, "ARM64"),
  ],
  osVersion: [
    {
      find: ({ sysDescr, sysObjectID }) => {
        const match = /Version (\d+\.\d+) \(Build (?:Number: )?(\d+)/.exec(sysDescr);
        const row = match && builds.find(([build]) => Number(match[2]) >= build);
        if (!match || !row) return undefined;
        return {
          value: `${/\.1\.1\.3\.1\.1$/.test(sysObjectID ?? "") ? row[2] : row[1]} (NT ${match[1]})`,
          source: "sysDescr",
          confidence: "derived",
        };
      },
    },
    descr(/Version (\d+\.\d+)/),
  ],
  serialNumber: [scalar("E.674.10892.1.300.10.1.11.1"), scalar("E.232.2.2.2.1.0")],
  features: [descr(/(Multiprocessor|Uniprocessor)/)],
});
export const solaris = defineProfile({
  name: "solaris",
  sysObjectID: ["E.8072.3.2.3", "E.42"],
  vendor: [when(/Nexenta/, "Nexenta"), fixed("Oracle")],
  osName: [when(/Nexenta|illumos|omnios|joyent/i, "illumos"), fixed("Solaris")],
  type: "server",
  model: [scalar("E.42.3.1.1.0", /((?:Sun|SPARC|ORCL)\S+)/)],
  osVersion: [descr(/SunOS \S+ (\d\S+)/), descr(/(?:Release|Solaris) (\d\S*)/)],
});
export const aix = defineProfile({
  name: "aix",
  sysObjectID: "E.2.3.1.2.1.1.3",
  vendor: "IBM",
  osName: [when(/VIOS/, "VIOS"), fixed("AIX")],
  type: "server",
  model: [scalar("E.2.6.191.1.3.6.0", /^(?:IBM,)?(\S+)/), descr(/Machine Type: (\S+)/)],
  osVersion: [
    {
      find: ({ sysDescr }) => {
        const match = /(?:AIX|VIOS) version: (\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(sysDescr);
        // Padded groups, 06.01.0009.0300: what oslevel prints is 6.1.9.300.
        return match === null
          ? undefined
          : { value: match.slice(1, 5).map(Number).join("."), source: "sysDescr", confidence: "derived" };
      },
    },
  ],
  serialNumber: [scalar("E.2.6.191.1.3.7.0", /^(?:IBM,)?(\S+)/), descr(/Processor id: (\S+)/)],
});
export const aixNetSnmp = defineProfile({
  name: "aix-net-snmp",
  sysObjectID: "E.8072.3.2.15",
  vendor: "IBM",
  osName: "AIX",
  type: "server",
  osVersion: [descr(/^AIX \S+ (\d) (\d)/, "$2.$1")],
  model: [],
});
export const ibmI = defineProfile({
  name: "ibm-i",
  sysObjectID: "E.2.6.11",
  vendor: "IBM",
  osName: "IBM i",
  type: "server",
  osVersion: [descr(/(V\d+R\d+M\d+)/)],
});
export const ibmDpi = defineProfile({
  name: "ibm-dpi",
  sysObjectID: "E.2.6.223",
  vendor: "IBM",
  type: "pdu",
  osVersion: [descr(/DPI (V\S+)/)],
  model: [scalar("E.2.6.223.7.3.0"), descr(/^IBM (DPI)/)],
  serialNumber: [scalar("E.2.6.223.7.9.0")],
});
export const macos = defineProfile({
  name: "macos",
  sysObjectID: "E.8072.3.2.16",
  vendor: "Apple",
  osName: "macOS",
  type: "server",
  osVersion: [descr(/Darwin Kernel Version (\d[\d.]+)/), descr(/^Darwin \S+ (\d\S+)/)],
});
export const hpUx = defineProfile({
  name: "hp-ux",
  sysObjectID: ["E.8072.3.2.6", "E.8072.3.2.14", "E.11.2.3.2"],
  vendor: "HPE",
  osName: "HP-UX",
  type: "server",
  model: [descr(/HP-UX \S+ \S+ \w+ (\S+)/)],
  osVersion: [descr(/HP-UX \S+ (\S+)/)],
});
export const vmwareEsxi = defineProfile({
  name: "vmware-esxi",
  sysObjectID: "E.6876",
  vendor: "VMware",
  osName: [when(/vCenter/, "vCenter Server Appliance"), fixed("ESXi")],
  type: [when(/vCenter|VCSA/, "server"), fixed("hypervisor")],
  model: [scalar("1.3.6.1.2.1.47.1.1.1.1.2.1"), entity("descr")],
  osVersion: [scalar("E.6876.1.2.0"), descr(/VMware\S*(?: ESXi?)? (\d+\.\d+\.\d+\S*)/)],
  serialNumber: [entity("serial", /^(?!VMware)(\S{5,40})$/)],
  features: [descr(/(build)[ -](\d+)/, "$1 $2"), scalar("E.6876.1.4.0")],
});
export const xenserver = defineProfile({
  name: "xenserver",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /xen0?\b.*(XenServer|xcp)|XCP-ng/i,
  vendor: "Citrix",
  osName: "XenServer",
  type: "hypervisor",
  osVersion: extend("distro", /(\d+\.\d+\S*)/),
});
export const nutanix = defineProfile({
  name: "nutanix",
  sysObjectID: "E.41263",
  vendor: "Nutanix",
  type: "hypervisor",
  osName: "AOS",
  osVersion: [scalar("E.41263.502.0"), descr(/el\d\.nutanix\.(\d+)/)],
});
export const nutanixLinux = defineProfile({
  name: "nutanix-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.41263"],
  vendor: "Nutanix",
  type: "hypervisor",
  osName: "AOS",
  osVersion: [scalar("E.41263.502.0")],
});
export const proxmox = defineProfile({
  name: "proxmox",
  sysObjectID: "E.8072.3.2.10",
  sysDescr: /-pve /,
  vendor: "Proxmox",
  osName: "Proxmox VE",
  type: "hypervisor",
  model: hardware,
  osVersion: [...extend("distro", /(\d+\.\d+\S*)/), descr(/^Linux \S+ (\S+-pve)/)],
  serialNumber: serial,
});
