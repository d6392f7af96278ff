/** Cisco Small Business and Linksys switches, routers and access points: CISCOSB-Physicaldescription-MIB (rlPhdUnitGenParam), ENTITY-MIB. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, when } from "./rules.ts";

const unit = "101.53.14.1";
const fields = {
  vendor: "Cisco",
  model: [
    descr(/\(?\b((?:SG|SF|SX|CBS|SLM|SRW|SGE|SFE|ESW|C1[23]00|SPS|SRP|WAP|RV|CVR|PVC)\d*[A-Z0-9]*(?:-[A-Z0-9]+)*)\b/),
    entity("model", /^(.*?)(?:-K9(?:-\w\w)?)?$/),
    column(`E.9.6.1.${unit}.7`),
    entity("name"),
    entity("descr", /^((?=.*\d)[A-Z][\w-]+)$/),
  ],
  osVersion: [column(`E.9.6.1.${unit}.2`), entity("softwareRev"), descr(/Version (\S+)/), descr(/ - (\d+\.\d[\d.]*)$/)],
  serialNumber: [entity("serial"), column(`E.9.6.1.${unit}.5`)],
  hardwareRevision: [entity("hardwareRev")],
} as const;

export const ciscoSmallBusiness = defineProfile({
  name: "cisco-small-business",
  sysObjectID: ["E.9.6.1", "E.3955"],
  type: [when(/WAP/, "access-point"), when(/RV\d/, "router"), fixed("switch")],
  ...fields,
});
export const ciscoCatalystSmart = defineProfile({
  name: "cisco-catalyst-smart",
  sysObjectID: "E.9.1",
  sysDescr: /Catalyst 1[23]00 Series/,
  type: "switch",
  ...fields,
});
export const ciscoSmallBusinessAccessPoint = defineProfile({
  name: "cisco-small-business-access-point",
  sysDescr: /Cisco (Small Business|Systems, Inc) WAP\d+|^Linksys S|^SRW\d+|^SLM\d+/,
  type: [when(/WAP/, "access-point"), fixed("switch")],
  ...fields,
});
