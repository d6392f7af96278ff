/** What is known of a device when its type is guessed. */
export type Traits = {
  readonly vendor: string | undefined;
  readonly detail: Readonly<Record<string, string>>;
  readonly hostnames: readonly string[];
  readonly isGateway: boolean;
  readonly isSelf: boolean;
};

export type DeviceType =
  | "router"
  | "switch"
  | "access point"
  | "firewall"
  | "printer"
  | "camera"
  | "phone"
  | "storage"
  | "server"
  | "computer"
  | "media player"
  | "smart device"
  | "single-board computer"
  | "virtual machine"
  | "unknown"; // biome format: keep as a table

export type Guess = { readonly type: DeviceType; readonly reasons: readonly string[] };

type Clue = { readonly type: DeviceType; readonly weight: number; readonly field: string; readonly match: RegExp };

const clue = (type: DeviceType, weight: number, field: string, match: RegExp): Clue => ({ type, weight, field, match });

/** What a field's text says of the type, and how much: what a device tells of itself by SNMP or mDNS beats its maker's name. */
const clues: readonly Clue[] = [
  clue("switch", 5, "sysDescr", /\b(switch|catalyst|nx-os|procurve|aruba.*(cx|switch)|ex\d{4}|dgs-|gs\d{3})/i),
  clue("router", 5, "sysDescr", /\b(router|routeros|ios[- ]x[er]|junos|vyos|edgeos|fritz)/i),
  clue(
    "firewall",
    6,
    "sysDescr",
    /\b(firewall|fortigate|fortios|pan-os|adaptive security|opnsense|pfsense|sonicwall)/i,
  ),
  clue("access point", 6, "sysDescr", /\b(access point|\bap\d{3}|unifi|airmax|aironet|wlan)/i),
  clue(
    "printer",
    6,
    "sysDescr",
    /\b(printer|laserjet|officejet|jetdirect|mfp|mfc-|ricoh|lexmark|kyocera|xerox|brother)/i,
  ),
  clue("storage", 6, "sysDescr", /\b(nas|synology|qnap|netapp|ontap|truenas)/i),
  clue("camera", 6, "sysDescr", /\b(camera|ipcam|axis|hikvision)/i),
  clue("server", 3, "sysDescr", /\b(linux|freebsd|vmware esxi|windows server|hardware:.*server)/i),
  clue("computer", 3, "sysDescr", /\bwindows\b/i),
  clue("printer", 5, "services", /_(ipp|ipps|printer|pdl-datastream)\._tcp/),
  clue("media player", 5, "services", /_(googlecast|airplay|raop|spotify-connect|sonos)\._tcp/),
  clue("smart device", 4, "services", /_(hap|matter|hue|esphomelib|shelly)\._tcp/),
  clue("computer", 3, "services", /_(workstation|rfb|companion-link|smb|device-info)\._tcp/),
  clue("server", 2, "services", /_(ssh|sftp-ssh|nfs)\._tcp/),
  clue("storage", 3, "services", /_(adisk|afpovertcp)\._tcp/),
  clue("camera", 5, "services", /_(rtsp|axis-video|onvif)\._tcp/),
  clue("router", 4, "st", /InternetGatewayDevice/),
  clue("media player", 4, "st", /MediaRenderer|dial-multiscreen/),
  clue("storage", 3, "st", /MediaServer/),
  clue("computer", 3, "group", /.+/),
  clue("printer", 4, "tcp/9100", /open/),
  clue("computer", 3, "tcp/3389", /open/),
  clue("computer", 2, "tcp/445", /open/),
  clue("server", 1, "tcp/22", /open/),
  clue("printer", 3, "hostnames", /\b(printer|prn|laserjet|hp[0-9a-f]{6})/),
  clue("phone", 2, "hostnames", /\b(iphone|android|galaxy|pixel)/),
  clue("access point", 2, "hostnames", /(^|\W)(ap|wap)\d*\b/),
  clue("switch", 2, "hostnames", /(^|\W)(sw|switch)\d*\b/),
  clue("router", 2, "hostnames", /(^|\W)(rt|gw|router|gateway|fritz)\d*\b/),
  clue("printer", 2, "vendor", /\b(lexmark|brother|kyocera|xerox|ricoh|seiko epson|zebra)/i),
  clue("camera", 2, "vendor", /\b(axis communications|hikvision|dahua|reolink|hanwha)/i),
  clue("single-board computer", 3, "vendor", /raspberry/i),
  clue("virtual machine", 3, "vendor", /\b(vmware|xensource|proxmox|pcs systemtechnik|qemu|parallels)/i),
  clue("storage", 2, "vendor", /\b(synology|qnap|netapp)/i),
  clue("media player", 2, "vendor", /\b(sonos|roku|bose)/i),
  clue("smart device", 2, "vendor", /\b(espressif|tuya|shelly|philips lighting|signify)/i),
  clue("switch", 1, "vendor", /\b(cisco|juniper|arista|extreme networks|netgear|aruba)/i),
  clue("access point", 1, "vendor", /\b(ubiquiti|ruckus)/i),
  clue("router", 1, "vendor", /\b(mikrotik|routerboard|avm |zyxel|tp-link)/i),
];

const textOf = ({ vendor, detail, hostnames }: Traits, field: string): string =>
  field === "vendor" ? (vendor ?? "") : field === "hostnames" ? hostnames.join(" ") : (detail[field] ?? "");

/** A first guess with its reasons, to be shown as one; identity and inventory know better later. Pure. */
export const guessType = (traits: Traits): Guess => {
  if (traits.isSelf) return { type: "computer", reasons: ["it is this host"] };
  const scores = new Map<DeviceType, { weight: number; reasons: string[] }>();
  const add = (type: DeviceType, weight: number, reason: string) => {
    const score = scores.get(type) ?? { weight: 0, reasons: [] };
    scores.set(type, { weight: score.weight + weight, reasons: [...score.reasons, reason] });
  };
  if (traits.isGateway) add("router", 3, "it is the default gateway of the segment");
  for (const { type, weight, field, match } of clues) {
    const found = match.exec(textOf(traits, field));
    if (found) add(type, weight, field.includes("/") ? `${field} is open` : `${field} says "${found[0].slice(0, 40)}"`);
  }
  const [best] = [...scores].sort(([, a], [, b]) => b.weight - a.weight);
  return best === undefined || best[1].weight < 2
    ? { type: "unknown", reasons: best?.[1].reasons ?? [] }
    : { type: best[0], reasons: best[1].reasons };
};
