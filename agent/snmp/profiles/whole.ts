/** What follows from the device as a whole where no rule said it: its maker, its kind, its processor. Pure. */
import { enterpriseName } from "./enterprise-names.ts";
import type { Facts } from "./facts.ts";
import type { DeviceType, Found } from "./profile.ts";
import { firstFound } from "./rules.ts";
import { isGenericSysObjectID } from "./select.ts";
import { hasStructure, standardRules } from "./standard.ts";
import { parseUname } from "./sys-descr.ts";
import { enterpriseOf, hostEnterprises, makerNamed, makerNames, makerOf } from "./vendors.ts";

const PLACE_NAMES =
  /^(Orion|Alpha|Delta|Quantum|Sharp|Apple|Intel|Cascade|Harris|Exalt|Extreme|Transition|Allot|Orion|Sentinel|Vanguard|Pulse|Benning|Arbor|Intel|Oracle|Versa|General|Sun|Digital|Novell|Cray|Casa|Net-SNMP|Microsoft|Harmonic|Trapeze|Emerson)$/;

/** A maker that sysDescr opens with or names; those whose names are plain words count only at the start. */
const makerInText = (text: string): string | undefined => {
  // A uname names the kernel's builder and the host, not the maker of the device.
  if (parseUname(text) !== undefined) return undefined;
  const lower = text.toLowerCase();
  const opening = makerNames.find(
    (name) => name.length >= 2 && (lower.startsWith(`${name.toLowerCase()} `) || lower === name.toLowerCase()),
  );
  return (
    opening ??
    makerNames.find(
      (name) =>
        name.length >= 5 &&
        !PLACE_NAMES.test(name) &&
        new RegExp(`\\b${name.replace(/[^\w ]/g, ".")}\\b`, "i").test(text),
    )
  );
};

/** Manufacturer fields that name a chip, a board or nothing. */
const isMaker = (value: string): boolean =>
  value.length >= 2 && value.length <= 48 && /[A-Za-z]{2}/.test(value) && !/^\d/.test(value);

export const inferVendor = (facts: Facts, enterprises: readonly number[]): Found | undefined => {
  const generic = isGenericSysObjectID(facts.sysObjectID);
  const own = generic ? undefined : enterpriseOf(facts.sysObjectID);
  const byNumber = own === undefined ? undefined : (makerOf(own)?.name ?? enterpriseName(own));
  if (byNumber !== undefined) return { value: byNumber, source: "sysObjectID", confidence: "derived" };
  const inText = makerInText(facts.sysDescr);
  if (inText !== undefined) return { value: inText, source: "sysDescr", confidence: "derived" };
  const stated = firstFound(standardRules.vendor, facts);
  if (stated !== undefined && isMaker(stated.value)) return stated;
  for (const enterprise of enterprises) {
    if (hostEnterprises.has(enterprise)) continue;
    const maker = makerOf(enterprise)?.name ?? enterpriseName(enterprise);
    if (maker !== undefined) return { value: maker, source: `1.3.6.1.4.1.${enterprise}`, confidence: "guess" };
  }
  return undefined;
};

