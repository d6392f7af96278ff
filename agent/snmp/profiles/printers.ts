/** Printers: Printer-MIB and HOST-RESOURCES give model and serial number; here is what makers put elsewhere, mostly firmware. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, scalar, sysName, when, wholeDescr } from "./rules.ts";

const hrDescr = (pattern?: RegExp) => scalar("1.3.6.1.2.1.25.3.2.1.3.1", pattern);
const generalSerial = column("1.3.6.1.2.1.43.5.1.1.17");
export const brother = defineProfile({
  name: "brother",
  sysObjectID: "E.2435",
  vendor: "Brother",
  type: "printer",
  model: [hrDescr(/^(?:Brother )?(\S+)/i), scalar("E.2435.2.3.9.1.1.7.0", /MDL:([^;]+)/)],
  osVersion: [scalar("E.2435.2.4.3.99.3.1.6.1.2.1", /(\d+\.\d+|[A-Z]\d*)$/), descr(/Firmware Ver\. ?(\S+)/)],
  serialNumber: [scalar("E.2435.2.3.9.4.2.1.5.5.1.0"), generalSerial],
});
export const canon = defineProfile({
  name: "canon",
  sysObjectID: "E.1602",
  vendor: "Canon",
  type: "printer",
  model: [hrDescr(/^(?:Canon )?(.+?)(?: \/P)?$/i), scalar("E.1602.1.1.1.1.0"), descr(/^Canon (.+?)(?: \/P)?$/)],
  osVersion: [scalar("E.1602.1.1.1.4.0")],
  serialNumber: [generalSerial, scalar("E.1602.1.2.1.8.1.3.1.1"), scalar("E.1602.1.2.1.4.0")],
});
export const epson = defineProfile({
  name: "epson",
  sysObjectID: "E.1248",
  vendor: "Epson",
  type: [when(/Scan/, "scanner"), when(/Projector/i, "video"), fixed("printer")],
  model: [
    hrDescr(/^(?:EPSON )?(.+?)(?: Series)?$/i),
    scalar("E.1248.1.2.2.1.1.1.2.1"),
    scalar("E.1248.1.1.3.1.3.8.0"),
    sysName(/^((?:AL|WF|ET|XP|LQ|TM|SC)-\w+)/),
  ],
  osVersion: [column("E.1248.1.1.3.1.21.1.1.2"), scalar("E.1248.1.2.2.2.1.1.2.1.4")],
  serialNumber: [scalar("E.1248.1.2.2.1.1.1.5.1"), scalar("E.1248.1.1.3.1.1.1.0"), generalSerial],
});
export const konicaMinolta = defineProfile({
  name: "konica-minolta",
  sysObjectID: "E.18334",
  vendor: [when(/^Develop/i, "Develop"), when(/^Olivetti/i, "Olivetti"), fixed("Konica Minolta")],
  type: "printer",
  model: [
    descr(/^(?:KONICA MINOLTA |Develop |Olivetti )?(.*\d.*)$/i),
    scalar("E.18334.1.1.1.1.6.2.1.0"),
    hrDescr(/^(?:KONICA MINOLTA |Develop |Olivetti )?(.+)$/i),
  ],
  osVersion: [scalar("E.18334.1.1.1.1.6.1.0"), column("E.18334.1.1.1.5.5.1.1.3")],
  serialNumber: [generalSerial, scalar("E.18334.1.1.1.1.6.2.2.0")],
});
export const kyocera = defineProfile({
  name: "kyocera",
  sysObjectID: "E.1347",
  vendor: [when(/UTAX|TA_UTAX|Triumph/i, "UTAX"), when(/Olivetti/i, "Olivetti"), fixed("Kyocera")],
  type: "printer",
  model: [scalar("E.1347.43.5.1.1.1.1"), hrDescr()],
  osVersion: [scalar("E.1347.43.5.4.1.5.1.1"), column("E.1347.43.5.4.1.5.1")],
  serialNumber: [scalar("E.1347.43.5.1.1.28.1"), generalSerial],
});
export const lexmark = defineProfile({
  name: "lexmark",
  sysObjectID: "E.641",
  vendor: "Lexmark",
  type: "printer",
  model: [
    scalar("E.641.2.1.2.1.2.1"),
    descr(/^Lexmark (\S+)/i),
    hrDescr(/^(?:Lexmark )?(\S+)/i),
    scalar("E.641.6.2.3.1.4.1"),
  ],
  osVersion: [scalar("E.641.2.1.2.1.4.1"), descr(/version (\S+)/), scalar("E.641.6.2.3.1.7.1")],
  serialNumber: [scalar("E.641.2.1.2.1.6.1"), generalSerial, scalar("E.641.6.2.3.1.5.1")],
});
export const oki = defineProfile({
  name: "oki",
  sysObjectID: "E.2001",
  vendor: "OKI",
  type: "printer",
  model: [descr(/Attached to (\S+)/), hrDescr(/^(?:OKI(?: DATA CORP)? )?(.+)$/i)],
  osVersion: [descr(/Attached to \S+ Rev\.(\S+)/), scalar("E.2001.1.1.1.1.12.1.1.2.0")],
  serialNumber: [scalar("E.2001.1.1.1.1.11.1.10.45.0"), generalSerial],
  features: [descr(/OkiLAN (\S+ Rev\.\S+)/)],
});
export const ricoh = defineProfile({
  name: "ricoh",
  sysObjectID: "E.367",
  vendor: [descr(/^(Gestetner|NRG|SAVIN|LANIER|Lanier|infotec|RICOH|Rex-Rotary)/i), fixed("Ricoh")],
  type: "printer",
  model: [
    scalar("E.367.3.2.1.1.1.1.0"),
    descr(/^(?:Gestetner|NRG|SAVIN|LANIER|infotec|RICOH) (.+?) \d+\.\d/i),
    hrDescr(),
  ],
  osVersion: [scalar("E.367.3.2.1.1.1.2.0"), descr(/ (\d+\.\d[\w.]*) \//)],
  serialNumber: [scalar("E.367.3.2.1.2.1.4.0"), generalSerial],
});
export const samsungPrinter = defineProfile({
  name: "samsung-printer",
  sysObjectID: "E.236.11.5",
  vendor: "Samsung",
  type: "printer",
  model: [descr(/^Samsung (.+?)(?: Series)?[ ;]/), hrDescr(/^(?:Samsung )?(.+?)(?: Series)?$/i)],
  osVersion: [scalar("E.236.11.5.1.1.1.2.0"), descr(/(?:OS |;V)(\d\S*?)[; ]/)],
  serialNumber: [scalar("E.236.11.5.1.1.1.4.0"), descr(/S\/N (\w+)/), generalSerial],
});
export const samsungPrinterByDescription = defineProfile({
  name: "samsung-printer-by-description",
  sysDescr: /^Samsung (S|ML|CL|SC|M|X|K|C)\S*/,
  vendor: "Samsung",
  type: "printer",
  osVersion: [descr(/(?:OS |;V)(\d\S*?)[; ]/)],
  serialNumber: [descr(/S\/N (\w+)/), generalSerial],
});
const sharpFields = {
  vendor: "Sharp",
  type: "printer",
  model: [hrDescr(), wholeDescr],
  osVersion: [column("E.2385.2.1.1.2.1.2", /(\d+\.\d+\S*)/)],
  serialNumber: [generalSerial],
} as const;
export const sharp = defineProfile({ name: "sharp", sysObjectID: "E.2385", ...sharpFields });
export const sharpByDescription = defineProfile({
  name: "sharp-by-description",
  sysDescr: /^SHARP (MX|AR|BP)/i,
  ...sharpFields,
});
export const toshibaPrinter = defineProfile({
  name: "toshiba-printer",
  sysObjectID: "E.1129",
  vendor: "Toshiba",
  type: "printer",
  model: [hrDescr(/^(?:TOSHIBA )?(.+)$/i), descr(/^TOSHIBA (e-STUDIO\S*)/i)],
  osVersion: [scalar("E.1129.2.3.50.1.2.4.1.12.1.1"), scalar("E.1129.2.3.45.1.5.3.2.7.1.1")],
  serialNumber: [generalSerial],
});
export const xerox = defineProfile({
  name: "xerox",
  sysObjectID: ["E.253", "E.297"],
  vendor: "Xerox",
  type: "printer",
  model: [descr(/^(?:FUJI )?(?:XEROX|FUJIFILM) ([^;,]+?)[;,]/i), hrDescr(/^(?:FUJI )?(?:Xerox )?([^;]+)/i)],
  osVersion: [descr(/(?:System(?: Software)?|SS|ESS|Controller|Net) ?([\d.]{5,})/)],
  serialNumber: [scalar("E.253.8.53.3.2.1.3.1"), generalSerial],
});
export const zebraPrinter = defineProfile({
  name: "zebra-printer",
  sysObjectID: "E.10642",
  vendor: "Zebra",
  type: "printer",
  model: [scalar("E.10642.1.1.0"), hrDescr(/^(?:Zebra Technologies )?(.+)$/)],
  osVersion: [scalar("E.10642.1.2.0", /^(V?\d+\.\d\S*)$/), scalar("E.10642.200.19.7.0")],
  serialNumber: [scalar("E.10642.1.9.0"), scalar("E.10642.200.19.5.0"), generalSerial],
});
export const printServer = defineProfile({
  name: "print-server",
  sysObjectID: ["E.683", "E.2699", "E.1552", "E.2136", "E.3369", "E.1347.41.9"],
  type: "printer",
  vendor: [
    when(/Lexmark/i, "Lexmark"),
    when(/Zebra/i, "Zebra"),
    when(/OC[EÉ]/i, "Océ"),
    when(/Fiery/i, "EFI"),
    descr(/^([A-Z][A-Za-z]+)/),
  ],
  model: [hrDescr()],
  serialNumber: [generalSerial],
});
