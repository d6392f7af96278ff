/** Check Point Gaia and SecurePlatform: CHECKPOINT-MIB svnApplianceProductName, svnVersion, svnApplianceSerialNumber. */
import { defineProfile } from "./profile.ts";
import { scalar } from "./rules.ts";

const fields = {
  vendor: "Check Point",
  type: "firewall",
  osName: "Gaia",
  model: [scalar("E.2620.1.6.16.7.0")],
  osVersion: [scalar("E.2620.1.6.4.1.0"), scalar("E.2620.1.6.1.0")],
  serialNumber: [scalar("E.2620.1.6.16.3.0"), scalar("E.2620.1.6.16.2.0", /^([A-Z0-9]{6,})$/)],
} as const;
export const checkPoint = defineProfile({ name: "check-point", sysObjectID: "E.2620", ...fields });
export const checkPointLinux = defineProfile({
  name: "check-point-linux",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.2620.1.6"],
  ...fields,
});
export const checkPointKernel = defineProfile({
  name: "check-point-kernel",
  sysDescr: /^Linux \S+ \S+(cp|cpx86_64|-al-\S+) /,
  ...fields,
});
