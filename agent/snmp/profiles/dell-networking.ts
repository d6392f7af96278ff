/** Dell switches: FTOS/OS9 (sysDescr), OS10 (ENTITY-MIB), PowerConnect and N series (Dell-Vendor-MIB productIdentification). */
import { defineProfile } from "./profile.ts";
import { bySysObjectID, column, descr, entity, scalar } from "./rules.ts";

export const dellForce10 = defineProfile({
  name: "dell-force10",
  sysObjectID: "E.6027",
  vendor: "Dell",
  type: "switch",
  osName: "FTOS",
  model: [descr(/Series: (\S+)/), descr(/System Type: (\S+)/)],
  osVersion: [descr(/Application Software Version: ?(\S+)/), descr(/Operating System Version: ?(\S+)/)],
  serialNumber: [
    column("E.6027.3.10.1.2.2.1.12"),
    column("E.6027.3.26.1.3.4.1.20"),
    column("E.6027.3.19.1.2.2.1.12"),
    column("E.6027.3.1.1.2.3.1.6"),
  ],
  only: ["serialNumber"],
});
export const dellOs10 = defineProfile({
  name: "dell-os10",
  sysObjectID: "E.674.11000.5000.100",
  vendor: "Dell",
  type: "switch",
  osName: "OS10",
  // os10CardDescription: "S4128F-ON 28x10GbE, 2x100GbE QSFP28 Interface Module".
  model: [
    descr(/System Type: (\S+)/),
    entity("descr", /(?:Dell (?:EMC )?Networking )?(\S*\d\S*)(?: Chassis)?$/),
    entity("model"),
    column("E.674.11000.5000.100.4.1.1.4.1.3", /^(\S*\d\S*)/),
  ],
  osVersion: [descr(/OS Version: ([\w.]*\w)/), entity("softwareRev")],
  // os10ChassisServiceTag, by which Dell knows the switch; else the board's own number, os10ChassisPPID.
  serialNumber: [
    column("E.674.11000.5000.100.4.1.1.3.1.7"),
    entity("serial", /^([A-Z0-9]{7,})$/),
    column("E.674.11000.5000.100.4.1.1.3.1.5"),
  ],
  hardwareRevision: [column("E.674.11000.5000.100.4.1.1.3.1.6")],
});
export const dellPowerconnect = defineProfile({
  name: "dell-powerconnect",
  sysObjectID: "E.674.10895",
  vendor: "Dell",
  type: "switch",
  model: [
    scalar("E.674.10895.3000.1.2.100.1.0", /^((?!.*(?:Gigabit|Ethernet) Switch).+)$/),
    entity("descr", /^((?:PowerConnect|Dell).+)$/),
    descr(/^((?:Powerconnect|Dell|PowerConnect)[^,]*),/i),
    descr(/^(Dell (?:EMC )?Networking \S+)/),
    entity("model"),
    bySysObjectID("E.674.10895", {
      "3000": "PowerConnect 5212",
      "3006": "PowerConnect 3348",
      "3010": "PowerConnect 6024",
      "3016": "PowerConnect 5316M",
      "3019": "PowerConnect 5448",
      "3020": "PowerConnect 5424",
      "3028": "PowerConnect 2824",
      "3031": "PowerConnect 5548",
      "3044": "PowerConnect 5524",
    }),
  ],
  osVersion: [scalar("E.674.10895.3000.1.2.100.4.0"), descr(/, (\d+\.\d+\.\d+[\d.]*)/), entity("softwareRev")],
  serialNumber: [
    column("E.674.10895.3000.1.2.100.8.1.2", /^([A-Z0-9]{5,})$/),
    entity("serial"),
    column("E.674.10895.3000.1.2.100.8.1.4", /^([A-Z0-9]{7})$/),
  ],
  features: [scalar("E.674.10895.3000.1.2.100.2.0")],
});
