/** Huawei VRP: sysDescr, HUAWEI-ENTITY-EXTENT-MIB, ENTITY-MIB, patches (hwPatchVersion). */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when } from "./rules.ts";

const fields = {
  vendor: "Huawei",
  osName: "VRP",
  model: [
    scalar("E.2011.5.25.31.6.5.0"),
    descr(/^(?!Huawei Versatile)(?:Huawei )?([A-Z][\w.+-]*\d[\w.+-]*)\s/),
    scalar("E.2011.5.25.188.1.4.0"),
    descr(/\(([A-Za-z]\S*(?: \S+)?) V\d{3}R/),
    entity("model", /^((?!\d+$).+)$/),
    descr(/^Huawei (\S+)/),
  ],
  osVersion: [
    descr(/Version (\d+\.\d+) \((?:.*? )?(V\d+R\w+)\)/, "$1 ($2)"),
    descr(/Version (\d+\.\d+)/),
    descr(/(V\d{3}R\d{3}\w*)/),
  ],
  serialNumber: [entity("serial"), scalar("E.2011.5.25.188.1.1.0"), column("E.2011.5.25.31.1.1.1.1.44")],
  features: [column("E.2011.5.25.19.1.8.5.1.1.4")],
} as const;
export const huaweiVrp = defineProfile({
  name: "huawei-vrp",
  sysObjectID: "E.2011",
  type: [
    when(/\bAR\d|NetEngine|\bNE\d|Router/, "router"),
    when(/\b(MA5|OLT)/, "olt"),
    when(/USG|Eudemon|Firewall/, "firewall"),
    when(/\bAC\d|\bAP\d/, "wireless-controller"),
    when(/\bS\d{4}|CE\d{3,5}|Switch/i, "switch"),
    fixed("network"),
  ],
  ...fields,
});
export const huaweiVrpByDescription = defineProfile({
  name: "huawei-vrp-by-description",
  sysDescr: /Versatile Routing Platform|Huawei|VRP.*Software|Software.*VRP/,
  type: "network",
  ...fields,
});
export const huaweiSmartax = defineProfile({
  name: "huawei-smartax",
  sysObjectID: [
    "E.2011.2.45",
    "E.2011.2.78",
    "E.2011.2.80",
    "E.2011.2.115",
    "E.2011.2.123",
    "E.2011.2.133",
    "E.2011.2.169",
    "E.2011.2.186",
    "E.2011.2.220",
    "E.2011.2.248",
  ],
  vendor: "Huawei",
  type: "olt",
  osName: "SmartAX",
  model: [scalar("E.2011.6.3.1.1.0"), descr(/(MA5\d{3}\w*|UA5\d{3}\w*)/), column("E.2011.6.3.3.2.1.5")],
  osVersion: [scalar("E.2011.6.3.1.999.0"), scalar("E.2011.6.3.1.2.0"), descr(/(V\d{3}R\d{3}\w*)/)],
});
export const huaweiOptix = defineProfile({
  name: "huawei-optix",
  sysObjectID: ["E.2011.2.25", "E.2011.2.64"],
  vendor: "Huawei",
  type: "radio",
  osName: "OptiX",
  model: [descr(/Huawei (.+?) V\d/i)],
  osVersion: [descr(/(V\d{3}R\d{3}\w*)/)],
  serialNumber: [column("E.2011.2.25.4.40.4.10.13.1.1.23")],
});
export const huaweiSmu = defineProfile({
  name: "huawei-smu",
  sysObjectID: "E.2011.6.164",
  vendor: "Huawei",
  type: "power",
  model: [descr(/^(SMU\w+)/)],
  osVersion: [column("E.2011.6.164.1.2.2.1.1.5"), scalar("E.2011.6.164.1.1.1.2.0")],
});
export const huaweiSmuLinux = defineProfile({
  name: "huawei-smu-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.2011.6.164"],
  vendor: "Huawei",
  type: "power",
  model: [],
  osVersion: [column("E.2011.6.164.1.2.2.1.1.5"), scalar("E.2011.6.164.1.1.1.2.0")],
});
export const huaweiIbmc = defineProfile({
  name: "huawei-ibmc",
  sysObjectID: "E.2011.2.235",
  vendor: "Huawei",
  type: "bmc",
  osName: "iBMC",
  model: [scalar("E.2011.2.235.1.1.1.6.0")],
  osVersion: [scalar("E.2011.2.235.1.1.1.3.0"), column("E.2011.2.235.1.1.11.50.1.4")],
  serialNumber: [scalar("E.2011.2.235.1.1.1.7.0")],
});
