/** APC (Schneider Electric): PowerNet-MIB; every management card's sysDescr has card, firmware of system and application, model and serial number. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, compose, descr, scalar, when, wholeDescr } from "./rules.ts";

/** AOS is the card's system, the application what makes it a UPS or PDU card: a version says nothing without both. */
const cardVersion = [descr(/PF:(v?[\w.]+).*?AF1:(v?[\w.]+)/, "AOS $1 / App $2"), scalar("E.318.1.1.10.3.1.3.0")];
const cardModel = descr(/MN: ?((?:AP|APDU|AC)\w+)/);
const cardName = descr(/^APC (.+?) \(/);
export const apc = defineProfile({
  name: "apc",
  sysObjectID: "E.318",
  vendor: "APC",
  type: [
    bySysObjectID("E.318.1.3", {
      "2": "ups",
      "3": "power",
      "4": "pdu",
      "5": "ups",
      "8": "environment",
      "11": "ats",
      "14": "cooling",
      "15": "pdu",
      "17": "environment",
      "18": "power",
      "27": "ups",
      "32": "ats",
      "37": "ups",
    }),
    when(/PDU/, "pdu"),
    when(/InRow|AC\b|Uniflair/i, "cooling"),
    fixed("ups"),
  ],
  osName: "AOS",
  model: [
    compose("{} {}", scalar("E.318.1.1.1.1.1.1.0"), scalar("E.318.1.1.1.1.2.1.0")),
    scalar("E.318.1.1.1.1.1.1.0"),
    compose("{} {}", scalar("E.318.1.1.12.1.5.0"), scalar("E.318.1.1.12.1.2.0")),
    compose("{} {}", scalar("E.318.1.1.4.1.4.0"), scalar("E.318.1.1.4.1.2.0")),
    compose("{} {}", scalar("E.318.1.1.26.2.1.8.1"), scalar("E.318.1.1.26.2.1.6.1")),
    cardName,
    cardModel,
    descr(/^APC (?!.*SNMP)(.+)$/),
  ],
  osVersion: cardVersion,
  serialNumber: [
    scalar("E.318.1.1.1.1.2.3.0"),
    scalar("E.318.1.1.12.1.6.0"),
    scalar("E.318.1.1.4.1.5.0"),
    scalar("E.318.1.1.26.2.1.9.1"),
    scalar("E.318.1.1.8.1.6.0"),
    descr(/SN: ?([A-Z0-9]{6,})/),
  ],
  hardwareRevision: [descr(/HR: ?(\w+)/)],
});
export const apcEnvironment = defineProfile({
  name: "apc-environment",
  sysObjectID: "E.318.1.3.8",
  vendor: "APC",
  type: "environment",
  model: [compose("{} {}", scalar("E.318.1.1.10.3.1.5.0"), scalar("E.318.1.1.10.3.1.2.0")), cardModel],
  osVersion: [scalar("E.318.1.1.10.3.1.3.0"), ...cardVersion],
  serialNumber: [scalar("E.318.1.1.10.3.1.6.0"), descr(/SN: ?([A-Z0-9]{6,})/)],
});
export const apcSwitchedPdu = defineProfile({
  name: "apc-switched-pdu",
  sysObjectID: "E.318.1.1.32",
  vendor: "APC",
  type: "pdu",
  model: [scalar("E.318.1.1.32.1.2.1.11.1")],
  osVersion: [scalar("E.318.1.1.32.1.2.1.14.1")],
  serialNumber: [scalar("E.318.1.1.32.1.2.1.12.1")],
  features: [scalar("E.318.1.1.32.1.2.1.10.1")],
});
export const apcEasyPdu = defineProfile({
  name: "apc-easy-pdu",
  sysObjectID: "E.318.1.3.4.9",
  vendor: "APC",
  type: "pdu",
  model: [scalar("E.318.1.1.30.2.1.1.4.1"), wholeDescr],
  osVersion: [scalar("E.318.1.1.30.2.1.1.3.1")],
  serialNumber: [scalar("E.318.1.1.30.2.1.1.5.1")],
});
export const apcNetbotz = defineProfile({
  name: "apc-netbotz",
  sysObjectID: ["E.52674", "E.5528"],
  vendor: "APC",
  type: "environment",
  osName: "BotzWare",
  model: [column("E.318.1.4.2.2.1.2"), descr(/(NetBotz \d+)/)],
  osVersion: [column("E.318.1.4.2.4.1.4"), descr(/NetBotz \d+ (\S+)/)],
  serialNumber: [column("E.318.1.4.2.2.1.3")],
});
export const apcMgeGalaxy = defineProfile({
  name: "apc-mge-galaxy",
  sysObjectID: "E.705.1",
  sysDescr: /galaxy/i,
  vendor: "APC",
  type: "ups",
  model: [scalar("E.705.1.1.2.0"), wholeDescr],
  osVersion: [scalar("E.705.1.1.4.0")],
  serialNumber: [scalar("E.705.1.1.7.0")],
});