/** Words of sysDescr that tell the kind; the first line that fits. */
const kinds: readonly (readonly [DeviceType, RegExp])[] = [
  [
    "printer",
    /\b(printer|laserjet|officejet|deskjet|print ?server|mfp|multifunction|bizhub|imagerunner|ecosys|taskalfa|workcentre|phaser|aficio|laser)\b/i,
  ],
  ["ups", /\b(ups|uninterruptible)\b/i],
  ["pdu", /\b(pdu|power distribution|outlet (metered|switched)|cdu)\b/i],
  ["ats", /\b(ats|transfer switch)\b/i],
  ["power", /\b(rectifier|inverter|power (system|supply|controller)|dc power|battery|generator)\b/i],
  ["camera", /\b(ip ?cam(era)?|network camera|dome camera|box camera|camera)\b/i],
  ["nvr", /\b(nvr|dvr|video recorder)\b/i],
  ["tape-library", /\b(tape|autoloader)\b/i],
  ["storage", /\b(nas|storage|raid|san|disk array|data domain)\b/i],
  ["wireless-controller", /\b(wireless (lan )?controller|wlan controller|wlc)\b/i],
  ["access-point", /\b(access ?point|wireless ap|wifi|wi-fi|cloud managed ap)\b/i],
  ["radio", /\b(microwave|radio|wireless (link|bridge)|point.to.point|backhaul)\b/i],
  [
    "firewall",
    /\b(firewall|utm|pfsense|opnsense|m0n0wall|threat (defense|protection)|secure gateway|security gateway|ngfw|vpn gateway)\b/i,
  ],
  ["load-balancer", /\b(load ?balancer|application delivery|adc)\b/i],
  ["modem", /\b(cable modem|modem|adsl|vdsl|shdsl|docsis)\b/i],
  ["olt", /\b(olt|e?g?pon)\b/i],
  ["switch", /\b(switch(es)?|switching|switched|ethernet routing)\b/i],
  ["router", /\b(router|gateway router|routing)\b/i],
  ["voip-gateway", /\b(voip|telephony|sip gateway|voice gateway)\b/i],
  ["phone", /\b(ip phone|sip phone|intercom)\b/i],
  ["media-converter", /\b(media converter|converter)\b/i],
  ["optical", /\b(optical|dwdm|cwdm|edfa|multiplexer)\b/i],
  ["console-server", /\b(console server|terminal server|serial server|device server)\b/i],
  ["time-server", /\b(ntp|time ?server|ptp grandmaster|gps clock)\b/i],
  ["sensor", /\b(sensor|temperature|humidity|thermo\w*|environment\w*|probe)\b/i],
  ["encoder", /\b(encoder|decoder|iptv)\b/i],
  ["hypervisor", /\b(esxi?|hypervisor|xenserver|proxmox|nutanix)\b/i],
  ["router", /\b(gateway|lte|4g|5g)\b/i],
  ["server", /\b(linux|windows|freebsd|openbsd|netbsd|sunos|solaris|aix|hp-ux|darwin|server)\b/i],
];

/** Words of a maker's registered name that tell what it makes, for makers of which no more is known than that name. */
const trades: readonly (readonly [DeviceType, RegExp])[] = [
  ["ups", /\b(ups|uninterruptible)\b/i],
  ["power", /\b(power|energy|energie|rectifiers?|inverters?|battery|batteries|solar)\b/i],
  ["storage", /\b(storage|raid|disks?)\b/i],
  ["radio", /\b(wireless|radio|microwave|antennas?|wi-?fi)\b/i],
  ["printer", /\b(print(er|ers|ing)?|imaging|copiers?)\b/i],
  ["camera", /\b(cameras?|surveillance|cctv)\b/i],
  ["environment", /\b(sensors?|environment(al)?|climate|cooling|air condition\w*)\b/i],
  ["time-server", /\b(time|clocks?|frequency|timing|synchroni[sz]ation)\b/i],
  ["optical", /\b(optics?|optical|photonics?|lightwave)\b/i],
];

const typeOfTrade = (sysObjectID: string | undefined): Found | undefined => {
  const enterprise = isGenericSysObjectID(sysObjectID) ? undefined : enterpriseOf(sysObjectID);
  const name = enterprise === undefined || makerOf(enterprise) !== undefined ? undefined : enterpriseName(enterprise);
  const trade = name === undefined ? undefined : trades.find(([, pattern]) => pattern.test(name));
  return trade && { value: trade[0], source: "sysObjectID", confidence: "guess" };
};

