/** Barracuda: sysDescr names the product line. */
import { defineProfile, fixed } from "./profile.ts";
import { descr, when } from "./rules.ts";

export const barracudaCloudgen = defineProfile({
  name: "barracuda-cloudgen",
  sysObjectID: "E.10704",
  vendor: "Barracuda",
  type: "firewall",
  osName: "CloudGen Firewall",
});
export const barracudaAppliance = defineProfile({
  name: "barracuda-appliance",
  sysObjectID: ["E.20632", "E.8072.3.2.10"],
  sysDescr: /^Barracuda/,
  vendor: "Barracuda",
  type: [
    when(/Load Balancer/, "load-balancer"),
    when(/Firewall|SSL VPN/, "firewall"),
    when(/Spam|Email|Archiver/, "mail"),
    when(/Web Filter|Web Security/, "proxy"),
    fixed("appliance"),
  ],
  model: [descr(/^Barracuda (.+)$/)],
});
