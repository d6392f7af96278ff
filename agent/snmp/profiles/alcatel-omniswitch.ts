/** Alcatel-Lucent Enterprise OmniSwitch: sysDescr, ENTITY-MIB. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, entity, when } from "./rules.ts";

export const alcatelOmniswitch = defineProfile({
  name: "alcatel-omniswitch",
  sysObjectID: ["E.6486", "E.800"],
  vendor: "Alcatel-Lucent Enterprise",
  type: [when(/OAW|OmniAccess/, "wireless-controller"), fixed("switch")],
  osName: "AOS",
  model: [descr(/Lucent (?:Enterprise )?(\S*\d\S*)/), entity("model")],
  osVersion: [descr(/(\d+\.\d+\.\d+\.R?\d+\S*)/), entity("softwareRev")],
  serialNumber: [entity("serial")],
});
