/** H3C and HPE Comware: sysDescr, ENTITY-MIB. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when } from "./rules.ts";

const fields = {
  osName: "Comware",
  type: [
    when(/Router|MSR|\bSR\d/, "router"),
    when(/WX\d|Wireless|Access Controller/, "wireless-controller"),
    when(/SecPath|Firewall/, "firewall"),
    fixed("switch"),
  ],
  model: [
    descr(/Release \S+ (?:HPE?|H3C)?\s?(.+?) (?:Copyright|\(C\))/),
    descr(/Release \S+ (?:HPE?|H3C) (\S.+)$/),
    descr(/^H3C (?:Switch )?(\S+)/),
    entity("model"),
    entity("descr", /^(?:HPE?|H3C) (.+?)(?: Software.*)?$/),
  ],
  osVersion: [descr(/Software,? Version (\d+\.\d+(?:\.\d+)?)/), descr(/Version (\d+\.[\d.]+)/)],
  serialNumber: [entity("serial")],
  features: [descr(/Release (\S+)/)],
} as const;
export const hpeComware = defineProfile({ name: "hpe-comware", sysObjectID: "E.25506.11", vendor: "HPE", ...fields });
export const h3cComware = defineProfile({
  name: "h3c-comware",
  sysObjectID: "E.25506",
  vendor: [when(/\bHPE?\b/, "HPE"), fixed("H3C")],
  ...fields,
});
export const huawei3com = defineProfile({ name: "huawei-3com", sysObjectID: "E.2011.10", vendor: "H3C", ...fields });
