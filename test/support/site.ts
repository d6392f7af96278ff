/**
 * A site of a few hundred devices as a store would hold it: for looking at the console and for tests of the read side. Made
 * from a seed, written through the store's own transaction; what agents send and the engine decides is tested elsewhere.
 */
import type { Store, StoredItems, Tx } from "../../collector/store/store.ts";
import { toTimestamp } from "../../shared/clock.ts";
import {
  type AgentId,
  type AssetId,
  createAgentId,
  createAssetId,
  createIncidentId,
  createRecordId,
} from "../../shared/ids.ts";
import type { Change, PresenceState } from "../../shared/model/asset.ts";
import type { Evidence, Incident, TicketEvent } from "../../shared/model/incident.ts";
import { hashOfItems, itemHash, itemKey } from "../../shared/protocol/canonical.ts";
import type { DeviceType } from "../../shared/protocol/device-types.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import { putPlaces } from "./site-places.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Model = {
  readonly type: DeviceType;
  readonly manufacturer: string;
  readonly model: string;
  readonly os?: readonly [string, string];
  readonly prefix: string;
  readonly share: number;
  readonly oui: string;
};

const models: readonly Model[] = [
  {
    type: "laptop",
    manufacturer: "Lenovo",
    model: "ThinkPad T14 Gen 4",
    os: ["Ubuntu", "24.04"],
    prefix: "nb-",
    share: 28,
    oui: "54:ee:75",
  },
  {
    type: "laptop",
    manufacturer: "Dell Inc.",
    model: "Latitude 5450",
    os: ["Windows 11 Pro", "23H2"],
    prefix: "lt-",
    share: 22,
    oui: "a4:bb:6d",
  },
  {
    type: "desktop",
    manufacturer: "HP",
    model: "EliteDesk 800 G6",
    os: ["Windows 11 Pro", "23H2"],
    prefix: "pc-",
    share: 14,
    oui: "e8:d8:d1",
  },
  {
    type: "server",
    manufacturer: "Dell Inc.",
    model: "PowerEdge R650",
    os: ["Debian GNU/Linux", "13"],
    prefix: "srv-",
    share: 8,
    oui: "b0:7b:25",
  },
  {
    type: "virtual-machine",
    manufacturer: "QEMU",
    model: "Standard PC (Q35 + ICH9, 2009)",
    os: ["Debian GNU/Linux", "13"],
    prefix: "vm-",
    share: 16,
    oui: "52:54:00",
  },
  {
    type: "switch",
    manufacturer: "Cisco",
    model: "C9300-48P",
    os: ["IOS XE", "17.9.4a"],
    prefix: "sw-",
    share: 4,
    oui: "00:1e:bd",
  },
  { type: "access-point", manufacturer: "Ubiquiti", model: "U6-Pro", prefix: "ap-", share: 5, oui: "78:45:58" },
  { type: "printer", manufacturer: "Brother", model: "MFC-L8900CDW", prefix: "prn-", share: 4, oui: "00:80:77" },
  { type: "camera", manufacturer: "Axis", model: "P3265-LVE", prefix: "cam-", share: 3, oui: "ac:cc:8e" },
  { type: "phone", manufacturer: "Yealink", model: "SIP-T46U", prefix: "tel-", share: 6, oui: "80:5e:c0" },
  { type: "ups", manufacturer: "APC", model: "Smart-UPS 1500", prefix: "ups-", share: 1, oui: "00:c0:b7" },
  { type: "unknown", manufacturer: "Espressif Inc.", model: "", prefix: "esp-", share: 3, oui: "24:6f:28" },
];

