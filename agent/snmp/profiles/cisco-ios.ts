/** Cisco IOS and IOS XE: sysDescr, ENTITY-MIB, OLD-CISCO-CHASSIS-MIB (chassisId), CISCO-PRODUCTS-MIB names. */

import { ciscoProducts } from "./cisco-products.ts";
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, descr, entity, scalar, when } from "./rules.ts";

const model = [
  entity("model", /^(?!.*(stack|not specified))([A-Za-z0-9].*)$/i, "$2"),
  bySysObjectID("E.9.1", ciscoProducts),
  // 12.x trains without ENTITY-MIB: the platform in the image name is all there is.
  descr(/Software \(([A-Za-z0-9]+)-[A-Z0-9_]+-M[Z]?\)/),
];
const serialNumber = [
  entity("serial"),
  scalar("E.9.3.6.3.0", /^([A-Z]{3}\d{4}[A-Z0-9]{4})\b/),
  scalar("E.9.5.1.2.19.0"),
  descr(/\b([A-Z]{3}\d{4}[A-Z0-9]{4})\b/),
];

export const ciscoIos = defineProfile({
  name: "cisco-ios",
  sysObjectID: "E.9.1",
  vendor: "Cisco",
  type: [
    when(/Catalyst|Switch|C(29|35|36|37|38|45|49|9[2-6])\d\d|s\d+_rp|cat\d|IE\d{4}|ME3\d00|CBS|CGS|IE-?\d/i, "switch"),
    when(/\bAP\d|C\d{4}-K9W|ap\dg\d|Access Point/i, "access-point"),
    when(/./, "router"),
  ],
  osName: [when(/IOS[- ]?XE|IOSXE|LINUX_IOSD|\[[A-Z][a-z]+\]/, "IOS XE"), fixed("IOS")],
  model,
  osVersion: [
    descr(/Version:? ([^ ,;]+)/),
    descr(/\bV (\d+) (\d+) (\d+)\b/, "$1.$2.$3"),
    scalar("E.9.9.25.1.1.1.2.5", /\$(.+)\$/),
    entity("softwareRev", /(\d+\.\d[^ ,]*)/),
  ],
  serialNumber,
  features: [descr(/\(([A-Za-z0-9_]+)-([A-Z0-9_]+)-MZ?\),/, "$2"), descr(/Software \[([A-Za-z]+)\]/)],
});

export const ciscoCatos = defineProfile({
  name: "cisco-catos",
  sysObjectID: "E.9.5",
  vendor: "Cisco",
  type: "switch",
  osName: "CatOS",
  model: [descr(/Cisco Systems (WS-\S+)/), entity("model")],
  osVersion: [descr(/Version ([^ ,]+)/)],
  serialNumber: [entity("serial"), scalar("E.9.5.1.2.19.0")],
});

/** Devices recorded or configured without a sysObjectID of their own. */
export const ciscoIosByDescription = defineProfile({
  name: "cisco-ios-by-description",
  sysDescr: /^"?Cisco (IOS|Internetwork Operating System) Software/i,
  vendor: "Cisco",
  type: [when(/Catalyst|Switch|C(29|35|36|37|38|45|49|9[2-6])\d\d/i, "switch"), fixed("router")],
  osName: [when(/IOS[- ]?XE|IOSXE|LINUX_IOSD/, "IOS XE"), fixed("IOS")],
  model,
  osVersion: [descr(/Version:? ([^ ,;]+)/)],
  serialNumber,
});
