/** Cisco appliances that are no routers or switches: ISE, WAAS, IPS, unified communications, content security, SCE, ACE, ACS. */
import { defineProfile, fixed } from "./profile.ts";
import { bySysObjectID, column, descr, entity, longColumn, scalar, when } from "./rules.ts";

export const ciscoIse = defineProfile({
  name: "cisco-ise",
  sysObjectID: "E.9.1",
  sysDescr: /Identity Services Engine|Cisco Secure Access Control|ADE-?OS/,
  vendor: "Cisco",
  type: "server",
  osName: "ISE",
  model: [entity("model")],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
export const ciscoWaas = defineProfile({
  name: "cisco-waas",
  sysObjectID: "E.9.1",
  sysDescr: /Wide Area Application Services/,
  vendor: "Cisco",
  type: "wan-optimizer",
  osName: "WAAS",
  model: [entity("model"), descr(/Hardware Version: ([A-Za-z]+\d+)/)],
  osVersion: [descr(/Software Version: [^(]*\(.*?([\d.]+)\)/), descr(/(\d+\.\d+\.\d+[\d.]*)/)],
});
export const ciscoUnifiedCommunications = defineProfile({
  name: "cisco-unified-communications",
  sysObjectID: ["E.9.1.583", "E.9.1.1348", "E.9.1.1350", "E.9.1.1355"],
  vendor: "Cisco",
  type: "collaboration",
  osName: "Unified Communications OS",
  model: [entity("model"), column("E.9.9.156.1.1.2.1.4")],
  osVersion: [
    longColumn("1.3.6.1.2.1.25.6.3.1.2", 400, /(?:cm|UCOS|master).*?(\d+\.\d+\.\d+[\d.-]*)/),
    descr(/release:(\S+)/),
  ],
});
export const ciscoServiceControl = defineProfile({
  name: "cisco-service-control",
  sysObjectID: ["E.9.1", "E.5655"],
  sysDescr: /Cisco Service Control/,
  vendor: "Cisco",
  type: "network",
  model: [descr(/HW version: (\S+)/)],
  osVersion: [descr(/SW version: (?:Version )?(\S+(?: Build \d+)?)/)],
  serialNumber: [entity("serial"), column("E.5655.4.1.2.2.1.10")],
});
export const ciscoIronport = defineProfile({
  name: "cisco-ironport",
  sysObjectID: "E.15497",
  vendor: "Cisco",
  type: [when(/Web Security/, "proxy"), fixed("mail")],
  osName: "AsyncOS",
  model: [descr(/Model: (\S+?),/), descr(/^(?:Cisco )?(?:IronPort )?Model (\S+)/)],
  osVersion: [descr(/(?:AsyncOS )?Version: (\S+?),/)],
  serialNumber: [descr(/Serial #: (\S+)/)],
});
export const ciscoScientificAtlanta = defineProfile({
  name: "cisco-scientific-atlanta",
  sysObjectID: "E.1429",
  vendor: "Cisco",
  type: [when(/DOCSIS|Modem|Gateway/i, "modem"), fixed("broadcast")],
  model: [scalar("E.1429.2.2.5.1.1.4.0"), descr(/Cisco (\S+)/), descr(/^(D\d+\S*)/)],
  osVersion: [scalar("E.1429.2.2.5.1.1.1.0"), descr(/SW_REV: ([^;>]+)/)],
  serialNumber: [],
});
export const ciscoTandberg = defineProfile({
  name: "cisco-tandberg",
  sysObjectID: "E.5596",
  vendor: "Cisco",
  type: "collaboration",
  model: [descr(/(?:TANDBERG |Cisco )?(?:Codec|SoftW: .* )?(?:MCU: )?([A-Z][\w ]+?)(?: SoftW|\s*$)/)],
  osVersion: [descr(/SoftW: (\S+)/)],
});
export const ciscoViptela = defineProfile({
  name: "cisco-viptela",
  sysObjectID: "E.41916",
  vendor: "Cisco",
  type: "router",
  osName: "Viptela",
  model: [
    bySysObjectID("E.41916.3.2", {
      "1": "vsmart",
      "2": "vmanage",
      "3": "vbond",
      "4": "vedge-1000",
      "5": "vedge-2000",
      "6": "vedge-100",
      "7": "vedge-100-B",
      "9": "vedge-cloud",
      "10": "vedge-100-M",
      "12": "vedge-5000",
    }),
  ],
  osVersion: [scalar("E.41916.11.1.2.0")],
  serialNumber: [scalar("E.41916.3.1.1.1.5.0"), scalar("E.41916.11.1.18.0")],
});
export const ciscoMe1200 = defineProfile({
  name: "cisco-me1200",
  sysObjectID: "E.9.1.1899",
  vendor: "Cisco",
  type: "switch",
  model: [entity("name"), entity("model")],
  osVersion: [entity("softwareRev")],
  serialNumber: [entity("serial")],
});