const rooms = ["Hall", "Lab 2", "Office 101", "Office 102", "Server room", "Warehouse", "Workshop"] as const;
const packages = (
  "adduser apparmor apt base-files bash binutils bsdutils bzip2 ca-certificates coreutils cron cups curl dash " +
  "dbus debconf debianutils dmidecode dpkg e2fsprogs firefox-esr git gnupg grep gzip hostname htop ifupdown init iproute2 " +
  "iptables iputils-ping isc-dhcp-client jq kmod less libc6 libcurl4 libexpat1 libffi8 libgcc-s1 libgnutls30 libpam-modules " +
  "libreoffice-writer libssl3 libsystemd0 libxml2 linux-image-amd64 locales login logrotate lsb-release lsof man-db mount " +
  "nano ncurses-base net-tools netbase nftables nodejs openssh-client openssh-server openssl passwd perl postgresql-17 procps " +
  "python3 qemu-utils rsync rsyslog screen sed sensible-utils snmp snmpd socat ssl-cert strace sudo systemd sysvinit-utils tar " +
  "tcpdump thunderbird tmux tzdata udev unattended-upgrades unzip util-linux vim-tiny wget whois wireguard-tools xz-utils zlib1g zstd"
).split(" ");

export type Site = {
  readonly assets: readonly AssetId[];
  /** A host with an agent and every section. */
  readonly host: AssetId;
  /** An asset whose names try to be HTML and SQL. */
  readonly hostile: AssetId;
  readonly agents: readonly AgentId[];
  readonly incidents: readonly Incident["incidentId"][];
  readonly tickets: readonly number[];
};

/** What a hostile device would call itself. Each must be shown as these very characters. */
export const hostileNames = {
  name: `<img src=x onerror="window.__xss=1">`,
  model: `"><script>window.__xss=1</script>`,
  serial: `'; DROP TABLE assets; --`,
  os: `{{constructor.constructor('window.__xss=1')()}}`,
  link: "javascript:window.__xss=1",
  unicode: "\u202Egnp.exe \u0007 ‮ z̴̧̛a̷l̶g̷o 🖨️",
} as const;

type Context = { readonly tx: Tx; readonly random: Random; readonly nowMs: number; readonly realm: string };

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random.next() * list.length)] as T;
const hex = (random: Random): string =>
  Math.floor(random.next() * 256)
    .toString(16)
    .padStart(2, "0");
const serialOf = (random: Random): string =>
  Array.from({ length: 8 }, () => pick([..."0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"], random)).join("");

const toStored = (section: SectionName, content: readonly object[], isValue = false): StoredItems =>
  new Map(
    content.map((item) => [
      isValue ? "" : itemKey(section, item as Record<string, unknown>),
      { hash: itemHash(item as Record<string, unknown>), item: item as Record<string, unknown> },
    ]),
  );

