import { describe, expect, test } from "vitest";
import { identify } from "../../../../agent/snmp/profiles/identify.ts";
import * as registry from "../../../../agent/snmp/profiles/registry.ts";
import { device, readerOf, type Value } from "./walk.ts";

type Row = {
  readonly device: string;
  readonly sysObjectID?: string;
  readonly sysDescr?: string;
  readonly objects?: Readonly<Record<string, Value>>;
  readonly expected: Readonly<Record<string, string | undefined>>;
};
const entity = (index: number, columns: Readonly<Record<number, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(columns).map(([c, v]) => [`1.3.6.1.2.1.47.1.1.1.1.${c}.${index}`, v]));

/** Makers' forms of sysDescr and objects, with serial numbers made up. */
const rows: readonly Row[] = [
  {
    device: "Cisco IOS switch without ENTITY-MIB, model by its arc",
    sysObjectID: "E.9.1.516",
    sysDescr: "Cisco IOS Software, C3750 Software (C3750-IPBASEK9-M), Version 12.2(55)SE12, RELEASE SOFTWARE (fc2)",
    expected: {
      vendor: "Cisco",
      type: "switch",
      osName: "IOS",
      osVersion: "12.2(55)SE12",
      model: "catalyst37xxStack",
      features: "IPBASEK9",
    },
  },
  {
    device: "Cisco IOS XE router, serial number and model of the chassis",
    sysObjectID: "E.9.1.2093",
    sysDescr:
      "Cisco IOS Software [Amsterdam], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.3.4a, RELEASE SOFTWARE (fc3)",
    objects: entity(1, {
      2: "Cisco ISR4321 Chassis",
      4: 0,
      5: 3,
      7: "Chassis",
      8: "V04",
      11: "FDO11111AAA",
      13: "ISR4321/K9",
    }),
    expected: {
      osName: "IOS XE",
      osVersion: "17.3.4a",
      model: "ISR4321/K9",
      serialNumber: "FDO11111AAA",
      hardwareRevision: "V04",
      type: "router",
    },
  },
  {
    device: "Cisco NX-OS",
    sysObjectID: "E.9.12.3.1.3.1508",
    sysDescr: "Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 9.3(8), RELEASE SOFTWARE",
    objects: entity(149, { 2: "Nexus9000 C93180YC-EX Chassis", 4: 0, 5: 3, 11: "FDO22222BBB", 13: "N9K-C93180YC-EX" }),
    expected: {
      vendor: "Cisco",
      osName: "NX-OS",
      osVersion: "9.3(8)",
      model: "N9K-C93180YC-EX",
      serialNumber: "FDO22222BBB",
      type: "switch",
    },
  },
  {
    device: "Cisco ASA",
    sysObjectID: "E.9.1.2114",
    sysDescr: "Cisco Adaptive Security Appliance Version 9.14(2)15",
    objects: entity(1, { 5: 3, 4: 0, 11: "JAD33333CCC", 13: "ASA5508" }),
    expected: {
      osName: "ASA",
      osVersion: "9.14(2)15",
      model: "ASA5508",
      serialNumber: "JAD33333CCC",
      type: "firewall",
    },
  },
  {
    device: "Juniper EX",
    sysObjectID: "E.2636.1.1.1.4.131.3",
    sysDescr: "Juniper Networks, Inc. ex3400-48p Ethernet Switch, kernel JUNOS 20.2R3-S2.5, Build date: 2021-07-29",
    objects: { "E.2636.3.1.3.0": "NW1234567890" },
    expected: {
      vendor: "Juniper",
      model: "Juniper ex3400-48p",
      osVersion: "20.2R3-S2.5",
      serialNumber: "NW1234567890",
      type: "switch",
    },
  },
  {
    device: "Arista EOS",
    sysObjectID: "E.30065.1.3011.7050.3735.48",
    sysDescr: "Arista Networks EOS version 4.27.3F running on an Arista Networks DCS-7050SX3-48YC8",
    objects: entity(1, { 5: 3, 4: 0, 10: "", 11: "JPE44444DDD", 13: "DCS-7050SX3-48YC8" }),
    expected: { vendor: "Arista", model: "DCS-7050SX3-48YC8", osVersion: "4.27.3F", serialNumber: "JPE44444DDD" },
  },
  {
    device: "Aruba OS-Switch",
    sysObjectID: "E.11.2.3.7.11.181",
    sysDescr: "Aruba JL255A 2930F-24G-PoE+-4SFP+ Switch, revision WC.16.10.0012, ROM WC.16.01.0006",
    objects: { "E.11.2.36.1.1.2.9.0": "SG00AAAAAA" },
    expected: {
      vendor: "HPE",
      model: "JL255A 2930F-24G-PoE+-4SFP+",
      osVersion: "WC.16.10.0012",
      serialNumber: "SG00AAAAAA",
    },
  },
  {
    device: "HPE Comware",
    sysObjectID: "E.25506.11.1.187",
    sysDescr:
      "HPE Comware Platform Software, Software Version 7.1.070, Release 3208P15 HPE 5130-24G-4SFP+ EI Switch Copyright (c) 2010-2019",
    expected: {
      vendor: "HPE",
      osName: "Comware",
      osVersion: "7.1.070",
      model: "5130-24G-4SFP+ EI Switch",
      features: "3208P15",
    },
  },
  {
    device: "Huawei VRP",
    sysObjectID: "E.2011.2.23.339",
    sysDescr:
      "S5735-L24P4X-A Huawei Versatile Routing Platform Software VRP (R) software,Version 5.170 (S5735 V200R019C10SPC500)",
    expected: { vendor: "Huawei", model: "S5735-L24P4X-A", osVersion: "5.170 (V200R019C10SPC500)", type: "switch" },
  },
  {
    device: "MikroTik",
    sysObjectID: "E.14988.1",
    sysDescr: "RouterOS CCR2004-1G-12S+2XS",
    objects: { "E.14988.1.1.4.4.0": "7.13.5", "E.14988.1.1.7.3.0": "ABCD01234567", "E.14988.1.1.4.3.0": "6" },
    expected: {
      vendor: "MikroTik",
      model: "CCR2004-1G-12S+2XS",
      osVersion: "7.13.5",
      serialNumber: "ABCD01234567",
      features: "Level 6",
    },
  },
  {
    device: "FortiGate",
    sysObjectID: "E.12356.101.1.645",
    sysDescr: "",
    objects: {
      "E.12356.100.1.1.1.0": "FGT61FTK00000000",
      "E.12356.101.4.1.1.0": "v7.2.7,build1577,240131 (GA.M)",
      ...entity(1, { 5: 3, 4: 0, 13: "FGT_61F" }),
    },
    expected: {
      vendor: "Fortinet",
      model: "FortiGate 61F",
      osVersion: "v7.2.7,build1577,240131 (GA.M)",
      serialNumber: "FGT61FTK00000000",
      type: "firewall",
    },
  },
  {
    device: "PAN-OS",
    sysObjectID: "E.25461.2.3.38",
    sysDescr: "Palo Alto Networks PA-220 series firewall",
    objects: { "E.25461.2.1.2.1.1.0": "10.2.4", "E.25461.2.1.2.1.3.0": "012801000000" },
    expected: { model: "PA-220", osVersion: "10.2.4", serialNumber: "012801000000" },
  },
  {
    device: "Check Point on net-snmp, known by its subtree",
    sysObjectID: "E.8072.3.2.10",
    sysDescr: "Linux fw1 4.18.0-372.9.1 #1 SMP x86_64",
    objects: {
      "E.2620.1.6.4.1.0": "R81.20",
      "E.2620.1.6.16.7.0": "Check Point 6200",
      "E.2620.1.6.16.3.0": "2012BA0000",
    },
    expected: {
      vendor: "Check Point",
      model: "Check Point 6200",
      osVersion: "R81.20",
      serialNumber: "2012BA0000",
      type: "firewall",
    },
  },
  {
    device: "Synology on net-snmp",
    sysObjectID: "E.8072.3.2.10",
    sysDescr: "Linux nas 4.4.302+ #69057 SMP x86_64",
    objects: { "E.6574.1.5.1.0": "DS920+", "E.6574.1.5.2.0": "2040SBRAAAAAA", "E.6574.1.5.3.0": "DSM 7.2-64570" },
    expected: {
      vendor: "Synology",
      model: "DS920+",
      osVersion: "7.2-64570",
      serialNumber: "2040SBRAAAAAA",
      type: "storage",
    },
  },
  {
    device: "a bare Linux host: kernel and processor are all there is, and the hardware is a guess",
    sysObjectID: "E.8072.3.2.10",
    sysDescr: "Linux web1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64",
    expected: {
      osName: "Linux",
      osVersion: "6.1.0-18-amd64",
      model: "Generic x86 64-bit",
      type: "server",
      vendor: undefined,
    },
  },
  {
    device: "a Linux host with the server maker's management agent: its model and service tag, the kernel's version",
    sysObjectID: "E.8072.3.2.10",
    sysDescr: "Linux db1 5.15.0-91-generic #101-Ubuntu SMP x86_64",
    objects: {
      "E.674.10892.1.300.10.1.9.1": "PowerEdge R640",
      "E.674.10892.1.300.10.1.11.1": "ABC3DE4",
      "E.674.10892.1.100.1.0": "10.3.0.0",
    },
    expected: { model: "PowerEdge R640", serialNumber: "ABC3DE4", osVersion: "5.15.0-91-generic", type: "server" },
  },
  {
    device: "Windows Server by build",
    sysObjectID: "E.311.1.1.3.1.2",
    sysDescr:
      "Hardware: Intel64 Family 6 Model 85 Stepping 7 AT/AT COMPATIBLE - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)",
    expected: {
      vendor: "Microsoft",
      osName: "Windows",
      osVersion: "Server 2019 (NT 6.3)",
      model: "Intel x64",
      type: "server",
    },
  },
  {
    device: "VMware ESXi",
    sysObjectID: "E.6876.4.1",
    sysDescr: "VMware ESXi 8.0.1 build-21813344 VMware, Inc. x86_64",
    objects: {
      "E.6876.1.2.0": "8.0.1",
      ...entity(1, { 2: "Dell PowerEdge R650", 5: 3, 4: 0, 11: "ABC1DE2", 13: "PowerEdge R650" }),
    },
    expected: {
      vendor: "VMware",
      model: "Dell PowerEdge R650",
      osVersion: "8.0.1",
      serialNumber: "ABC1DE2",
      features: "build 21813344",
      type: "hypervisor",
    },
  },
  {
    device: "iDRAC",
    sysObjectID: "E.674.10892.5",
    sysDescr: "",
    objects: {
      "E.674.10892.5.1.3.12.0": "PowerEdge R740xd",
      "E.674.10892.5.1.3.2.0": "ABC2DE3",
      "E.674.10892.5.1.1.8.0": "6.10.30.00",
    },
    expected: {
      vendor: "Dell",
      model: "PowerEdge R740xd",
      osVersion: "6.10.30.00",
      serialNumber: "ABC2DE3",
      type: "bmc",
    },
  },
  {
    device: "HPE iLO",
    sysObjectID: "E.232.9.4.11",
    sysDescr: "Integrated Lights-Out 5 2.78 Nov 12 2022",
    objects: { "E.232.2.2.4.2.0": "ProLiant DL360 Gen10", "E.232.2.2.2.1.0": "CZJ0000AAA" },
    expected: {
      vendor: "HPE",
      model: "ProLiant DL360 Gen10",
      osVersion: "2.78",
      serialNumber: "CZJ0000AAA",
      type: "bmc",
    },
  },
  {
    device: "APC UPS: firmware of card and application, serial number of the UPS",
    sysObjectID: "E.318.1.3.27",
    sysDescr:
      "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.9.6 PN:apc_hw05_aos_696.bin AF1:v6.9.6 AN1:apc_hw05_sumx_696.bin MN:AP9630 HR:05 SN: ZA1111111111 MD:01/02/2011)",
    objects: {
      "E.318.1.1.1.1.1.1.0": "Smart-UPS X 1500",
      "E.318.1.1.1.1.2.1.0": "UPS 09.8 (ID1008)",
      "E.318.1.1.1.1.2.3.0": "AS2222222222",
    },
    expected: {
      vendor: "APC",
      model: "Smart-UPS X 1500 UPS 09.8 (ID1008)",
      osVersion: "AOS v6.9.6 / App v6.9.6",
      serialNumber: "AS2222222222",
      hardwareRevision: "05",
      type: "ups",
    },
  },
  {
    device: "Eaton UPS",
    sysObjectID: "E.534.1",
    sysDescr: "Eaton 5PX 1500",
    objects: { "E.534.1.1.2.0": "Eaton 5PX 1500", "E.534.1.1.3.0": "02.14.0026", "E.534.1.1.6.0": "G117A00000" },
    expected: {
      vendor: "Eaton",
      model: "Eaton 5PX 1500",
      osVersion: "02.14.0026",
      serialNumber: "G117A00000",
      type: "ups",
    },
  },
  {
    device: "Raritan PDU",
    sysObjectID: "E.13742.6",
    sysDescr: "Raritan PDU, MD:PX3-5190R HW:0x10 FW:3.6.1.5-46930",
    objects: {
      "E.13742.6.3.2.1.1.3.1": "PX3-5190R",
      "E.13742.6.3.2.1.1.4.1": "1FP0000000",
      "E.13742.6.3.2.3.1.6.1.1.1": "3.6.1.5-46930",
    },
    expected: { model: "PX3-5190R", osVersion: "3.6.1.5-46930", serialNumber: "1FP0000000", type: "pdu" },
  },
  {
    device: "HP printer",
    sysObjectID: "E.11.2.3.9.1",
    sysDescr: "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD149,EEPROM JDI23900031,CIDATE 02/02/2017",
    objects: {
      "E.11.2.3.9.1.1.7.0": "MFG:HP;MDL:HP LaserJet Pro M404dn;CMD:PJL,PCL;CLS:PRINTER;",
      "1.3.6.1.2.1.43.5.1.1.17.1": "PHB0000000",
      "1.3.6.1.2.1.25.3.2.1.2.1": { oid: "1.3.6.1.2.1.25.3.1.5" },
      "1.3.6.1.2.1.25.3.2.1.3.1": "HP LaserJet Pro M404dn",
    },
    expected: { vendor: "HP", model: "HP LaserJet Pro M404dn", serialNumber: "PHB0000000", type: "printer" },
  },
  {
    device: "Kyocera printer",
    sysObjectID: "E.1347.41",
    sysDescr: "KYOCERA Document Solutions Printing System",
    objects: {
      "E.1347.43.5.1.1.1.1": "ECOSYS M5526cdw",
      "E.1347.43.5.1.1.28.1": "R8X0000000",
      "E.1347.43.5.4.1.5.1.1": "2R7_2000.004.512",
    },
    expected: {
      vendor: "Kyocera",
      model: "ECOSYS M5526cdw",
      serialNumber: "R8X0000000",
      osVersion: "2R7_2000.004.512",
    },
  },
  {
    device: "Ricoh family, sold as Lanier",
    sysObjectID: "E.367.1.1",
    sysDescr: "LANIER MP C3004ex 1.18 / LANIER Network Printer C model / LANIER Network Scanner C model",
    expected: { vendor: "LANIER", model: "MP C3004ex", osVersion: "1.18", type: "printer" },
  },
  {
    device: "Xerox",
    sysObjectID: "E.253.8.62.1.35.4.1.6.1",
    sysDescr: "Xerox VersaLink C405; System 68.21.21, Controller 1.9.9, Engine 1.2.3",
    objects: { "E.253.8.53.3.2.1.3.1": "4HX000000" },
    expected: { vendor: "Xerox", model: "VersaLink C405", osVersion: "68.21.21", serialNumber: "4HX000000" },
  },
  {
    device: "Axis camera: the serial number is the MAC address",
    sysObjectID: "E.368.1.1",
    sysDescr: "; AXIS M3106-L Mk II; Network Camera; 9.80.3.1; Mar 10 2022 12:00; 7D1; 1;",
    objects: { "1.3.6.1.2.1.2.2.1.6.2": Uint8Array.of(0xac, 0xcc, 0x8e, 0, 0, 1) },
    expected: {
      vendor: "Axis",
      model: "AXIS M3106-L Mk II",
      osVersion: "9.80.3.1",
      serialNumber: "ac:cc:8e:00:00:01",
      type: "camera",
    },
  },
  {
    device: "Moxa: one layout below each product line's arc",
    sysObjectID: "E.8691.7.170",
    sysDescr: "EDS-G4012-8P-4QGS",
    objects: {
      "E.8691.7.170.1.2.0": "EDS-G4012-8P-4QGS-LVA-T",
      "E.8691.7.170.1.4.0": "V3.1 build 23020310",
      "E.8691.7.170.1.78.0": "TBCAA0000001",
    },
    expected: {
      vendor: "Moxa",
      model: "EDS-G4012-8P-4QGS-LVA-T",
      osVersion: "V3.1 build 23020310",
      serialNumber: "TBCAA0000001",
    },
  },
  {
    device: "Siemens SCALANCE, all in sysDescr",
    sysObjectID: "E.4329.6.1.2.111.1.1",
    sysDescr:
      "Siemens, SIMATIC NET, SCALANCE XC208, 6GK5 208-0BA00-2AC2, HW: Version 3, FW: Version V04.02.01, SVPK1234567",
    expected: {
      vendor: "Siemens",
      model: "SCALANCE XC208",
      osVersion: "V04.02.01",
      serialNumber: "SVPK1234567",
      type: "switch",
    },
  },
  {
    device: "NetApp ONTAP",
    sysObjectID: "E.789.2.5",
    sysDescr: "NetApp Release 9.11.1P8: Wed Mar 08 12:00:00 UTC 2023",
    objects: { "E.789.1.1.5.0": "AFF-A250", "E.789.1.1.9.0": "721000000000" },
    expected: {
      vendor: "NetApp",
      osName: "ONTAP",
      osVersion: "9.11.1P8",
      model: "AFF-A250",
      serialNumber: "721000000000",
      type: "storage",
    },
  },
  {
    device: "ZyXEL switch",
    sysObjectID: "E.890.1.15",
    sysDescr: "XGS2220-30",
    objects: {
      "E.890.1.15.3.1.6.0": "V4.80(ABXN.1) | 03/30/2023",
      "E.890.1.15.3.1.12.0": "S222L00000001",
      "E.890.1.15.3.1.11.0": "XGS2220-30",
    },
    expected: {
      vendor: "Zyxel",
      model: "XGS2220-30",
      osVersion: "V4.80(ABXN.1)",
      serialNumber: "S222L00000001",
      type: "switch",
    },
  },
  {
    device: "SonicWall",
    sysObjectID: "E.8741.1",
    sysDescr: "SonicWALL TZ 470 (SonicOS Enhanced 7.0.1-5119)",
    objects: {
      "E.8741.2.1.1.1.0": "TZ 470",
      "E.8741.2.1.1.2.0": "2CB8ED000000",
      "E.8741.2.1.1.3.0": "SonicOS 7.0.1-5119",
    },
    expected: { vendor: "SonicWall", model: "TZ 470", osVersion: "7.0.1-5119", serialNumber: "2CB8ED000000" },
  },
  {
    device: "Cisco Meraki",
    sysObjectID: "E.29671.2.73",
    sysDescr: "Meraki MS250-24P Cloud Managed Switch",
    expected: { vendor: "Meraki", type: "switch" },
  },
  {
    device: "DOCSIS modem of any maker",
    sysObjectID: "E.65000.1",
    sysDescr: "DOCSIS 3.1 Modem <<HW_REV: 2A; VENDOR: Acme; BOOTR: 1.0; SW_REV: AC31-7.2.1; MODEL: AC3100>>",
    expected: { model: "AC3100", osVersion: "AC31-7.2.1", hardwareRevision: "2A", type: "modem" },
  },
];

describe("families", () => {
  test.each(rows)("$device", async ({ sysObjectID, sysDescr, objects, expected }) => {
    const walk = device({ ...(sysObjectID && { sysObjectID }), ...(sysDescr !== undefined && { sysDescr }) }, objects);
    const identity = await identify(readerOf(walk), { profiles: Object.values(registry) });
    const got = Object.fromEntries(Object.keys(expected).map((field) => [field, identity[field as "model"]?.value]));
    expect(got).toEqual(expected);
  });
});
