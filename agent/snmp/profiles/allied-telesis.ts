/** Allied Telesis: AlliedWare Plus (AT-RESOURCE-MIB, AT-SETUP-MIB), older switches and routers. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, scalar, when } from "./rules.ts";

export const alliedTelesis = defineProfile({
  name: "allied-telesis",
  sysObjectID: "E.207",
  vendor: "Allied Telesis",
  type: [when(/AR\d|router version/i, "router"), fixed("switch")],
  osName: [when(/AW\+|AlliedWare Plus/, "AlliedWare Plus"), fixed("AlliedWare")],
  model: [entity("name", /^(AT-.+|x\d\S*|SBx?\d\S*)$/), entity("model"), descr(/(AT-\S+?)[, ]/)],
  osVersion: [
    scalar("E.207.8.4.4.4.500.2.1.1.0"),
    descr(/AW\+ v(\S+)/),
    descr(/Version (\S+)/i),
    entity("softwareRev"),
  ],
  serialNumber: [
    entity("serial"),
    column("E.207.8.4.4.3.21.1.1.8", /^([A-Z0-9]{10,})$/),
    column("E.207.8.4.4.3.1.7.1.6"),
  ],
});
