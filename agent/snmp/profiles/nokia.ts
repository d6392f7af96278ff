/** Nokia: SR OS (TIMETRA-CHASSIS-MIB), SR Linux, ISAM (ASAM-EQUIP-MIB), Wavence (microwave), 1830 PSS. */

import type { Rule } from "./profile.ts";
import { defineProfile } from "./profile.ts";
import { column, descr, scalar } from "./rules.ts";

const hw = "E.6527.3.1.2.2.1.8.1";
/** tmnxChassisType of chassis 1 is a number that tmnxChassisTypeName spells out, in a table of all types there are. */
const chassisTypes = Array.from({ length: 90 }, (_, i) => `1.3.6.1.4.1.6527.3.1.2.2.1.6.1.2.${i + 1}`);
const chassisTypeOf = "1.3.6.1.4.1.6527.3.1.2.2.1.3.1.4.1";
const chassisType = {
  get: [chassisTypeOf, ...chassisTypes],
  find: (facts) => {
    const oid = chassisTypes[Number(facts.text(chassisTypeOf)) - 1];
    const value = oid === undefined ? undefined : facts.text(oid);
    return oid === undefined || value === undefined ? undefined : { value, source: oid, confidence: "stated" };
  },
} satisfies Rule;
export const nokiaSros = defineProfile({
  name: "nokia-sros",
  sysObjectID: "E.6527",
  vendor: "Nokia",
  type: "router",
  osName: "TiMOS",
  serialNumber: [scalar(`${hw}.5.1.50331649`), column(`${hw}.5.1`)],
  model: [chassisType, descr(/(?:Nokia|ALCATEL) ((?:7\d{3}).*?) Copyright/)],
  osVersion: [descr(/TiMOS-\w+-(\S+)/)],
});
export const nokiaSrlinux = defineProfile({
  name: "nokia-srlinux",
  sysObjectID: "E.6527.1.20",
  vendor: "Nokia",
  type: "router",
  osName: "SR Linux",
  model: [column(`${hw}.3.1`), descr(/(\d{4} IXR\S*)/)],
  osVersion: [descr(/SRLinux-(\S+)/)],
  serialNumber: [scalar(`${hw}.5.1.50331649`), column(`${hw}.5.1`)],
});
export const nokiaIsam = defineProfile({
  name: "nokia-isam",
  sysObjectID: "E.637.61.1",
  vendor: "Nokia",
  type: "olt",
  osName: "ISAM",
  model: [scalar("E.637.61.1.23.2.1.4.17"), column("E.637.61.1.23.2.1.4"), descr(/^R\S+ (\S+)/)],
  osVersion: [scalar("E.637.61.1.9.28.1.0"), descr(/^(R\d\S+)/)],
  serialNumber: [scalar("E.637.61.1.23.2.1.13.17"), column("E.637.61.1.23.2.1.13")],
});
export const nokiaWavence = defineProfile({
  name: "nokia-wavence",
  sysObjectID: "E.637.54",
  vendor: "Nokia",
  type: "radio",
  osName: "Wavence",
  model: [scalar("E.637.54.1.1.5.1.5.0")],
  osVersion: [descr(/^(V\d+\S*)/)],
  features: [scalar("E.637.54.1.1.5.1.13.0")],
});
export const nokia1830 = defineProfile({
  name: "nokia-1830",
  sysObjectID: "E.7483",
  vendor: "Nokia",
  type: "optical",
  model: [scalar("E.7483.2.2.1.1.0"), descr(/(1830 ?PSS-?\w*)/), descr(/Nokia (1830\S*(?: \S+)?)/)],
  osVersion: [scalar("E.7483.2.2.4.3.1.0"), descr(/v?(\d+\.\d+\S*)/)],
  serialNumber: [column("E.7483.2.2.3.1.2.1.1.14")],
});
export const alcatelOmnipcx = defineProfile({
  name: "alcatel-omnipcx",
  sysObjectID: "E.637.64.4400",
  vendor: "Alcatel-Lucent",
  type: "pbx",
  osName: "OmniPCX",
});
