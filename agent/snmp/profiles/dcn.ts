/** Digital China Networks and QTECH and SNR: one sysDescr shape, "S5750E-16X-SI Device, Compiled ... SoftWare Version ...". */
import { defineProfile } from "./profile.ts";
import { descr, entity, scalar } from "./rules.ts";

const fields = {
  type: "switch",
  model: [descr(/^(\S+) Device,/), entity("model")],
  osVersion: [descr(/Soft[Ww]are Version (?:(?:QSW|SNR)\S*_)?(\S+?)Ú?(?: |$)/), entity("softwareRev")],
  serialNumber: [descr(/(?:Serial No\.?:|serial number:?) ?(\w+)/i), entity("serial")],
  hardwareRevision: [descr(/HardWare Version (\S+?)Ú?(?: |$)/)],
} as const;
export const dcn = defineProfile({
  name: "dcn",
  sysObjectID: "E.6339",
  vendor: "DCN",
  ...fields,
  osVersion: [...fields.osVersion, scalar("E.6339.100.1.3.0")],
});
export const qtech = defineProfile({ name: "qtech", sysObjectID: "E.27514", vendor: "QTECH", ...fields });
export const snrSwitch = defineProfile({ name: "snr-switch", sysObjectID: "E.40418.7", vendor: "SNR", ...fields });
