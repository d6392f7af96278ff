/** Zyxel: ZYXEL-ES-COMMON below 890.1.15.3.1 (model, version, serial), older switches under 890.1.5.8, USG, IES DSLAMs. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, ownScalar, scalar, when, wholeDescr } from "./rules.ts";

const common = {
  vendor: "Zyxel",
  model: [scalar("E.890.1.15.3.1.11.0"), wholeDescr],
  osVersion: [
    scalar("E.890.1.15.3.1.6.0", /^(V?[\w.]+\([\w.]+\)[\w]*)/),
    scalar("E.890.1.15.3.1.6.0", /^([^|/]+?)(?: \||\/|$)/),
  ],
  serialNumber: [scalar("E.890.1.15.3.1.12.0")],
} as const;
export const zyxel = defineProfile({
  name: "zyxel",
  sysObjectID: "E.890",
  type: [
    when(/^(USG|ZyWALL|ATP|VPN\d|ZLD)/i, "firewall"),
    when(/^(NWA|WAX|WAC|NXC|AP)/, "access-point"),
    when(/^(IES|MSC|VES|OLT|ALC)/, "olt"),
    when(/^(P-|VMG|AMG|NBG|LTE|SBG|EMG|PMG|Prestige)/i, "router"),
    when(/^NAS/, "storage"),
    fixed("switch"),
  ],
  osName: "ZyNOS",
  ...common,
});
export const zyxelSwitch = defineProfile({
  name: "zyxel-switch",
  sysObjectID: ["E.890.1.5.8", "E.890.1.5.18"],
  vendor: "Zyxel",
  type: "switch",
  osName: "ZyNOS",
  model: [wholeDescr],
  serialNumber: [ownScalar(5, "1.10.0", /^(\w{8,})$/)],
});
export const zyxelIes = defineProfile({
  name: "zyxel-ies",
  sysObjectID: "E.890.1.5.13",
  vendor: "Zyxel",
  type: "olt",
  model: [scalar("E.890.1.5.13.13.16.12.2.0"), wholeDescr],
  osVersion: [column("E.890.1.5.13.13.8.1.1.16"), descr(/(V\d\.\d+\(\S+?\))/)],
  serialNumber: [],
});
export const zyxelFlex = defineProfile({
  name: "zyxel-flex",
  sysDescr: /^(USG FLEX|USG|ATP|VPN)\s?\d/,
  type: "firewall",
  osName: "uOS",
  ...common,
});
