/** Palo Alto Networks PAN-OS: PAN-COMMON-MIB panSysSwVersion, panSysSerialNumber, panChassisType; ENTITY-MIB. */
import { defineProfile } from "./profile.ts";
import { descr, entity, scalar } from "./rules.ts";

export const paloAlto = defineProfile({
  name: "palo-alto",
  sysObjectID: "E.25461",
  vendor: "Palo Alto Networks",
  type: "firewall",
  osName: "PAN-OS",
  model: [
    entity("name", /^((?:PA|VM|M|Panorama|WF)-?.*)$/),
    entity("descr", /^((?:PA|VM|M)-.*)$/),
    descr(/(PA-\d+|Panorama)/),
  ],
  osVersion: [scalar("E.25461.2.1.2.1.1.0")],
  serialNumber: [scalar("E.25461.2.1.2.1.3.0"), entity("serial")],
});
