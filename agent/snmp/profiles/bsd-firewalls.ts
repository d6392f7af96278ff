/** pfSense, OPNsense, m0n0wall and their kin: bsnmpd (Fraunhofer) or net-snmp, known by sysDescr. */
import { defineProfile } from "./profile.ts";
import { descr } from "./rules.ts";

export const pfsense = defineProfile({
  name: "pfsense",
  sysDescr: /pfsense/i,
  vendor: "Netgate",
  type: "firewall",
  osName: "pfSense",
  model: [descr(/ (\S+)$/, "$1")],
  osVersion: [
    descr(/^pfSense \S+ (\S+) pfSense/),
    descr(/^pfSense (\d\S+)/),
    descr(/(\d+\.\d+\S*-RELEASE\S*) pfSense/),
  ],
});
export const opnsense = defineProfile({
  name: "opnsense",
  sysDescr: /OPNsense/,
  vendor: "OPNsense",
  type: "firewall",
  osName: "OPNsense",
  model: [descr(/ (amd64|i386|aarch64)$/)],
  osVersion: [descr(/OPNsense \S+ (\d\S+) OPNsense/)],
});
export const bsdFirewall = defineProfile({
  name: "bsd-firewall",
  sysDescr: /m0n0wall|Voswall/i,
  type: "firewall",
  vendor: [descr(/(m0n0wall|Voswall)/i)],
});
