/** HPE ProCurve, Aruba OS-Switch, OfficeConnect: sysDescr, STATISTICS-MIB hpHttpMgSerialNumber, SEMI-MIB. */
import { defineProfile } from "./profile.ts";
import { column, descr, entity, scalar } from "./rules.ts";

export const hpeProcurve = defineProfile({
  name: "hpe-procurve",
  sysObjectID: ["E.11.2.3.7.11", "E.11.2.3.7.8"],
  vendor: "HPE",
  type: "switch",
  osName: "ProVision",
  model: [
    descr(/(?:HP|ProCurve|HPE|Aruba) (J\w{4,6}[A-Z]) (?:Switch )?(.+?)(?: Switch)?,/i, "$1 $2"),
    descr(/OfficeConnect Switch (\d.*? J\w+A),/),
    descr(/HPE? (\d\S+) Switch (J\w+A),/, "$1 $2"),
    descr(/PROCURVE (J\w+A) - /i),
    descr(/ProCurve (\S+ \S+)(?: Blade Switch)?,/),
    descr(/Instant On Switch (.+? [JRS]\w+A),/),
    descr(/^(?:HPE?|Hewlett[^ ]*|Aruba) (.+?)(?: Switch)?, /),
    descr(/HP (Stack),/),
  ],
  osVersion: [
    entity("softwareRev", /^([A-Z]{1,2}\.\d.+)$/),
    descr(/(?:revision|,) ([A-Z]{1,2}\.[\d.]+)/),
    descr(/ - ([A-Z]{2}\.[\d.]+)$/),
    descr(/InstantOn_\w+?_([\d.]+)/),
    scalar("E.11.2.14.11.5.1.1.3.0"),
  ],
  serialNumber: [scalar("E.11.2.36.1.1.2.9.0"), entity("serial"), column("E.11.2.14.11.5.1.1.10")],
});