const hostSections = (name: string, model: Model, serial: string, mac: string, address: string, random: Random) => ({
  system: [
    {
      manufacturer: model.manufacturer,
      model: model.model,
      serialNumber: serial,
      chassisType: model.type,
      virtualization: "none",
      family: "ThinkPad T14",
      sku: "LENOVO_MT_21HE",
      uuid: "4c4c4544-0043-3510-8052-b4c04f564433",
    },
  ],
  os: [
    {
      name: model.os?.[0] ?? "Linux",
      version: model.os?.[1] ?? "",
      kernel: "6.12.48+deb13-amd64",
      architecture: "x86_64",
      hostname: name,
      fqdn: `${name}.example.org`,
      timeZone: "Europe/Berlin",
      installedAt: "2025-08-14",
    },
  ],
  cpu: [
    {
      socket: "CPU 0",
      manufacturer: "GenuineIntel",
      model: "13th Gen Intel(R) Core(TM) i7-1365U",
      cores: 10,
      threads: 12,
      maxSpeedMhz: 5200,
      microcode: "0x4129",
    },
  ],
  memory: [{ totalBytes: 32 * 1024 ** 3, swapBytes: 8 * 1024 ** 3, slots: 2, maximumBytes: 64 * 1024 ** 3 }],
  memoryModules: ["ChannelA-DIMM0", "ChannelB-DIMM0"].map((slot, i) => ({
    slot,
    sizeBytes: 16 * 1024 ** 3,
    type: "DDR5",
    speedMtps: 5600,
    manufacturer: "Samsung",
    partNumber: "M425R2GA3BB0-CWMOD",
    serialNumber: `03A1F27${i}`,
  })),
  disks: [
    {
      id: "serial:S6Z1NJ0W512345",
      name: "nvme0n1",
      model: "SAMSUNG MZVL21T0HCLR-00BL7",
      serialNumber: "S6Z1NJ0W512345",
      firmware: "GXA7801Q",
      sizeBytes: 1_024_209_543_168,
      kind: "nvme",
      smartStatus: "passed",
    },
  ],
  filesystems: [
    { mountPoint: "/", device: "/dev/mapper/vg-root", type: "ext4", sizeBytes: 935 * 1024 ** 3, encrypted: true },
    { mountPoint: "/boot/efi", device: "/dev/nvme0n1p1", type: "vfat", sizeBytes: 512 * 1024 ** 2, encrypted: false },
  ],
  interfaces: [
    {
      id: "enp0s31f6",
      name: "enp0s31f6",
      mac,
      mtu: 1500,
      speedBps: 1_000_000_000,
      duplex: "full",
      operStatus: "up",
      kind: "physical",
      driver: "e1000e",
    },
    {
      id: "wlp0s20f3",
      name: "wlp0s20f3",
      mac: "8c:e9:ee:01:02:03",
      mtu: 1500,
      operStatus: "down",
      kind: "wireless",
      driver: "iwlwifi",
    },
    { id: "lo", name: "lo", mtu: 65_536, operStatus: "unknown", kind: "loopback" },
  ],
  addresses: [
    { interface: "enp0s31f6", address, prefixLength: 24, scope: "global", origin: "dhcp" },
    { interface: "lo", address: "127.0.0.1", prefixLength: 8, scope: "host" },
    { interface: "lo", address: "::1", prefixLength: 128, scope: "host" },
  ],
  listening: [
    { protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" },
    { protocol: "tcp", address: "127.0.0.1", port: 631, process: "cupsd" },
    { protocol: "udp", address: "0.0.0.0", port: 5353, process: "avahi-daemon" },
  ],
  security: [
    { check: "disk-encryption", state: "on", product: "LUKS2" },
    { check: "firewall", state: "on", product: "nftables" },
    { check: "secure-boot", state: "off" },
    { check: "tpm", state: "on", product: "TPM 2.0" },
    { check: "pending-updates", state: "partial", detail: "14 packages, 3 of them for security" },
  ],
  software: packages.map((pkg) => ({
    manager: "dpkg",
    name: pkg,
    architecture: "amd64",
    version: `${1 + Math.floor(random.next() * 9)}.${Math.floor(random.next() * 30)}.${Math.floor(random.next() * 9)}-${1 + Math.floor(random.next() * 4)}`,
    publisher: "Debian",
    purl: `pkg:deb/debian/${pkg}?arch=amd64`,
  })),
  services: ["cron", "cups", "dbus", "nftables", "ssh", "systemd-timesyncd"].map((service) => ({
    manager: "systemd",
    name: `${service}.service`,
    enabled: "enabled",
    state: "active",
  })),
});

const valueSections = new Set(["system", "os", "memory"]);

const putSections = async (
  { tx, nowMs, realm }: Context,
  assetId: AssetId,
  agentId: AgentId,
  content: Readonly<Record<string, readonly object[]>>,
) => {
  const observedAtMs = nowMs - 4 * MINUTE;
  const streamNo = await tx.streams.add({
    agentId,
    instance: 0,
    stream: `local/${assetId}`,
    source: "local",
    subject: { id: "self", realm, keys: [{ kind: "agent", value: agentId }] },
    assetId,
    observedAtMs,
    recordedAtMs: observedAtMs + 200,
    root: "0".repeat(32),
  });
  for (const [name, items] of Object.entries(content)) {
    const section = name as SectionName;
    const stored = toStored(section, items, valueSections.has(name));
    const hash = hashOfItems(new Map(Array.from(stored, ([key, item]) => [key, item.hash])));
    await tx.sections.put(streamNo, { section, hash, itemCount: stored.size, observedAtMs }, stored);
    await tx.assets.accept({ assetId, section, streamNo });
  }
  return streamNo;
};

const putAgent = async (
  { tx, nowMs, random, realm }: Context,
  name: string,
  assetId: AssetId | undefined,
  state: "connected" | "silent" | "closed" | "pending" | "said-goodbye",
) => {
  const agentId = createAgentId(nowMs - 40 * DAY, random);
  const heardAgo = state === "connected" ? random.next() * 30_000 : 3 * HOUR;
  await tx.agents.put({
    agentId,
    instance: 0,
    name,
    publicKey: Buffer.from(random.bytes(32)).toString("base64url"),
    state,
    stateSinceMs: nowMs - (state === "connected" ? 9 * DAY : heardAgo),
    enrolledAtMs: nowMs - 40 * DAY,
    ...(state !== "pending" && { approvedAtMs: nowMs - 40 * DAY, lastHeardAtMs: nowMs - heardAgo }),
    ...(assetId !== undefined && { assetId }),
    version: "0.1.0",
    platform: "linux x64",
    uplink: "websocket",
    heartbeatMs: 30_000,
    clockOffsetMs: Math.round(random.next() * 40 - 20),
    epoch: 1,
    sequence: Math.floor(random.next() * 4_000),
    scopes: [{ name: "office", realm, targets: ["10.20.0.0/22"] }],
  });
  return agentId;
};

const presenceOf = (n: number): PresenceState =>
  n < 0.83
    ? "present"
    : n < 0.87
      ? "late"
      : n < 0.9
        ? "suspect"
        : n < 0.93
          ? "away"
          : n < 0.96
            ? "blind"
            : n < 0.985
              ? "missing"
              : "unobserved";

const putAsset = async (context: Context, model: Model, n: number, agent: boolean) => {
  const { tx, random, nowMs, realm } = context;
  const assetId = createAssetId(nowMs - Math.floor(random.next() * 60 * DAY), random);
  const name = `${model.prefix}${String(n).padStart(3, "0")}`;
  const mac = `${model.oui}:${hex(random)}:${hex(random)}:${hex(random)}`;
  const address = `10.20.${Math.floor(n / 250)}.${(n % 250) + 2}`;
  const serial = serialOf(random);
  const presence = agent ? "present" : presenceOf(random.next());
  const seenAgo = presence === "present" ? random.next() * 5 * MINUTE : 20 * MINUTE + random.next() * 3 * DAY;
  const agentId = agent ? await putAgent(context, name, assetId, "connected") : undefined;
  await tx.assets.put({
    assetId,
    name,
    type: model.type,
    manufacturer: model.manufacturer,
    ...(model.model !== "" && { model: model.model, serialNumber: serial }),
    ...(model.os && { osName: model.os[0], osVersion: model.os[1] }),
    primaryAddress: address,
    primaryMac: mac,
    realm,
    site: pick(rooms, random),
    lifecycle: "in-use",
    criticality: model.type === "server" || model.type === "switch" ? "high" : "normal",
    presence,
    presenceSinceMs: nowMs - seenAgo - DAY * random.next() * 9,
    firstSeenAtMs: nowMs - 60 * DAY * random.next() - DAY,
    lastSeenAtMs: nowMs - seenAgo,
    ...(agentId !== undefined && { agentId, softwareCount: packages.length }),
    sources: agent
      ? ["local", "session", "arp"]
      : model.type === "switch" || model.type === "printer"
        ? ["snmp", "arp"]
        : ["arp", "mdns"],
    locked: [],
    version: 1,
  });
  const times = { firstSeenAtMs: nowMs - 30 * DAY, lastSeenAtMs: nowMs - seenAgo };
  await tx.assets.putKey({ assetId, realm, kind: "mac", value: mac, ...times });
  await tx.assets.putKey({ assetId, realm, kind: "ip", value: address, ...times });
  if (model.model !== "")
    await tx.assets.putKey({
      assetId,
      realm,
      kind: "serial",
      value: serial,
      vendor: model.manufacturer.toLowerCase(),
      ...times,
    });
  if (agentId) await putSections(context, assetId, agentId, hostSections(name, model, serial, mac, address, random));
  return { assetId, agentId, name, address, mac };
};

const change = (
  { random, nowMs }: Context,
  assetId: AssetId,
  agentId: AgentId,
  ago: number,
  rest: Partial<Change>,
): Change & { observedAtMs: number; recordedAtMs: number } => ({
  changeId: createRecordId("chg", nowMs - ago, random),
  assetId,
  kind: "changed",
  section: "software",
  itemKey: "",
  observedAt: "",
  recordedAt: "",
  actor: { kind: "agent", agentId, method: "local" },
  weight: "normal",
  ...rest,
  observedAtMs: nowMs - ago,
  recordedAtMs: nowMs - ago + 350,
});

const putChanges = async (context: Context, hosts: readonly { assetId: AssetId; agentId: AgentId }[]) => {
  const { tx, random } = context;
  const rows: (Change & { observedAtMs: number; recordedAtMs: number })[] = [];
  for (let i = 0; i < 160; i++) {
    const { assetId, agentId } = pick(hosts, random);
    const pkg = pick(packages, random);
    const key = itemKey("software", { manager: "dpkg", name: pkg, architecture: "amd64" });
    const ago = (160 - i) * 11 * MINUTE;
    const dice = random.next();
    if (dice < 0.55)
      rows.push(
        change(context, assetId, agentId, ago, {
          itemKey: key,
          field: "version",
          before: "3.5.1-1",
          after: "3.5.4-1~deb13u1",
          weight: "normal",
        }),
      );
    else if (dice < 0.7)
      rows.push(
        change(context, assetId, agentId, ago, {
          kind: "added",
          itemKey: key,
          after: { manager: "dpkg", name: pkg, architecture: "amd64", version: "1.7.1-6" },
          weight: "normal",
        }),
      );
    else if (dice < 0.8)
      rows.push(
        change(context, assetId, agentId, ago, {
          kind: "removed",
          itemKey: key,
          before: { manager: "dpkg", name: pkg, architecture: "amd64", version: "1.7.1-6" },
          weight: "normal",
        }),
      );
    else if (dice < 0.9)
      rows.push(
        change(context, assetId, agentId, ago, {
          section: "addresses",
          itemKey: "enp0s31f6|10.20.1.77",
          kind: "added",
          after: { interface: "enp0s31f6", address: "10.20.1.77", prefixLength: 24 },
          weight: "low",
        }),
      );
    else if (dice < 0.96)
      rows.push(
        change(context, assetId, agentId, ago, {
          section: "os",
          field: "kernel",
          before: "6.12.43+deb13-amd64",
          after: "6.12.48+deb13-amd64",
          weight: "normal",
        }),
      );
    else
      rows.push(
        change(context, assetId, agentId, ago, {
          section: "memoryModules",
          kind: "removed",
          itemKey: "ChannelB-DIMM0",
          before: {
            slot: "ChannelB-DIMM0",
            sizeBytes: 16 * 1024 ** 3,
            type: "DDR5",
            manufacturer: "Samsung",
            serialNumber: "03A1F271",
          },
          weight: "critical",
        }),
      );
  }
  await tx.changes.add(rows);
};

const evidenceOf = (nowMs: number, agentId: AgentId, name: string): Evidence[] => {
  const at = (ago: number) => toTimestamp(nowMs - ago);
  const observer = { kind: "agent" as const, agentId, name };
  return [
    {
      at: at(95 * MINUTE),
      observer,
      method: "arp",
      couldSee: "could-see",
      bearing: "against",
      statement: "answered ARP from 10.20.0.31 with its own MAC",
    },
    {
      at: at(64 * MINUTE),
      observer,
      method: "arp",
      couldSee: "could-see",
      bearing: "for",
      statement: "3 asks over 2.1 s, no answer; 241 of 253 others answered in the same sweep",
    },
    {
      at: at(61 * MINUTE),
      observer,
      method: "icmp",
      couldSee: "could-see",
      bearing: "for",
      statement: "4 echo requests over 3.0 s, no answer",
    },
    {
      at: at(60 * MINUTE),
      observer: { kind: "collector" },
      method: "connection",
      couldSee: "partly",
      bearing: "neither",
      statement: "no session of an agent on this host is known",
    },
    {
      at: at(58 * MINUTE),
      observer,
      method: "fdb",
      couldSee: "could-see",
      bearing: "for",
      statement: "its MAC left the forwarding table of sw-003, port Gi1/0/17",
    },
    {
      at: at(30 * MINUTE),
      observer: { kind: "agent", agentId, name: "srv-070" },
      method: "arp",
      couldSee: "blind",
      bearing: "neither",
      statement: "gateway not seen in this sweep, so that its misses accuse nobody",
    },
  ];
};

type Case = {
  readonly kind: Incident["kind"];
  readonly title: string;
  readonly summary: string;
  readonly priority: number;
  readonly state: Incident["state"];
  readonly ago: number;
  readonly assignee?: string;
  readonly nextStep?: string;
};

const cases = (names: readonly string[]): readonly Case[] => [
  {
    kind: "device-missing",
    title: `${names[0]} is missing`,
    summary:
      "Two observers that could see looked five times over 31 minutes and did not see it.\nLast seen by ARP from srv-070. Nothing else on its switch port was lost.",
    priority: 2,
    state: "open",
    ago: HOUR,
    nextStep: "Look at port Gi1/0/17 of sw-003; ask whoever uses Office 101.",
  },
  {
    kind: "agent-silent",
    title: `The agent on ${names[1]} is silent`,
    summary:
      "Nobody else watches this host: whether it is there is not known.\nNothing was heard for 14 minutes and no close was seen.",
    priority: 3,
    state: "open",
    ago: 14 * MINUTE,
    nextStep: "See whether the host answers; if so, look at the agent's service.",
  },
  {
    kind: "component-removed",
    title: `16 GiB of memory left ${names[2]}`,
    summary: "Module ChannelB-DIMM0 (Samsung, serial 03A1F271) is gone since the restart at 06:12.",
    priority: 2,
    state: "acknowledged",
    ago: 7 * HOUR,
    assignee: "m.weber",
  },
  {
    kind: "duplicate-address",
    title: "10.20.1.14 is used by two devices",
    summary: "Two MACs answered for one address within one sweep.",
    priority: 4,
    state: "open",
    ago: 3 * HOUR,
  },
  {
    kind: "identity-conflict",
    title: `Two hosts claim the serial of ${names[4]}`,
    summary: "Both are heard at the same time; both are kept apart until somebody decides.",
    priority: 3,
    state: "open",
    ago: 26 * HOUR,
  },
  {
    kind: "device-missing",
    title: `${names[5]} is missing`,
    summary: "Part of the loss of sw-112.",
    priority: 4,
    state: "resolved",
    ago: 2 * DAY,
  },
];

const putCases = async (context: Context, assets: readonly { assetId: AssetId; name: string }[], observer: AgentId) => {
  const { tx, random, nowMs } = context;
  const incidents: Incident["incidentId"][] = [];
  const tickets: number[] = [];
  for (const [i, one] of cases(assets.map(({ name }) => name)).entries()) {
    const openedAtMs = nowMs - one.ago;
    const incidentId = createIncidentId(openedAtMs, random);
    const assetId = assets[i]?.assetId;
    const at = (ms: number) => toTimestamp(openedAtMs + ms);
    const { ago: _, priority, ...rest } = one;
    const incident: Incident = {
      incidentId,
      condition: `${one.kind}/${assetId}`,
      ...(assetId !== undefined && { assetId }),
      impact: priority <= 2 ? "high" : "medium",
      urgency: "medium",
      priority,
      confidence: 0.97,
      openedAt: at(0),
      lastSeenAt: at(-35 * MINUTE),
      reopened: 0,
      children: 0,
      lastKnownPlace: "Office 101, port Gi1/0/17 of sw-003",
      version: 2,
      ...(one.state === "acknowledged" && { acknowledgedAt: at(9 * MINUTE) }),
      ...(one.state === "resolved" && {
        resolvedAt: at(50 * MINUTE),
        resolution: "seen again: its own MAC answered ARP",
      }),
      ...rest,
    };
    await tx.incidents.put(incident);
    for (const evidence of evidenceOf(nowMs - (one.ago - HOUR), observer, "nb-001"))
      await tx.evidence.append(incidentId, evidence);
    const number = await tx.tickets.nextNumber();
    await tx.tickets.put({
      number,
      key: `rollcall:${incidentId}`,
      incidentId,
      ...(assetId !== undefined && { assetId }),
      state: one.state === "resolved" ? "resolved" : one.state === "acknowledged" ? "in-progress" : "open",
      subject: one.title,
      body: `${one.summary}\n\n${one.nextStep ?? ""}`.trim(),
      priority,
      openedAt: at(0),
      updatedAt: at(9 * MINUTE),
      ...(one.assignee !== undefined && { assignee: one.assignee }),
      ...(one.state === "resolved" && { resolvedAt: at(50 * MINUTE) }),
    });
    const events: TicketEvent[] = [{ at: at(0), kind: "opened", author: "rollcall", text: one.title }];
    if (one.state === "acknowledged")
      events.push(
        { at: at(9 * MINUTE), kind: "assigned", author: "m.weber", text: "assigned to m.weber" },
        {
          at: at(11 * MINUTE),
          kind: "comment",
          author: "m.weber",
          text: "On my way to the server room.\nThe spare is in cabinet 4.",
        },
      );
    if (one.state === "resolved")
      events.push({
        at: at(50 * MINUTE),
        kind: "resolved",
        author: "rollcall",
        text: "seen again: its own MAC answered ARP",
      });
    for (const event of events) await tx.ticketEvents.append(number, event);
    incidents.push(incidentId);
    tickets.push(number);
  }
  return { incidents, tickets };
};

const putSweeps = async ({ tx, random, nowMs, realm }: Context, agents: readonly AgentId[]) => {
  for (const [i, agentId] of agents.entries()) {
    const isBlind = i === 2;
    const proof: Sweep["proof"] = {
      verdict: isBlind ? "blind" : i === 1 ? "partly" : "could-see",
      reasons: isBlind
        ? ["the gateway 10.20.0.1 did not answer"]
        : i === 1
          ? ["7 % of asks to answering hosts went unanswered"]
          : [],
      controls: [{ address: "10.20.0.1", role: "gateway", seen: !isBlind }],
      loss: i === 1 ? 0.07 : 0.002,
      latenessMs: 12,
    };
    await tx.coverage.add({
      sweepId: createRecordId("swp", nowMs, random),
      agentId,
      instance: 0,
      scope: "office",
      realm,
      startedAtMs: nowMs - (i + 2) * MINUTE,
      endedAtMs: nowMs - (i + 1) * MINUTE,
      verdict: proof.verdict,
      coverage: [{ from: "10.20.0.1", to: "10.20.3.254", asks: 2, spreadMs: 2_100, methods: ["arp"] }],
      proof,
      addressCount: 1_022,
      sightingCount: isBlind ? 0 : 241,
    });
  }
};

const putHostile = async (context: Context) => {
  const { tx, random, nowMs, realm } = context;
  const assetId = createAssetId(nowMs, random);
  const agentId = await putAgent(context, hostileNames.name, assetId, "connected");
  await tx.assets.put({
    assetId,
    name: hostileNames.name,
    type: "iot",
    manufacturer: hostileNames.unicode,
    model: hostileNames.model,
    serialNumber: hostileNames.serial,
    osName: hostileNames.os,
    realm,
    site: hostileNames.link,
    lifecycle: "in-use",
    criticality: "normal",
    presence: "present",
    presenceSinceMs: nowMs - DAY,
    firstSeenAtMs: nowMs - DAY,
    lastSeenAtMs: nowMs - MINUTE,
    agentId,
    sources: ["local"],
    locked: [],
    version: 1,
  });
  await putSections(context, assetId, agentId, {
    system: [{ manufacturer: hostileNames.unicode, model: hostileNames.model, serialNumber: hostileNames.serial }],
    software: [
      {
        manager: "dpkg",
        name: hostileNames.name,
        architecture: "all",
        version: hostileNames.model,
        publisher: hostileNames.link,
      },
    ],
  });
  await tx.changes.add([
    change(context, assetId, agentId, MINUTE, {
      kind: "added",
      itemKey: itemKey("software", { manager: "dpkg", name: hostileNames.name, architecture: "all" }),
      after: { name: hostileNames.name, version: hostileNames.model },
    }),
  ]);
  const incidentId = createIncidentId(nowMs, random);
  await tx.incidents.put({
    incidentId,
    kind: "unknown-device",
    condition: `unknown-device/${assetId}`,
    assetId,
    state: "open",
    title: hostileNames.model,
    summary: `${hostileNames.name}\n${hostileNames.link}`,
    impact: "low",
    urgency: "low",
    priority: 5,
    confidence: 0.5,
    openedAt: toTimestamp(nowMs),
    reopened: 0,
    children: 0,
    version: 1,
  });
  await tx.evidence.append(incidentId, {
    at: toTimestamp(nowMs),
    observer: { kind: "agent", agentId, name: hostileNames.name },
    method: "arp",
    couldSee: "could-see",
    bearing: "for",
    statement: hostileNames.name,
  });
  return { assetId, incidentId };
};

/** Writes the site. `count` devices, of which the first eight laptops and servers have agents. */
/** Phones that take another MAC every day, in two networks and for five days; one tells a name that is no name. */
const putVisitors = async ({ tx, nowMs, realm }: Context, agentId: AgentId): Promise<void> => {
  const names = ["annas-phone", "iphone", "<img src=x onerror=alert(1)>"];
  for (let day = 4; day >= 0; day--)
    for (let n = 0; n < 3 + day; n++) {
      const mac = `da:a1:19:00:0${day}:0${n}`;
      const name = names[n];
      await tx.observations.observe({
        ...{
          agentId,
          instance: 0,
          method: "dhcp",
          realm,
          subjectId: `mac:${mac}`,
          atMs: nowMs - day * DAY - 30 * MINUTE,
        },
        keys: [
          { kind: "mac", value: mac },
          { kind: "ip", value: `10.20.${n % 2 === 0 ? 1 : 4}.${20 + n}` },
          ...(name === undefined ? [] : [{ kind: "hostname" as const, value: name }]),
        ],
      });
    }
};

export const seedSite = (
  store: Store,
  { nowMs, count = 400, seed = 7 }: { readonly nowMs: number; readonly count?: number; readonly seed?: number },
): Promise<Site> =>
  store.transaction(async (tx) => {
    const context: Context = { tx, random: createSeededRandom(seed), nowMs, realm: "office" };
    const totalShare = models.reduce((sum, { share }) => sum + share, 0);
    const made: Awaited<ReturnType<typeof putAsset>>[] = [];
    let n = 0;
    for (const model of models) {
      const here = Math.max(1, Math.round((count * model.share) / totalShare));
      for (let i = 0; i < here; i++) {
        n++;
        const agent = i < 4 && (model.prefix === "nb-" || model.prefix === "srv-");
        made.push(await putAsset(context, model, n, agent));
      }
    }
    const hosts = made.flatMap(({ assetId, agentId }) => (agentId ? [{ assetId, agentId }] : []));
    const agents = hosts.map(({ agentId }) => agentId);
    await putAgent(context, "pc-new-17", undefined, "pending");
    await putAgent(context, "nb-099", undefined, "silent");
    await putChanges(context, hosts);
    await putSweeps(context, agents.slice(0, 3));
    const { incidents, tickets } = await putCases(context, made.slice(30), agents[0] as AgentId);
    const hostile = await putHostile(context);
    await putPlaces(tx, made, context.realm, nowMs);
    await putVisitors(context, agents[0] as AgentId);
    return {
      assets: made.map(({ assetId }) => assetId),
      host: hosts[0]?.assetId as AssetId,
      hostile: hostile.assetId,
      agents,
      incidents: [...incidents, hostile.incidentId],
      tickets,
    };
  });