export const inferType = (
  facts: Facts,
  vendor: string | undefined,
  enterprises: readonly number[],
): Found | undefined => {
  if (hasStructure(facts, "printer")) return { value: "printer", source: "1.3.6.1.2.1.43", confidence: "derived" };
  const maker = makerOf(enterpriseOf(facts.sysObjectID));
  const own = isGenericSysObjectID(facts.sysObjectID) ? undefined : maker?.type;
  const isUname = /^(Linux|FreeBSD|OpenBSD|NetBSD|SunOS|Darwin) /.test(facts.sysDescr);
  const word = isUname ? undefined : kinds.find(([, pattern]) => pattern.test(facts.sysDescr));
  const bridge = !isUname && hasStructure(facts, "bridge");
  // "US-24-250W, 5.43.18, Linux 3.6.5": the kernel does not make it a host if it bridges.
  if (word !== undefined && !(word[0] === "server" && (own !== undefined || bridge)))
    return { value: word[0], source: "sysDescr", confidence: "derived" };
  if (bridge && (own === "server" || own === "network"))
    return { value: "switch", source: "1.3.6.1.2.1.17", confidence: "guess" };
  if (own !== undefined) return { value: own, source: "sysObjectID", confidence: "guess" };
  // Makers' objects on a net-snmp agent: their device, whatever kernel runs in it.
  const foreign = enterprises.find(
    (enterprise) => !hostEnterprises.has(enterprise) && makerOf(enterprise) !== undefined,
  );
  if (isGenericSysObjectID(facts.sysObjectID) && foreign !== undefined)
    return { value: makerOf(foreign)?.type ?? "network", source: `1.3.6.1.4.1.${foreign}`, confidence: "guess" };
  const named = vendor === undefined ? undefined : makerNamed(vendor)?.type;
  if (named !== undefined && named !== "network" && !isUname)
    return { value: named, source: "vendor", confidence: "guess" };
  const trade = typeOfTrade(facts.sysObjectID);
  if (trade !== undefined) return trade;
  if (bridge) return { value: "switch", source: "1.3.6.1.2.1.17", confidence: "guess" };
  if (isUname || hasStructure(facts, "host"))
    return { value: "server", source: isUname ? "sysDescr" : "1.3.6.1.2.1.25", confidence: "guess" };
  const services = Number(facts.text("1.3.6.1.2.1.1.7.0"));
  if ((services & 4) !== 0) return { value: "router", source: "sysServices", confidence: "guess" };
  if ((services & 2) !== 0) return { value: "switch", source: "sysServices", confidence: "guess" };
  return vendor === undefined ? undefined : { value: "network", source: "sysObjectID", confidence: "guess" };
};

/** How a bare host's hardware is called: by its processor's family. */
export const machineName = (machine: string | undefined): string | undefined => {
  if (machine === undefined) return undefined;
  if (/^(x86_64|amd64)$/.test(machine)) return "Generic x86 64-bit";
  if (/^i[3-6]86|^i86pc/.test(machine)) return "Generic x86";
  const arm = /^armv(\d)/.exec(machine);
  if (arm !== null) return `Generic ARMv${arm[1]}`;
  if (machine.startsWith("aarch64")) return "Generic ARMv8 64-bit";
  if (machine.startsWith("mips64")) return "Generic MIPS 64-bit";
  if (machine.startsWith("mips")) return "Generic MIPS";
  if (machine.startsWith("ppc") || machine.startsWith("powerpc")) return "Generic PowerPC";
  if (machine.startsWith("sparc") || machine.startsWith("sun4")) return "Generic SPARC";
  return undefined;
};

/** Last pass over the values: leading labels and trailing filling that no reader wants to see. */
export const tidyIdentity = <T extends { readonly osVersion?: Found; readonly model?: Found }>(identity: T): T => {
  const version = identity.osVersion;
  if (version === undefined || version.confidence === "stated") return identity;
  return {
    ...identity,
    osVersion: {
      ...version,
      value: version.value.replace(/^(?:version|ver\.?|firmware|software)\s*:?\s*(?=\d|v\d)/i, "").trim(),
    },
  };
};
